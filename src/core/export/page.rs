//! HTML: the page as one file, which has a model in it and opens by a double click.
//!
//! `pkg/build/onefile/build.mjs` makes the page, with an empty block in it. That is filled with the base64 of the model file, compressed
//! as links are, and not a byte else is changed: the page's policy names the digests of its scripts, which stay valid, and of
//! labels that strangers chose nothing can be taken for HTML.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::Error;
use crate::model::Model;
use crate::model::compressed::compress;

const START: &str = r#"<script type="application/octet-stream" data-part="model">"#;
const END: &str = "</script>";
const NO_PLACE: &str = "this page has no place for a model: `./build.sh build` makes one that has, target/mobilenet.html, and so \
                        has every page that was exported";

/// A page that has a place for a model, filled or empty.
///
/// ```
/// # #[cfg(feature = "embedded")] {
/// use mobilenet_core::Model;
/// use mobilenet_core::export::Page;
/// let model = Model::from_bytes(include_bytes!("../models/furniture.safetensors"))?;
/// let empty = r#"<h1>Mine</h1><script type="application/octet-stream" data-part="model"></script>"#;
/// let filled = Page::read(empty)?.with(&model)?;
/// assert!(filled.starts_with(r#"<h1>Mine</h1><script type="application/octet-stream" data-part="model">e"#));
/// assert_eq!(Page::read(&filled)?.with(&model)?, filled);
/// assert_eq!(Page::read("<h1>Mine</h1>").unwrap_err().code(), "bad-argument");
/// # }
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    before: &'a str,
    after: &'a str,
}

impl<'a> Page<'a> {
    /// Finds the place for the model.
    ///
    /// # Errors
    /// [`Error::BadArgument`] when there is none.
    pub fn read(html: &'a str) -> Result<Self, Error> {
        let found = html.split_once(START).and_then(|(before, rest)| {
            let (model, after) = rest.split_once(END)?;
            (is_base64(model) && !after.contains(START)).then_some(Self { before, after })
        });
        found.ok_or_else(|| Error::BadArgument(NO_PLACE.into()))
    }

    /// The page with a model in it, in place of the one that was there.
    ///
    /// # Errors
    /// [`Error::BadArgument`] when the model holds no head.
    pub fn with(&self, model: &Model) -> Result<String, Error> {
        if model.head.is_none() {
            return Err(Error::BadArgument("it holds no head, and without one a page can name nothing".into()));
        }
        let file = STANDARD.encode(compress(&model.to_bytes()));
        Ok([self.before, START, &file, END, self.after].concat())
    }
}

fn is_base64(text: &str) -> bool {
    text.bytes().all(|letter| letter.is_ascii_alphanumeric() || b"+/=".contains(&letter))
}

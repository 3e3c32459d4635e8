//! Links: a head as the fragment of a page's address, which browsers never send to a server.
//!
//! It is the model file, compressed and in the letters that an address may have: no format of its own. [`Model::from_bytes`] opens the
//! compressed file as well.
//!
//! It compiles for the browser too, where the page makes the same links from the same models.

use crate::error::Error;
use crate::model::Model;
use crate::model::compressed::compress;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// What the fragment of a page's address starts with.
///
/// ```
/// use mobilenet_core::model::link;
/// let address = "https://example.org/#head=eJw";
/// assert!(address.split_once('#').unwrap().1.starts_with(link::PREFIX));
/// ```
pub const PREFIX: &str = "head=";

/// The most characters in a fragment that is made, which is a head of about fourteen classes. Chromium's address bar holds 32,768
/// characters, so a longer link could be opened but not copied; the address of the page has to fit as well. Browsers follow links
/// of 80,000 characters and more (Safari), a million (Firefox) and two million (Chromium), so any length is opened here.
///
/// ```
/// # #[cfg(feature = "embedded")] {
/// use mobilenet_core::Model;
/// use mobilenet_core::model::link;
/// let model = Model::from_bytes(include_bytes!("../models/furniture.safetensors"))?;
/// assert!(link::fragment(&model)?.len() <= link::LIMIT);
/// # }
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
pub const LIMIT: usize = 32_000;

/// The fragment that carries a head, without the `#`.
///
/// # Errors
/// [`Error::BadArgument`] when the model holds no head, [`Error::LinkTooLong`] when it would be longer than [`LIMIT`].
///
/// ```
/// # #[cfg(feature = "embedded")] {
/// use mobilenet_core::Model;
/// use mobilenet_core::model::link;
/// let model = Model::from_bytes(include_bytes!("../models/furniture.safetensors"))?;
/// let fragment = link::fragment(&model)?;
/// assert!(fragment.len() <= 12_000);
/// assert_eq!(link::open(&format!("https://example.org/#{fragment}"))?, model);
/// # }
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
pub fn fragment(model: &Model) -> Result<String, Error> {
    let reason = || Error::BadArgument("it holds no head, and a backbone is too large for a link".into());
    let head = model.head.clone().ok_or_else(reason)?;
    let alone = Model { backbone: None, head: Some(head), self_test: model.self_test.clone() };
    let fragment = PREFIX.to_owned() + &URL_SAFE_NO_PAD.encode(compress(&alone.to_bytes()));
    match fragment.len() {
        ..=LIMIT => Ok(fragment),
        length => Err(Error::LinkTooLong { length, limit: LIMIT }),
    }
}

/// The head that an address carries; `address` may also be a fragment alone.
///
/// # Errors
/// [`Error::BadModel`] when there is none, or it did not arrive whole.
///
/// ```
/// use mobilenet_core::model::link;
/// assert_eq!(link::open("https://example.org/#other=1").unwrap_err().code(), "bad-model");
/// ```
pub fn open(address: &str) -> Result<Model, Error> {
    let bad = |reason: &str| Error::BadModel(reason.into());
    let (_, letters) = address.split_once(PREFIX).ok_or_else(|| bad("the address has no #head= in it"))?;
    let bytes = URL_SAFE_NO_PAD.decode(letters.trim_end()).map_err(|_| bad("the link was cut short or changed"))?;
    Model::from_bytes(&bytes)
}

#[cfg(all(test, feature = "embedded"))]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;
    use crate::classifier::Classifier;
    use crate::head::Head;

    fn fragment_of_furniture() -> String {
        fragment(&Model::from_bytes(include_bytes!("../models/furniture.safetensors")).unwrap()).unwrap()
    }

    #[test]
    fn a_head_travels_whole_and_small() {
        let fragment = fragment_of_furniture();
        // The bar for five classes.
        assert!(fragment.len() <= 12_000, "{}", fragment.len());
        assert!(fragment.bytes().all(|letter| letter.is_ascii_alphanumeric() || b"=-_".contains(&letter)));
        let model = open(&fragment).unwrap();
        assert_eq!(model, Model::from_bytes(include_bytes!("../models/furniture.safetensors")).unwrap());
        assert!(Classifier::from_bytes(&compress(&model.to_bytes())).is_ok(), "and its self-test passes");
    }

    #[test]
    fn a_head_that_is_too_large_for_a_link_is_refused() {
        let mut model = Model::from_bytes(include_bytes!("../models/furniture.safetensors")).unwrap();
        let head = model.head.take().unwrap();
        let labels = (0..40).map(|class| format!("class {class}")).collect();
        // Numbers that do not repeat, which would compress well.
        let weight = (0..40 * 1280).map(|at| head.weight()[at % head.weight().len()] + (at / 1280) as f32).collect();
        model.head = Some(Head::new(labels, weight, vec![0.0; 40], head.backbone().into()).unwrap());
        model.self_test.logits = vec![0.0; 40];
        let error = fragment(&model).unwrap_err();
        assert_eq!(error.code(), "link-too-long");
        assert!(error.to_string().contains("no more than 32000 arrive everywhere: pass it on as a file"), "{error}");
    }

    #[test]
    fn a_link_that_was_changed_is_refused() {
        let fragment = fragment_of_furniture();
        let mut refused =
            vec![String::new(), "https://example.org/#other=1".into(), fragment[..fragment.len() - 9].into()];
        refused.extend((PREFIX.len()..fragment.len()).step_by(97).map(|at| {
            let letter = if fragment.as_bytes()[at] == b'A' { "B" } else { "A" };
            [&fragment[..at], letter, &fragment[at + 1..]].concat()
        }));
        let model = open(&fragment).unwrap();
        for link in refused {
            match open(&link) {
                Err(error) => assert_eq!(error.code(), "bad-model", "{link:.40}"),
                // A bit that pads a part of the stream says nothing.
                Ok(read) => assert!(read == model, "{link:.40} reads as another model"),
            }
        }
    }

    #[test]
    fn a_bomb_is_refused() {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&vec![0; 70 << 20]).unwrap();
        let message = Model::from_bytes(&encoder.finish().unwrap()).unwrap_err().to_string();
        assert!(message.contains("larger than"), "{message}");
    }
}

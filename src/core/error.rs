//! What can go wrong, in one list that Rust, JavaScript and the terminal share.
//!
//! A message says what was found, why it cannot be used and what to do about it; the caller adds the
//! name of the file. [`Error::code`] is the stable word that programs compare.

use std::path::{Path, PathBuf};

use crate::base::display_text;

/// Everything that the library refuses, with the data that a person needs to fix it.
///
/// ```
/// use mobilenet_core::Error;
/// use mobilenet_core::picture::decode::decode;
/// let error = decode(b"").unwrap_err();
/// assert!(matches!(error, Error::EmptyFile));
/// assert!(error.to_string().starts_with("the file is empty"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file of zero bytes.
    #[error("the file is empty (0 bytes): copy or download it again")]
    EmptyFile,
    /// Bytes of a kind that is not decoded here.
    #[error("{found} cannot be read: save the picture as JPEG, PNG, WebP, GIF or BMP")]
    UnsupportedFormat {
        /// What the first bytes look like.
        found: &'static str,
    },
    /// A picture of a known kind whose data is wrong or incomplete.
    #[error("the {format} data is damaged or cut short ({reason}): copy or export the picture again")]
    CorruptPicture {
        /// The kind that the first bytes announce.
        format: &'static str,
        /// What the decoder stumbled over.
        reason: String,
    },
    /// More pixels than are decoded; found in the header, before memory is taken.
    #[error(
        "{width} x {height} pixels are more than the limit of {} million, or {side_limit} a side: make the picture smaller",
        .limit / 1_000_000
    )]
    PictureTooLarge {
        /// Width in the header.
        width: u32,
        /// Height in the header.
        height: u32,
        /// Pixels that are possible.
        limit: u64,
        /// Pixels that a side may have.
        side_limit: u32,
    },
    /// A model file that is not what it should be.
    #[error("this is no usable model: {0}: export it again with `mobilenet train`")]
    BadModel(String),
    /// A head that was fitted on the embeddings of another backbone.
    #[error(
        "the head was fitted on backbone {expected:.16} and cannot answer over backbone {found:.16}: \
         train it again with this backbone, or load the backbone it was trained with"
    )]
    WrongBackbone {
        /// Digest in the head.
        expected: String,
        /// Digest of the backbone at hand.
        found: String,
    },
    /// The model does not answer on this machine as it did where it was made.
    #[error(
        "the model's self-test failed ({0}): this machine computes differently, so no answer is given; please report it"
    )]
    SelfTestFailed(String),
    /// A network file that cannot be run as a classifier of pictures.
    #[error("this is no usable ONNX classifier: {0}")]
    BadOnnx(String),
    /// A network file that is no MobileNetV2.
    #[error("this is no MobileNetV2: {layer}: {reason}")]
    NotMobileNet {
        /// The first layer that differs, by its name in the file.
        layer: String,
        /// How it differs.
        reason: String,
    },
    /// A head with more classes than a link can carry.
    #[error("its link would have {length} letters, and no more than {limit} arrive everywhere: pass it on as a file")]
    LinkTooLong {
        /// Letters of the fragment.
        length: usize,
        /// Letters that are possible.
        limit: usize,
    },
    /// Pictures in class folders from which no classifier can be fitted.
    #[error("{0}")]
    BadDataset(String),
    /// A gate that a step has to pass was not passed.
    #[error("{0}")]
    GateFailed(String),
    /// A value from the caller that makes no sense.
    #[error("{0}")]
    BadArgument(String),
    /// The operating system refused.
    #[error("{action} {}: {source}", display_text::path(path))]
    Io {
        /// What was tried, as a verb: "read", "write".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Its reason.
        source: std::io::Error,
    },
    /// Any of the above, about a named file.
    #[error("{}: {source}", display_text::path(path))]
    InFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<Error>,
    },
}

/// Defines the codes from one list, which the compiler holds against the variants.
macro_rules! codes {
    ($($variant:ident => $code:literal,)+) => {
        impl Error {
            /// Every word that [`Error::code`] returns.
            ///
            /// ```
            /// use mobilenet_core::Error;
            /// assert!(Error::CODES.contains(&Error::EmptyFile.code()));
            /// ```
            pub const CODES: &[&str] = &[$($code),+];

            /// A word that stays the same between versions, for programs: `corrupt-picture`, `bad-model` and so on. Of an error
            /// about a named file, it is the code of what is wrong with the file.
            ///
            /// ```
            /// use mobilenet_core::{Error, Model};
            /// let error = Model::from_bytes(b"not a model").unwrap_err();
            /// assert_eq!(error.code(), "bad-model");
            /// assert_eq!(Error::in_file("mine.safetensors")(error).code(), "bad-model");
            /// ```
            pub fn code(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $code,)+
                    Self::InFile { source, .. } => source.code(),
                }
            }
        }
    };
}

codes! {
    EmptyFile => "empty-file",
    UnsupportedFormat => "unsupported-format",
    CorruptPicture => "corrupt-picture",
    PictureTooLarge => "picture-too-large",
    BadModel => "bad-model",
    WrongBackbone => "wrong-backbone",
    SelfTestFailed => "self-test-failed",
    BadOnnx => "bad-onnx",
    NotMobileNet => "not-mobilenet",
    LinkTooLong => "link-too-long",
    BadDataset => "bad-dataset",
    GateFailed => "gate-failed",
    BadArgument => "bad-argument",
    Io => "io",
}

impl Error {
    /// Wraps what the operating system said with what was tried, as a verb, and the path; for `map_err`.
    ///
    /// ```
    /// use mobilenet_core::Error;
    /// let error = std::fs::read("missing.jpg").map_err(Error::io("read", "missing.jpg")).unwrap_err();
    /// assert!(error.to_string().starts_with("read missing.jpg: "));
    /// assert_eq!(error.code(), "io");
    /// ```
    pub fn io(action: &'static str, path: impl AsRef<Path>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.as_ref().to_owned();
        move |source| Self::Io { action, path, source }
    }

    /// Names the file that an error is about; for `map_err`.
    ///
    /// ```
    /// use mobilenet_core::Error;
    /// use mobilenet_core::picture::decode::decode;
    /// let error = decode(b"").map_err(Error::in_file("a.jpg")).unwrap_err();
    /// assert!(error.to_string().starts_with("a.jpg: the file is empty"));
    /// ```
    pub fn in_file(path: impl AsRef<Path>) -> impl FnOnce(Self) -> Self {
        let path = path.as_ref().to_owned();
        move |source| Self::InFile { path, source: Box::new(source) }
    }
}

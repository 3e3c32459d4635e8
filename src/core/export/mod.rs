//! Export: a model as a file for other runtimes.
//!
//! Every file takes the picture itself, red, green and blue from 0 to 255, one pixel after the other, and normalises it
//! on its own: what nobody has to do nobody can get wrong. Int8 files take bytes, float files the same numbers as floats.
//! A model with a head answers `probabilities`, one without `embedding`.
//!
//! The story, a file a step: `body` says which layer reads which, `float` and `integer` what numbers they have in
//! either precision, `geometry` how formats order them; `onnx`, `tflite`, `tfjs` and `safetensors` write it down. All of that is
//! plain Rust that compiles for the browser too. `page` stands beside it: the model file as it is, in a page.
//!
//! How close other runtimes stay to our engine, and why they are not equal to it, is in `integer`; the README has a table.

mod about;
mod body;
mod float;
mod geometry;
mod integer;
mod numbers;
mod onnx;
mod page;
mod safetensors;
#[cfg(all(test, feature = "embedded"))]
mod tests;
mod tfjs;
mod tflite;

use std::str::FromStr;

use crate::error::Error;
use crate::head::Head;
use crate::network::{Backbone, Layer};
pub use page::Page;

/// A format that a model can be exported to. Its words are those of [`Format::name`].
///
/// ```
/// use mobilenet_core::export::{Format, Precision};
/// let format: Format = "tfjs".parse()?;
/// assert_eq!((format, format.name()), (Format::Tfjs, "tfjs"));
/// assert_eq!(format.precision(), Precision::Float);
/// assert_eq!(Format::ALL.len(), 4);
/// assert!("gguf".parse::<Format>().is_err());
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// ONNX Runtime, its web build, and most others.
    Onnx,
    /// LiteRT on phones and in browsers, MediaPipe.
    Tflite,
    /// TensorFlow.js.
    Tfjs,
    /// Python: the weights alone.
    Safetensors,
}

/// The numbers that an exported file computes in.
///
/// ```
/// use mobilenet_core::export::Precision;
/// let precision: Precision = "int8".parse()?;
/// assert_eq!((precision, precision.name()), (Precision::Int8, "int8"));
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// 8-bit integers, as our engine does: a quarter of the size.
    Int8,
    /// 32-bit floats.
    Float,
}

/// A model in another format.
///
/// ```
/// # #[cfg(feature = "embedded")] {
/// use mobilenet_core::classifier::embedded_backbone;
/// use mobilenet_core::export::{Content, Exported, Format, Precision, export};
/// let Exported { content, about } = export(&embedded_backbone()?, None, Format::Onnx, Precision::Int8)?;
/// assert!(matches!(content, Content::File(_)));
/// println!("{about}");
/// # }
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Exported {
    /// The file, or the files.
    pub content: Content,
    /// What a person who uses it has to know.
    pub about: String,
}

/// One file or several.
///
/// ```
/// # #[cfg(feature = "embedded")] {
/// use mobilenet_core::classifier::embedded_backbone;
/// use mobilenet_core::export::{Content, Format, Precision, export};
/// match export(&embedded_backbone()?, None, Format::Tfjs, Precision::Float)?.content {
///     Content::File(file) => println!("{} bytes", file.len()),
///     Content::Folder(files) => assert_eq!(files.last().unwrap().0, "model.json"),
/// }
/// # }
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// One file.
    File(Vec<u8>),
    /// Files that belong together, with their names; the last one names the others.
    Folder(Vec<(&'static str, Vec<u8>)>),
}

/// A model that is exported, with its table.
struct Source<'a> {
    backbone: &'a Backbone,
    head: Option<&'a Head>,
    table: Vec<Layer>,
    /// The layers whose means over all positions are the file's embedding: the last one, or the whole tail for a head that reads it.
    tail: Vec<Layer>,
}

/// Exports a backbone, and a head that was fitted on it.
///
/// # Errors
/// [`Error::BadModel`] when the two do not fit or are not sound; [`Error::BadArgument`] when the format has no such
/// precision.
///
/// ```
/// # #[cfg(feature = "embedded")] {
/// use mobilenet_core::classifier::embedded_backbone;
/// use mobilenet_core::export::{Content, Format, Precision, export};
/// let exported = export(&embedded_backbone()?, None, Format::Tflite, Precision::Int8)?;
/// let Content::File(file) = exported.content else { unreachable!("TFLite is one file") };
/// assert_eq!(file[4..8], *b"TFL3");
/// # }
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
pub fn export(
    backbone: &Backbone,
    head: Option<&Head>,
    format: Format,
    precision: Precision,
) -> Result<Exported, Error> {
    if let Some(head) = head {
        let architecture = backbone.architecture();
        head.check_features(architecture.features(), architecture.embedding_len())?;
    }
    let source = Source::new(backbone, head);
    let content = match (format, precision) {
        (Format::Onnx, Precision::Int8) => Content::File(onnx::integer(&source)),
        (Format::Onnx, Precision::Float) => Content::File(onnx::float(&source)),
        (Format::Tflite, _) => Content::File(tflite::write(&source, precision)),
        (Format::Tfjs, Precision::Float) => Content::Folder(tfjs::write(&source)),
        (Format::Safetensors, Precision::Float) => Content::File(safetensors::write(&source)),
        (Format::Tfjs | Format::Safetensors, Precision::Int8) => {
            return Err(Error::BadArgument(format.no_int8().into()));
        }
    };
    Ok(Exported { content, about: source.about(format, precision) })
}

impl<'a> Source<'a> {
    fn new(backbone: &'a Backbone, head: Option<&'a Head>) -> Self {
        let (table, mut tail) = (backbone.architecture().layers(), backbone.architecture().tail());
        if head.is_none_or(|head| head.features().reach() <= tail[0].outputs) {
            tail.truncate(1);
        }
        Self { backbone, head, table, tail }
    }

    /// Numbers in the file's embedding.
    fn embedding_len(&self) -> usize {
        self.tail.iter().map(|layer| layer.outputs).sum()
    }

    /// A head's weights for all of these, `[classes][numbers]`: nothing for what it does not read. So every file is an ordinary
    /// dense layer on ordinary means, which runs wherever those do.
    fn dense(&self, head: &Head) -> Vec<f32> {
        let (numbers, read) = (self.embedding_len(), head.features().count());
        let mut dense = vec![0.0; head.labels().len() * numbers];
        for (row, weights) in dense.chunks_exact_mut(numbers).zip(head.weight().chunks_exact(read)) {
            head.features().positions().zip(weights).for_each(|(position, weight)| row[position] = *weight);
        }
        dense
    }
}

/// The name of an export of the model file `stem`: of a file, or of a folder where the format has several files.
///
/// ```
/// use mobilenet_core::export::{self, Format, Precision};
/// assert_eq!(export::name("mine", Format::Onnx, Precision::Int8), "mine.int8.onnx");
/// ```
pub fn name(stem: &str, format: Format, precision: Precision) -> String {
    format!("{stem}.{}.{}", precision.name(), format.name())
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Onnx, Self::Tflite, Self::Tfjs, Self::Safetensors];

    /// The precision that the format is mostly used for.
    pub fn precision(self) -> Precision {
        match self {
            Self::Onnx | Self::Tflite => Precision::Int8,
            Self::Tfjs | Self::Safetensors => Precision::Float,
        }
    }

    /// The word for it, which also ends a file's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Onnx => "onnx",
            Self::Tflite => "tflite",
            Self::Tfjs => "tfjs",
            Self::Safetensors => "safetensors",
        }
    }

    fn no_int8(self) -> &'static str {
        match self {
            Self::Tfjs => "TensorFlow.js computes in float only: export with precision float, or to tflite",
            _ => "the int8 weights are in the model file, which is safetensors itself: export with precision float",
        }
    }
}

impl Precision {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Int8 => "int8",
            Self::Float => "float",
        }
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|format| format.name() == name);
        found.ok_or_else(|| Error::BadArgument("a format is onnx, tflite, tfjs or safetensors".into()))
    }
}

impl FromStr for Precision {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let found = [Self::Int8, Self::Float].into_iter().find(|precision| precision.name() == name);
        found.ok_or_else(|| Error::BadArgument("a precision is int8 or float".into()))
    }
}

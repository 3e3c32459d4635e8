//! Onnx: any classifier of pictures in an ONNX file.
//!
//! [`OnnxClassifier`] runs the file as it is, in float, with tract. [`lower()`] makes an ordinary model file of one that is a
//! MobileNetV2: the int8 backbone, and the file's own classification layer as its head, so that it runs as fast as any other model
//! and has all that they have. What a file does not say is guessed by `guess`, and can be stated instead; `labels` names
//! its classes.
//!
//! Files come from strangers: sizes are limited before memory is taken, and what tract would panic on is refused first, as far
//! as that can be told.

mod classifier;
pub mod convert;
pub mod facts;
mod guess;
mod labels;
mod samples;
#[cfg(test)]
mod tests;
mod to_model;

pub use classifier::OnnxClassifier;
pub use labels::Labels;
pub use to_model::{Closeness, Lowered, lower, name_classes};

pub use crate::convert::limits::FILE_LIMIT;
use crate::convert::{Levels, Stated};
use mobilenet_core::picture::input::Fit;

/// What the file does not say by itself.
#[derive(Clone, Debug)]
pub struct OnnxOptions {
    /// Names of the classes; without them those in the file, or numbers.
    pub labels: Option<Labels>,
    /// What the input expects; `None` guesses.
    pub levels: Option<Levels>,
    /// How a frame that is not square is made so.
    pub fit: Fit,
    /// The input's side, for a file that leaves it open; `None` is 224.
    pub side: Option<usize>,
}

impl Default for OnnxOptions {
    fn default() -> Self {
        Self { labels: None, levels: None, fit: Fit::Squash, side: None }
    }
}

impl OnnxOptions {
    /// The side of a file that leaves it open, where nothing else is stated.
    const SIDE: usize = 224;

    fn stated(&self, levels: Levels, side: usize) -> Stated {
        Stated { levels: Some(levels), fit: self.fit, side: Some(side) }
    }
}

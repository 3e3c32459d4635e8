//! Training: class folders become samples, samples become embeddings, embeddings become a head.
//!
//! The head is fitted on the embeddings of the very int8 backbone that is deployed, so nothing is converted after it.
//! [`mod@teach`] and what it is made of run in the browser as well; folders, archives and caches are the terminal's.

pub mod augment;
pub mod calibrate;
pub mod choice;
pub mod fitting;
pub mod gradient;
pub mod metrics;
pub mod recipe;
pub mod rows;
mod scaling;
pub mod split;
pub mod teach;
mod training_summary;

pub use calibrate::calibrate;
pub use choice::{Layout, fit_chosen};
pub use fitting::{Epoch, Fitted, fit};
pub use metrics::Metrics;
pub use recipe::{ClassWeights, Ingredients, Layers, Recipe, Schedule};
pub use rows::Rows;
pub use teach::{Settings, Taught, teach};

/// Embeddings with their classes.
///
/// ```
/// use mobilenet_core::fit::Samples;
/// let mut samples = Samples::default();
/// assert!(samples.is_empty());
/// samples.embeddings.push(vec![0.5, 1.0]);
/// samples.classes.push(0);
/// assert_eq!(samples.len(), 1);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Samples {
    /// One row a sample.
    pub embeddings: Vec<Vec<f32>>,
    /// One class a sample: an index of the labels.
    pub classes: Vec<usize>,
}

impl Samples {
    /// Number of samples.
    pub fn len(&self) -> usize {
        self.classes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }
}

//! Rows: what a head is fitted on, wherever it is. A million embeddings are 5 GB, which is more than many a machine has;
//! so a fit asks for one row at a time, and the same code gives the same bits from memory and from disk.

use std::ops::Deref;

use super::Samples;
use crate::error::Error;

/// Embeddings with their classes, in memory or not.
///
/// ```
/// use mobilenet_core::Error;
/// use mobilenet_core::fit::{Recipe, Rows, fit};
///
/// /// Embeddings of two numbers that are stored as bytes.
/// struct Bytes {
///     rows: Vec<[u8; 2]>,
///     classes: Vec<usize>,
/// }
///
/// impl Rows for Bytes {
///     fn rows(&self) -> usize {
///         self.rows.len()
///     }
///
///     fn classes(&self) -> &[usize] {
///         &self.classes
///     }
///
///     fn embedding<'a>(&'a self, at: usize, buffer: &'a mut Vec<f32>) -> Result<&'a [f32], Error> {
///         buffer.clear();
///         buffer.extend(self.rows[at].map(|byte| f32::from(byte) / 255.0));
///         Ok(buffer)
///     }
/// }
///
/// let samples = Bytes { rows: vec![[0, 255], [255, 0]], classes: vec![0, 1] };
/// let fitted = fit(&samples, &samples, 2, &Recipe::default(), |_| ())?;
/// assert_eq!(fitted.best().validation_accuracy, 1.0);
/// # Ok::<(), Error>(())
/// ```
pub trait Rows: Sync {
    /// Number of embeddings.
    fn rows(&self) -> usize;

    /// One class a row: an index of the labels.
    fn classes(&self) -> &[usize];

    /// The embedding of row `at`; one that is not in memory is read into `buffer`.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be read.
    ///
    /// # Panics
    /// When there is no such row.
    fn embedding<'a>(&'a self, at: usize, buffer: &'a mut Vec<f32>) -> Result<&'a [f32], Error>;
}

impl Rows for Samples {
    fn rows(&self) -> usize {
        self.embeddings.len()
    }

    fn classes(&self) -> &[usize] {
        &self.classes
    }

    fn embedding<'a>(&'a self, at: usize, _: &'a mut Vec<f32>) -> Result<&'a [f32], Error> {
        Ok(&self.embeddings[at])
    }
}

/// Some of the rows, without a copy of them.
///
/// ```
/// use mobilenet_core::fit::rows::Selected;
/// use mobilenet_core::fit::{Rows, Samples};
/// let samples = Samples { embeddings: vec![vec![0.5], vec![1.5], vec![2.5]], classes: vec![0, 1, 2] };
/// let some = Selected::new(&samples, vec![2, 0]);
/// assert_eq!(some.classes(), [2, 0]);
/// assert_eq!(some.embedding(0, &mut Vec::new())?, [2.5]);
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Selected<R> {
    rows: R,
    chosen: Vec<usize>,
    classes: Vec<usize>,
}

impl<R: Deref<Target: Rows>> Selected<R> {
    /// The rows at these positions, in this order.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn new(rows: R, chosen: Vec<usize>) -> Self {
        let classes = chosen.iter().map(|at| rows.classes()[*at]).collect();
        Self { rows, chosen, classes }
    }
}

impl<R: Deref<Target: Rows> + Sync> Rows for Selected<R> {
    fn rows(&self) -> usize {
        self.chosen.len()
    }

    fn classes(&self) -> &[usize] {
        &self.classes
    }

    fn embedding<'a>(&'a self, at: usize, buffer: &'a mut Vec<f32>) -> Result<&'a [f32], Error> {
        self.rows.embedding(self.chosen[at], buffer)
    }
}

/// Calls `see` with every embedding and its class, in order.
///
/// # Errors
/// [`Error::Io`] when a row that is on disk cannot be read.
///
/// ```
/// use mobilenet_core::fit::Samples;
/// use mobilenet_core::fit::rows::for_each;
/// let samples = Samples { embeddings: vec![vec![0.5], vec![1.5]], classes: vec![0, 1] };
/// let mut sum = 0.0;
/// for_each(&samples, |embedding, class| sum += embedding[0] * class as f32)?;
/// assert_eq!(sum, 1.5);
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
pub fn for_each(rows: &dyn Rows, mut see: impl FnMut(&[f32], usize)) -> Result<(), Error> {
    let mut buffer = Vec::new();
    for (at, class) in rows.classes().iter().enumerate() {
        see(rows.embedding(at, &mut buffer)?, *class);
    }
    Ok(())
}

//! Rows: what a head is fitted on, wherever it is. A million embeddings are 5 GB, which is more than many a machine has;
//! so a fit asks for one row at a time, and the same code gives the same bits from memory and from disk.

use std::ops::Deref;

use super::Samples;
use crate::error::Error;

/// Embeddings with their classes, in memory or not.
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
#[derive(Debug)]
pub struct Selected<R> {
    rows: R,
    chosen: Vec<usize>,
    classes: Vec<usize>,
}

impl<R: Deref<Target: Rows>> Selected<R> {
    /// The rows at these positions, in this order.
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
pub fn for_each(rows: &dyn Rows, mut see: impl FnMut(&[f32], usize)) -> Result<(), Error> {
    let mut buffer = Vec::new();
    for (at, class) in rows.classes().iter().enumerate() {
        see(rows.embedding(at, &mut buffer)?, *class);
    }
    Ok(())
}

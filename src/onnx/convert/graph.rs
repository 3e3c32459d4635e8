//! Graph: an ONNX file as the plain chain of convolutions and sums that it is at heart.
//!
//! Nothing here knows what a MobileNet looks like: `chain` finds the convolutions, `recognise` compares it with the table.

use super::file::Input;
use super::fold::{Affine, Bounds, Pads};

/// Where a tensor comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Source {
    Picture,
    /// An index into [`Graph::steps`].
    Step(usize),
    /// Activations averaged over all positions: an index into [`Graph::embeddings`].
    Embedding(usize),
    /// Computed from an embedding.
    Answer,
    /// An index into [`Graph::foreign`].
    Foreign(usize),
}

/// A convolution or a sum, with whatever was folded into it.
#[derive(Debug)]
pub(super) struct Step {
    /// The node's name.
    pub node: String,
    /// The tensor that holds its result, folded parts included.
    pub output: String,
    pub operation: Operation,
    pub bounds: Bounds,
}

#[derive(Debug)]
pub(super) enum Operation {
    Convolution(Convolution),
    Sum([Source; 2]),
}

#[derive(Debug)]
pub(super) struct Convolution {
    pub input: Source,
    /// `[outputs][inputs / groups][height][width]`.
    pub weight: Vec<f32>,
    pub shape: [usize; 4],
    pub bias: Vec<f64>,
    pub groups: usize,
    pub stride: [usize; 2],
    pub padding: ConvolutionPadding,
}

/// As the node states it; what "same" means depends on the input's side, which is not known yet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum ConvolutionPadding {
    Rows(Pads),
    SameUpper,
    SameLower,
}

/// A node that is no part of a plain chain of convolutions.
#[derive(Debug)]
pub(super) struct Foreign {
    pub node: String,
    pub operator: String,
    pub reads: Source,
}

/// The whole file.
#[derive(Debug)]
pub(super) struct Graph {
    pub input: Input,
    /// Arithmetic between the input and the first convolution.
    pub normalise: Option<Affine>,
    pub steps: Vec<Step>,
    pub foreign: Vec<Foreign>,
    /// Averages over all positions, and what several of them make one after the other.
    pub embeddings: Vec<Embedding>,
    /// The one that what follows is computed from.
    pub read: usize,
    /// The first output of the file that is computed from the embedding: a classifier's.
    pub answer: Option<String>,
}

impl Graph {
    /// What the file's classifier reads, or what the file ends with.
    pub fn embedding(&self) -> Option<&Embedding> {
        self.embeddings.get(self.read)
    }
}

/// Activations averaged over all positions.
#[derive(Clone, Debug)]
pub(super) struct Embedding {
    /// The tensor that holds it.
    pub output: String,
    /// The averages that follow one another in it.
    pub parts: Vec<Pooling>,
}

/// The average over all positions.
#[derive(Clone, Debug)]
pub(super) struct Pooling {
    pub input: Source,
    /// The window, where the node states one; otherwise it is the whole picture.
    pub window: Option<[usize; 2]>,
}

impl Step {
    /// Takes an elementwise node into this step; `None` where it cannot be taken.
    pub fn fold(&mut self, affine: Option<Affine>, bounds: Option<Bounds>) -> Option<()> {
        match (&mut self.operation, affine, bounds) {
            (Operation::Convolution(convolution), Some(affine), None) if self.bounds == Bounds::NONE => {
                convolution.fold(&affine)
            }
            (_, None, Some(bounds)) => {
                self.bounds = self.bounds.and(bounds);
                Some(())
            }
            _ => None,
        }
    }
}

impl Convolution {
    fn fold(&mut self, affine: &Affine) -> Option<()> {
        if !affine.fits(self.shape[0]) || self.weight.is_empty() {
            return None;
        }
        let channel_len = self.weight.len() / self.shape[0];
        for (channel, (weights, bias)) in self.weight.chunks_exact_mut(channel_len).zip(&mut self.bias).enumerate() {
            let (scale, shift) = affine.at(channel);
            weights.iter_mut().for_each(|weight| *weight = (f64::from(*weight) * scale) as f32);
            *bias = *bias * scale + shift;
        }
        Some(())
    }
}

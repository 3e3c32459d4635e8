//! The network: a backbone packed for running, and the loop that runs it.
//!
//! Weights are packed once, here; an [`Arena`] holds every activation of a frame and is made once a thread, so that
//! embedding a frame allocates nothing but its result.

pub mod backbone;
mod pack;
pub mod table;

use crate::error::Error;
use crate::kernel::{Depthwise, Pointwise, Stem, pointwise, pool};
pub use backbone::{Backbone, Quantization, QuantizedLayer};
pub use table::{Architecture, Kind, Layer, Padding};

/// A backbone that is ready to run.
#[derive(Debug)]
pub struct Network {
    stem: Stem,
    blocks: Vec<Block>,
    last: Pointwise,
    lengths: Lengths,
    /// Real value of one unit of a pooled sum.
    feature_scale: f32,
}

/// An inverted residual: wide, filter, narrow again.
#[derive(Debug)]
struct Block {
    expand: Option<Pointwise>,
    expanded: usize,
    depthwise: Depthwise,
    filtered: usize,
    project: Pointwise,
    output: usize,
}

/// Lengths that are known before the first frame.
#[derive(Clone, Copy, Debug)]
struct Lengths {
    input: usize,
    stem: usize,
    last: usize,
    features: usize,
    /// The largest activations between blocks, and inside them.
    narrow: usize,
    wide: usize,
    /// The longest position of any activation.
    channels: usize,
}

/// The memory of one frame: two narrow activations (a block's input and output), two wide ones (inside it), scratch.
#[derive(Debug)]
pub struct Arena {
    narrow: [Vec<u8>; 2],
    wide: [Vec<u8>; 2],
    rows: Vec<i16>,
    sums: Vec<i32>,
}

impl Network {
    /// Packs a backbone.
    ///
    /// # Errors
    /// [`Error::BadModel`] when [`Backbone::validate`] finds fault.
    pub fn new(backbone: &Backbone) -> Result<Self, Error> {
        backbone.validate()?;
        Ok(pack::pack(backbone))
    }

    /// Numbers in an embedding.
    pub fn features(&self) -> usize {
        self.lengths.features
    }

    /// Memory for one frame at a time.
    pub fn arena(&self) -> Arena {
        let Lengths { narrow, wide, channels, .. } = self.lengths;
        Arena {
            narrow: [vec![0; narrow], vec![0; narrow]],
            wide: [vec![0; wide], vec![0; wide]],
            rows: vec![0; pointwise::ROWS * channels],
            sums: vec![0; channels],
        }
    }

    /// Embeds an input (`side * side * 3` bytes): the last activations, averaged over all positions.
    ///
    /// # Panics
    /// When the input has another length, or the arena is another network's.
    pub fn embed(&self, input: &[u8], arena: &mut Arena) -> Vec<f32> {
        assert_eq!(input.len(), self.lengths.input, "input of another side");
        let Arena { narrow: [from, to], wide: [expanded, filtered], rows, sums } = arena;
        let (mut from, mut to) = (from, to);
        self.stem.run(input, &mut from[..self.lengths.stem]);
        let mut length = self.lengths.stem;
        for block in &self.blocks {
            let input = &from[..length];
            let wide = match &block.expand {
                None => input,
                Some(expand) => {
                    expand.run(input, &[], rows, &mut expanded[..block.expanded]);
                    &expanded[..block.expanded]
                }
            };
            block.depthwise.run(wide, sums, &mut filtered[..block.filtered]);
            block.project.run(&filtered[..block.filtered], input, rows, &mut to[..block.output]);
            length = block.output;
            std::mem::swap(&mut from, &mut to);
        }
        self.last.run(&from[..length], &[], rows, &mut expanded[..self.lengths.last]);
        let sums = &mut sums[..self.lengths.features];
        pool::sum_positions(&expanded[..self.lengths.last], sums);
        sums.iter().map(|sum| *sum as f32 * self.feature_scale).collect()
    }
}

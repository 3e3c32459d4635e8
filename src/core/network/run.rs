//! Run: the packed layers, the memory plan, and the loop that runs a frame through them.

use super::block::{Band, Block};
use mobilenet_kernel::lanes::Lanes;
use mobilenet_kernel::{Pointwise, Stem, pool};

/// A backbone packed for one set of lanes.
pub(super) struct Packed<L: Lanes> {
    pub lanes: L,
    pub stem: Stem<L>,
    pub blocks: Vec<Block<L>>,
    pub last: Pointwise<L>,
    /// Activations of the stem.
    pub stem_len: usize,
    /// Positions of the last layer.
    pub positions: usize,
    /// Channels of the last layer, then of the filters of the last blocks.
    pub tail: Vec<usize>,
    /// Real value of one unit of a pooled sum.
    pub feature_scale: f32,
}

/// The memory of one frame; [`Network::arena`](super::Network::arena) makes it.
///
/// ```
/// # #[cfg(feature = "embedded")] {
/// use mobilenet_core::network::Network;
/// let network = Network::new(&mobilenet_core::classifier::embedded_backbone()?);
/// let mut arena = network.arena();
/// network.embed(&vec![128; 224 * 224 * 3], &mut arena);
/// let parts: Vec<usize> = arena.feature_map().iter().map(Vec::len).collect();
/// assert_eq!(parts, [1280, 576, 960, 960, 960].map(|channels| 7 * 7 * channels));
/// # }
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Arena {
    framed: Vec<u8>,
    /// A block's input and output.
    narrow: [Vec<u8>; 2],
    band: Band,
    /// What the last layer made, then what the filters of the last blocks did: each `[positions][channels]`.
    tail: Vec<Vec<u8>>,
    sums: Vec<i32>,
}

impl Arena {
    /// The feature map of the frame embedded last, a part for each layer of the [tail](super::Architecture::tail):
    /// `[positions][channels]` bytes, stored as [`Quantization::RELU6`](super::Quantization::RELU6) says. Zeros before the first.
    pub fn feature_map(&self) -> &[Vec<u8>] {
        &self.tail
    }
}

impl<L: Lanes> Packed<L> {
    pub fn arena(&self) -> Arena {
        let outputs = self.blocks.iter().map(Block::output_len);
        let narrow = outputs.chain([self.stem_len]).max().unwrap_or(0);
        let words = self.stem.words().max(self.last.words());
        Arena {
            framed: self.stem.framed(),
            narrow: [vec![0; narrow], vec![0; narrow]],
            band: Band::for_blocks(&self.blocks, words),
            tail: self.tail.iter().map(|channels| vec![0; self.positions * channels]).collect(),
            sums: vec![0; self.tail.iter().sum()],
        }
    }

    pub fn embed(&self, input: &[u8], arena: &mut Arena, after: &mut dyn FnMut(usize)) -> Vec<f32> {
        let Arena { framed, narrow: [from, to], band, tail, sums } = arena;
        let (last, mut tapped) = tail.split_first_mut().expect("the last layer is always there");
        let untapped = self.blocks.len() - tapped.len();
        let (mut from, mut to) = (from, to);
        self.stem.run(input, framed, &mut band.words, &mut from[..self.stem_len]);
        after(0);
        let mut length = self.stem_len;
        for (at, block) in self.blocks.iter().enumerate() {
            let tap = if at < untapped { None } else { tapped.split_off_first_mut() };
            block.run(&from[..length], band, tap.map(Vec::as_mut_slice), &mut to[..block.output_len()], after);
            length = block.output_len();
            std::mem::swap(&mut from, &mut to);
        }
        self.last.run(&from[..length], &[], &mut band.words, last);
        let mut left = &mut sums[..];
        for (map, channels) in tail.iter().zip(&self.tail) {
            let sums = left.split_off_mut(..*channels).expect("a sum for each channel");
            pool::sum_positions(self.lanes, map, sums);
        }
        after(self.blocks.last().map_or(1, |block| block.project_layer() + 1));
        sums.iter().map(|sum| *sum as f32 * self.feature_scale).collect()
    }
}

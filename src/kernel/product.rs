//! Product: rows of 16-bit pairs times panels of weights, the loop in which nine tenths of a frame's time is spent.
//!
//! The tile decides everything: four rows times two vectors of channels keeps eight sums, two weights and one row value in
//! eleven of sixteen registers. Measured in Chromium: 80 Gop/s, where 4x12, 6x8 and 8x8 spill and reach a third. Four
//! rows lie together as `[pair][row]`, so that one pointer with constant offsets feeds the tile (14.3 to 8.1 ms for
//! all pointwise layers), and a panel's weights as `[pair][half]`.

#![allow(unsafe_code)]

use super::lanes::Lanes;
use super::requantize::{Panel, Requantize, Residual};

/// Rows that are multiplied with a weight while it is in registers.
pub(super) const ROWS: usize = 4;

/// Packed weights, and what to do with their sums.
#[derive(Clone, Debug)]
pub(super) struct Product<L: Lanes> {
    lanes: L,
    pairs: usize,
    outputs: usize,
    weight: Vec<[L::I16; 2]>,
    panels: Vec<Panel<L>>,
    residual: Option<Residual>,
}

impl<L: Lanes> Product<L> {
    /// `weight` is `[outputs][inputs]`.
    pub fn new(lanes: L, weight: &[i8], requantize: &Requantize, residual: Option<Residual>) -> Self {
        let outputs = requantize.channels();
        let inputs = weight.len() / outputs;
        assert_eq!(weight.len(), inputs * outputs, "a weight for every input of every output");
        let pairs = inputs.div_ceil(2);
        let mut columns = [vec![0; L::WIDTH], vec![0; L::WIDTH]];
        let mut pair = |start: usize, pair: usize| {
            for (lane, weight) in weight[start * inputs..].chunks_exact(inputs).take(L::WIDTH).enumerate() {
                columns[0][lane] = weight[2 * pair].into();
                // Zero beyond the last one of an odd number.
                columns[1][lane] = weight.get(2 * pair + 1).copied().unwrap_or(0).into();
            }
            lanes.zip(lanes.load(&columns[0]), lanes.load(&columns[1]))
        };
        let mut packed = Vec::with_capacity(pairs * outputs.next_multiple_of(L::WIDTH) / L::WIDTH);
        for start in requantize.starts(L::WIDTH) {
            packed.extend((0..pairs).map(|at| pair(start, at)));
        }
        Self {
            lanes,
            pairs,
            outputs,
            weight: packed,
            panels: requantize.starts(L::WIDTH).map(|start| Panel::new(lanes, requantize, start)).collect(),
            residual,
        }
    }

    /// Words of one row.
    pub fn pairs(&self) -> usize {
        self.pairs
    }

    /// Channels of an output row.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// `words` holds rows in groups of [`ROWS`], `[pair][row]`, the last group having as many as are left; `output` is
    /// `[rows][outputs]`, and so is `skipped` where there is a residual.
    pub fn run(&self, words: &[i32], skipped: &[u8], output: &mut [u8]) {
        self.lanes.run(
            #[inline(always)]
            || match self.residual {
                None => self.panels::<false>(words, skipped, output),
                Some(_) => self.panels::<true>(words, skipped, output),
            },
        );
    }

    #[inline(always)]
    fn panels<const RESIDUAL: bool>(&self, words: &[i32], skipped: &[u8], output: &mut [u8]) {
        let rows = output.len() / self.outputs;
        let (group_words, group_bytes) = (ROWS * self.pairs, ROWS * self.outputs);
        let groups = rows / ROWS;
        for (panel, weights) in self.panels.iter().zip(self.weight.chunks_exact(self.pairs)) {
            for group in 0..groups {
                let words = &words[group * group_words..][..group_words];
                let skipped = if RESIDUAL { &skipped[group * group_bytes..][..group_bytes] } else { &[] };
                let output = &mut output[group * group_bytes..][..group_bytes];
                self.tile::<ROWS, RESIDUAL>(panel, weights, words, skipped, output);
            }
            let words = &words[groups * group_words..rows * self.pairs];
            let skipped = if RESIDUAL { &skipped[groups * group_bytes..] } else { &[] };
            let output = &mut output[groups * group_bytes..];
            match rows % ROWS {
                1 => self.tile::<1, RESIDUAL>(panel, weights, words, skipped, output),
                2 => self.tile::<2, RESIDUAL>(panel, weights, words, skipped, output),
                3 => self.tile::<3, RESIDUAL>(panel, weights, words, skipped, output),
                _ => {}
            }
        }
    }

    #[inline(always)]
    fn tile<const N: usize, const RESIDUAL: bool>(
        &self,
        panel: &Panel<L>,
        weights: &[[L::I16; 2]],
        words: &[i32],
        skipped: &[u8],
        output: &mut [u8],
    ) {
        let lanes = self.lanes;
        let words = words.as_chunks::<N>().0;
        assert!(words.len() >= weights.len() && !weights.is_empty());
        // Four names and no array, a loop that ends at its end: what the compiler rolls up, or peels, goes through memory
        // when it is told to make the file small.
        let mut first = panel.bias;
        let mut second = panel.bias;
        let mut third = panel.bias;
        let mut fourth = panel.bias;
        let mut pair = 0;
        loop {
            // SAFETY: there are as many words as weights, at least.
            let (words, weight) = unsafe { (words.get_unchecked(pair), weights.get_unchecked(pair)) };
            add_row(lanes, &mut first, words[0], weight);
            if N > 1 {
                add_row(lanes, &mut second, words[1], weight);
            }
            if N > 2 {
                add_row(lanes, &mut third, words[2], weight);
            }
            if N > 3 {
                add_row(lanes, &mut fourth, words[3], weight);
            }
            pair += 1;
            if pair == weights.len() {
                break;
            }
        }
        let end = (N - 1) * self.outputs + panel.start + L::WIDTH;
        assert!(end <= output.len() && (!RESIDUAL || end <= skipped.len()));
        self.store::<RESIDUAL>(0, panel, first, skipped, output);
        if N > 1 {
            self.store::<RESIDUAL>(1, panel, second, skipped, output);
        }
        if N > 2 {
            self.store::<RESIDUAL>(2, panel, third, skipped, output);
        }
        if N > 3 {
            self.store::<RESIDUAL>(3, panel, fourth, skipped, output);
        }
    }

    #[inline(always)]
    fn store<const RESIDUAL: bool>(
        &self,
        row: usize,
        panel: &Panel<L>,
        sums: [L::I32; 2],
        skipped: &[u8],
        output: &mut [u8],
    ) {
        let lanes = self.lanes;
        let at = row * self.outputs + panel.start;
        let mut levels = panel.levels(lanes, sums);
        if RESIDUAL && let Some(residual) = self.residual {
            // SAFETY: `tile` has checked that the last row's panel is inside.
            levels = residual.add(lanes, levels, unsafe { skipped.get_unchecked(at..at + L::WIDTH) });
        }
        // SAFETY: as above.
        panel.store(lanes, levels, unsafe { output.get_unchecked_mut(at..at + L::WIDTH) });
    }
}

/// Adds the products of one pair of inputs of a row.
#[inline(always)]
fn add_row<L: Lanes>(lanes: L, [low, high]: &mut [L::I32; 2], word: i32, weight: &[L::I16; 2]) {
    let input = lanes.splat(word);
    *low = lanes.add(*low, lanes.dot(input, weight[0]));
    *high = lanes.add(*high, lanes.dot(input, weight[1]));
}

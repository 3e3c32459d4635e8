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
        let (groups, rest) = words[..rows * self.pairs].split_at(rows / ROWS * ROWS * self.pairs);
        let (first_skipped, rest_skipped) = skipped.split_at(skipped.len().min(rows / ROWS * ROWS * self.outputs));
        let (first_output, rest_output) = output.split_at_mut(rows / ROWS * ROWS * self.outputs);
        for (panel, weight) in self.panels.iter().zip(self.weight.chunks_exact(self.pairs)) {
            let outputs = first_output.chunks_exact_mut(ROWS * self.outputs);
            for (group, (words, output)) in groups.chunks_exact(ROWS * self.pairs).zip(outputs).enumerate() {
                let skipped = first_skipped.get(group * ROWS * self.outputs..).unwrap_or_default();
                self.tile::<ROWS, RESIDUAL>(panel, weight, words, skipped, output);
            }
            match rows % ROWS {
                1 => self.tile::<1, RESIDUAL>(panel, weight, rest, rest_skipped, rest_output),
                2 => self.tile::<2, RESIDUAL>(panel, weight, rest, rest_skipped, rest_output),
                3 => self.tile::<3, RESIDUAL>(panel, weight, rest, rest_skipped, rest_output),
                _ => {}
            }
        }
    }

    #[inline(always)]
    fn tile<const N: usize, const RESIDUAL: bool>(
        &self,
        panel: &Panel<L>,
        weight: &[[L::I16; 2]],
        words: &[i32],
        skipped: &[u8],
        output: &mut [u8],
    ) {
        let lanes = self.lanes;
        let mut sums = [panel.bias; N];
        for (words, [low, high]) in words.as_chunks::<N>().0.iter().zip(weight) {
            for row in 0..N {
                let input = lanes.splat(words[row]);
                sums[row][0] = lanes.add(sums[row][0], lanes.dot(input, *low));
                sums[row][1] = lanes.add(sums[row][1], lanes.dot(input, *high));
            }
        }
        let end = (N - 1) * self.outputs + panel.start + L::WIDTH;
        assert!(end <= output.len() && (!RESIDUAL || end <= skipped.len()));
        // By hand, because the compiler does not unroll a loop of this length, and then the sums go through memory.
        self.store::<N, RESIDUAL>(0, panel, &sums, skipped, output);
        if N > 1 {
            self.store::<N, RESIDUAL>(1, panel, &sums, skipped, output);
        }
        if N > 2 {
            self.store::<N, RESIDUAL>(2, panel, &sums, skipped, output);
        }
        if N > 3 {
            self.store::<N, RESIDUAL>(3, panel, &sums, skipped, output);
        }
    }

    #[inline(always)]
    fn store<const N: usize, const RESIDUAL: bool>(
        &self,
        row: usize,
        panel: &Panel<L>,
        sums: &[[L::I32; 2]; N],
        skipped: &[u8],
        output: &mut [u8],
    ) {
        let lanes = self.lanes;
        let at = row * self.outputs + panel.start;
        let mut levels = panel.levels(lanes, sums[row]);
        if RESIDUAL && let Some(residual) = self.residual {
            // SAFETY: `tile` has checked that the last row's panel is inside.
            levels = residual.add(lanes, levels, unsafe { skipped.get_unchecked(at..at + L::WIDTH) });
        }
        // SAFETY: as above.
        panel.store(lanes, levels, unsafe { output.get_unchecked_mut(at..at + L::WIDTH) });
    }
}

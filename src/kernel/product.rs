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
        // Input `at` of a panel's channels; zero beyond the last one of an odd number.
        let column = |start: usize, at: usize| {
            let weight = |channel: usize| if at < inputs { i16::from(weight[channel * inputs + at]) } else { 0 };
            lanes.load(&(start..start + L::WIDTH).map(weight).collect::<Vec<_>>())
        };
        let pair = |start: usize, pair: usize| lanes.zip(column(start, 2 * pair), column(start, 2 * pair + 1));
        Self {
            lanes,
            pairs,
            outputs,
            weight: requantize.starts(L::WIDTH).flat_map(|start| (0..pairs).map(move |at| pair(start, at))).collect(),
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
            || self.panels(words, skipped, output),
        );
    }

    #[inline(always)]
    fn panels(&self, words: &[i32], skipped: &[u8], output: &mut [u8]) {
        let rows = output.len() / self.outputs;
        let (groups, rest) = words[..rows * self.pairs].split_at(rows / ROWS * ROWS * self.pairs);
        let (first_skipped, rest_skipped) = skipped.split_at(skipped.len().min(rows / ROWS * ROWS * self.outputs));
        let (first_output, rest_output) = output.split_at_mut(rows / ROWS * ROWS * self.outputs);
        for (panel, weight) in self.panels.iter().zip(self.weight.chunks_exact(self.pairs)) {
            let outputs = first_output.chunks_exact_mut(ROWS * self.outputs);
            for (group, (words, output)) in groups.chunks_exact(ROWS * self.pairs).zip(outputs).enumerate() {
                let skipped = first_skipped.get(group * ROWS * self.outputs..).unwrap_or_default();
                self.tile::<ROWS>(panel, weight, words, skipped, output);
            }
            match rows % ROWS {
                1 => self.tile::<1>(panel, weight, rest, rest_skipped, rest_output),
                2 => self.tile::<2>(panel, weight, rest, rest_skipped, rest_output),
                3 => self.tile::<3>(panel, weight, rest, rest_skipped, rest_output),
                _ => {}
            }
        }
    }

    #[inline(always)]
    fn tile<const N: usize>(
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
        assert!(end <= output.len() && (self.residual.is_none() || end <= skipped.len()));
        // By hand, because the compiler does not unroll a loop of this length, and then the sums go through memory.
        self.store(0, panel, &sums, skipped, output);
        if N > 1 {
            self.store(1, panel, &sums, skipped, output);
        }
        if N > 2 {
            self.store(2, panel, &sums, skipped, output);
        }
        if N > 3 {
            self.store(3, panel, &sums, skipped, output);
        }
    }

    #[inline(always)]
    fn store<const N: usize>(
        &self,
        row: usize,
        panel: &Panel<L>,
        sums: &[[L::I32; 2]; N],
        skipped: &[u8],
        output: &mut [u8],
    ) {
        let at = row * self.outputs + panel.start;
        // SAFETY: `tile` has checked that the last row's panel is inside.
        let output = unsafe { output.get_unchecked_mut(at..at + L::WIDTH) };
        match self.residual {
            None => panel.store(self.lanes, sums[row], output),
            Some(residual) => {
                // SAFETY: as above.
                let skipped = unsafe { skipped.get_unchecked(at..at + L::WIDTH) };
                panel.store_residual(self.lanes, sums[row], residual, skipped, output);
            }
        }
    }
}

//! Product: rows of words times panels of weights, the loop in which nine tenths of a frame's time is spent.
//!
//! The tile decides everything: four rows times two vectors of channels keeps eight sums, two weights and one row value in
//! eleven of sixteen registers. Measured in Chromium: 80 Gop/s, where 4x12, 6x8 and 8x8 spill and reach a third. Four
//! rows lie together as `[word][row]`, so that one pointer with constant offsets feeds the tile (14.3 to 8.1 ms for
//! all pointwise layers), and a panel's weights as `[word][half]`.

#![allow(unsafe_code)]

use super::lanes::Lanes;
use super::requantize::{Panel, Requantize, Residual};

/// Rows that are multiplied with a weight while it is in registers.
pub(crate) const ROWS: usize = 4;
/// No lanes are wider.
const MOST_LANES: usize = 16;

/// Packed weights, and what to do with their sums.
#[derive(Clone, Debug)]
pub(crate) struct Product<L: Lanes> {
    lanes: L,
    words: usize,
    outputs: usize,
    weight: Vec<[L::I32; 2]>,
    panels: Vec<Panel<L>>,
    residual: Option<Residual>,
}

impl<L: Lanes> Product<L> {
    /// `weight` is `[outputs][inputs]`.
    pub fn new(lanes: L, weight: &[i8], requantize: &Requantize, residual: Option<Residual>) -> Self {
        let outputs = requantize.channels();
        let inputs = weight.len() / outputs;
        assert_eq!(weight.len(), inputs * outputs, "a weight for every input of every output");
        let words = inputs.div_ceil(L::INPUTS);
        let mut packed = Vec::with_capacity(words * requantize.starts(L::WIDTH).count());
        for start in requantize.starts(L::WIDTH) {
            pack_panel(lanes, &weight[start * inputs..][..L::WIDTH * inputs], inputs, &mut packed);
        }
        Self {
            lanes,
            words,
            outputs,
            weight: packed,
            panels: requantize.starts(L::WIDTH).map(|start| Panel::new(lanes, requantize, start)).collect(),
            residual,
        }
    }

    /// Words of one row.
    pub fn words(&self) -> usize {
        self.words
    }

    /// Channels of an output row.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// `words` holds rows in groups of [`ROWS`], `[word][row]`, and what rows are left one by one; `output` is
    /// `[rows][outputs]`, and so is `skipped` where there is a residual.
    #[inline(never)]
    pub fn run(&self, words: &[i32], skipped: &[u8], output: &mut [u8]) {
        self.lanes.run(
            #[inline(always)]
            || self.panels(words, skipped, output),
        );
    }

    #[inline(always)]
    fn panels(&self, words: &[i32], skipped: &[u8], output: &mut [u8]) {
        let rows = output.len() / self.outputs;
        let grouped = rows / ROWS * ROWS;
        for (panel, weights) in self.panels.iter().zip(self.weight.chunks_exact(self.words)) {
            for row in (0..grouped).step_by(ROWS) {
                self.tile::<ROWS>(panel, weights, row, words, skipped, output);
            }
            for row in grouped..rows {
                self.tile::<1>(panel, weights, row, words, skipped, output);
            }
        }
    }

    /// One panel of `N` rows, the first of which is `row`.
    #[inline(always)]
    fn tile<const N: usize>(
        &self,
        panel: &Panel<L>,
        weights: &[[L::I32; 2]],
        row: usize,
        words: &[i32],
        skipped: &[u8],
        output: &mut [u8],
    ) {
        let lanes = self.lanes;
        let words = words[row * self.words..].as_chunks::<N>().0;
        assert!(words.len() >= weights.len() && !weights.is_empty());
        // Four names and no array, a loop that ends at its end: what the compiler rolls up, or peels, goes through memory
        // when it is told to make the file small.
        let mut first = panel.bias;
        let mut second = panel.bias;
        let mut third = panel.bias;
        let mut fourth = panel.bias;
        let mut at = 0;
        loop {
            // SAFETY: there are as many words as weights, at least.
            let (words, weight) = unsafe { (words.get_unchecked(at), weights.get_unchecked(at)) };
            add_row(lanes, &mut first, words[0], weight);
            if N == ROWS {
                add_row(lanes, &mut second, words[1], weight);
                add_row(lanes, &mut third, words[2], weight);
                add_row(lanes, &mut fourth, words[3], weight);
            }
            at += 1;
            if at == weights.len() {
                break;
            }
        }
        let start = row * self.outputs + panel.start;
        let end = start + (N - 1) * self.outputs + L::WIDTH;
        assert!(end <= output.len() && (self.residual.is_none() || end <= skipped.len()));
        self.store(start, panel, first, skipped, output);
        if N == ROWS {
            self.store(start + self.outputs, panel, second, skipped, output);
            self.store(start + 2 * self.outputs, panel, third, skipped, output);
            self.store(start + 3 * self.outputs, panel, fourth, skipped, output);
        }
    }

    /// Stores a panel of one row, which starts at `at`.
    #[inline(always)]
    fn store(&self, at: usize, panel: &Panel<L>, sums: [L::I32; 2], skipped: &[u8], output: &mut [u8]) {
        let lanes = self.lanes;
        let mut levels = panel.levels(lanes, sums);
        if let Some(residual) = self.residual {
            // SAFETY: `tile` has checked that the last row's panel is inside.
            levels = residual.add(lanes, levels, unsafe { skipped.get_unchecked(at..at + L::WIDTH) });
        }
        // SAFETY: as above.
        panel.store(lanes, levels, unsafe { output.get_unchecked_mut(at..at + L::WIDTH) });
    }
}

/// Adds the products of one word of a row.
#[inline(always)]
fn add_row<L: Lanes>(lanes: L, [low, high]: &mut [L::I32; 2], word: i32, weight: &[L::I32; 2]) {
    *low = lanes.accumulate(*low, word, weight[0]);
    *high = lanes.accumulate(*high, word, weight[1]);
}

/// The weights of one panel, `[channel][inputs]`, as `[word][half]`. Called once a panel, so that browsers, which compile what is
/// called often, do so early: packing takes a third of the time there.
#[inline(never)]
fn pack_panel<L: Lanes>(lanes: L, weight: &[i8], inputs: usize, packed: &mut Vec<[L::I32; 2]>) {
    let mut column = [0; MOST_LANES];
    let column = &mut column[..L::WIDTH];
    for first in (0..inputs).step_by(L::INPUTS) {
        for (word, row) in column.iter_mut().zip(weight.chunks_exact(inputs)) {
            *word = L::word(&row[first..(first + L::INPUTS).min(inputs)]);
        }
        packed.push(lanes.halves(column));
    }
}

/// Four rows of bytes, equally long, as the words of a group.
#[inline(always)]
pub(crate) fn pack_group<L: Lanes>(lanes: L, rows: [&[u8]; ROWS], words: &mut [i32]) {
    let chunks = rows.map(|row| row.as_chunks::<8>().0);
    for (at, words) in words.chunks_exact_mut(8 / L::INPUTS * ROWS).enumerate().take(chunks[0].len()) {
        lanes.transpose([&chunks[0][at], &chunks[1][at], &chunks[2][at], &chunks[3][at]], words);
    }
    let packed = chunks[0].len() * 8;
    for (at, row) in rows.into_iter().enumerate() {
        if packed < row.len() {
            pack_row::<L>(&row[packed..], ROWS, &mut words[packed / L::INPUTS * ROWS + at..]);
        }
    }
}

/// A row of bytes as words that lie `step` apart.
#[inline(always)]
pub(crate) fn pack_row<L: Lanes>(row: &[u8], step: usize, words: &mut [i32]) {
    for (word, bytes) in words.iter_mut().step_by(step).zip(row.chunks(L::INPUTS)) {
        *word = L::word(bytes);
    }
}

//! Product: rows of words times panels of weights, the loop in which nine tenths of a frame's time is spent.
//!
//! The tile decides everything: four rows times two vectors of channels keeps eight sums, two weights and one row value in
//! eleven of sixteen registers. Measured in Chromium: 80 Gop/s, where 4x12, 6x8 and 8x8 spill and reach a third. Four
//! rows lie together as `[word][row]`, so that one pointer with constant offsets feeds the tile (14.3 to 8.1 ms for
//! all pointwise layers), and a panel's weights as `[word][half]`.

#![allow(unsafe_code)]

use std::slice;

use super::job::{Job, Loop, perform};
use super::lanes::{Lanes, MOST};
use super::requantize::{Panel, Requantize, Residual};

/// Rows that are multiplied with a weight while it is in registers.
pub(crate) const ROWS: usize = 4;

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
        assert!(inputs > 0 && weight.len() == inputs * outputs, "a weight for every input of every output");
        let words = inputs.div_ceil(L::INPUTS);
        let sums = weight.chunks_exact(inputs).map(|weights| weights.iter().map(|weight| i32::from(*weight)).sum());
        let requantize = &requantize.read_by(lanes, sums);
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
        let rows = output.len() / self.outputs;
        // What every unchecked access below relies on, together with panels that end inside a row.
        assert!(output.len() == rows * self.outputs && words.len() >= rows * self.words);
        assert!(self.residual.is_none() || skipped.len() >= output.len());
        let tiles = Tiles {
            lanes: self.lanes,
            weights: self.weight.as_ptr(),
            panels: self.panels.as_ptr(),
            panel_count: self.panels.len(),
            words: words.as_ptr(),
            row_words: self.words,
            residual: self.residual.as_ref(),
            skipped: skipped.as_ptr(),
            output: output.as_mut_ptr(),
            outputs: self.outputs,
            rows,
        };
        // SAFETY: as many weights as panels have words; the rest is asserted above.
        unsafe { perform(self.lanes, tiles) };
    }
}

/// All tiles of one call.
#[repr(C)]
pub(crate) struct Tiles<'a, L: Lanes> {
    pub lanes: L,
    /// `[panel][word][half]`.
    weights: *const [L::I32; 2],
    panels: *const Panel<L>,
    panel_count: usize,
    /// The rows, in groups.
    words: *const i32,
    row_words: usize,
    residual: Option<&'a Residual>,
    /// `[rows][outputs]`, as the output.
    skipped: *const u8,
    output: *mut u8,
    outputs: usize,
    rows: usize,
}

impl<L: Lanes> Job<L> for Tiles<'_, L> {
    const LOOP: Loop = Loop::Product;

    #[inline(always)]
    unsafe fn run(&mut self, lanes: L) {
        let grouped = self.rows / ROWS * ROWS;
        for at in 0..self.panel_count {
            // SAFETY: the caller's promise: every panel, its weights, and every row.
            unsafe {
                let (panel, weights) = (&*self.panels.add(at), self.weights.add(at * self.row_words));
                let mut row = 0;
                while L::AT_ONCE == 8 && row + 8 <= grouped {
                    self.wide_tile::<0, 8>(lanes, panel, weights, row);
                    row += 8;
                }
                while L::AT_ONCE == 6 && row + 12 <= grouped {
                    self.wide_tile::<0, 6>(lanes, panel, weights, row);
                    self.wide_tile::<2, 6>(lanes, panel, weights, row + 6);
                    row += 12;
                }
                for row in (row..grouped).step_by(ROWS) {
                    self.tile::<ROWS>(lanes, panel, weights, row);
                }
                for row in grouped..self.rows {
                    self.tile::<1>(lanes, panel, weights, row);
                }
            }
        }
    }
}

impl<L: Lanes> Tiles<'_, L> {
    /// One panel of `N` rows, the first of which is `row`.
    ///
    /// # Safety
    /// There are that many rows.
    #[inline(always)]
    unsafe fn tile<const N: usize>(&self, lanes: L, panel: &Panel<L>, weights: *const [L::I32; 2], row: usize) {
        // SAFETY: rows of words lie together, and so do the weights of a panel.
        let (mut words, end) = unsafe { (self.words.add(row * self.row_words), weights.add(self.row_words)) };
        let mut weight = weights;
        // Four names and no array, a loop that ends at its end: what the compiler rolls up, or peels, goes through memory
        // when it is told to make the file small.
        let mut first = panel.bias;
        let mut second = panel.bias;
        let mut third = panel.bias;
        let mut fourth = panel.bias;
        loop {
            // SAFETY: there are as many words as weights, and at least one.
            unsafe {
                add_row(lanes, &mut first, words.read(), &*weight);
                if N == ROWS {
                    add_row(lanes, &mut second, words.add(1).read(), &*weight);
                    add_row(lanes, &mut third, words.add(2).read(), &*weight);
                    add_row(lanes, &mut fourth, words.add(3).read(), &*weight);
                }
                (words, weight) = (words.add(N), weight.add(1));
            }
            if weight == end {
                break;
            }
        }
        let start = row * self.outputs + panel.start;
        // SAFETY: a panel ends inside its row.
        unsafe {
            self.store(lanes, start, panel, first);
            if N == ROWS {
                self.store(lanes, start + self.outputs, panel, second);
                self.store(lanes, start + 2 * self.outputs, panel, third);
                self.store(lanes, start + 3 * self.outputs, panel, fourth);
            }
        }
    }

    /// One panel of `N` rows, where there are registers for more than [`ROWS`]; the first of them is the `START`-th of its group. Twelve or
    /// sixteen sums under way hide the latency of a product, eight do not: 5 to 8 % less time for all of a frame (Xeon, Nov 2026).
    ///
    /// # Safety
    /// There are that many rows.
    #[inline(always)]
    unsafe fn wide_tile<const START: usize, const N: usize>(
        &self,
        lanes: L,
        panel: &Panel<L>,
        weights: *const [L::I32; 2],
        row: usize,
    ) {
        let mut sums = [panel.bias; N];
        // SAFETY: the caller's promise, as for a tile.
        unsafe {
            let first = self.words.add((row - START) * self.row_words);
            for at in 0..self.row_words {
                let weight = &*weights.add(at);
                for (next, sums) in sums.iter_mut().enumerate() {
                    let (group, within) = ((START + next) / ROWS, (START + next) % ROWS);
                    let word = first.add((group * self.row_words + at) * ROWS + within);
                    add_row(lanes, sums, word.read(), weight);
                }
            }
            for (at, sums) in sums.into_iter().enumerate() {
                self.store(lanes, (row + at) * self.outputs + panel.start, panel, sums);
            }
        }
    }

    /// Stores a panel of one row, which starts at `at`.
    ///
    /// # Safety
    /// The output goes on for a panel from there.
    #[inline(always)]
    unsafe fn store(&self, lanes: L, at: usize, panel: &Panel<L>, sums: [L::I32; 2]) {
        let mut levels = panel.levels(lanes, sums);
        if let Some(residual) = self.residual {
            // SAFETY: `skipped` is as long as the output.
            levels = residual.add(lanes, levels, unsafe { slice::from_raw_parts(self.skipped.add(at), L::WIDTH) });
        }
        // SAFETY: the caller's promise.
        panel.store(lanes, levels, unsafe { slice::from_raw_parts_mut(self.output.add(at), L::WIDTH) });
    }
}

/// Adds the products of one word of a row.
#[inline(always)]
fn add_row<L: Lanes>(lanes: L, [low, high]: &mut [L::I32; 2], word: i32, weight: &[L::I32; 2]) {
    let inputs = lanes.splat_i32(word);
    *low = lanes.accumulate(*low, inputs, weight[0]);
    *high = lanes.accumulate(*high, inputs, weight[1]);
}

/// The weights of one panel, `[channel][inputs]`, as `[word][half]`. Called once a panel, so that browsers, which compile what is
/// called often, do so early: packing takes a third of the time there.
#[inline(never)]
fn pack_panel<L: Lanes>(lanes: L, weight: &[i8], inputs: usize, packed: &mut Vec<[L::I32; 2]>) {
    let mut column = [0; MOST];
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
            pack_row(lanes, &row[packed..], ROWS, &mut words[packed / L::INPUTS * ROWS + at..]);
        }
    }
}

/// A row of bytes as words that lie `step` apart.
#[inline(always)]
pub(crate) fn pack_row<L: Lanes>(lanes: L, row: &[u8], step: usize, words: &mut [i32]) {
    for (word, bytes) in words.iter_mut().step_by(step).zip(row.chunks(L::INPUTS)) {
        *word = L::word(bytes) ^ lanes.flip();
    }
}

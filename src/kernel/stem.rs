//! Stem: the first convolution, 3x3 over the picture's three channels at stride 2.
//!
//! Its input is the picture's own bytes (mean and deviation are folded into the weights), so what a float network
//! pads with zero is here padded with the byte nearest to the mean. The picture is copied into a frame of that colour, after
//! which no window has an edge: the nine bytes of each of its three rows lie together, and as many bytes more as fill their
//! last word have weight zero.

use super::lanes::Lanes;
use super::product::{Product, ROWS, pack_group, pack_row};
use super::requantize::Requantize;
use super::windows::Windows;

/// Bytes of one row of a window.
const TAPS: usize = 9;

/// The packed first convolution.
#[derive(Clone, Debug)]
pub struct Stem<L: Lanes> {
    lanes: L,
    windows: Windows,
    padding: [u8; 3],
    product: Product<L>,
}

impl<L: Lanes> Stem<L> {
    /// The same in whole words.
    const FILLED: usize = TAPS.next_multiple_of(L::INPUTS);

    /// `weight` is `[outputs][3][3][3]`, the last three being red, green, blue; `padding` is the colour around the picture.
    pub fn new(lanes: L, windows: Windows, padding: [u8; 3], weight: &[i8], requantize: &Requantize) -> Self {
        assert_eq!(weight.len(), 27 * requantize.channels());
        let fill = std::iter::repeat_n(0, Self::FILLED - TAPS);
        let rows = weight.chunks_exact(TAPS).flat_map(|row| row.iter().copied().chain(fill.clone()));
        let product = Product::new(lanes, &rows.collect::<Vec<_>>(), requantize, None);
        Self { lanes, windows, padding, product }
    }

    /// Words that [`Stem::run`] needs.
    pub fn words(&self) -> usize {
        self.windows.out_side * self.product.words()
    }

    /// The frame that [`Stem::run`] copies the picture into.
    pub fn framed(&self) -> Vec<u8> {
        // The last window of the last row reads what fills its last word beyond it.
        let side = self.side();
        (0..side * side * 3 + Self::FILLED - TAPS).map(|at| self.padding[at % 3]).collect()
    }

    /// Side of the framed picture.
    fn side(&self) -> usize {
        let reach = (self.windows.out_side - 1) * self.windows.stride + 3;
        reach.max(self.windows.before + self.windows.in_side)
    }

    /// `input` is `[in_side][in_side][3]`, `output` `[out_side][out_side][outputs]`.
    pub fn run(&self, input: &[u8], framed: &mut [u8], words: &mut [i32], output: &mut [u8]) {
        let Windows { in_side, out_side, stride, before } = self.windows;
        let row = self.side() * 3;
        for (y, input) in input.chunks_exact(in_side * 3).enumerate() {
            framed[(y + before) * row + before * 3..][..in_side * 3].copy_from_slice(input);
        }
        for (y, output) in output.chunks_exact_mut(out_side * self.product.outputs()).enumerate() {
            let rows = [0, 1, 2].map(|tap| &framed[(y * stride + tap) * row..][..row + Self::FILLED - TAPS]);
            self.gather(rows, words);
            self.product.run(words, &[], output);
        }
    }

    /// The windows of one row of the output as groups of rows of words, and what is left of them as rows.
    #[inline(never)]
    fn gather(&self, rows: [&[u8]; 3], words: &mut [i32]) {
        self.lanes.run(
            #[inline(always)]
            || {
                let step = self.windows.stride * 3;
                let row_words = self.product.words();
                for (group, words) in words[..self.words()].chunks_mut(ROWS * row_words).enumerate() {
                    let first = group * ROWS;
                    if words.len() == ROWS * row_words {
                        for (row, words) in rows.into_iter().zip(words.chunks_exact_mut(words.len() / 3)) {
                            let window = |at: usize| &row[(first + at) * step..][..Self::FILLED];
                            pack_group(self.lanes, [window(0), window(1), window(2), window(3)], words);
                        }
                        continue;
                    }
                    for (at, words) in words.chunks_exact_mut(row_words).enumerate() {
                        for (row, words) in rows.into_iter().zip(words.chunks_exact_mut(row_words / 3)) {
                            pack_row(self.lanes, &row[(first + at) * step..][..Self::FILLED], 1, words);
                        }
                    }
                }
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plain;
    use crate::tests::{ForEachLanes, Grown, for_each_lanes, is_tried, shapes};

    struct EveryShape;

    impl ForEachLanes for EveryShape {
        fn with<L: Lanes>(&self, lanes: L) {
            let mut grown = Grown::new();
            let sides = || (1..=17usize).flat_map(|side| [(side, 0), (side, 1)]);
            let all = (16..=33).flat_map(|outputs| sides().map(move |(side, before)| (outputs, side, before)));
            let all = shapes(all).map(|(outputs, side, before)| {
                (outputs, Windows { in_side: side, out_side: side.div_ceil(2), stride: 2, before })
            });
            let cost = |(outputs, windows): &(usize, Windows)| windows.out_side * windows.out_side * 27 * outputs;
            let tried: Vec<_> = all.filter(|shape| is_tried(cost(shape))).collect();
            assert!(tried.len() > 1, "under Miri, nothing would be tried");
            for (outputs, windows) in tried {
                one(lanes, &mut grown, windows, outputs);
            }
        }
    }

    fn one<L: Lanes>(lanes: L, grown: &mut Grown, windows: Windows, outputs: usize) {
        let (input, weight) = (grown.bytes(windows.in_side * windows.in_side * 3), grown.weights(27 * outputs));
        let padding = [grown.byte(), grown.byte(), grown.byte()];
        let requantize = grown.requantize(outputs, 27);
        let stem = Stem::new(lanes, windows, padding, &weight, &requantize);
        let mut output = vec![0; windows.out_side * windows.out_side * outputs];
        stem.run(&input, &mut stem.framed(), &mut vec![0; stem.words()], &mut output);
        let sums = plain::stem(windows, padding, &input, &weight);
        assert_eq!(output, plain::requantize(&sums, &requantize, None, &[]), "{outputs} outputs, {windows:?}");
    }

    #[test]
    fn every_shape_equals_the_plain_loops() {
        for_each_lanes(&EveryShape);
    }
}

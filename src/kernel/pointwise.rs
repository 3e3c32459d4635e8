//! Pointwise: the 1x1 convolution, a matrix product, nine tenths of a MobileNet's arithmetic.

use super::lanes::Lanes;
use super::product::{Product, ROWS, pack_group, pack_row};
use super::requantize::{Requantize, Residual};

/// Bytes of packed rows and of their outputs that are worked on at a time: half of the smallest first-level cache in use.
const BAND: usize = 16 << 10;

/// A packed 1x1 convolution.
#[derive(Clone, Debug)]
pub struct Pointwise<L: Lanes> {
    lanes: L,
    inputs: usize,
    product: Product<L>,
}

impl<L: Lanes> Pointwise<L> {
    /// `weight` is `[outputs][inputs]`; `residual` says how the block's own input is added, where it is.
    pub fn new(lanes: L, weight: &[i8], requantize: &Requantize, residual: Option<Residual>) -> Self {
        let inputs = weight.len() / requantize.channels();
        Self { lanes, inputs, product: Product::new(lanes, weight, requantize, residual) }
    }

    /// Rows that are packed at a time.
    fn band(&self) -> usize {
        (BAND / (4 * self.product.words() + self.product.outputs()) / ROWS * ROWS).max(ROWS)
    }

    /// Words that [`Pointwise::run`] needs.
    pub fn words(&self) -> usize {
        self.band() * self.product.words()
    }

    /// `input` is `[positions][inputs]`, `output` `[positions][outputs]`. `skipped`, shaped like `output`, is the block's own
    /// input; it is read only by a layer that was made with a residual.
    pub fn run(&self, input: &[u8], skipped: &[u8], words: &mut [i32], output: &mut [u8]) {
        let (band, outputs) = (self.band(), self.product.outputs());
        let inputs = input.chunks(band * self.inputs);
        for (at, (input, output)) in inputs.zip(output.chunks_mut(band * outputs)).enumerate() {
            let skipped = skipped.get(at * band * outputs..).unwrap_or_default();
            self.pack(input, words);
            self.product.run(words, skipped, output);
        }
    }

    /// Rows of bytes become groups of rows of words, and what is left of them rows.
    #[inline(never)]
    fn pack(&self, input: &[u8], words: &mut [i32]) {
        self.lanes.run(
            #[inline(always)]
            || {
                let row_words = self.product.words();
                let groups = input.chunks(ROWS * self.inputs).zip(words.chunks_mut(ROWS * row_words));
                for (bytes, words) in groups {
                    let row = |at: usize| &bytes[at * self.inputs..][..self.inputs];
                    if bytes.len() == ROWS * self.inputs {
                        pack_group(self.lanes, [row(0), row(1), row(2), row(3)], words);
                        continue;
                    }
                    for (row, words) in bytes.chunks_exact(self.inputs).zip(words.chunks_exact_mut(row_words)) {
                        pack_row(self.lanes, row, 1, words);
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
            // Odd inputs, a panel that overlaps, and every number of rows that a group can be short of.
            let inputs = [1, 2, 3, 7, 8, 9, 16, 24, 30];
            let columns = inputs.into_iter().flat_map(|inputs| (16..=33).map(move |outputs| (inputs, outputs)));
            let all = columns.flat_map(|(inputs, outputs)| (1..=9).map(move |positions| [positions, inputs, outputs]));
            for shape in shapes(all).filter(|shape| is_tried(shape.iter().product())) {
                self.one(lanes, &mut grown, shape, None);
                let residual = Residual { zero_point: grown.byte(), multiplier: 0.7 };
                self.one(lanes, &mut grown, shape, Some(residual));
            }
            // More than one band, the last of them short.
            let many = if cfg!(miri) { [821, 1, 16] } else { [27, 960, 24] };
            self.one(lanes, &mut grown, many, Some(Residual { zero_point: 3, multiplier: 1.3 }));
            if is_tried(1030 * 16 * 16) {
                self.one(lanes, &mut grown, [1030, 16, 16], None);
            }
        }
    }

    impl EveryShape {
        fn one<L: Lanes>(&self, lanes: L, grown: &mut Grown, shape: [usize; 3], residual: Option<Residual>) {
            let [positions, inputs, outputs] = shape;
            let (input, weight) = (grown.bytes(positions * inputs), grown.weights(outputs * inputs));
            let skipped = grown.bytes(positions * outputs);
            let requantize = grown.requantize(outputs, inputs);
            let layer = Pointwise::new(lanes, &weight, &requantize, residual);
            let mut output = vec![0; positions * outputs];
            layer.run(&input, &skipped, &mut vec![0; layer.words()], &mut output);
            let sums = plain::pointwise(&input, &weight, inputs);
            assert_eq!(output, plain::requantize(&sums, &requantize, residual, &skipped), "{shape:?} {residual:?}");
        }
    }

    #[test]
    fn every_shape_equals_the_plain_loops() {
        for_each_lanes(&EveryShape);
    }
}

//! Pointwise: the 1x1 convolution, a matrix product, nine tenths of a MobileNet's arithmetic.

use super::requantize::{Requantize, Residual};

/// Positions that are multiplied with a weight row while it is in registers, which saves three of four loads.
pub const ROWS: usize = 4;

/// A packed 1x1 convolution.
#[derive(Clone, Debug)]
pub struct Pointwise {
    inputs: usize,
    weight: Vec<i16>,
    requantize: Requantize,
    residual: Option<Residual>,
}

impl Pointwise {
    /// `weight` is `[outputs][inputs]`; `residual` says how the block's own input is added, where it is.
    pub fn new(inputs: usize, weight: &[i8], requantize: Requantize, residual: Option<Residual>) -> Self {
        assert_eq!(weight.len(), inputs * requantize.channels());
        Self { inputs, weight: weight.iter().map(|w| i16::from(*w)).collect(), requantize, residual }
    }

    /// `input` is `[positions][inputs]`, `output` `[positions][outputs]`. `skipped`, shaped like `output`, is the block's own
    /// input; it is read only by a layer that was made with a residual. `scratch` holds at least [`ROWS`]` * inputs`.
    pub fn run(&self, input: &[u8], skipped: &[u8], scratch: &mut [i16], output: &mut [u8]) {
        let positions = output.len() / self.requantize.channels();
        let blocks = positions / ROWS * ROWS;
        for position in (0..blocks).step_by(ROWS) {
            self.run_rows::<ROWS>(position, input, skipped, scratch, output);
        }
        for position in blocks..positions {
            self.run_rows::<1>(position, input, skipped, scratch, output);
        }
    }

    fn run_rows<const N: usize>(
        &self,
        position: usize,
        input: &[u8],
        skipped: &[u8],
        scratch: &mut [i16],
        output: &mut [u8],
    ) {
        let outputs = self.requantize.channels();
        let scratch = &mut scratch[..N * self.inputs];
        for (wide, byte) in scratch.iter_mut().zip(&input[position * self.inputs..]) {
            *wide = i16::from(*byte);
        }
        let rows: [&[i16]; N] = std::array::from_fn(|row| &scratch[row * self.inputs..][..self.inputs]);
        for (channel, weight) in self.weight.chunks_exact(self.inputs).enumerate() {
            for (row, sum) in dots(rows, weight).into_iter().enumerate() {
                let at = (position + row) * outputs + channel;
                output[at] = match self.residual {
                    None => self.requantize.apply(channel, sum),
                    Some(residual) => self.requantize.apply_residual(channel, sum, residual, skipped[at]),
                };
            }
        }
    }
}

/// The products of one weight row and `N` input rows.
#[inline]
pub(super) fn dots<const N: usize>(rows: [&[i16]; N], weight: &[i16]) -> [i32; N] {
    let rows = rows.map(|row| &row[..weight.len()]);
    let mut sums = [0; N];
    for (at, weight) in weight.iter().enumerate() {
        for row in 0..N {
            sums[row] += i32::from(rows[row][at]) * i32::from(*weight);
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_definition() {
        let weight = [1, -2, 3, 0, 5, -128];
        let layer = Pointwise::new(3, &weight, Requantize::new(vec![7, -9], vec![0.25, 0.5], 100), None);
        // Row 1: 1-4+9+7 = 13 -> 3.25; 10-384-9 = -383 -> -191.5. Row 2: 255+27+7 = 289 -> 72.25; -1152-9 -> below.
        let (rows, expected) = ([[1, 2, 3], [255, 0, 9]], [[103, 0], [172, 0]]);
        for positions in 1..=2 * ROWS + 1 {
            let input: Vec<u8> = (0..positions).flat_map(|position| rows[position % 2]).collect();
            let mut output = vec![0; 2 * positions];
            layer.run(&input, &[], &mut [0; 3 * ROWS], &mut output);
            let expected: Vec<u8> = (0..positions).flat_map(|position| expected[position % 2]).collect();
            assert_eq!(output, expected, "{positions} positions");
        }
    }

    #[test]
    fn adds_the_skipped_input() {
        let residual = Some(Residual { zero_point: 50, multiplier: 2.0 });
        let layer = Pointwise::new(1, &[1], Requantize::new(vec![0], vec![1.0], 0), residual);
        let mut output = [0; 6];
        layer.run(&[3, 4, 5, 6, 7, 8], &[51, 60, 50, 49, 52, 51], &mut [0; ROWS], &mut output);
        assert_eq!(output, [5, 24, 5, 4, 11, 10]);
    }
}

//! Pointwise: the 1x1 convolution, a matrix product, nine tenths of a MobileNet's arithmetic.

use super::requantize::{Requantize, Residual};

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

    /// Length of the scratch row that [`Pointwise::run`] needs.
    pub fn scratch_len(&self) -> usize {
        self.inputs
    }

    /// `input` is `[positions][inputs]`, `output` `[positions][outputs]`. `skipped`, shaped like `output`, is the block's own
    /// input; it is read only by a layer that was made with a residual.
    pub fn run(&self, input: &[u8], skipped: &[u8], scratch: &mut [i16], output: &mut [u8]) {
        let outputs = self.requantize.channels();
        let scratch = &mut scratch[..self.inputs];
        for (position, (row, output)) in
            input.chunks_exact(self.inputs).zip(output.chunks_exact_mut(outputs)).enumerate()
        {
            for (wide, byte) in scratch.iter_mut().zip(row) {
                *wide = i16::from(*byte);
            }
            let sums = self.weight.chunks_exact(self.inputs).map(|weight| dot(scratch, weight));
            match self.residual {
                None => {
                    for (channel, (sum, byte)) in sums.zip(output).enumerate() {
                        *byte = self.requantize.apply(channel, sum);
                    }
                }
                Some(residual) => {
                    let skipped = &skipped[position * outputs..][..outputs];
                    for (channel, (sum, byte)) in sums.zip(output).enumerate() {
                        *byte = self.requantize.apply_residual(channel, sum, residual, skipped[channel]);
                    }
                }
            }
        }
    }
}

#[inline]
pub(super) fn dot(input: &[i16], weight: &[i16]) -> i32 {
    input.iter().zip(weight).map(|(a, w)| i32::from(*a) * i32::from(*w)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_definition() {
        let weight = [1, -2, 3, 0, 5, -128];
        let layer = Pointwise::new(3, &weight, Requantize::new(vec![7, -9], vec![0.25, 0.5], 100), None);
        let mut output = [0; 4];
        layer.run(&[1, 2, 3, 255, 0, 9], &[], &mut [0; 3], &mut output);
        // Row 1: 1-4+9+7 = 13 -> 3.25; 10-384-9 = -383 -> -191.5. Row 2: 255+27+7 = 289 -> 72.25; -1152-9 -> below.
        assert_eq!(output, [103, 0, 172, 0]);
    }

    #[test]
    fn adds_the_skipped_input() {
        let residual = Some(Residual { zero_point: 50, multiplier: 2.0 });
        let layer = Pointwise::new(1, &[1], Requantize::new(vec![0], vec![1.0], 0), residual);
        let mut output = [0; 2];
        layer.run(&[3, 4], &[51, 60], &mut [0; 1], &mut output);
        assert_eq!(output, [5, 24]);
    }
}

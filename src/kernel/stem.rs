//! Stem: the first convolution, 3x3 over the picture's three channels at stride 2.
//!
//! Its input is the picture's own bytes (mean and deviation are folded into the weights), so what a float network
//! pads with zero is here padded with the byte nearest to the mean.

use super::depthwise::Windows;
use super::pointwise::dots;
use super::requantize::Requantize;

const PATCH: usize = 27;

/// The packed first convolution.
#[derive(Clone, Debug)]
pub struct Stem {
    windows: Windows,
    padding: [u8; 3],
    weight: Vec<i16>,
    requantize: Requantize,
}

impl Stem {
    /// `weight` is `[outputs][3][3][3]`, the last three being red, green, blue; `padding` is the colour around the picture.
    pub fn new(windows: Windows, padding: [u8; 3], weight: &[i8], requantize: Requantize) -> Self {
        assert_eq!(weight.len(), PATCH * requantize.channels());
        Self { windows, padding, weight: weight.iter().map(|w| i16::from(*w)).collect(), requantize }
    }

    /// `input` is `[in_side][in_side][3]`, `output` `[out_side][out_side][outputs]`.
    pub fn run(&self, input: &[u8], output: &mut [u8]) {
        let outputs = self.requantize.channels();
        for (position, output) in output.chunks_exact_mut(outputs).enumerate() {
            let (y, x) = (position / self.windows.out_side, position % self.windows.out_side);
            let mut patch: [i16; PATCH] = std::array::from_fn(|at| i16::from(self.padding[at % 3]));
            for (tap, pixel) in self.windows.taps(y, x) {
                for channel in 0..3 {
                    patch[tap * 3 + channel] = i16::from(input[pixel * 3 + channel]);
                }
            }
            for (channel, (weight, byte)) in self.weight.chunks_exact(PATCH).zip(output).enumerate() {
                let [sum] = dots([&patch], weight);
                *byte = self.requantize.apply(channel, sum);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_border_is_the_padding_colour() {
        let windows = Windows { in_side: 2, out_side: 1, stride: 2, before: 0 };
        let sum_of_green: Vec<i8> = (0..PATCH).map(|at| i8::from(at % 3 == 1)).collect();
        let stem = Stem::new(windows, [200, 10, 200], &sum_of_green, Requantize::new(vec![0], vec![1.0], 0));
        let mut output = [0];
        stem.run(&[9, 1, 9, 9, 2, 9, 9, 3, 9, 9, 4, 9], &mut output);
        assert_eq!(output, [1 + 2 + 3 + 4 + 5 * 10]);
    }
}

//! Depthwise: a 3x3 convolution of each channel with its own nine weights, at stride 1 or 2.
//!
//! Its input always comes from a ReLU6, whose zero is byte 0, so the padding contributes nothing and is skipped.

use super::requantize::Requantize;

/// Where the 3x3 windows of a square picture lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// Side of the input.
    pub in_side: usize,
    /// Side of the output.
    pub out_side: usize,
    /// Distance between windows, 1 or 2.
    pub stride: usize,
    /// Rows of padding above and left of the picture, 0 or 1; below and right there is as much as the last window needs.
    pub before: usize,
}

impl Windows {
    /// For the window at output position `(y, x)`: each tap inside the picture, as (tap 0 to 8, index of its pixel).
    #[inline]
    pub fn taps(self, y: usize, x: usize) -> impl Iterator<Item = (usize, usize)> {
        let inside = move |out: usize, tap: usize| {
            (out * self.stride + tap).checked_sub(self.before).filter(|at| *at < self.in_side)
        };
        (0..9).filter_map(move |tap| Some((tap, inside(y, tap / 3)? * self.in_side + inside(x, tap % 3)?)))
    }
}

/// A packed depthwise convolution.
#[derive(Clone, Debug)]
pub struct Depthwise {
    windows: Windows,
    weight: Vec<i16>,
    requantize: Requantize,
}

impl Depthwise {
    /// `weight` is `[3][3][channels]`.
    pub fn new(windows: Windows, weight: &[i8], requantize: Requantize) -> Self {
        assert_eq!(weight.len(), 9 * requantize.channels());
        Self { windows, weight: weight.iter().map(|w| i16::from(*w)).collect(), requantize }
    }

    /// `input` is `[in_side][in_side][channels]`, `output` `[out_side][out_side][channels]`; `scratch` holds at
    /// least `channels`.
    pub fn run(&self, input: &[u8], scratch: &mut [i32], output: &mut [u8]) {
        let channels = self.requantize.channels();
        let sums = &mut scratch[..channels];
        for (position, output) in output.chunks_exact_mut(channels).enumerate() {
            let (y, x) = (position / self.windows.out_side, position % self.windows.out_side);
            sums.fill(0);
            for (tap, pixel) in self.windows.taps(y, x) {
                let bytes = &input[pixel * channels..][..channels];
                let weight = &self.weight[tap * channels..][..channels];
                for ((sum, byte), weight) in sums.iter_mut().zip(bytes).zip(weight) {
                    *sum += i32::from(i16::from(*byte)) * i32::from(*weight);
                }
            }
            for (channel, (sum, byte)) in sums.iter().zip(output).enumerate() {
                *byte = self.requantize.apply(channel, *sum);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(windows: Windows, input: &[u8], weight: &[i8]) -> Vec<u8> {
        let layer = Depthwise::new(windows, weight, Requantize::new(vec![0], vec![1.0], 0));
        let mut output = vec![0; windows.out_side * windows.out_side];
        layer.run(input, &mut [0; 1], &mut output);
        output
    }

    #[test]
    fn stride_one_sees_padding_all_round() {
        let windows = Windows { in_side: 3, out_side: 3, stride: 1, before: 1 };
        assert_eq!(run(windows, &[1; 9], &[1; 9]), [4, 6, 4, 6, 9, 6, 4, 6, 4]);
    }

    #[test]
    fn stride_two_follows_the_padding_rule() {
        let input: Vec<u8> = (1..=16).collect();
        let center = [0, 0, 0, 0, 1, 0, 0, 0, 0];
        let same = Windows { in_side: 4, out_side: 2, stride: 2, before: 0 };
        assert_eq!(run(same, &input, &center), [6, 8, 14, 16]);
        let symmetric = Windows { before: 1, ..same };
        assert_eq!(run(symmetric, &input, &center), [1, 3, 9, 11]);
    }
}

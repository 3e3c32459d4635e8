//! Requantise: a 32-bit sum becomes an 8-bit activation again.
//!
//! One IEEE conversion, one multiply, a clamp and a rounding to nearest even, in that order and never fused, so
//! that every machine gives the same byte. Rounding is done by adding 1.5 * 2^23, at which a float has no
//! fraction bits left: exact for every value the clamp lets through, and far cheaper than a call to `round` on
//! machines without such an instruction.

const ROUND: f32 = 12_582_912.0;

/// The last step of a layer: which float each 32-bit sum stands for, and how that float is stored in a byte.
#[derive(Clone, Debug)]
pub struct Requantize {
    bias: Vec<i32>,
    multiplier: Vec<f32>,
    zero_point: u8,
}

/// A block's own input, added to its output before that is rounded.
#[derive(Clone, Copy, Debug)]
pub struct Residual {
    /// Which byte of the block's input stands for zero.
    pub zero_point: u8,
    /// The input's scale over the output's.
    pub multiplier: f32,
}

impl Requantize {
    /// `bias` in units of the sum, `multiplier` from the sum to output levels, both one a channel; `zero_point` is the
    /// byte that stands for zero.
    pub fn new(bias: Vec<i32>, multiplier: Vec<f32>, zero_point: u8) -> Self {
        assert_eq!(bias.len(), multiplier.len(), "one bias and one multiplier a channel");
        Self { bias, multiplier, zero_point }
    }

    /// Number of channels.
    pub fn channels(&self) -> usize {
        self.bias.len()
    }

    /// The byte for the sum of products of one channel.
    #[inline]
    pub fn apply(&self, channel: usize, sum: i32) -> u8 {
        self.store((sum + self.bias[channel]) as f32 * self.multiplier[channel])
    }

    /// The same with the block's input `byte` added.
    #[inline]
    pub fn apply_residual(&self, channel: usize, sum: i32, residual: Residual, byte: u8) -> u8 {
        let skipped = (i32::from(byte) - i32::from(residual.zero_point)) as f32 * residual.multiplier;
        self.store((sum + self.bias[channel]) as f32 * self.multiplier[channel] + skipped)
    }

    #[inline]
    fn store(&self, level: f32) -> u8 {
        let zero_point = f32::from(self.zero_point);
        let clamped = level.clamp(-zero_point, 255.0 - zero_point);
        let rounded = (clamped + ROUND).to_bits() as i32 - ROUND.to_bits() as i32;
        (rounded + i32::from(self.zero_point)) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_to_nearest_even_like_ieee() {
        for zero_point in [0u8, 1, 77, 128, 255] {
            let requantize = Requantize::new(vec![0], vec![0.125], zero_point);
            for sum in -3000..3000 {
                let expected = (sum as f32 * 0.125).round_ties_even() + f32::from(zero_point);
                let expected = expected.clamp(0.0, 255.0) as u8;
                assert_eq!(requantize.apply(0, sum), expected, "sum {sum}, zero point {zero_point}");
            }
        }
    }

    #[test]
    fn extreme_sums_saturate() {
        let requantize = Requantize::new(vec![0], vec![1.0e30], 3);
        assert_eq!(requantize.apply(0, i32::MAX), 255);
        assert_eq!(requantize.apply(0, i32::MIN), 0);
    }

    #[test]
    fn the_residual_is_added_before_rounding() {
        let requantize = Requantize::new(vec![0], vec![0.5], 10);
        let residual = Residual { zero_point: 4, multiplier: 0.5 };
        // 0.5 + 0.5 is 1; rounded apart they would be 0 and 0.
        assert_eq!(requantize.apply_residual(0, 1, residual, 5), 11);
    }
}

//! Requantise: a 32-bit sum becomes an 8-bit activation again.
//!
//! One IEEE conversion, one multiply, a clamp and a rounding to nearest even, in that order and never fused, so
//! that every machine gives the same byte. Rounding is done by adding 1.5 * 2^23, at which a float has no
//! fraction bits left: exact for every value that the clamp lets through, and an addition where wasm's own rounding and
//! conversion are a dozen instructions (14.3 against 6.9 ms for all pointwise layers, together with packed rows).

use std::borrow::Cow;

use super::lanes::Lanes;

const ROUND: f32 = 12_582_912.0;

/// How far from zero a level may lie before it is clamped, which `Backbone::validate` sees to.
///
/// The vectors clamp last of all, when the byte is cut: a level that is too large or too small stays so in the bits of
/// the rounded float, as long as adding 1.5 * 2^23 leaves that positive.
pub const LEVEL_LIMIT: f32 = 12_000_000.0;

/// The last step of a layer: which float each 32-bit sum stands for, and how that float is stored in a byte.
#[derive(Clone, Debug)]
pub struct Requantize {
    bias: Vec<i32>,
    multiplier: Vec<f32>,
    zero_point: u8,
}

/// A block's own input, added to its output before that is rounded.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
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

    /// The same for lanes whose inputs are 128 lower, as they read bytes as signed: `sums` has the weights of each channel, added up.
    /// Other lanes do not ask for them.
    pub(crate) fn read_by<L: Lanes>(&self, lanes: L, sums: impl Iterator<Item = i32>) -> Cow<'_, Self> {
        if lanes.flip() == 0 {
            return Cow::Borrowed(self);
        }
        let bias = self.bias.iter().zip(sums).map(|(bias, sum)| bias.wrapping_add(128 * sum)).collect();
        Cow::Owned(Self { bias, ..self.clone() })
    }

    /// Number of channels.
    pub fn channels(&self) -> usize {
        self.bias.len()
    }

    /// The byte for the sum of products of one channel.
    pub fn apply(&self, channel: usize, sum: i32) -> u8 {
        self.store((sum + self.bias[channel]) as f32 * self.multiplier[channel])
    }

    /// The same with the block's input `byte` added.
    pub fn apply_residual(&self, channel: usize, sum: i32, residual: Residual, byte: u8) -> u8 {
        let skipped = (i32::from(byte) - i32::from(residual.zero_point)) as f32 * residual.multiplier;
        self.store((sum + self.bias[channel]) as f32 * self.multiplier[channel] + skipped)
    }

    fn store(&self, level: f32) -> u8 {
        let zero_point = f32::from(self.zero_point);
        let clamped = level.clamp(-zero_point, 255.0 - zero_point);
        let rounded = (clamped + ROUND).to_bits() as i32 - ROUND.to_bits() as i32;
        (rounded + i32::from(self.zero_point)) as u8
    }

    /// Where panels of `width` channels start: one after another, the last one pulled back so that it is whole.
    ///
    /// What two panels share is computed twice, which is cheaper than a second kernel for the rest.
    ///
    /// # Panics
    /// When there are fewer channels than a panel has.
    pub(crate) fn starts(&self, width: usize) -> impl Iterator<Item = usize> {
        let last = self.channels().checked_sub(width).expect("at least one panel of channels");
        (0..self.channels()).step_by(width).map(move |start| start.min(last))
    }
}

/// The numbers of one panel of channels, in vectors.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct Panel<L: Lanes> {
    /// Its first channel.
    pub start: usize,
    /// What sums start from.
    pub bias: [L::I32; 2],
    multiplier: [L::F32; 2],
    /// What the bits of a rounded level are too large by.
    offset: L::I32,
}

impl<L: Lanes> Panel<L> {
    pub fn new(lanes: L, requantize: &Requantize, start: usize) -> Self {
        Self {
            start,
            bias: lanes.halves(&requantize.bias[start..]),
            multiplier: lanes.halves_f32(&requantize.multiplier[start..]),
            offset: lanes.splat_i32(ROUND.to_bits() as i32 - i32::from(requantize.zero_point) - L::STORE_OFFSET),
        }
    }

    /// Levels of sums that started from the bias.
    #[inline(always)]
    pub fn levels(&self, lanes: L, [low, high]: [L::I32; 2]) -> [L::F32; 2] {
        [lanes.multiply(lanes.to_f32(low), self.multiplier[0]), lanes.multiply(lanes.to_f32(high), self.multiplier[1])]
    }

    /// Stores levels, rounded.
    #[inline(always)]
    pub fn store(&self, lanes: L, [low, high]: [L::F32; 2], bytes: &mut [u8]) {
        let round = lanes.splat_f32(ROUND);
        let low = lanes.subtract(lanes.bits(lanes.add_f32(low, round)), self.offset);
        let high = lanes.subtract(lanes.bits(lanes.add_f32(high, round)), self.offset);
        lanes.store([low, high], bytes);
    }
}

impl Residual {
    /// Adds what the block's input stands for to levels.
    #[inline(always)]
    pub(crate) fn add<L: Lanes>(self, lanes: L, [low, high]: [L::F32; 2], skipped: &[u8]) -> [L::F32; 2] {
        let skipped = lanes.zip(lanes.widen(skipped), lanes.splat(0));
        [lanes.add_f32(low, self.level(lanes, skipped[0])), lanes.add_f32(high, self.level(lanes, skipped[1]))]
    }

    /// What bytes that are zipped with zeros add to the level.
    #[inline(always)]
    fn level<L: Lanes>(self, lanes: L, skipped: L::I16) -> L::F32 {
        let zero_point = lanes.splat_i32(i32::from(self.zero_point));
        let distance = lanes.subtract(lanes.dot(skipped, lanes.splat(1)), zero_point);
        lanes.multiply(lanes.to_f32(distance), lanes.splat_f32(self.multiplier))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{ForEachLanes, for_each_lanes, shapes};

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

    /// Vectors equal the scalar on sums that reach as far as levels may, at multipliers from tiny to absurd.
    struct Extremes;

    impl ForEachLanes for Extremes {
        fn with<L: Lanes>(&self, lanes: L) {
            let sums = (0..31).flat_map(|bit| [1i32 << bit, -(1 << bit), (1 << bit) + 1, 3 - (1 << bit)]);
            let sums: Vec<i32> = sums.chain([0, i32::MAX, i32::MIN]).collect();
            let scales = [1.0e-9, 0.003, 0.125, 1.0, 1000.0].into_iter();
            let scales = scales.flat_map(|multiplier| [0, 3, 128, 255].map(|zero_point| (multiplier, zero_point)));
            let all =
                scales.flat_map(|(multiplier, zero_point)| sums.iter().map(move |sum| (multiplier, zero_point, *sum)));
            let allowed =
                |(multiplier, _, sum): &(f32, u8, i32)| (*sum as f32 * multiplier).abs() <= LEVEL_LIMIT - 100.0;
            for (multiplier, zero_point, sum) in shapes(all.filter(allowed)) {
                one(lanes, &Requantize::new(vec![0; L::WIDTH], vec![multiplier; L::WIDTH], zero_point), sum);
            }
        }
    }

    fn one<L: Lanes>(lanes: L, requantize: &Requantize, sum: i32) {
        let panel = Panel::new(lanes, requantize, 0);
        let residual = Residual { zero_point: 9, multiplier: 0.37 };
        let halves = lanes.halves(&vec![sum; L::WIDTH]);
        let (mut plain, mut with_residual) = (vec![0; L::WIDTH], vec![0; L::WIDTH]);
        let skipped: Vec<u8> = (0..L::WIDTH).map(|lane| (lane * 16) as u8).collect();
        let levels = panel.levels(lanes, halves);
        panel.store(lanes, levels, &mut plain);
        panel.store(lanes, residual.add(lanes, levels, &skipped), &mut with_residual);
        for lane in 0..L::WIDTH {
            assert_eq!(plain[lane], requantize.apply(lane, sum), "{sum}, {requantize:?}");
            let expected = requantize.apply_residual(lane, sum, residual, skipped[lane]);
            assert_eq!(with_residual[lane], expected, "{sum} + {}, {requantize:?}", skipped[lane]);
        }
    }

    #[test]
    fn vectors_equal_the_scalar() {
        for_each_lanes(&Extremes);
    }
}

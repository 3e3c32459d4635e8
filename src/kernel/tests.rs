//! What the tests of all kernels share: every set of lanes of this machine, and shapes filled with grown numbers.

use super::lanes::{Lanes, Portable, PortableBytes};
use super::requantize::Requantize;

/// A test that has to pass with every set of lanes.
pub trait ForEachLanes {
    fn with<L: Lanes>(&self, lanes: L);
}

/// Runs a test with each set of lanes that this machine has. The browser runs these very tests with its own.
pub fn for_each_lanes(test: &impl ForEachLanes) {
    test.with(Portable::new());
    test.with(PortableBytes::unsigned());
    test.with(PortableBytes::signed());
    #[cfg(target_arch = "x86_64")]
    {
        use super::lanes::{Avx2, Avx512Vnni, AvxVnni};
        Avx2::detect().into_iter().for_each(|lanes| test.with(lanes));
        AvxVnni::detect().into_iter().for_each(|lanes| test.with(lanes));
        Avx512Vnni::detect().into_iter().for_each(|lanes| test.with(lanes));
    }
    #[cfg(target_arch = "aarch64")]
    {
        use super::lanes::{Neon, NeonDot};
        test.with(Neon::new());
        NeonDot::detect().into_iter().for_each(|lanes| test.with(lanes));
    }
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    test.with(super::lanes::Simd128::new());
}

/// The shapes themselves; of many, every so-manieth under Miri, which checks every read and write and takes a thousand times as long.
/// The step has no divisor in common with the ranges that shapes are made of, so that every tail length is among them.
pub fn shapes<T>(all: impl IntoIterator<Item = T>) -> impl Iterator<Item = T> {
    all.into_iter().step_by(if cfg!(miri) { 37 } else { 1 })
}

/// Whether a shape of this many multiplications is tried: under Miri, which makes some hundred a second, only a small one.
pub fn is_tried(multiplications: usize) -> bool {
    !cfg!(miri) || multiplications <= 500
}

/// Numbers that reach their extremes often, from SplitMix64.
pub struct Grown(u64);

impl Grown {
    pub fn new() -> Self {
        Self(7)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to 1, the latter excluded.
    fn uniform(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u32 << 24) as f32
    }

    pub fn byte(&mut self) -> u8 {
        let grown = self.next();
        match grown >> 61 {
            0 => 0,
            1 => 255,
            _ => grown as u8,
        }
    }

    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.byte()).collect()
    }

    pub fn weights(&mut self, count: usize) -> Vec<i8> {
        (0..count).map(|_| self.byte() as i8).collect()
    }

    /// Scales at which about half of the sums of this many products are inside the range of a byte.
    pub fn requantize(&mut self, channels: usize, inputs: usize) -> Requantize {
        let reach = 10_000.0 * (inputs as f32).sqrt();
        let bias = (0..channels).map(|_| ((self.uniform() - 0.5) * reach) as i32).collect();
        let multiplier = (0..channels).map(|_| (0.5 + self.uniform()) * 128.0 / reach).collect();
        Requantize::new(bias, multiplier, self.byte())
    }
}

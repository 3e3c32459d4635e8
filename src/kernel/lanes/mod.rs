//! Lanes: the few vector operations that the kernels are written in, so that each kernel is written once.
//!
//! The product is `i16 x i16` summed in pairs into `i32`: one instruction on x86 (`pmaddwd`) and in wasm
//! (`i32x4.dot_i16x8_s`), exact, and measured in Chromium as fast as the relaxed int8 product (80 against 84 Gop/s in a
//! matrix loop), which gives other answers on other machines. Where a machine multiplies bytes as exactly, rows of a matrix are
//! held as such: how many inputs make a word is the lanes' own affair. A value of a type that implements [`Lanes`] is the
//! proof that the machine has the instructions, so that the operations themselves are safe to call.
//!
//! The two halves of a wide result are in *zip order*: the order in which [`Lanes::zip`] leaves 16-bit numbers and from
//! which [`Lanes::store`] restores them. With 128 bits that is the natural order; AVX2 interleaves within its two
//! halves, and restoring would cost a shuffle at every step instead of none.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "aarch64")]
mod neon;
mod portable;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128;

#[cfg(target_arch = "x86_64")]
pub use avx2::{Avx2, Vnni};
#[cfg(target_arch = "aarch64")]
pub use neon::Neon;
pub use portable::Portable;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub use simd128::Simd128;

use std::fmt::Debug;

/// A set of vector instructions that this machine has.
pub trait Lanes: Copy + Debug + Send + Sync + 'static {
    /// [`Lanes::WIDTH`] 16-bit numbers.
    type I16: Copy + Debug + Send + Sync;
    /// Half as many 32-bit numbers.
    type I32: Copy + Debug + Send + Sync;
    /// As many floats as 32-bit numbers.
    type F32: Copy + Debug + Send + Sync;

    /// Bytes that are worked on at once: channels in a panel.
    const WIDTH: usize;
    /// Inputs in a word of a matrix product: two of 16 bits, or four bytes.
    const INPUTS: usize = 2;

    /// Runs `work` compiled for these instructions; what it calls has to be inlined into it.
    fn run<R>(self, work: impl FnOnce() -> R) -> R;

    /// The same two 16-bit numbers, held in one word, all over.
    fn splat(self, word: i32) -> Self::I16;
    /// The first [`Lanes::WIDTH`] numbers.
    fn load(self, numbers: &[i16]) -> Self::I16;
    /// The first [`Lanes::WIDTH`] bytes.
    fn widen(self, bytes: &[u8]) -> Self::I16;
    /// Numbers of `a` and `b` in turn; the halves are in zip order.
    fn zip(self, a: Self::I16, b: Self::I16) -> [Self::I16; 2];
    /// Products of neighbours, added up: `a[2i] * b[2i] + a[2i + 1] * b[2i + 1]`.
    fn dot(self, a: Self::I16, b: Self::I16) -> Self::I32;

    /// As many as [`Lanes::INPUTS`] neighbouring inputs of a row, or their weights, in one word; zeros where there are fewer.
    #[inline(always)]
    fn word<N: Copy + Into<i32>>(numbers: &[N]) -> i32 {
        let bits = 32 / Self::INPUTS;
        let part = |(at, number): (usize, &N)| ((*number).into() & ((1 << bits) - 1)) << (bits * at);
        numbers.iter().enumerate().map(part).fold(0, |word, part| word | part)
    }
    /// Four rows of eight bytes become four columns of words: word `[i][row]` is the `i`-th of that row.
    fn transpose(self, rows: [&[u8; 8]; 4], words: &mut [i32]);
    /// Adds the products of a word of inputs with words of weights.
    fn accumulate(self, sums: Self::I32, word: i32, weights: Self::I32) -> Self::I32;

    /// [`Lanes::WIDTH`] numbers as two halves in zip order.
    fn halves(self, numbers: &[i32]) -> [Self::I32; 2];
    /// The same word all over.
    fn splat_i32(self, word: i32) -> Self::I32;
    /// Sums.
    fn add(self, a: Self::I32, b: Self::I32) -> Self::I32;
    /// Differences.
    fn subtract(self, a: Self::I32, b: Self::I32) -> Self::I32;
    /// Multiplied by a power of two.
    fn shift_left<const BITS: i32>(self, a: Self::I32) -> Self::I32;
    /// Divided by a power of two, rounded down.
    fn shift_right<const BITS: i32>(self, a: Self::I32) -> Self::I32;
    /// What [`Lanes::store`] wants to be added to every number.
    const STORE_OFFSET: i32 = 0;
    /// Both halves, each number less [`Lanes::STORE_OFFSET`] cut to 0 to 255, into the first [`Lanes::WIDTH`] bytes.
    fn store(self, halves: [Self::I32; 2], bytes: &mut [u8]);
    /// Both halves into the first [`Lanes::WIDTH`] words.
    fn store_words(self, halves: [Self::I32; 2], words: &mut [i32]);

    /// [`Lanes::WIDTH`] floats as two halves in zip order.
    fn halves_f32(self, numbers: &[f32]) -> [Self::F32; 2];
    /// The same float all over.
    fn splat_f32(self, number: f32) -> Self::F32;
    /// The nearest floats.
    fn to_f32(self, a: Self::I32) -> Self::F32;
    /// The floats' bits.
    fn bits(self, a: Self::F32) -> Self::I32;
    /// Sums, each rounded.
    fn add_f32(self, a: Self::F32, b: Self::F32) -> Self::F32;
    /// Products, each rounded.
    fn multiply(self, a: Self::F32, b: Self::F32) -> Self::F32;

    /// `WIDTH / 4` pixels of 3 or 4 bytes from the first [`Lanes::WIDTH`] bytes, channels of two neighbours zipped:
    /// `r0 r1 g0 g1 b0 b1 x x`. What the last two lanes hold is nobody's concern.
    fn pixels<const CHANNELS: usize>(self, bytes: &[u8]) -> Self::I16;
    /// Groups of four numbers added up, rounded, the lowest bits dropped, cut to 0 to 255.
    fn store_pixel<const BITS: i32>(self, sums: Self::I32, bytes: &mut [u8; 4]);
}

/// Something that is made or run with whichever instructions this machine has.
pub trait WithLanes {
    /// What comes of it.
    type Output;
    /// Does it.
    fn with<L: Lanes>(self, lanes: L) -> Self::Output;
}

/// Does `work` with the widest instructions of this machine.
pub fn with_best<W: WithLanes>(work: W) -> W::Output {
    #[cfg(target_arch = "x86_64")]
    if let Some(lanes) = Vnni::detect() {
        return work.with(lanes);
    }
    #[cfg(target_arch = "x86_64")]
    if let Some(lanes) = Avx2::detect() {
        return work.with(lanes);
    }
    #[cfg(target_arch = "aarch64")]
    return work.with(Neon);
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    return work.with(Simd128);
    #[cfg(not(any(target_arch = "aarch64", all(target_arch = "wasm32", target_feature = "simd128"))))]
    work.with(Portable)
}

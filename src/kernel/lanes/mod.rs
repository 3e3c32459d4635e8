//! Lanes: the few vector operations that the kernels are written in, so that each kernel is written once.
//!
//! There are two exact products. Every machine has `i16 x i16` summed in pairs into `i32`: one instruction on x86 (`pmaddwd`) and in wasm
//! (`i32x4.dot_i16x8_s`). Newer ones also multiply bytes and sum four products without a detour over 16 bits, 2.2 times as fast
//! (Chromium 156 on a Xeon with AVX-VNNI, Nov 2026: 78 and 172 Gop/s): how many inputs make a word is the lanes' own affair. A value of a
//! type that implements [`Lanes`] is the proof that the machine has the instructions, so that the operations themselves are safe to call.
//!
//! Activations are unsigned bytes. Where the instruction reads them as signed (ARM), each is packed 128 lower, which is a flipped
//! highest bit, and the bias gets 128 times the sum of the weights: the same sum to the bit.
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
pub use avx2::{Avx2, Avx512Vnni, AvxVnni};
#[cfg(target_arch = "aarch64")]
pub use neon::{Neon, NeonDot};
pub use portable::{Portable, PortableBytes};
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub use simd128::{Simd128, SimdBytes};

use std::fmt::Debug;

/// The highest bit of each of four bytes.
pub(crate) const SIGNED: i32 = 0x8080_8080_u32 as i32;

/// No lanes are wider.
pub(crate) const MOST: usize = 16;

/// A loop of another module of this program: it is given the address of its job.
pub type Elsewhere = unsafe extern "C" fn(*mut ());

/// A set of vector instructions that this machine has.
pub trait Lanes: Copy + Debug + Send + Sync + 'static {
    /// [`Lanes::WIDTH`] 16-bit numbers.
    type I16: Copy + Debug + Send + Sync;
    /// Half as many 32-bit numbers.
    type I32: Copy + Debug + Send + Sync;
    /// As many floats as 32-bit numbers.
    type F32: Copy + Debug + Send + Sync;

    /// Which of the sets it is.
    const SET: LaneSet;
    /// Bytes that are worked on at once: channels in a panel.
    const WIDTH: usize;
    /// Rows of a matrix product that are multiplied at once where there are enough: 4, 6 or 8, each with two sums in registers.
    const AT_ONCE: usize = 4;
    /// Inputs in a word of a matrix product: two of 16 bits, or four bytes.
    const INPUTS: usize = 2;
    /// The lowest weight of a matrix with which products are exact.
    const LOWEST_WEIGHT: i8 = i8::MIN;

    /// What each word of inputs is xored with when it is packed: zero, or the highest bit of each byte where bytes are read as signed.
    fn flip(self) -> i32 {
        0
    }

    /// The loop of this number ([`Loop`](crate::job::Loop)) where the instructions are in a module of their own.
    fn elsewhere(self, _: usize) -> Option<Elsewhere> {
        None
    }

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
    /// Three rows of bytes, the first [`Lanes::WIDTH`] of each, as words of inputs of four bytes, the last of which is nobody's
    /// concern: word `i` has the `i`-th byte of each row. Only lanes with such words are asked.
    fn stack(self, [a, b, c]: [&[u8]; 3]) -> [Self::I32; 2] {
        let words: [i32; MOST] = std::array::from_fn(|at| match at < Self::WIDTH {
            true => i32::from_le_bytes([a[at], b[at], c[at], 0]) ^ self.flip(),
            false => 0,
        });
        self.halves(&words)
    }
    /// Adds the products of words of inputs with words of weights.
    fn accumulate(self, sums: Self::I32, inputs: Self::I32, weights: Self::I32) -> Self::I32;

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

/// The sets of lanes that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaneSet {
    /// Plain arrays, for any machine.
    Portable,
    /// 256 bits, products of 16-bit numbers.
    Avx2,
    /// 256 bits, products of bytes, as processors have them that also have AVX-512.
    Avx512Vnni,
    /// The same as processors without AVX-512 have them.
    AvxVnni,
    /// ARM's 128 bits, products of 16-bit numbers.
    Neon,
    /// The same with the dot product extension: products of bytes.
    NeonDot,
    /// WebAssembly's 128 bits, products of 16-bit numbers.
    Simd128,
    /// The same with products of bytes, which are in a module of their own.
    SimdBytes,
}

impl LaneSet {
    /// Those that this machine has, the fastest first.
    pub fn available() -> Vec<Self> {
        let mut sets = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            sets.extend(Avx512Vnni::detect().map(|_| Self::Avx512Vnni));
            sets.extend(AvxVnni::detect().map(|_| Self::AvxVnni));
            sets.extend(Avx2::detect().map(|_| Self::Avx2));
        }
        #[cfg(target_arch = "aarch64")]
        {
            sets.extend(NeonDot::detect().map(|_| Self::NeonDot));
            sets.push(Self::Neon);
        }
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        {
            sets.extend(SimdBytes::linked().map(|_| Self::SimdBytes));
            sets.push(Self::Simd128);
        }
        sets.push(Self::Portable);
        sets
    }

    /// What it is called where people read it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512Vnni => "avx512-vnni",
            Self::AvxVnni => "avx-vnni",
            Self::Neon => "neon",
            Self::NeonDot => "neon-dot",
            Self::Simd128 => "simd128",
            Self::SimdBytes => "relaxed-simd",
        }
    }

    /// Does `work` with these lanes, or with [`Portable`] where this machine does not have them.
    pub fn with<W: WithLanes>(self, work: W) -> W::Output {
        #[cfg(target_arch = "x86_64")]
        match self {
            Self::Avx512Vnni => {
                if let Some(lanes) = Avx512Vnni::detect() {
                    return work.with(lanes);
                }
            }
            Self::AvxVnni => {
                if let Some(lanes) = AvxVnni::detect() {
                    return work.with(lanes);
                }
            }
            Self::Avx2 => {
                if let Some(lanes) = Avx2::detect() {
                    return work.with(lanes);
                }
            }
            _ => {}
        }
        #[cfg(target_arch = "aarch64")]
        match self {
            Self::NeonDot => {
                if let Some(lanes) = NeonDot::detect() {
                    return work.with(lanes);
                }
            }
            Self::Neon => return work.with(Neon::new()),
            _ => {}
        }
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        match self {
            Self::SimdBytes => {
                if let Some(lanes) = SimdBytes::linked() {
                    return work.with(lanes);
                }
            }
            Self::Simd128 => return work.with(Simd128::new()),
            _ => {}
        }
        work.with(Portable::new())
    }
}

/// Does `work` with the widest lanes of this machine that multiply 16-bit numbers.
pub fn with_pairs<W: WithLanes>(work: W) -> W::Output {
    #[cfg(target_arch = "x86_64")]
    if let Some(lanes) = Avx2::detect() {
        return work.with(lanes);
    }
    #[cfg(target_arch = "aarch64")]
    return work.with(Neon::new());
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    return work.with(Simd128::new());
    #[cfg(not(any(target_arch = "aarch64", all(target_arch = "wasm32", target_feature = "simd128"))))]
    work.with(Portable::new())
}

/// Does `work` with the fastest lanes of this machine.
pub fn with_best<W: WithLanes>(work: W) -> W::Output {
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    match SimdBytes::linked() {
        Some(lanes) => work.with(lanes),
        None => work.with(Simd128::new()),
    }
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    LaneSet::available()[0].with(work)
}

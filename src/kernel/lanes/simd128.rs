//! WebAssembly's SIMD: 128 bits, eight bytes at once.
//!
//! The crate is compiled for it as a whole, so only loads and stores are unsafe; a slice is asked for its length before
//! its pointer is used. The one relaxed instruction, the product of bytes, is in the side module alone (see [`crate::link`]): a browser
//! without it refuses every module that names it.

#![allow(unsafe_code)]

use std::arch::wasm32::*;

use super::{Elsewhere, LaneSet, Lanes};
use crate::link;

/// WebAssembly's vector instructions, with products of bytes if `BYTES`.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct Simd<const BYTES: bool> {
    flip: i32,
}

/// Fixed-width SIMD alone, in every browser since 2023.
pub type Simd128 = Simd<false>;
/// With the relaxed product of bytes.
pub type SimdBytes = Simd<true>;

impl Simd128 {
    /// The crate is compiled for them.
    pub fn new() -> Self {
        Self { flip: 0 }
    }
}

impl Default for Simd128 {
    fn default() -> Self {
        Self::new()
    }
}

impl SimdBytes {
    /// Asks whether the side module is linked, and how it reads bytes.
    pub fn linked() -> Option<Self> {
        link::reading().map(|reading| Self { flip: if reading == link::Reading::Signed { super::SIGNED } else { 0 } })
    }
}

// SAFETY of every block below: the lengths of slices are checked.
impl<const BYTES: bool> Lanes for Simd<BYTES> {
    type I16 = v128;
    type I32 = v128;
    type F32 = v128;

    const SET: LaneSet = if BYTES { LaneSet::SimdBytes } else { LaneSet::Simd128 };
    const WIDTH: usize = 8;
    // Read as signed, two products of -128 and -128 are one too many for the 16 bits that a browser may put them through.
    const LOWEST_WEIGHT: i8 = if BYTES { -127 } else { -128 };
    const INPUTS: usize = if BYTES { 4 } else { 2 };

    #[inline(always)]
    fn flip(self) -> i32 {
        self.flip
    }

    #[inline(always)]
    fn elsewhere(self, number: usize) -> Option<Elsewhere> {
        (BYTES && cfg!(not(side_module))).then(|| link::function(number))
    }

    #[inline(always)]
    fn run<R>(self, work: impl FnOnce() -> R) -> R {
        work()
    }

    #[inline(always)]
    fn splat(self, word: i32) -> v128 {
        i32x4_splat(word)
    }

    #[inline(always)]
    fn load(self, numbers: &[i16]) -> v128 {
        unsafe { v128_load(numbers[..8].as_ptr().cast()) }
    }

    #[inline(always)]
    fn widen(self, bytes: &[u8]) -> v128 {
        unsafe { i16x8_load_extend_u8x8(bytes[..8].as_ptr()) }
    }

    #[inline(always)]
    fn zip(self, a: v128, b: v128) -> [v128; 2] {
        [i16x8_shuffle::<0, 8, 1, 9, 2, 10, 3, 11>(a, b), i16x8_shuffle::<4, 12, 5, 13, 6, 14, 7, 15>(a, b)]
    }

    #[inline(always)]
    fn dot(self, a: v128, b: v128) -> v128 {
        i32x4_dot_i16x8(a, b)
    }

    #[inline(always)]
    fn stack(self, rows: [&[u8]; 3]) -> [v128; 2] {
        let [a, b, c] = rows.map(|row| unsafe { v128_load64_zero(row[..8].as_ptr().cast()) });
        let ab = i8x16_shuffle::<0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23>(a, b);
        let cc = i8x16_shuffle::<0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7>(c, c);
        let flip = i32x4_splat(self.flip);
        self.zip(ab, cc).map(|half| v128_xor(half, flip))
    }

    #[inline(always)]
    fn accumulate(self, sums: v128, inputs: v128, weights: v128) -> v128 {
        if !BYTES {
            return i32x4_add(sums, i32x4_dot_i16x8(inputs, weights));
        }
        #[cfg(target_feature = "relaxed-simd")]
        return i32x4_relaxed_dot_i8x16_i7x16_add(weights, inputs, sums);
        #[cfg(not(target_feature = "relaxed-simd"))]
        i32x4_add(sums, exact_dot(inputs, weights, self.flip != 0))
    }

    #[inline(always)]
    fn halves(self, numbers: &[i32]) -> [v128; 2] {
        let pointer: *const v128 = numbers[..8].as_ptr().cast();
        unsafe { [v128_load(pointer), v128_load(pointer.add(1))] }
    }

    #[inline(always)]
    fn splat_i32(self, word: i32) -> v128 {
        i32x4_splat(word)
    }

    #[inline(always)]
    fn add(self, a: v128, b: v128) -> v128 {
        i32x4_add(a, b)
    }

    #[inline(always)]
    fn subtract(self, a: v128, b: v128) -> v128 {
        i32x4_sub(a, b)
    }

    // The compiler (LLVM 21) puts a needless minimum and maximum before the unsigned narrowing, not before the signed one.
    const STORE_OFFSET: i32 = -128;

    #[inline(always)]
    fn shift_left<const BITS: i32>(self, a: v128) -> v128 {
        i32x4_shl(a, BITS as u32)
    }

    #[inline(always)]
    fn shift_right<const BITS: i32>(self, a: v128) -> v128 {
        i32x4_shr(a, BITS as u32)
    }

    #[inline(always)]
    fn store(self, [low, high]: [v128; 2], bytes: &mut [u8]) {
        let wide = i16x8_narrow_i32x4(low, high);
        let narrow = v128_xor(i8x16_narrow_i16x8(wide, wide), i8x16_splat(-128));
        unsafe { v128_store64_lane::<0>(narrow, bytes[..8].as_mut_ptr().cast()) }
    }

    #[inline(always)]
    fn store_words(self, [low, high]: [v128; 2], words: &mut [i32]) {
        let pointer: *mut v128 = words[..8].as_mut_ptr().cast();
        unsafe {
            v128_store(pointer, low);
            v128_store(pointer.add(1), high);
        }
    }

    #[inline(always)]
    fn halves_f32(self, numbers: &[f32]) -> [v128; 2] {
        let pointer: *const v128 = numbers[..8].as_ptr().cast();
        unsafe { [v128_load(pointer), v128_load(pointer.add(1))] }
    }

    #[inline(always)]
    fn splat_f32(self, number: f32) -> v128 {
        f32x4_splat(number)
    }

    #[inline(always)]
    fn to_f32(self, a: v128) -> v128 {
        f32x4_convert_i32x4(a)
    }

    #[inline(always)]
    fn bits(self, a: v128) -> v128 {
        a
    }

    #[inline(always)]
    fn add_f32(self, a: v128, b: v128) -> v128 {
        f32x4_add(a, b)
    }

    #[inline(always)]
    fn multiply(self, a: v128, b: v128) -> v128 {
        f32x4_mul(a, b)
    }

    #[inline(always)]
    fn pixels<const CHANNELS: usize>(self, bytes: &[u8]) -> v128 {
        let bytes = unsafe { v128_load64_zero(bytes[..8].as_ptr().cast()) };
        i16x8_extend_low_u8x16(match CHANNELS {
            3 => i8x16_shuffle::<0, 3, 1, 4, 2, 5, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8>(bytes, bytes),
            _ => i8x16_shuffle::<0, 4, 1, 5, 2, 6, 3, 7, 8, 8, 8, 8, 8, 8, 8, 8>(bytes, bytes),
        })
    }

    #[inline(always)]
    fn store_pixel<const BITS: i32>(self, sums: v128, bytes: &mut [u8; 4]) {
        let levels = i32x4_shr(i32x4_add(sums, i32x4_splat(1 << (BITS - 1))), BITS as u32);
        let wide = i16x8_narrow_i32x4(levels, levels);
        unsafe { v128_store32_lane::<0>(u8x16_narrow_i16x8(wide, wide), bytes.as_mut_ptr().cast()) };
    }

    #[inline(always)]
    fn transpose(self, rows: [&[u8; 8]; 4], words: &mut [i32]) {
        // Written out: a loop over four stays one where the compiler is told to make the file small.
        if BYTES {
            let load = |row: &[u8; 8]| unsafe { v128_load64_zero(row.as_ptr().cast()) };
            let (a, b, c, d) = (load(rows[0]), load(rows[1]), load(rows[2]), load(rows[3]));
            let (ab, cd) = (i32x4_shuffle::<0, 4, 1, 5>(a, b), i32x4_shuffle::<0, 4, 1, 5>(c, d));
            let columns: *mut v128 = words[..8].as_mut_ptr().cast();
            let flip = i32x4_splat(self.flip);
            unsafe {
                v128_store(columns, v128_xor(i64x2_shuffle::<0, 2>(ab, cd), flip));
                v128_store(columns.add(1), v128_xor(i64x2_shuffle::<1, 3>(ab, cd), flip));
            }
            return;
        }
        let (a, b, c, d) = (self.widen(rows[0]), self.widen(rows[1]), self.widen(rows[2]), self.widen(rows[3]));
        let (ab, cd) = (i32x4_shuffle::<0, 4, 1, 5>(a, b), i32x4_shuffle::<0, 4, 1, 5>(c, d));
        let (ab_high, cd_high) = (i32x4_shuffle::<2, 6, 3, 7>(a, b), i32x4_shuffle::<2, 6, 3, 7>(c, d));
        let columns: *mut v128 = words[..16].as_mut_ptr().cast();
        unsafe {
            v128_store(columns, i64x2_shuffle::<0, 2>(ab, cd));
            v128_store(columns.add(1), i64x2_shuffle::<1, 3>(ab, cd));
            v128_store(columns.add(2), i64x2_shuffle::<0, 2>(ab_high, cd_high));
            v128_store(columns.add(3), i64x2_shuffle::<1, 3>(ab_high, cd_high));
        }
    }
}

/// What the relaxed product gives where it is exact, without it: for a side module that tests compile.
#[cfg(not(target_feature = "relaxed-simd"))]
#[inline(always)]
fn exact_dot(inputs: v128, weights: v128, signed: bool) -> v128 {
    let low = if signed { i16x8_extend_low_i8x16(inputs) } else { i16x8_extend_low_u8x16(inputs) };
    let high = if signed { i16x8_extend_high_i8x16(inputs) } else { i16x8_extend_high_u8x16(inputs) };
    let low = i32x4_dot_i16x8(low, i16x8_extend_low_i8x16(weights));
    let high = i32x4_dot_i16x8(high, i16x8_extend_high_i8x16(weights));
    i32x4_add(i32x4_shuffle::<0, 2, 4, 6>(low, high), i32x4_shuffle::<1, 3, 5, 7>(low, high))
}

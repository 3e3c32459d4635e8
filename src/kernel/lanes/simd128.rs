//! WebAssembly's fixed-width SIMD: 128 bits, eight bytes at once.
//!
//! The crate is compiled for it as a whole, so only loads and stores are unsafe; a slice is asked for its length before
//! its pointer is used. Nothing relaxed: those instructions answer differently on different machines.

#![allow(unsafe_code)]

use std::arch::wasm32::*;

use super::Lanes;

/// WebAssembly's vector instructions.
#[derive(Clone, Copy, Debug)]
pub struct Simd128;

// SAFETY of every block below: the lengths of slices are checked.
impl Lanes for Simd128 {
    type I16 = v128;
    type I32 = v128;
    type F32 = v128;

    const WIDTH: usize = 8;

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
    fn accumulate(self, sums: v128, word: i32, weights: v128) -> v128 {
        i32x4_add(sums, i32x4_dot_i16x8(i32x4_splat(word), weights))
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

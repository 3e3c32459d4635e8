//! NEON: 128 bits, eight bytes at once, on every 64-bit ARM processor.
//!
//! Only loads and stores are unsafe; a slice is asked for its length before its pointer is used.

#![allow(unsafe_code)]

use std::arch::aarch64::*;

use super::Lanes;

/// ARM's vector instructions.
#[derive(Clone, Copy, Debug)]
pub struct Neon;

// SAFETY of every block below: 64-bit ARM has NEON; the lengths of slices are checked.
impl Lanes for Neon {
    type I16 = int16x8_t;
    type I32 = int32x4_t;
    type F32 = float32x4_t;

    const WIDTH: usize = 8;

    #[inline(always)]
    fn run<R>(self, work: impl FnOnce() -> R) -> R {
        work()
    }

    #[inline(always)]
    fn splat(self, word: i32) -> int16x8_t {
        unsafe { vreinterpretq_s16_s32(vdupq_n_s32(word)) }
    }

    #[inline(always)]
    fn load(self, numbers: &[i16]) -> int16x8_t {
        unsafe { vld1q_s16(numbers[..8].as_ptr()) }
    }

    #[inline(always)]
    fn widen(self, bytes: &[u8]) -> int16x8_t {
        unsafe { vreinterpretq_s16_u16(vmovl_u8(vld1_u8(bytes[..8].as_ptr()))) }
    }

    #[inline(always)]
    fn zip(self, a: int16x8_t, b: int16x8_t) -> [int16x8_t; 2] {
        unsafe { [vzip1q_s16(a, b), vzip2q_s16(a, b)] }
    }

    #[inline(always)]
    fn dot(self, a: int16x8_t, b: int16x8_t) -> int32x4_t {
        unsafe { vpaddq_s32(vmull_s16(vget_low_s16(a), vget_low_s16(b)), vmull_high_s16(a, b)) }
    }

    #[inline(always)]
    fn accumulate(self, sums: int32x4_t, word: i32, weights: int32x4_t) -> int32x4_t {
        self.add(sums, self.dot(self.splat(word), unsafe { vreinterpretq_s16_s32(weights) }))
    }

    #[inline(always)]
    fn halves(self, numbers: &[i32]) -> [int32x4_t; 2] {
        let pointer = numbers[..8].as_ptr();
        unsafe { [vld1q_s32(pointer), vld1q_s32(pointer.add(4))] }
    }

    #[inline(always)]
    fn splat_i32(self, word: i32) -> int32x4_t {
        unsafe { vdupq_n_s32(word) }
    }

    #[inline(always)]
    fn add(self, a: int32x4_t, b: int32x4_t) -> int32x4_t {
        unsafe { vaddq_s32(a, b) }
    }

    #[inline(always)]
    fn subtract(self, a: int32x4_t, b: int32x4_t) -> int32x4_t {
        unsafe { vsubq_s32(a, b) }
    }

    #[inline(always)]
    fn shift_left<const BITS: i32>(self, a: int32x4_t) -> int32x4_t {
        unsafe { vshlq_n_s32::<BITS>(a) }
    }

    #[inline(always)]
    fn shift_right<const BITS: i32>(self, a: int32x4_t) -> int32x4_t {
        unsafe { vshrq_n_s32::<BITS>(a) }
    }

    #[inline(always)]
    fn store(self, [low, high]: [int32x4_t; 2], bytes: &mut [u8]) {
        unsafe {
            let wide = vcombine_s16(vqmovn_s32(low), vqmovn_s32(high));
            vst1_u8(bytes[..8].as_mut_ptr(), vqmovun_s16(wide));
        }
    }

    #[inline(always)]
    fn store_words(self, [low, high]: [int32x4_t; 2], words: &mut [i32]) {
        let pointer = words[..8].as_mut_ptr();
        unsafe {
            vst1q_s32(pointer, low);
            vst1q_s32(pointer.add(4), high);
        }
    }

    #[inline(always)]
    fn halves_f32(self, numbers: &[f32]) -> [float32x4_t; 2] {
        let pointer = numbers[..8].as_ptr();
        unsafe { [vld1q_f32(pointer), vld1q_f32(pointer.add(4))] }
    }

    #[inline(always)]
    fn splat_f32(self, number: f32) -> float32x4_t {
        unsafe { vdupq_n_f32(number) }
    }

    #[inline(always)]
    fn to_f32(self, a: int32x4_t) -> float32x4_t {
        unsafe { vcvtq_f32_s32(a) }
    }

    #[inline(always)]
    fn bits(self, a: float32x4_t) -> int32x4_t {
        unsafe { vreinterpretq_s32_f32(a) }
    }

    #[inline(always)]
    fn add_f32(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        unsafe { vaddq_f32(a, b) }
    }

    #[inline(always)]
    fn multiply(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        unsafe { vmulq_f32(a, b) }
    }

    #[inline(always)]
    fn pixels<const CHANNELS: usize>(self, bytes: &[u8]) -> int16x8_t {
        unsafe {
            let bytes = vld1_u8(bytes[..8].as_ptr());
            let order = match CHANNELS {
                3 => [0, 3, 1, 4, 2, 5, 7, 7],
                _ => [0, 4, 1, 5, 2, 6, 3, 7],
            };
            vreinterpretq_s16_u16(vmovl_u8(vtbl1_u8(bytes, vld1_u8(order.as_ptr()))))
        }
    }

    #[inline(always)]
    fn store_pixel<const BITS: i32>(self, sums: int32x4_t, bytes: &mut [u8; 4]) {
        unsafe {
            let levels = vshrq_n_s32::<BITS>(vaddq_s32(sums, vdupq_n_s32(1 << (BITS - 1))));
            let wide = vqmovn_s32(levels);
            let narrow = vqmovun_s16(vcombine_s16(wide, wide));
            *bytes = vget_lane_u32::<0>(vreinterpret_u32_u8(narrow)).to_le_bytes();
        }
    }

    #[inline(always)]
    fn transpose(self, rows: [&[u8; 8]; 4], words: &mut [i32]) {
        // Stores that interleave four vectors do the whole transposition.
        unsafe {
            let [a, b, c, d] = rows.map(|row| vreinterpretq_s32_u16(vmovl_u8(vld1_u8(row.as_ptr()))));
            vst4q_s32(words[..16].as_mut_ptr(), int32x4x4_t(a, b, c, d));
        }
    }
}

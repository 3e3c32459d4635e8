//! NEON: 128 bits, eight bytes at once, on every 64-bit ARM processor.
//!
//! Nearly every phone and Mac since 2019 also has the dot product extension (`sdot`): signed bytes, sums of four products. Its intrinsic is
//! not stable yet (Rust 1.95), so the one instruction is written as assembly.
//!
//! Loads and stores are unsafe; a slice is asked for its length before its pointer is used.

#![allow(unsafe_code)]

use std::arch::aarch64::*;

use super::{LaneSet, Lanes};

/// ARM's vector instructions, and the proof that there is the dot product extension if `DOT`.
#[derive(Clone, Copy, Debug)]
pub struct Arm<const DOT: bool>(());

/// What every 64-bit ARM processor has.
pub type Neon = Arm<false>;
/// With products of bytes.
pub type NeonDot = Arm<true>;

impl Neon {
    /// Every 64-bit ARM processor has them.
    pub fn new() -> Self {
        Self(())
    }
}

impl Default for Neon {
    fn default() -> Self {
        Self::new()
    }
}

impl NeonDot {
    /// Asks the processor.
    pub fn detect() -> Option<Self> {
        std::arch::is_aarch64_feature_detected!("dotprod").then_some(Self(()))
    }
}

// SAFETY of every block below: 64-bit ARM has NEON; the lengths of slices are checked.
impl<const DOT: bool> Lanes for Arm<DOT> {
    type I16 = int16x8_t;
    type I32 = int32x4_t;
    type F32 = float32x4_t;

    const SET: LaneSet = if DOT { LaneSet::NeonDot } else { LaneSet::Neon };
    const WIDTH: usize = 8;
    const INPUTS: usize = if DOT { 4 } else { 2 };

    #[inline(always)]
    fn flip(self) -> i32 {
        if DOT { super::SIGNED } else { 0 }
    }

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
    fn stack(self, rows: [&[u8]; 3]) -> [int32x4_t; 2] {
        unsafe {
            let [a, b, c] = rows.map(|row| vld1_u8(row[..8].as_ptr()));
            let flip = vdupq_n_u8(0x80);
            let ab = vreinterpretq_u16_u8(veorq_u8(vcombine_u8(vzip1_u8(a, b), vzip2_u8(a, b)), flip));
            let cc = vreinterpretq_u16_u8(veorq_u8(vcombine_u8(vzip1_u8(c, c), vzip2_u8(c, c)), flip));
            [vreinterpretq_s32_u16(vzip1q_u16(ab, cc)), vreinterpretq_s32_u16(vzip2q_u16(ab, cc))]
        }
    }

    #[inline(always)]
    fn accumulate(self, sums: int32x4_t, inputs: int32x4_t, weights: int32x4_t) -> int32x4_t {
        if !DOT {
            let [inputs, weights] = [inputs, weights].map(|words| unsafe { vreinterpretq_s16_s32(words) });
            return self.add(sums, self.dot(inputs, weights));
        }
        let mut sums = sums;
        unsafe {
            std::arch::asm!(
                ".arch_extension dotprod",
                "sdot {sums:v}.4s, {inputs:v}.16b, {weights:v}.16b",
                sums = inout(vreg) sums, inputs = in(vreg) inputs, weights = in(vreg) weights,
                options(pure, nomem, nostack, preserves_flags),
            );
        }
        sums
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
            if DOT {
                let flip = vdup_n_u8(0x80);
                let [a, b, c, d] = rows.map(|row| vreinterpret_s32_u8(veor_u8(vld1_u8(row.as_ptr()), flip)));
                return vst4_s32(words[..8].as_mut_ptr(), int32x2x4_t(a, b, c, d));
            }
            let [a, b, c, d] = rows.map(|row| vreinterpretq_s32_u16(vmovl_u8(vld1_u8(row.as_ptr()))));
            vst4q_s32(words[..16].as_mut_ptr(), int32x4x4_t(a, b, c, d));
        }
    }
}

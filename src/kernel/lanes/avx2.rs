//! AVX2: 256 bits, sixteen bytes at once, where the processor says that it has them.
//!
//! Processors with VNNI also multiply unsigned bytes with signed ones and add up four products exactly (`vpdpbusd`): 2.4 instead of
//! 4.5 ms a frame on one core. Servers since 2019 and Zen 4 have it as a part of AVX-512, Intel's other processors since 2021 and Zen 5
//! by itself, with another encoding. The older byte product (`vpmaddubsw`) saturates at 16 bits, so plain AVX2 widens.
//!
//! Every operation is one to three instructions. They are safe because a [`Wide`] can only come from a `detect`, and
//! because a slice is asked for its length before its pointer is used.

#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::{LaneSet, Lanes};

/// The proof that this processor has AVX2, and the product of bytes that `VNNI` says.
#[derive(Clone, Copy, Debug)]
pub struct Wide<const VNNI: u8>(());

const NONE: u8 = 0;
const VEX: u8 = 1;
const EVEX: u8 = 2;

/// AVX2 alone.
pub type Avx2 = Wide<NONE>;
/// AVX2 and an exact product of bytes.
pub type AvxVnni = Wide<VEX>;
/// AVX2 and an exact product of bytes, with the registers of AVX-512.
pub type Avx512Vnni = Wide<EVEX>;

impl Avx2 {
    /// Asks the processor.
    pub fn detect() -> Option<Self> {
        is_x86_feature_detected!("avx2").then_some(Self(()))
    }
}

impl AvxVnni {
    /// Asks the processor.
    pub fn detect() -> Option<Self> {
        (is_x86_feature_detected!("avxvnni") && is_x86_feature_detected!("avx2")).then_some(Self(()))
    }
}

impl Avx512Vnni {
    /// Asks the processor.
    pub fn detect() -> Option<Self> {
        let found = is_x86_feature_detected!("avx512vnni") && is_x86_feature_detected!("avx512vl");
        (found && is_x86_feature_detected!("avx2")).then_some(Self(()))
    }
}

/// Two vectors, made of the lower and the upper halves of `a` and `b`: natural order becomes zip order, and back.
#[inline(always)]
fn exchange(a: __m256i, b: __m256i) -> [__m256i; 2] {
    // SAFETY: called only by operations of `Wide`, the proof that the instructions are there.
    unsafe { [_mm256_permute2x128_si256::<0x20>(a, b), _mm256_permute2x128_si256::<0x31>(a, b)] }
}

/// The first eight bytes in the lower half, the next eight in the upper one: what is interleaved then lies in zip order.
#[inline(always)]
fn spread(row: &[u8]) -> __m256i {
    // SAFETY: as above; the slice is cut to length.
    unsafe {
        let bytes = _mm_loadu_si128(row[..16].as_ptr().cast());
        _mm256_permute4x64_epi64::<0b01_01_00_00>(_mm256_castsi128_si256(bytes))
    }
}

// SAFETY of every block below: `self` proves that the instructions are there; the lengths of slices are checked.
impl<const VNNI: u8> Lanes for Wide<VNNI> {
    type I16 = __m256i;
    type I32 = __m256i;
    type F32 = __m256;

    const SET: LaneSet = match VNNI {
        NONE => LaneSet::Avx2,
        VEX => LaneSet::AvxVnni,
        _ => LaneSet::Avx512Vnni,
    };
    const WIDTH: usize = 16;
    // Twelve sums, two weights and an input fill sixteen registers; AVX-512 has 32.
    const AT_ONCE: usize = match VNNI {
        NONE => 4,
        VEX => 6,
        _ => 8,
    };
    const INPUTS: usize = if VNNI == NONE { 2 } else { 4 };

    #[inline(always)]
    fn run<R>(self, work: impl FnOnce() -> R) -> R {
        #[target_feature(enable = "avx2")]
        fn with_avx2<R>(work: impl FnOnce() -> R) -> R {
            work()
        }
        #[target_feature(enable = "avx2,avxvnni")]
        fn with_vex<R>(work: impl FnOnce() -> R) -> R {
            work()
        }
        #[target_feature(enable = "avx2,avx512vl,avx512vnni")]
        fn with_evex<R>(work: impl FnOnce() -> R) -> R {
            work()
        }
        unsafe {
            match VNNI {
                NONE => with_avx2(work),
                VEX => with_vex(work),
                _ => with_evex(work),
            }
        }
    }

    #[inline(always)]
    fn splat(self, word: i32) -> __m256i {
        unsafe { _mm256_set1_epi32(word) }
    }

    #[inline(always)]
    fn load(self, numbers: &[i16]) -> __m256i {
        unsafe { _mm256_loadu_si256(numbers[..16].as_ptr().cast()) }
    }

    #[inline(always)]
    fn widen(self, bytes: &[u8]) -> __m256i {
        unsafe { _mm256_cvtepu8_epi16(_mm_loadu_si128(bytes[..16].as_ptr().cast())) }
    }

    #[inline(always)]
    fn zip(self, a: __m256i, b: __m256i) -> [__m256i; 2] {
        unsafe { [_mm256_unpacklo_epi16(a, b), _mm256_unpackhi_epi16(a, b)] }
    }

    #[inline(always)]
    fn dot(self, a: __m256i, b: __m256i) -> __m256i {
        unsafe { _mm256_madd_epi16(a, b) }
    }

    #[inline(always)]
    fn stack(self, rows: [&[u8]; 3]) -> [__m256i; 2] {
        unsafe {
            let (a, b, c) = (spread(rows[0]), spread(rows[1]), spread(rows[2]));
            let (ab, cc) = (_mm256_unpacklo_epi8(a, b), _mm256_unpacklo_epi8(c, c));
            [_mm256_unpacklo_epi16(ab, cc), _mm256_unpackhi_epi16(ab, cc)]
        }
    }

    #[inline(always)]
    fn accumulate(self, sums: __m256i, inputs: __m256i, weights: __m256i) -> __m256i {
        match VNNI {
            NONE => self.add(sums, self.dot(inputs, weights)),
            VEX => unsafe { _mm256_dpbusd_avx_epi32(sums, inputs, weights) },
            _ => unsafe { _mm256_dpbusd_epi32(sums, inputs, weights) },
        }
    }

    #[inline(always)]
    fn halves(self, numbers: &[i32]) -> [__m256i; 2] {
        let pointer = numbers[..16].as_ptr();
        unsafe { exchange(_mm256_loadu_si256(pointer.cast()), _mm256_loadu_si256(pointer.add(8).cast())) }
    }

    #[inline(always)]
    fn splat_i32(self, word: i32) -> __m256i {
        unsafe { _mm256_set1_epi32(word) }
    }

    #[inline(always)]
    fn add(self, a: __m256i, b: __m256i) -> __m256i {
        unsafe { _mm256_add_epi32(a, b) }
    }

    #[inline(always)]
    fn subtract(self, a: __m256i, b: __m256i) -> __m256i {
        unsafe { _mm256_sub_epi32(a, b) }
    }

    #[inline(always)]
    fn shift_left<const BITS: i32>(self, a: __m256i) -> __m256i {
        unsafe { _mm256_slli_epi32::<BITS>(a) }
    }

    #[inline(always)]
    fn shift_right<const BITS: i32>(self, a: __m256i) -> __m256i {
        unsafe { _mm256_srai_epi32::<BITS>(a) }
    }

    #[inline(always)]
    fn store(self, [low, high]: [__m256i; 2], bytes: &mut [u8]) {
        unsafe {
            let wide = _mm256_packs_epi32(low, high);
            let packed = _mm_packus_epi16(_mm256_castsi256_si128(wide), _mm256_extracti128_si256::<1>(wide));
            _mm_storeu_si128(bytes[..16].as_mut_ptr().cast(), packed);
        }
    }

    #[inline(always)]
    fn store_words(self, [low, high]: [__m256i; 2], words: &mut [i32]) {
        let pointer = words[..16].as_mut_ptr();
        let [first, second] = exchange(low, high);
        unsafe {
            _mm256_storeu_si256(pointer.cast(), first);
            _mm256_storeu_si256(pointer.add(8).cast(), second);
        }
    }

    #[inline(always)]
    fn halves_f32(self, numbers: &[f32]) -> [__m256; 2] {
        let pointer = numbers[..16].as_ptr();
        let halves = unsafe { exchange(_mm256_loadu_si256(pointer.cast()), _mm256_loadu_si256(pointer.add(8).cast())) };
        halves.map(|half| unsafe { _mm256_castsi256_ps(half) })
    }

    #[inline(always)]
    fn splat_f32(self, number: f32) -> __m256 {
        unsafe { _mm256_set1_ps(number) }
    }

    #[inline(always)]
    fn to_f32(self, a: __m256i) -> __m256 {
        unsafe { _mm256_cvtepi32_ps(a) }
    }

    #[inline(always)]
    fn bits(self, a: __m256) -> __m256i {
        unsafe { _mm256_castps_si256(a) }
    }

    #[inline(always)]
    fn add_f32(self, a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_add_ps(a, b) }
    }

    #[inline(always)]
    fn multiply(self, a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_mul_ps(a, b) }
    }

    #[inline(always)]
    fn pixels<const CHANNELS: usize>(self, bytes: &[u8]) -> __m256i {
        unsafe {
            let bytes = _mm_loadu_si128(bytes[..16].as_ptr().cast());
            let order = match CHANNELS {
                3 => _mm_setr_epi8(0, 3, 1, 4, 2, 5, 15, 15, 6, 9, 7, 10, 8, 11, 15, 15),
                _ => _mm_setr_epi8(0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15),
            };
            _mm256_cvtepu8_epi16(_mm_shuffle_epi8(bytes, order))
        }
    }

    #[inline(always)]
    fn store_pixel<const BITS: i32>(self, sums: __m256i, bytes: &mut [u8; 4]) {
        unsafe {
            let sums = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256::<1>(sums));
            let levels = _mm_srai_epi32::<BITS>(_mm_add_epi32(sums, _mm_set1_epi32(1 << (BITS - 1))));
            let wide = _mm_packs_epi32(levels, levels);
            *bytes = _mm_cvtsi128_si32(_mm_packus_epi16(wide, wide)).to_le_bytes();
        }
    }

    #[inline(always)]
    fn transpose(self, rows: [&[u8; 8]; 4], words: &mut [i32]) {
        unsafe {
            let rows = rows.map(|row| _mm_loadl_epi64(row.as_ptr().cast()));
            let [a, b, c, d] = if VNNI != NONE { rows } else { rows.map(|row| _mm_cvtepu8_epi16(row)) };
            let (ab, cd) = (_mm_unpacklo_epi32(a, b), _mm_unpacklo_epi32(c, d));
            let columns: *mut __m128i = words[..32 / Self::INPUTS].as_mut_ptr().cast();
            _mm_storeu_si128(columns, _mm_unpacklo_epi64(ab, cd));
            _mm_storeu_si128(columns.add(1), _mm_unpackhi_epi64(ab, cd));
            if VNNI == NONE {
                let (ab, cd) = (_mm_unpackhi_epi32(a, b), _mm_unpackhi_epi32(c, d));
                _mm_storeu_si128(columns.add(2), _mm_unpacklo_epi64(ab, cd));
                _mm_storeu_si128(columns.add(3), _mm_unpackhi_epi64(ab, cd));
            }
        }
    }
}

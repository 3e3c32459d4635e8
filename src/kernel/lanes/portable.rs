//! Portable: lanes as plain arrays, for machines without instructions of their own here.

use super::{LaneSet, Lanes};

/// Eight bytes at once, in whatever the compiler makes of it; multiplied as bytes if `BYTES`.
#[derive(Clone, Copy, Debug)]
pub struct Plain<const BYTES: bool> {
    flip: i32,
}

/// Products of 16-bit numbers, which compilers know best.
pub type Portable = Plain<false>;
/// Products of bytes: by definition what newer processors do in one instruction, so that tests can tell on any machine.
pub type PortableBytes = Plain<true>;

impl Portable {
    /// Any machine has them.
    pub fn new() -> Self {
        Self { flip: 0 }
    }
}

impl Default for Portable {
    fn default() -> Self {
        Self::new()
    }
}

impl PortableBytes {
    /// Bytes of inputs are read as they are.
    pub fn unsigned() -> Self {
        Self { flip: 0 }
    }

    /// Bytes of inputs are read as signed.
    pub fn signed() -> Self {
        Self { flip: super::SIGNED }
    }
}

fn four<T, U>(a: [T; 4], b: [T; 4], operation: impl Fn(T, T) -> U) -> [U; 4]
where
    T: Copy,
{
    std::array::from_fn(|lane| operation(a[lane], b[lane]))
}

impl<const BYTES: bool> Lanes for Plain<BYTES> {
    type I16 = [i16; 8];
    type I32 = [i32; 4];
    type F32 = [f32; 4];

    const SET: LaneSet = LaneSet::Portable;
    const WIDTH: usize = 8;
    const INPUTS: usize = if BYTES { 4 } else { 2 };

    fn flip(self) -> i32 {
        self.flip
    }

    #[inline(always)]
    fn run<R>(self, work: impl FnOnce() -> R) -> R {
        work()
    }

    #[inline(always)]
    fn splat(self, word: i32) -> [i16; 8] {
        let pair = [word as i16, (word >> 16) as i16];
        std::array::from_fn(|lane| pair[lane % 2])
    }

    #[inline(always)]
    fn load(self, numbers: &[i16]) -> [i16; 8] {
        *numbers.first_chunk().expect("eight numbers")
    }

    #[inline(always)]
    fn widen(self, bytes: &[u8]) -> [i16; 8] {
        bytes.first_chunk::<8>().expect("eight bytes").map(i16::from)
    }

    #[inline(always)]
    fn zip(self, a: [i16; 8], b: [i16; 8]) -> [[i16; 8]; 2] {
        [0, 4].map(|half| std::array::from_fn(|lane| if lane % 2 == 0 { a } else { b }[half + lane / 2]))
    }

    #[inline(always)]
    fn dot(self, a: [i16; 8], b: [i16; 8]) -> [i32; 4] {
        let product = |lane: usize| i32::from(a[lane]) * i32::from(b[lane]);
        std::array::from_fn(|lane| product(2 * lane) + product(2 * lane + 1))
    }

    #[inline(always)]
    fn accumulate(self, sums: [i32; 4], inputs: [i32; 4], weights: [i32; 4]) -> [i32; 4] {
        let pair = |word: i32| [i32::from(word as i16), word >> 16];
        let input = |byte: u8| if self.flip == 0 { i32::from(byte) } else { i32::from(byte as i8) };
        let product = |inputs: i32, weights: i32| match BYTES {
            true => {
                let products = inputs.to_le_bytes().into_iter().zip(weights.to_le_bytes());
                products.map(|(byte, weight)| input(byte) * i32::from(weight as i8)).sum()
            }
            false => pair(inputs)[0] * pair(weights)[0] + pair(inputs)[1] * pair(weights)[1],
        };
        four(sums, four(inputs, weights, product), i32::wrapping_add)
    }

    #[inline(always)]
    fn halves(self, numbers: &[i32]) -> [[i32; 4]; 2] {
        [0, 4].map(|half| std::array::from_fn(|lane| numbers[half + lane]))
    }

    #[inline(always)]
    fn splat_i32(self, word: i32) -> [i32; 4] {
        [word; 4]
    }

    #[inline(always)]
    fn add(self, a: [i32; 4], b: [i32; 4]) -> [i32; 4] {
        four(a, b, i32::wrapping_add)
    }

    #[inline(always)]
    fn subtract(self, a: [i32; 4], b: [i32; 4]) -> [i32; 4] {
        four(a, b, i32::wrapping_sub)
    }

    #[inline(always)]
    fn shift_left<const BITS: i32>(self, a: [i32; 4]) -> [i32; 4] {
        a.map(|number| number << BITS)
    }

    #[inline(always)]
    fn shift_right<const BITS: i32>(self, a: [i32; 4]) -> [i32; 4] {
        a.map(|number| number >> BITS)
    }

    #[inline(always)]
    fn store(self, halves: [[i32; 4]; 2], bytes: &mut [u8]) {
        for (byte, number) in bytes[..8].iter_mut().zip(halves.as_flattened()) {
            *byte = (*number).clamp(0, 255) as u8;
        }
    }

    #[inline(always)]
    fn store_words(self, halves: [[i32; 4]; 2], words: &mut [i32]) {
        words[..8].copy_from_slice(halves.as_flattened());
    }

    #[inline(always)]
    fn halves_f32(self, numbers: &[f32]) -> [[f32; 4]; 2] {
        [0, 4].map(|half| std::array::from_fn(|lane| numbers[half + lane]))
    }

    #[inline(always)]
    fn splat_f32(self, number: f32) -> [f32; 4] {
        [number; 4]
    }

    #[inline(always)]
    fn to_f32(self, a: [i32; 4]) -> [f32; 4] {
        a.map(|number| number as f32)
    }

    #[inline(always)]
    fn bits(self, a: [f32; 4]) -> [i32; 4] {
        a.map(|number| number.to_bits() as i32)
    }

    #[inline(always)]
    fn add_f32(self, a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
        four(a, b, |a, b| a + b)
    }

    #[inline(always)]
    fn multiply(self, a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
        four(a, b, |a, b| a * b)
    }

    #[inline(always)]
    fn pixels<const CHANNELS: usize>(self, bytes: &[u8]) -> [i16; 8] {
        std::array::from_fn(|lane| i16::from(bytes[lane / 2 + lane % 2 * CHANNELS]))
    }

    #[inline(always)]
    fn store_pixel<const BITS: i32>(self, sums: [i32; 4], bytes: &mut [u8; 4]) {
        *bytes = sums.map(|sum| ((sum + (1 << (BITS - 1))) >> BITS).clamp(0, 255) as u8);
    }

    #[inline(always)]
    fn transpose(self, rows: [&[u8; 8]; 4], words: &mut [i32]) {
        for (at, word) in words[..32 / Self::INPUTS].iter_mut().enumerate() {
            *word = Self::word(&rows[at % 4][at / 4 * Self::INPUTS..][..Self::INPUTS]) ^ self.flip;
        }
    }
}

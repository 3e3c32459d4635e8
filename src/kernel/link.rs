//! Link: whether the loops with relaxed instructions are there, and how this browser reads their bytes.
//!
//! `i32x4.relaxed_dot_i8x16_i7x16_add_s` multiplies signed weights with bytes, and leaves two things open: whether those are read as signed,
//! and whether the sum of two products goes through 16 bits and is cut there. The specification has each environment choose once for all, so it
//! can be asked. Where nothing is cut (V8 on ARM with the dot product extension, on x86 with AVX-VNNI) the sums are exact. Elsewhere
//! (SpiderMonkey, and V8 on older x86, where it is also slower: 55 against 78 Gop/s) nobody uses it.
//!
//! An engine without relaxed SIMD refuses a whole module that has it, so it cannot be compiled in. The side module holds the loops alone,
//! shares the memory of the engine, and its functions stand in the engine's table.

#![allow(unsafe_code)]

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

#[cfg(target_arch = "wasm32")]
use super::lanes::Elsewhere;

/// How bytes of inputs are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// As they are.
    Unsigned,
    /// As signed ones.
    Signed,
}

/// Sixteen weights and sixteen inputs that tell the readings apart, and a sum that is cut at 16 bits from both.
pub static OPERANDS: [[u8; 16]; 2] = [
    // 127 four times, -127 four times, both in turn, and single ones.
    [127, 127, 127, 127, 129, 129, 129, 129, 127, 129, 127, 127, 0, 127, 255, 129],
    [255, 255, 255, 255, 255, 255, 255, 255, 128, 1, 200, 200, 77, 128, 255, 254],
];

/// The sums of `rounds` products of the [`OPERANDS`], or what they are taken for.
pub fn reading_of(sums: [i32; 4], rounds: u32) -> Option<Reading> {
    let expected = |read: fn(u8) -> i32| -> [i32; 4] {
        let [weights, inputs] = OPERANDS;
        std::array::from_fn(|word| {
            let product = |at: usize| i32::from(weights[at] as i8) * read(inputs[at]);
            (4 * word..4 * word + 4).map(product).sum::<i32>().wrapping_mul(rounds as i32)
        })
    };
    let readings =
        [(Reading::Unsigned, expected(i32::from)), (Reading::Signed, expected(|byte| i32::from(byte as i8)))];
    readings.into_iter().find(|(_, expected)| *expected == sums).map(|(reading, _)| reading)
}

/// Where in the table the functions start.
static FIRST: AtomicUsize = AtomicUsize::new(0);
/// Nothing, unsigned or signed.
static READING: AtomicUsize = AtomicUsize::new(0);

/// From now on, networks are packed for the functions that stand in the table at `first`, in the order of [`Loop`](crate::job::Loop).
pub fn link(first: usize, reading: Reading) {
    FIRST.store(first, Relaxed);
    READING.store(1 + usize::from(reading == Reading::Signed), Relaxed);
}

/// From now on, networks are packed for the instructions of every browser. Those that are packed already keep theirs.
pub fn unlink() {
    READING.store(0, Relaxed);
}

/// How bytes are read, where networks are packed for the functions.
pub fn reading() -> Option<Reading> {
    [None, Some(Reading::Unsigned), Some(Reading::Signed)][READING.load(Relaxed)]
}

/// The function of a loop. Only what is packed for linked functions asks.
#[cfg(target_arch = "wasm32")]
pub(crate) fn function(number: usize) -> Elsewhere {
    let at = FIRST.load(Relaxed) + number;
    // SAFETY: in WebAssembly the address of a function is its place in the table, and a call of what is not there, or takes other
    // arguments, traps. Zero stands for no function and is never linked.
    unsafe { std::mem::transmute::<usize, Elsewhere>(at.max(1)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(product: impl Fn(i32, u8) -> i32, cut: bool) -> [i32; 4] {
        let pair = |at: usize| {
            (0..2).map(|next| product(i32::from(OPERANDS[0][at + next] as i8), OPERANDS[1][at + next])).sum()
        };
        let cut = |sum: i32| if cut { sum.clamp(-32_768, 32_767) } else { sum };
        std::array::from_fn(|word| cut(pair(4 * word)) + cut(pair(4 * word + 2)))
    }

    #[test]
    fn readings_are_told_apart() {
        let unsigned = |weight: i32, byte: u8| weight * i32::from(byte);
        let signed = |weight: i32, byte: u8| weight * i32::from(byte as i8);
        assert_eq!(reading_of(sums(unsigned, false), 1), Some(Reading::Unsigned));
        assert_eq!(reading_of(sums(signed, false), 1), Some(Reading::Signed));
        assert_eq!(
            reading_of(sums(signed, true), 1),
            Some(Reading::Signed),
            "with weights from -127, no signed sum is cut"
        );
        assert_eq!(reading_of(sums(unsigned, true), 1), None);
        let mut other = sums(unsigned, false);
        for sum in &mut other {
            *sum = sum.wrapping_mul(1000);
        }
        assert_eq!(reading_of(other, 1000), Some(Reading::Unsigned));
        other[2] += 1;
        assert_eq!(reading_of(other, 1000), None, "one round that differs");
    }
}

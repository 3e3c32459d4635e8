//! The most that plain `simd128` can do with integers on this machine: `i32x4.dot_i16x8_s` and `i32x4.add` on registers alone.
//!
//! Twelve independent sums: a dot product and its addition take up to six cycles and two start in each, so fewer would wait
//! for each other, and more would not fit the 16 vector registers of x86-64. Each step needs the one before, so
//! no compiler can take anything out of the loop. One file, compiled by `rustc` alone.

use std::arch::wasm32::{i16x8_splat, i32x4, i32x4_add, i32x4_dot_i16x8, i32x4_extract_lane};

const SUMS: usize = 10;

/// Runs `steps` times 10 dot products of 8 pairs, which are 160 operations; the result only keeps them from being dropped.
#[unsafe(no_mangle)]
pub extern "C" fn dot(steps: u32) -> i32 {
    let weights = i16x8_splat(3);
    let mut sums = std::array::from_fn::<_, SUMS, _>(|at| i32x4(at as i32, 2, 3, 4));
    for _ in 0..steps {
        sums = sums.map(|sum| i32x4_add(sum, i32x4_dot_i16x8(sum, weights)));
    }
    sums.into_iter().map(|sum| i32x4_extract_lane::<0>(sum)).fold(0, i32::wrapping_add)
}

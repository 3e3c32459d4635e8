//! Side: what the side module exports, a wasm of a few KB with the loops that multiply bytes.
//!
//! It has no memory, no stack and no data of its own: everything that a loop works on is the engine's, and an address means the same in
//! both. `build.rs` of the engine compiles it and refuses a module that has more.

#![allow(unsafe_code)]

use std::arch::wasm32::{i32x4_splat, v128, v128_load, v128_store};

use super::depthwise::Row;
use super::job::Job;
use super::lanes::{Lanes, SimdBytes};
use super::peak::Rounds;
use super::product::Tiles;
use super::taps::Stacks;

/// # Safety
/// The address is of a sound job.
#[unsafe(no_mangle)]
unsafe extern "C" fn product(job: &mut Tiles<SimdBytes>) {
    // SAFETY: the caller's promise.
    unsafe { job.run(job.lanes) }
}

/// # Safety
/// The address is of a sound job.
#[unsafe(no_mangle)]
unsafe extern "C" fn depthwise(job: &mut Row<SimdBytes, Stacks<SimdBytes>>) {
    // SAFETY: the caller's promise.
    unsafe { job.run(job.lanes) }
}

/// # Safety
/// The address is of a sound job.
#[unsafe(no_mangle)]
unsafe extern "C" fn peak(job: &mut Rounds<SimdBytes>) {
    // SAFETY: the caller's promise.
    unsafe { job.run(job.lanes) }
}

/// Adds up `rounds` products of sixteen weights and as many inputs, which are read from memory, so that no compiler can know them.
///
/// # Safety
/// The addresses are of as many bytes, and of four sums.
#[unsafe(no_mangle)]
unsafe extern "C" fn probe(lanes: SimdBytes, operands: *const [[u8; 16]; 2], rounds: u32, sums: *mut [i32; 4]) {
    // SAFETY: the caller's promise; neither has to be aligned.
    unsafe {
        let [weights, inputs] = [v128_load(operands.cast()), v128_load(operands.cast::<v128>().add(1))];
        let mut total = i32x4_splat(0);
        for _ in 0..rounds {
            total = lanes.accumulate(total, inputs, weights);
        }
        v128_store(sums.cast(), total);
    }
}

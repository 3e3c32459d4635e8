//! Job: one call of a loop, complete, so that the loop may be in another wasm module than what calls it.
//!
//! Both are compiled from these very sources, but by two runs of the compiler, so a job holds what C can say: numbers, and the addresses of
//! tables that lie in the memory of both.

#![allow(unsafe_code)]

use super::lanes::Lanes;

/// The loops that a side module has, in the order in which they are linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loop {
    /// Rows times panels of weights.
    Product,
    /// A row of a depthwise convolution.
    Depthwise,
    /// Products with everything in registers.
    Peak,
}

/// One call of a loop.
pub(crate) trait Job<L: Lanes> {
    /// Which loop it is.
    const LOOP: Loop;

    /// Runs it where these lanes have their instructions.
    ///
    /// # Safety
    /// Every address in it must be valid for what the fields say.
    unsafe fn run(&mut self, lanes: L);
}

/// Runs a job wherever the instructions are.
///
/// # Safety
/// As [`Job::run`].
#[inline(always)]
pub(crate) unsafe fn perform<L: Lanes, J: Job<L>>(lanes: L, mut job: J) {
    match lanes.elsewhere(J::LOOP as usize) {
        // SAFETY: the caller's promise, which the loop on the other side relies on in the same way.
        Some(run) => unsafe { run((&raw mut job).cast()) },
        None => lanes.run(
            #[inline(always)]
            // SAFETY: the caller's promise.
            || unsafe { job.run(lanes) },
        ),
    }
}

//! Peak: the integer product with everything in registers, the most that any layer could reach on this machine.

#![allow(unsafe_code)]

use std::hint::black_box;

use super::job::{Job, Loop, perform};
use super::lanes::{Lanes, MOST, WithLanes, with_best};

/// Runs `rounds` rounds of products and returns how many operations that were; a multiplication and its addition are two.
pub fn products(rounds: u32) -> u64 {
    with_best(Products(rounds))
}

struct Products(u32);

impl WithLanes for Products {
    type Output = u64;

    fn with<L: Lanes>(self, lanes: L) -> u64 {
        let mut seen = [0; MOST];
        let job = Rounds {
            lanes,
            rounds: self.0,
            weights: black_box(std::array::from_fn(|at| at as i32 * 0x0003_0005)),
            seen: &mut seen,
        };
        // SAFETY: there is no address in it but of `seen`.
        unsafe { perform(lanes, job) };
        black_box(seen);
        u64::from(self.0) * (under_way::<L>()[0] * L::WIDTH * L::INPUTS) as u64
    }
}

/// The most sums that are under way.
const SUMS: usize = 10;

/// Sums and weights that stay in 16 registers: with eight of both a browser reports 57 Gop/s where layers reach 80. As many sums as hide the
/// latency: products that are added in the same instruction take longer than an addition.
const fn under_way<L: Lanes>() -> [usize; 2] {
    if L::INPUTS == 2 { [6, 6] } else { [SUMS, 2] }
}

/// Rounds of products with everything in registers.
#[repr(C)]
pub(crate) struct Rounds<'a, L> {
    pub lanes: L,
    rounds: u32,
    weights: [i32; SUMS],
    /// The sums of the sums, so that they are computed.
    seen: &'a mut [i32; MOST],
}

impl<L: Lanes> Job<L> for Rounds<'_, L> {
    const LOOP: Loop = Loop::Peak;

    #[inline(always)]
    unsafe fn run(&mut self, lanes: L) {
        let [count, weight_count] = under_way::<L>();
        let weights = self.weights.map(|weight| lanes.splat_i32(weight));
        let mut sums = [lanes.splat_i32(0); SUMS];
        for round in 0..self.rounds as i32 {
            let inputs = lanes.splat_i32(round & 0x7F);
            for at in 0..count {
                sums[at] = lanes.accumulate(sums[at], inputs, weights[at % weight_count]);
            }
        }
        let total = sums.into_iter().fold(lanes.splat_i32(0), |total, sum| lanes.add(total, sum));
        lanes.store_words([total; 2], self.seen);
    }
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_its_operations() {
        let one = products(1);
        assert!(one >= 6 * 8 * 2);
        assert_eq!(products(1000), 1000 * one);
    }
}

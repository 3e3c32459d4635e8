//! Peak: the integer product with everything in registers, the most that any layer could reach on this machine.

use std::hint::black_box;

use super::lanes::{Lanes, WithLanes, with_best};

/// Sums that are under way at once, from every pair of a weight and an input: enough to hide the latency of the additions, few
/// enough to stay in registers.
const WEIGHTS: usize = 4;
const INPUTS: usize = 2;

/// Runs `rounds` rounds of products and returns how many operations that were; a multiplication and its addition are two.
pub fn products(rounds: u32) -> u64 {
    with_best(Products(rounds))
}

struct Products(u32);

impl WithLanes for Products {
    type Output = u64;

    fn with<L: Lanes>(self, lanes: L) -> u64 {
        lanes.run(
            #[inline(always)]
            || {
                let weights: [_; WEIGHTS] =
                    black_box(std::array::from_fn(|at| lanes.splat_i32(at as i32 * 0x0003_0005)));
                let mut sums = [[lanes.splat_i32(0); WEIGHTS]; INPUTS];
                for round in 0..self.0 as i32 {
                    for (input, sums) in sums.iter_mut().enumerate() {
                        for (sum, weights) in sums.iter_mut().zip(weights) {
                            *sum = lanes.accumulate(*sum, (round + input as i32) & 0x7F, weights);
                        }
                    }
                }
                black_box(sums);
            },
        );
        u64::from(self.0) * (WEIGHTS * INPUTS * L::WIDTH * L::INPUTS) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_its_operations() {
        let one = products(1);
        assert!(one >= (WEIGHTS * INPUTS * 8 * 2) as u64);
        assert_eq!(products(1000), 1000 * one);
    }
}

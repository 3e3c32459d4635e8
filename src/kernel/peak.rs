//! Peak: the integer product with everything in registers, the most that any layer could reach on this machine.

use std::hint::black_box;

use super::lanes::{Lanes, WithLanes, with_best};

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
            || match L::INPUTS {
                // As many sums under way as hide the latency of an addition, and with their weights stay in 16 registers:
                // with eight a browser reports 57 Gop/s where layers reach 80.
                2 => run::<L, 6>(lanes, self.0),
                // Products that are added in the same instruction take longer; what has them has 32 registers.
                _ => run::<L, 8>(lanes, self.0),
            },
        )
    }
}

#[inline(always)]
fn run<L: Lanes, const SUMS: usize>(lanes: L, rounds: u32) -> u64 {
    let weights: [L::I32; SUMS] = black_box(std::array::from_fn(|at| lanes.splat_i32(at as i32 * 0x0003_0005)));
    let mut sums = [lanes.splat_i32(0); SUMS];
    for round in 0..rounds as i32 {
        for at in 0..SUMS {
            sums[at] = lanes.accumulate(sums[at], round & 0x7F, weights[at]);
        }
    }
    black_box(sums);
    u64::from(rounds) * (SUMS * L::WIDTH * L::INPUTS) as u64
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

//! Dot: the float product that the head is made of, with its order of additions fixed.
//!
//! Float addition is not associative, so a sum means nothing until its order is said. Here: eight partial sums, term `i`
//! into sum `i % 8`, then the sums by halves. Eight lanes because two vectors of four are the least that hides
//! the latency of an addition; a vector version only has to keep the order.

const LANES: usize = 8;

/// `sum(a[i] * b[i])` over the shorter of the two.
///
/// ```
/// use mobilenet_kernel::dot::dot;
/// assert_eq!(dot(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0]), 32.0);
/// ```
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    let length = a.len().min(b.len());
    let (a, b) = (a[..length].chunks_exact(LANES), b[..length].chunks_exact(LANES));
    let tails = a.remainder().iter().zip(b.remainder());
    let mut lanes = [0.0; LANES];
    for (a, b) in a.zip(b) {
        for lane in 0..LANES {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    for (lane, (a, b)) in lanes.iter_mut().zip(tails) {
        *lane += a * b;
    }
    let fours: [f32; 4] = std::array::from_fn(|lane| lanes[lane] + lanes[lane + 4]);
    (fours[0] + fours[2]) + (fours[1] + fours[3])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tail_length_equals_the_exact_sum() {
        // Small integers: every order of additions gives the exact sum, so a term dropped or used twice shows.
        for length in 0..40 {
            let a: Vec<f32> = (0..length).map(|at| (at % 7) as f32 - 3.0).collect();
            let b: Vec<f32> = (0..length).map(|at| (at % 5) as f32 + 1.0).collect();
            let exact: f32 = a.iter().zip(&b).map(|(a, b)| a * b).sum();
            assert_eq!(dot(&a, &b), exact, "length {length}");
        }
    }

    #[test]
    fn the_order_is_the_promised_one() {
        // 2^24 swallows a one that is added to it alone, but not the two that lanes 2 and 6 make together.
        let mut a = [0.0; 8];
        (a[0], a[2], a[6]) = (16_777_216.0, 1.0, 1.0);
        assert_eq!(dot(&a, &[1.0; 8]), 16_777_218.0);
    }
}

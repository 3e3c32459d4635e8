//! Pool: the sum of each channel over all positions, exact in 32 bit.

/// Adds up `input`, `[positions][sums.len()]`, by channel.
pub fn sum_positions(input: &[u8], sums: &mut [i32]) {
    sums.fill(0);
    for position in input.chunks_exact(sums.len()) {
        for (sum, byte) in sums.iter_mut().zip(position) {
            *sum += i32::from(*byte);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_by_channel() {
        let mut sums = [9; 2];
        sum_positions(&[1, 255, 2, 255, 3, 255], &mut sums);
        assert_eq!(sums, [6, 765]);
    }
}

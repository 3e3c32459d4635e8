//! Plain: every kernel by its definition, one loop over everything.
//!
//! Nothing here is packed, banded or vectorised, so it can be checked by eye; it is the truth that the fast
//! kernels have to equal, shape by shape in their tests and as a whole network in `network::plain` of the core.

use super::requantize::{Requantize, Residual};
#[cfg(test)]
use super::triangle::{PRECISION_BITS, windows};
use super::windows::Windows;

/// Sums of a 1x1 convolution: `input` is `[positions][inputs]`, `weight` `[outputs][inputs]`.
pub fn pointwise(input: &[u8], weight: &[i8], inputs: usize) -> Vec<i32> {
    let sum = |row: &[u8], weight: &[i8]| row.iter().zip(weight).map(|(x, w)| i32::from(*x) * i32::from(*w)).sum();
    let rows = input.chunks_exact(inputs);
    rows.flat_map(|row| weight.chunks_exact(inputs).map(move |weight| sum(row, weight))).collect()
}

/// Sums of a depthwise 3x3 convolution: `input` is `[side][side][channels]`, `weight` `[3][3][channels]`.
pub fn depthwise(windows: Windows, input: &[u8], weight: &[i8]) -> Vec<i32> {
    let channels = weight.len() / 9;
    let mut sums = Vec::new();
    for (y, x) in windows.positions() {
        for channel in 0..channels {
            let product = |(tap, pixel)| {
                i32::from(input[pixel * channels + channel]) * i32::from(weight[tap * channels + channel])
            };
            sums.push(windows.taps(y, x).map(product).sum());
        }
    }
    sums
}

/// Sums of the first convolution: `input` is `[side][side][3]`, `weight` `[outputs][3][3][3]`.
pub fn stem(windows: Windows, padding: [u8; 3], input: &[u8], weight: &[i8]) -> Vec<i32> {
    let mut sums = Vec::new();
    for (y, x) in windows.positions() {
        let mut patch: [u8; 27] = std::array::from_fn(|at| padding[at % 3]);
        for (tap, pixel) in windows.taps(y, x) {
            patch[tap * 3..][..3].copy_from_slice(&input[pixel * 3..][..3]);
        }
        sums.extend(pointwise(&patch, weight, 27));
    }
    sums
}

/// Bytes for sums, `[positions][channels]`, with `skipped` added where there is a residual.
pub fn requantize(sums: &[i32], requantize: &Requantize, residual: Option<Residual>, skipped: &[u8]) -> Vec<u8> {
    let byte = |(at, sum): (usize, &i32)| {
        let channel = at % requantize.channels();
        match residual {
            None => requantize.apply(channel, *sum),
            Some(residual) => requantize.apply_residual(channel, *sum, residual, skipped[at]),
        }
    };
    sums.iter().enumerate().map(byte).collect()
}

/// Sums of each channel over all positions of `[positions][channels]`.
pub fn pool(input: &[u8], channels: usize) -> Vec<i32> {
    (0..channels).map(|channel| input.iter().skip(channel).step_by(channels).map(|x| i32::from(*x)).sum()).collect()
}

/// `[height][width][3]` from and to `[width, height]`: every row first, then every column.
#[cfg(test)]
pub fn resize(rgb: &[u8], [width, height]: [usize; 2], to: [usize; 2]) -> Vec<u8> {
    let (across, down) = (windows(width, to[0]), windows(height, to[1]));
    let row = |at: usize| &rgb[at * width * 3..][..width * 3];
    let weigh = |weights: &[i32], byte: &dyn Fn(usize) -> u8| {
        let products = weights.iter().enumerate().map(|(tap, weight)| i32::from(byte(tap)) * weight);
        ((products.sum::<i32>() + (1 << (PRECISION_BITS - 1))) >> PRECISION_BITS).clamp(0, 255) as u8
    };
    let mut narrow = Vec::new();
    for y in 0..height {
        for window in &across {
            narrow.extend([0, 1, 2].map(|c| weigh(&window.weights, &|tap| row(y)[(window.first + tap) * 3 + c])));
        }
    }
    let stride = to[0] * 3;
    let columns = down.iter().flat_map(|window| (0..stride).map(move |x| (window, x)));
    columns.map(|(window, x)| weigh(&window.weights, &|tap| narrow[(window.first + tap) * stride + x])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointwise_by_hand() {
        assert_eq!(pointwise(&[1, 2, 3, 255, 0, 9], &[1, -2, 3, 0, 5, -128], 3), [6, -374, 282, -1152]);
    }

    #[test]
    fn depthwise_sees_padding_all_round() {
        let windows = Windows { in_side: 3, out_side: 3, stride: 1, before: 1 };
        assert_eq!(depthwise(windows, &[1; 9], &[1; 9]), [4, 6, 4, 6, 9, 6, 4, 6, 4]);
    }

    #[test]
    fn stride_two_follows_the_padding_rule() {
        let input: Vec<u8> = (1..=16).collect();
        let center = [0, 0, 0, 0, 1, 0, 0, 0, 0];
        let same = Windows { in_side: 4, out_side: 2, stride: 2, before: 0 };
        assert_eq!(depthwise(same, &input, &center), [6, 8, 14, 16]);
        let symmetric = Windows { before: 1, ..same };
        assert_eq!(depthwise(symmetric, &input, &center), [1, 3, 9, 11]);
    }

    #[test]
    fn the_border_of_the_stem_is_the_padding_colour() {
        let windows = Windows { in_side: 2, out_side: 1, stride: 2, before: 0 };
        let green: Vec<i8> = (0..27).map(|at| i8::from(at % 3 == 1)).collect();
        let picture = [9, 1, 9, 9, 2, 9, 9, 3, 9, 9, 4, 9];
        assert_eq!(stem(windows, [200, 10, 200], &picture, &green), [1 + 2 + 3 + 4 + 5 * 10]);
    }

    #[test]
    fn requantize_adds_the_skipped_input() {
        let unit = Requantize::new(vec![0], vec![1.0], 0);
        let residual = Some(Residual { zero_point: 50, multiplier: 2.0 });
        let skipped = [51, 60, 50, 49, 52, 51];
        assert_eq!(requantize(&[3, 4, 5, 6, 7, 8], &unit, residual, &skipped), [5, 24, 5, 4, 11, 10]);
    }

    #[test]
    fn pool_sums_by_channel() {
        assert_eq!(pool(&[1, 255, 2, 255, 3, 255], 2), [6, 765]);
    }
}

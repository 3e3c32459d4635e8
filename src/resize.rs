//! Resize: a triangle filter in 22-bit integers, rows first, then columns.
//!
//! The weights are computed in `f64` with the four basic operations only and rounded to integers, and the
//! pixels are integer sums, so every machine gives the same bytes; they equal Pillow 11.3.0's `BILINEAR`
//! byte for byte (`tests/resize_golden.rs`). When a picture is made smaller the filter widens with it, which
//! is what keeps a 12-megapixel photo and its thumbnail looking alike to the network.

use crate::frame::Frame;

const PRECISION_BITS: u32 = 22;

/// A rectangle of a frame, in pixels from the top left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Left edge.
    pub x: usize,
    /// Top edge.
    pub y: usize,
    /// Width, at least 1.
    pub width: usize,
    /// Height, at least 1.
    pub height: usize,
}

/// Resizes a region of `frame` to `width` x `height` pixels of RGB.
///
/// # Panics
/// When the region is empty or leaves the frame, or a target side is zero.
///
/// ```
/// use mobilenet_web::resize::{Region, resize};
/// use mobilenet_web::Frame;
/// let frame = Frame::from_rgb(2, 1, vec![0, 0, 0, 200, 200, 200])?;
/// let whole = Region { x: 0, y: 0, width: 2, height: 1 };
/// assert_eq!(resize(&frame, whole, 1, 1), [100, 100, 100]);
/// # Ok::<(), mobilenet_web::Error>(())
/// ```
pub fn resize(frame: &Frame, region: Region, width: usize, height: usize) -> Vec<u8> {
    assert!(region.width > 0 && region.height > 0 && width > 0 && height > 0, "an empty region or target");
    assert!(region.x + region.width <= frame.width() && region.y + region.height <= frame.height());
    let rows = resize_rows(frame, region, &Taps::new(region.width, width));
    resize_columns(&rows, width, &Taps::new(region.height, height))
}

/// For each output pixel of one axis: where its window of source pixels starts, and their weights.
struct Taps {
    windows: Vec<(usize, Vec<i32>)>,
}

impl Taps {
    fn new(source: usize, target: usize) -> Self {
        let scale = source as f64 / target as f64;
        // A triangle one source pixel wide on each side, or one target pixel when the picture shrinks.
        let support = scale.max(1.0);
        let windows = (0..target).map(|at| window(at, scale, support, source)).collect();
        Self { windows }
    }
}

fn window(at: usize, scale: f64, support: f64, source: usize) -> (usize, Vec<i32>) {
    let center = (at as f64 + 0.5) * scale;
    // Truncation towards zero, clamped to the picture, as the reference does it.
    let first = (center - support + 0.5).max(0.0) as usize;
    let end = ((center + support + 0.5) as usize).min(source);
    let reciprocal = 1.0 / support;
    let triangle = |tap: usize| {
        let distance = ((tap as f64 - center + 0.5) * reciprocal).abs();
        if distance < 1.0 { 1.0 - distance } else { 0.0 }
    };
    let weights: Vec<f64> = (first..end).map(triangle).collect();
    let total: f64 = weights.iter().sum();
    let fixed = |weight: f64| (0.5 + weight / total * f64::from(1u32 << PRECISION_BITS)) as i32;
    (first, weights.into_iter().map(fixed).collect())
}

fn resize_rows(frame: &Frame, region: Region, taps: &Taps) -> Vec<u8> {
    if region.width == taps.windows.len() {
        let row = |y| &frame.row(y)[region.x * 3..][..region.width * 3];
        return (region.y..region.y + region.height).flat_map(row).copied().collect();
    }
    let mut rows = Vec::with_capacity(taps.windows.len() * region.height * 3);
    for y in region.y..region.y + region.height {
        let row = &frame.row(y)[region.x * 3..];
        for (first, weights) in &taps.windows {
            let mut sums = [1 << (PRECISION_BITS - 1); 3];
            for (pixel, weight) in row[first * 3..].chunks_exact(3).zip(weights) {
                for channel in 0..3 {
                    sums[channel] += i32::from(pixel[channel]) * weight;
                }
            }
            rows.extend(sums.map(to_byte));
        }
    }
    rows
}

fn resize_columns(rows: &[u8], width: usize, taps: &Taps) -> Vec<u8> {
    let stride = width * 3;
    if rows.len() == taps.windows.len() * stride {
        return rows.to_vec();
    }
    let mut output = Vec::with_capacity(taps.windows.len() * stride);
    let mut sums = vec![0; stride];
    for (first, weights) in &taps.windows {
        sums.fill(1 << (PRECISION_BITS - 1));
        for (row, weight) in rows[first * stride..].chunks_exact(stride).zip(weights) {
            for (sum, byte) in sums.iter_mut().zip(row) {
                *sum += i32::from(*byte) * weight;
            }
        }
        output.extend(sums.iter().map(|sum| to_byte(*sum)));
    }
    output
}

fn to_byte(sum: i32) -> u8 {
    (sum >> PRECISION_BITS).clamp(0, 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(frame: &Frame) -> Region {
        Region { x: 0, y: 0, width: frame.width(), height: frame.height() }
    }

    #[test]
    fn the_same_size_gives_the_same_bytes() {
        let frame = Frame::from_rgb(5, 3, (0..45).collect()).unwrap();
        assert_eq!(resize(&frame, whole(&frame), 5, 3), frame.rgb());
    }

    #[test]
    fn a_flat_picture_stays_flat_at_every_size() {
        for value in [0, 1, 127, 254, 255] {
            for (width, height) in [(1, 1), (1, 9), (7, 2), (300, 200)] {
                let frame = Frame::from_rgb(width, height, vec![value; width * height * 3]).unwrap();
                assert!(resize(&frame, whole(&frame), 16, 5).iter().all(|byte| *byte == value));
            }
        }
    }

    #[test]
    fn only_the_region_is_seen() {
        let mut rgb = vec![9; 6 * 4 * 3];
        for y in 1..3 {
            for x in 2..5 {
                rgb[(y * 6 + x) * 3..][..3].fill(77);
            }
        }
        let frame = Frame::from_rgb(6, 4, rgb).unwrap();
        let region = Region { x: 2, y: 1, width: 3, height: 2 };
        assert!(resize(&frame, region, 8, 8).iter().all(|byte| *byte == 77));
    }
}

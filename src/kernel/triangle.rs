//! Taps: which source pixels an output pixel of a resize is made of, and how much of each.
//!
//! A triangle filter with weights of 22 bits, computed in `f64` with the four basic operations only and rounded to integers,
//! as Pillow 11.3.0's `BILINEAR` does it, so that every machine gives the same ones.

/// Bits behind the point of a weight; the weights of a window add up to one.
pub const PRECISION_BITS: u32 = 22;

/// The window of one output pixel along one axis.
#[derive(Clone, Debug)]
pub struct Window {
    /// Its first source pixel.
    pub first: usize,
    /// Weights of it and the next ones, none of them negative.
    pub weights: Vec<i32>,
}

/// The window of each of `target` pixels that `source` pixels become.
pub fn windows(source: usize, target: usize) -> Vec<Window> {
    let scale = source as f64 / target as f64;
    // A triangle one source pixel wide on each side, or one target pixel when the picture shrinks.
    let support = scale.max(1.0);
    (0..target).map(|at| window((at as f64 + 0.5) * scale, support, source)).collect()
}

fn window(center: f64, support: f64, source: usize) -> Window {
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
    Window { first, weights: weights.into_iter().map(fixed).collect() }
}

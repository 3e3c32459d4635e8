//! Calibrate: the range of each linear bottleneck over pictures.
//!
//! ReLU6 outputs have the fixed range 0 to 6; only the outputs of [`Kind::Project`] layers, after the residual sum where
//! there is one, need to be seen in use.

use crate::network::{Architecture, Kind, Quantization};

/// The range of one tensor; always with zero in it, which must have a byte of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    pub low: f32,
    pub high: f32,
}

impl Range {
    const ZERO: Self = Self { low: 0.0, high: 0.0 };

    pub fn of(numbers: &[f32]) -> Self {
        let cover = |range: Self, number: &f32| Self { low: range.low.min(*number), high: range.high.max(*number) };
        numbers.iter().fold(Self::ZERO, cover)
    }

    pub fn cover(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    /// Spreads the 256 bytes over the range.
    pub fn quantization(self) -> Quantization {
        let scale = ((self.high - self.low) / 255.0).max(1.0e-9);
        Quantization { scale, zero_point: (-self.low / scale).round_ties_even().clamp(0.0, 255.0) as u8 }
    }
}

/// How every layer's output is stored, given the ranges of the bottlenecks in order.
pub(super) fn quantizations(architecture: Architecture, bottlenecks: &[Range]) -> Vec<Quantization> {
    let mut bottlenecks = bottlenecks.iter();
    let mut range = || bottlenecks.next().copied().unwrap_or(Range::ZERO).quantization();
    let rows = architecture.layers();
    rows.iter().map(|row| if row.kind == Kind::Project { range() } else { Quantization::RELU6 }).collect()
}

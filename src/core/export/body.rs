//! Body: the order in which layers read each other, told once for every format.

use super::Source;
use crate::network::{Kind, Layer};

/// A format's words for the two operations that the body of a MobileNetV2 is made of.
pub(super) trait Body {
    /// How the format refers to what an operation makes.
    type Tensor: Clone;

    /// Writes layer `at` of the table, with its ReLU6 where it has one.
    fn convolution(&mut self, at: usize, row: &Layer, input: &Self::Tensor) -> Self::Tensor;

    /// Writes the sum of a block's input and of what its last layer, `at`, made of it.
    fn sum(&mut self, at: usize, row: &Layer, skipped: &Self::Tensor, projected: &Self::Tensor) -> Self::Tensor;

    /// Writes all layers; what comes back is what those of the tail make, in its order.
    fn write(&mut self, Source { table, tail, .. }: &Source, picture: Self::Tensor) -> Vec<Self::Tensor> {
        let mut made = vec![None; tail.len()];
        let mut current = picture;
        let mut skipped = current.clone();
        for (at, row) in table.iter().enumerate() {
            if starts_block(at, row) {
                skipped = current.clone();
            }
            current = self.convolution(at, row, &current);
            if let Some(place) = tail.iter().position(|layer| layer.name == row.name) {
                made[place] = Some(current.clone());
            }
            if row.residual {
                current = self.sum(at, row, &skipped, &current);
            }
        }
        made.into_iter().flatten().collect()
    }
}

/// A block starts with its expansion; the first one, which has none, after the stem.
fn starts_block(at: usize, row: &Layer) -> bool {
    row.kind == Kind::Expand || at == 1
}

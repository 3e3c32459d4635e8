//! Geometry: how other formats order a layer's weights, and how they say where its windows lie.

use crate::network::{Kind, Layer};

/// Width and height of a layer's kernel.
pub(super) fn kernel(row: &Layer) -> usize {
    match row.kind {
        Kind::Stem | Kind::Depthwise => 3,
        Kind::Expand | Kind::Project | Kind::Last => 1,
    }
}

/// Distance between windows; those of a 1x1 layer lie side by side.
pub(super) fn stride(row: &Layer) -> usize {
    if kernel(row) == 1 { 1 } else { row.windows.stride }
}

/// Rows of padding above (and columns left of) the input, and below (and right of) it.
pub(super) fn pads(row: &Layer) -> [usize; 2] {
    if kernel(row) == 1 {
        return [0, 0];
    }
    let windows = row.windows;
    let reach = (windows.out_side - 1) * windows.stride + kernel(row);
    [windows.before, reach.saturating_sub(windows.in_side + windows.before)]
}

/// Whether this padding is what TensorFlow calls SAME: the odd row, if there is one, below.
pub(super) fn is_same(row: &Layer) -> bool {
    let [before, after] = pads(row);
    before == after || before + 1 == after
}

/// The output channel that weight number `at` belongs to.
pub(super) fn output_channel(row: &Layer, at: usize) -> usize {
    match row.kind {
        Kind::Depthwise => at % row.outputs,
        _ => at / (row.weight_len() / row.outputs),
    }
}

/// Weights as ONNX orders them, and their shape: outputs, inputs, height, width.
pub(super) fn onnx_order<T: Copy>(row: &Layer, weight: &[T]) -> (Vec<usize>, Vec<T>) {
    let (side, inputs) = (kernel(row), inputs(row));
    let taps = side * side;
    let from = |at: usize| position(row, at / (inputs * taps), at / taps % inputs, at % taps);
    (vec![row.outputs, inputs, side, side], (0..weight.len()).map(|at| weight[from(at)]).collect())
}

/// Weights as Keras orders them, and their shape: height, width, inputs, outputs; depthwise height, width, channels, 1.
pub(super) fn keras_order<T: Copy>(row: &Layer, weight: &[T]) -> (Vec<usize>, Vec<T>) {
    let (side, inputs, outputs) = (kernel(row), inputs(row), row.outputs);
    let from = |at: usize| position(row, at % outputs, at / outputs % inputs, at / (outputs * inputs));
    let last = if row.kind == Kind::Depthwise { [outputs, 1] } else { [inputs, outputs] };
    (vec![side, side, last[0], last[1]], (0..weight.len()).map(|at| weight[from(at)]).collect())
}

/// The weight of a dense layer, `[classes][numbers]`, as Keras orders it, and its shape: numbers, classes.
pub(super) fn keras_dense(weight: &[f32], classes: usize) -> (Vec<usize>, Vec<f32>) {
    let numbers = weight.len() / classes;
    let from = |at: usize| at % classes * numbers + at / classes;
    (vec![numbers, classes], (0..weight.len()).map(|at| weight[from(at)]).collect())
}

/// Input channels that an output channel reads.
fn inputs(row: &Layer) -> usize {
    if row.kind == Kind::Depthwise { 1 } else { row.inputs }
}

/// Where the table keeps the weight of these channels and this tap (0 to 8, row by row).
fn position(row: &Layer, output: usize, input: usize, tap: usize) -> usize {
    let taps = kernel(row) * kernel(row);
    match row.kind {
        Kind::Depthwise => tap * row.outputs + output,
        _ => (output * taps + tap) * row.inputs + input,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Architecture, Padding};

    fn layers(side: usize, padding: Padding) -> Vec<Layer> {
        Architecture { width: 0.35, side, padding }.layers()
    }

    #[test]
    fn windows_reach_the_last_row_and_no_further() {
        for (side, padding, expected, same) in [
            (64, Padding::Same, [0, 1], true),
            (65, Padding::Same, [1, 1], true),
            (64, Padding::Symmetric, [1, 0], false),
            (65, Padding::Symmetric, [1, 1], true),
        ] {
            let stem = &layers(side, padding)[0];
            assert_eq!((pads(stem), is_same(stem)), (expected, same), "{side} {padding:?}");
        }
    }

    #[test]
    fn both_orders_are_permutations_that_agree() {
        for row in &layers(64, Padding::Same)[..4] {
            let weight: Vec<usize> = (0..row.weight_len()).collect();
            let (shape, onnx) = onnx_order(row, &weight);
            let (_, keras) = keras_order(row, &weight);
            let [outputs, inputs, side] = [shape[0], shape[1], shape[2]];
            for (at, weight) in onnx.iter().enumerate() {
                let (output, input, tap) =
                    (at / (inputs * side * side), at / (side * side) % inputs, at % (side * side));
                assert_eq!(*weight, keras[(tap * inputs + input) * outputs + output], "{}", row.name);
                assert_eq!(output_channel(row, *weight), output, "{}", row.name);
            }
        }
    }
}

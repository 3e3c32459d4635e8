//! Quantize: a float network becomes the int8 backbone.
//!
//! Weights are symmetric with one scale an output channel, the largest weight at 127. The bias of the first layer is
//! computed from the weights as rounded, not as they were: it has to cancel what those weights make of the
//! mean picture, and with it goes the better part of their rounding error.

use super::lower::{FloatLayer, FloatNetwork};
use crate::network::backbone::BIAS_LIMIT;
use crate::network::{Backbone, Kind, Layer, Quantization, QuantizedLayer};
use crate::preprocess::InputSpec;

/// The largest weight in int8; -128 is left out, so that signs are symmetric.
const WEIGHT_LIMIT: f64 = 127.0;

/// The least scale of a weight: that of a channel of zeros.
const LEAST_SCALE: f64 = 1.0e-9;

/// Quantises `network` with the given quantisation of each layer's output.
pub(super) fn quantize(network: &FloatNetwork, input: InputSpec, outputs: &[Quantization]) -> Backbone {
    let table = network.architecture.layers();
    let mut layers: Vec<QuantizedLayer> = Vec::with_capacity(table.len());
    for ((row, layer), output) in table.iter().zip(&network.layers).zip(outputs) {
        let quantized = match layers.last() {
            None => stem(layer, row, &input, *output),
            Some(before) => quantize_layer(row, layer, f64::from(before.output.scale), [0.0; 3], *output),
        };
        layers.push(quantized);
    }
    Backbone { architecture: network.architecture, input, layers }
}

/// The first layer reads bytes: `w * (byte - mean) / std` is `w / std` on the byte, less what it makes of the mean.
fn stem(layer: &FloatLayer, row: &Layer, input: &InputSpec, output: Quantization) -> QuantizedLayer {
    let per_level = |(at, weight): (usize, &f32)| weight / input.std[at % 3];
    let weight = layer.weight.iter().enumerate().map(per_level).collect();
    let layer = FloatLayer { weight, bias: layer.bias.clone() };
    quantize_layer(row, &layer, 1.0, input.mean.map(f64::from), output)
}

/// `mean`, by input channel modulo 3, is subtracted from the input; only the stem has one.
fn quantize_layer(row: &Layer, layer: &FloatLayer, input_scale: f64, mean: [f64; 3], output: Quantization) -> QuantizedLayer {
    let mut quantized = QuantizedLayer {
        weight: vec![0; layer.weight.len()],
        weight_scale: Vec::with_capacity(row.outputs),
        bias: Vec::with_capacity(row.outputs),
        output,
    };
    for (channel, bias) in layer.bias.iter().enumerate() {
        let places = places(row, channel);
        let largest = places.clone().map(|at| f64::from(layer.weight[at].abs())).fold(0.0, f64::max);
        // Half the limit for the bias itself leaves the other half for the mean.
        let for_bias = bias.abs() / (input_scale * f64::from(BIAS_LIMIT / 2));
        let scale = (largest / WEIGHT_LIMIT).max(for_bias).max(LEAST_SCALE) as f32;
        let mut of_mean = 0.0;
        for at in places {
            let level = (f64::from(layer.weight[at]) / f64::from(scale)).round_ties_even();
            quantized.weight[at] = level.clamp(-WEIGHT_LIMIT, WEIGHT_LIMIT) as i8;
            of_mean += f64::from(quantized.weight[at]) * mean[at % 3];
        }
        let bias = (bias / (input_scale * f64::from(scale)) - of_mean).round_ties_even();
        quantized.weight_scale.push(scale);
        quantized.bias.push(bias as i32);
    }
    quantized
}

/// Where the weights of an output channel lie.
fn places(row: &Layer, channel: usize) -> impl Iterator<Item = usize> + Clone {
    let (start, step) = match row.kind {
        Kind::Depthwise => (channel, row.outputs),
        _ => (channel * row.weight_len() / row.outputs, 1),
    };
    (0..row.weight_len() / row.outputs).map(move |at| start + at * step)
}

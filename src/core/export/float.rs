//! Float: the numbers that the int8 weights stand for.
//!
//! They are not those that were once rounded, which a model file no longer has. A float export is the very network that
//! was validated, without the rounding of its activations.

use super::geometry::output_channel;
use crate::network::{Backbone, Kind, Layer};

/// One convolution; its weight is ordered as [`Layer::weight_shape`] says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FloatLayer {
    pub weight: Vec<f32>,
    pub bias: Vec<f32>,
}

/// Every layer in float; the first one reads `(byte - mean) / std`, as it did when it was trained.
pub(super) fn dequantize(backbone: &Backbone, table: &[Layer]) -> Vec<FloatLayer> {
    let mut input_scale = 1.0;
    let mut layers = Vec::with_capacity(table.len());
    for (row, layer) in table.iter().zip(backbone.layers()) {
        let scale = |channel: usize| f64::from(layer.weight_scale[channel]);
        let weight = |(at, level): (usize, &i8)| f64::from(*level) * scale(output_channel(row, at));
        let mut weight: Vec<f64> = layer.weight.iter().enumerate().map(weight).collect();
        let bias = |(channel, bias): (usize, &i32)| f64::from(*bias) * input_scale * scale(channel);
        let mut bias: Vec<f64> = layer.bias.iter().enumerate().map(bias).collect();
        if row.kind == Kind::Stem {
            // On bytes `w * byte + b`; of `byte = real * std + mean` that is `(w * std) * real + (b + w * mean)`.
            for (at, weight) in weight.iter_mut().enumerate() {
                bias[output_channel(row, at)] += *weight * f64::from(backbone.input().mean[at % 3]);
                *weight *= f64::from(backbone.input().std[at % 3]);
            }
        }
        layers.push(FloatLayer { weight: to_f32(&weight), bias: to_f32(&bias) });
        input_scale = f64::from(layer.output.scale);
    }
    layers
}

fn to_f32(numbers: &[f64]) -> Vec<f32> {
    numbers.iter().map(|number| *number as f32).collect()
}

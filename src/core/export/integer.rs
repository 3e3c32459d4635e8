//! Integer: the int8 network in the terms of other runtimes, which round in places where our engine does not.
//!
//! Our engine adds a block's input before it rounds. Elsewhere the last convolution of the block is rounded first, so that
//! sum needs a range that no model file has. It gets the sum's own.
//! Measured on 423 furniture photos in ONNX Runtime, as top-1 agreement with our engine and largest and mean difference of
//! the logits: the sum's range 422, 0.43, 0.13; that range about zero 421, 0.44, 0.13; the range that cannot be left (the
//! sum's less the input's) 421, 0.46, 0.16; ranges measured on 60 of these very photos 423, 0.38, 0.13 as their average,
//! 421, 0.42, 0.14 as their extremes. Without that rounding (the sum reads a float convolution; in ONNX only) it is 422,
//! 0.22, 0.08, for 1.25 times the time. The photo that all but one get wrong has a margin of 0.05.

use super::geometry::output_channel;
use crate::network::{Backbone, Layer, Quantization};

/// What other runtimes need of one convolution besides its weights, which they take as they are.
pub(super) struct IntegerLayer {
    /// One a channel.
    pub weight_scale: Vec<f32>,
    /// One a channel, as a multiple of [`IntegerLayer::bias_scale`].
    pub bias: Vec<i32>,
    /// One a channel: the input's scale times the weight's.
    pub bias_scale: Vec<f32>,
}

/// The bytes that stand for zero in a picture, by colour: what a float network pads with, as our engine rounds it.
pub(super) fn zero_points(backbone: &Backbone) -> [u8; 3] {
    backbone.input().mean.map(|mean| mean.round_ties_even() as u8)
}

/// How the picture's bytes are read: as about -1 to 1, which is what other tools take them for.
pub(super) fn picture(backbone: &Backbone) -> Quantization {
    Quantization { scale: 1.0 / backbone.input().std[0], zero_point: zero_points(backbone)[0] }
}

/// Every layer; the first one reads a picture whose colours have these bytes for zero.
pub(super) fn layers(backbone: &Backbone, table: &[Layer], zero_points: [u8; 3]) -> Vec<IntegerLayer> {
    let mut input_scale = picture(backbone).scale;
    let mut layers = Vec::with_capacity(table.len());
    for (at, (row, layer)) in table.iter().zip(backbone.layers()).enumerate() {
        let (mut weight_scale, mut bias) = (layer.weight_scale.clone(), layer.bias.clone());
        if at == 0 {
            // Our stem reads plain bytes: `w * byte + b` is `w * (byte - zero) + (b + w * zero)`.
            for (at, weight) in layer.weight.iter().enumerate() {
                bias[output_channel(row, at)] += i32::from(*weight) * i32::from(zero_points[at % 3]);
            }
            weight_scale.iter_mut().for_each(|scale| *scale /= input_scale);
        }
        let bias_scale = weight_scale.iter().map(|scale| scale * input_scale).collect();
        layers.push(IntegerLayer { weight_scale, bias, bias_scale });
        input_scale = layer.output.scale;
    }
    layers
}

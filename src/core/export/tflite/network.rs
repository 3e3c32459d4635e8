//! Network: the layers in TFLite's operators, in int8 or in float.

use super::model::{Model, Operation, Scales, Type, Windows};
use crate::export::body::Body;
use crate::export::float::{FloatLayer, dequantize};
use crate::export::geometry::{is_same, kernel, pads, stride};
use crate::export::integer::{IntegerLayer, layers, picture, zero_points};
use crate::export::numbers::Numbers;
use crate::export::{Precision, Source};
use crate::network::{Backbone, Kind, Layer, QuantizedLayer};

/// Adds everything from the picture to the last layer; the tensor of the former comes back, and those that the tail makes.
pub(super) fn write(model: &mut Model, source: &Source, precision: Precision) -> (usize, Vec<usize>) {
    let spec = &source.backbone.input();
    let shape = [1, spec.side, spec.side, 3];
    match precision {
        Precision::Float => {
            let input = model.tensor("input", Type::Float32, &shape, None);
            let mean = model.constant("mean", &[3], &Numbers::F32(spec.mean.to_vec()), None);
            let std = model.constant("std", &[3], &Numbers::F32(spec.std.to_vec()), None);
            let centred = model.tensor("centred", Type::Float32, &shape, None);
            model.operate(Operation::Sub, &[input, mean], centred);
            let normalised = model.tensor("normalised", Type::Float32, &shape, None);
            model.operate(Operation::Div, &[centred, std], normalised);
            let numbers = Layers::Float(dequantize(source.backbone, &source.table));
            (input, Network { model, layers: numbers }.write(source, normalised))
        }
        Precision::Int8 => {
            let backbone = source.backbone;
            let input = model.tensor("input", Type::Uint8, &shape, Some(Scales::of(picture(backbone))));
            let picture = signed(model, backbone, &source.table[0], input);
            let integers = layers(backbone, &source.table, [zero_points(backbone)[0]; 3]);
            let numbers = Layers::Int8(backbone.layers(), integers);
            (input, Network { model, layers: numbers }.write(source, picture))
        }
    }
}

/// The picture as signed bytes, which operators with one weight scale a channel ask for.
fn signed(model: &mut Model, backbone: &Backbone, stem: &Layer, input: usize) -> usize {
    let zeros = zero_points(backbone);
    let framed = if zeros == [zeros[0]; 3] { input } else { frame(model, stem, zeros, input) };
    let shape = model.tensors[framed].shape.clone();
    let signed = model.tensor("picture", Type::Int8, &shape, Some(Scales::signed(picture(backbone))));
    model.operate(Operation::Quantize, &[framed], signed)
}

/// Puts the first layer's padding around the picture where it is a colour, which no operator pads with.
fn frame(model: &mut Model, stem: &Layer, colour: [u8; 3], input: usize) -> usize {
    let mut framed = input;
    for (axis, name) in [(1, "rows"), (2, "columns")] {
        let (mut shape, scales) = (model.tensors[framed].shape.clone(), model.tensors[framed].scales.clone());
        let mut part = |count: usize, place: &str| {
            let mut shape = shape.clone();
            shape[axis] = count;
            let pixels = colour.repeat(shape.iter().product::<usize>() / 3);
            let name = format!("{name}_{place}");
            (count > 0).then(|| model.constant(&name, &shape, &Numbers::U8(pixels), scales.clone()))
        };
        let [before, after] = pads(stem);
        let parts = [part(before, "before"), Some(framed), part(after, "after")].into_iter().flatten();
        let parts: Vec<usize> = parts.collect();
        shape[axis] += before + after;
        framed = model.tensor(&format!("with_{name}"), Type::Uint8, &shape, scales);
        model.operate(Operation::Concatenation { axis }, &parts, framed);
    }
    framed
}

/// The numbers of all layers, in either precision.
enum Layers<'a> {
    Float(Vec<FloatLayer>),
    Int8(&'a [QuantizedLayer], Vec<IntegerLayer>),
}

struct Network<'a> {
    model: &'a mut Model,
    layers: Layers<'a>,
}

impl Network<'_> {
    /// A tensor for what layer `at` makes, before a block's input is added and after.
    fn activation(&mut self, at: usize, name: &str, row: &Layer) -> usize {
        let (kind, scales) = match &self.layers {
            Layers::Float(_) => (Type::Float32, None),
            Layers::Int8(quantized, _) => (Type::Int8, Some(Scales::signed(quantized[at].output))),
        };
        let side = row.windows.out_side;
        self.model.tensor(name, kind, &[1, side, side, row.outputs], scales)
    }

    /// Weight and bias. TFLite orders weights as the table does.
    fn constants(&mut self, at: usize, row: &Layer) -> [usize; 2] {
        let (shape, axis) = match row.kind {
            Kind::Depthwise => ([1, 3, 3, row.outputs], 3),
            _ => ([row.outputs, kernel(row), kernel(row), row.inputs], 0),
        };
        let by_channel = |scale: &[f32], axis| Some(Scales { scale: scale.to_vec(), zero_point: 0, axis });
        let (weight, bias) = match &self.layers {
            Layers::Float(layers) => {
                let FloatLayer { weight, bias } = &layers[at];
                ((Numbers::F32(weight.clone()), None), (Numbers::F32(bias.clone()), None))
            }
            Layers::Int8(quantized, layers) => {
                let IntegerLayer { weight_scale, bias, bias_scale } = &layers[at];
                let weight = Numbers::I8(quantized[at].weight.clone());
                let bias = Numbers::I32(bias.clone());
                ((weight, by_channel(weight_scale, axis)), (bias, by_channel(bias_scale, 0)))
            }
        };
        [
            self.model.constant(&format!("{}/weight", row.name), &shape, &weight.0, weight.1),
            self.model.constant(&format!("{}/bias", row.name), &[row.outputs], &bias.0, bias.1),
        ]
    }

    /// Puts zeros around a tensor where its layer wants other rows of them than SAME does.
    fn padded(&mut self, row: &Layer, input: usize) -> usize {
        let has_frame = self.model.tensors[input].shape[1] > row.windows.in_side;
        if is_same(row) || has_frame {
            return input;
        }
        let [before, after] = pads(row);
        let rows = [[0; 2], [before, after], [before, after], [0; 2]].concat();
        let rows = Numbers::I32(rows.into_iter().map(|rows| rows as i32).collect());
        let rows = self.model.constant(&format!("{}/pads", row.name), &[4, 2], &rows, None);
        let (kind, scales) = (self.model.tensors[input].kind, self.model.tensors[input].scales.clone());
        let side = before + row.windows.in_side + after;
        let padded = self.model.tensor(&format!("{}/padded", row.name), kind, &[1, side, side, row.inputs], scales);
        self.model.operate(Operation::Pad, &[input, rows], padded)
    }
}

impl Body for Network<'_> {
    type Tensor = usize;

    fn convolution(&mut self, at: usize, row: &Layer, input: &usize) -> usize {
        let input = self.padded(row, *input);
        let same = self.model.tensors[input].shape[1] == row.windows.in_side;
        let [weight, bias] = self.constants(at, row);
        let output = self.activation(at, &row.name, row);
        let (windows, relu6) = (Windows { same, stride: stride(row) }, row.has_relu6());
        let operation = match row.kind {
            Kind::Depthwise => Operation::DepthwiseConv2D { windows, relu6 },
            _ => Operation::Conv2D { windows, relu6 },
        };
        self.model.operate(operation, &[input, weight, bias], output)
    }

    fn sum(&mut self, at: usize, row: &Layer, skipped: &usize, projected: &usize) -> usize {
        let output = self.activation(at, &format!("{}_add", row.name), row);
        self.model.operate(Operation::Add, &[*skipped, *projected], output)
    }
}

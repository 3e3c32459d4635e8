//! Pack: from a backbone's numbers to kernels.
//!
//! Every sum of products starts from a bias that already holds what the input's zero point adds
//! (`sum((byte - zero) * w) = sum(byte * w) - zero * sum(w)`), so the kernels multiply plain bytes.

use super::backbone::{Backbone, Quantization, QuantizedLayer};
use super::block::Block;
use super::run::Packed;
use super::table::{Kind, Layer};
use mobilenet_kernel::lanes::Lanes;
use mobilenet_kernel::{Depthwise, Pointwise, Requantize, Residual, Stem};

/// The colour that a float network sees as zero.
pub(super) fn padding(backbone: &Backbone) -> [u8; 3] {
    backbone.input().mean.map(|mean| mean.round_ties_even() as u8)
}

pub(super) fn pack<L: Lanes>(lanes: L, backbone: &Backbone) -> Packed<L> {
    let table = backbone.architecture().layers();
    let mut packer = Packer { lanes, table: &table, layers: backbone.layers(), input: Quantization::PICTURE, next: 0 };
    let stem = packer.stem(padding(backbone));
    let mut blocks = Vec::new();
    while packer.table[packer.next].kind != Kind::Last {
        blocks.push(packer.block());
    }
    let last = packer.pointwise(Quantization::PICTURE);
    let row = &table[table.len() - 1];
    Packed {
        lanes,
        stem,
        blocks,
        last,
        stem_len: table[0].output_len(),
        positions: row.windows.out_side.pow(2),
        tail: backbone.architecture().tail().iter().map(|layer| layer.outputs).collect(),
        feature_scale: packer.input.scale / row.windows.out_side.pow(2) as f32,
    }
}

/// Walks the layers; `input` is how the next one's input is stored.
struct Packer<'a, L> {
    lanes: L,
    table: &'a [Layer],
    layers: &'a [QuantizedLayer],
    input: Quantization,
    next: usize,
}

impl<'a, L: Lanes> Packer<'a, L> {
    fn next(&mut self) -> (&'a Layer, &'a QuantizedLayer, Requantize) {
        let (row, layer) = (&self.table[self.next], &self.layers[self.next]);
        let requantize = requantize(row, layer, self.input);
        (self.next, self.input) = (self.next + 1, layer.output);
        (row, layer, requantize)
    }

    fn stem(&mut self, padding: [u8; 3]) -> Stem<L> {
        let (row, layer, requantize) = self.next();
        Stem::new(self.lanes, row.windows, padding, &layer.weight, &requantize)
    }

    /// `skipped` is how the block's own input is stored.
    fn pointwise(&mut self, skipped: Quantization) -> Pointwise<L> {
        let (row, layer, requantize) = self.next();
        Pointwise::new(self.lanes, &layer.weight, &requantize, residual(row, skipped, layer))
    }

    fn block(&mut self) -> Block<L> {
        let (first_layer, skipped) = (self.next, self.input);
        let inputs = self.table[first_layer].inputs;
        let expand = (self.table[first_layer].kind == Kind::Expand).then(|| self.pointwise(Quantization::PICTURE));
        let (row, layer, requantize) = self.next();
        let depthwise = Depthwise::new(self.lanes, row.windows, &layer.weight, &requantize);
        let outputs = self.table[self.next].outputs;
        Block { expand, depthwise, project: self.pointwise(skipped), first_layer, inputs, wide: row.outputs, outputs }
    }
}

/// How the block's input, stored as `skipped`, is added in this layer, where it is.
pub(super) fn residual(row: &Layer, skipped: Quantization, layer: &QuantizedLayer) -> Option<Residual> {
    row.residual.then(|| Residual {
        zero_point: skipped.zero_point,
        multiplier: (f64::from(skipped.scale) / f64::from(layer.output.scale)) as f32,
    })
}

/// The last step of a layer whose input is stored as `input`.
pub(super) fn requantize(row: &Layer, layer: &QuantizedLayer, input: Quantization) -> Requantize {
    let zero_point = i32::from(input.zero_point);
    let weights_of = |channel: usize| -> i32 {
        let inputs = row.weight_len() / row.outputs;
        // A depthwise layer's weights are not together, but its input's zero point is always 0.
        layer.weight[channel * inputs..][..inputs].iter().map(|w| i32::from(*w)).sum()
    };
    let bias = layer.bias.iter().enumerate();
    let bias = bias.map(|(channel, bias)| bias - zero_point * weights_of(channel)).collect();
    let scale = f64::from(input.scale) / f64::from(layer.output.scale);
    let multiplier = layer.weight_scale.iter().map(|weight| (scale * f64::from(*weight)) as f32).collect();
    Requantize::new(bias, multiplier, layer.output.zero_point)
}

//! Pack: from a backbone's numbers to kernels.
//!
//! Every sum of products starts from a bias that already holds what the input's zero point adds
//! (`sum((byte - zero) * w) = sum(byte * w) - zero * sum(w)`), so the kernels multiply plain bytes.

use super::backbone::{Backbone, Quantization, QuantizedLayer};
use super::table::{Kind, Layer};
use super::{Block, Lengths, Network};
use crate::kernel::{Depthwise, Pointwise, Requantize, Residual, Stem};

/// The picture's own bytes: mean and deviation are folded into the first layer.
const PICTURE: Quantization = Quantization { scale: 1.0, zero_point: 0 };

pub(super) fn pack(backbone: &Backbone) -> Network {
    let table = backbone.architecture.layers();
    let mut packer = Packer { table: &table, layers: &backbone.layers, input: PICTURE };
    let stem = packer.stem(backbone.input.mean.map(|mean| mean.round_ties_even() as u8));
    let mut blocks = Vec::new();
    while packer.table[0].kind != Kind::Last {
        blocks.push(packer.block());
    }
    let last = packer.pointwise(None);
    let positions = table[table.len() - 1].windows.out_side.pow(2);
    Network {
        stem,
        blocks,
        last,
        lengths: lengths(&table, backbone.input.input_len()),
        feature_scale: packer.input.scale / positions as f32,
    }
}

fn lengths(table: &[Layer], input: usize) -> Lengths {
    let longest = |kinds: &[Kind]| {
        let rows = table.iter().filter(|row| kinds.contains(&row.kind));
        rows.map(Layer::output_len).max().unwrap_or(0)
    };
    let last = &table[table.len() - 1];
    Lengths {
        input,
        stem: table[0].output_len(),
        last: last.output_len(),
        features: last.outputs,
        narrow: longest(&[Kind::Stem, Kind::Project]),
        wide: longest(&[Kind::Expand, Kind::Depthwise, Kind::Last]),
        channels: table.iter().map(|row| row.outputs).max().unwrap_or(0),
    }
}

/// Walks the layers; `input` is how the next one's input is stored.
struct Packer<'a> {
    table: &'a [Layer],
    layers: &'a [QuantizedLayer],
    input: Quantization,
}

impl<'a> Packer<'a> {
    fn next(&mut self) -> (&'a Layer, &'a QuantizedLayer, Requantize) {
        let (row, layer) = (&self.table[0], &self.layers[0]);
        let requantize = requantize(row, layer, self.input);
        (self.table, self.layers, self.input) = (&self.table[1..], &self.layers[1..], layer.output);
        (row, layer, requantize)
    }

    fn stem(&mut self, padding: [u8; 3]) -> Stem {
        let (row, layer, requantize) = self.next();
        Stem::new(row.windows, padding, &layer.weight, requantize)
    }

    fn pointwise(&mut self, residual: Option<Residual>) -> Pointwise {
        let (row, layer, requantize) = self.next();
        Pointwise::new(row.inputs, &layer.weight, requantize, residual)
    }

    fn block(&mut self) -> Block {
        let skipped = self.input;
        let expand = (self.table[0].kind == Kind::Expand).then(|| (self.table[0].output_len(), self.pointwise(None)));
        let (row, layer, requantize) = self.next();
        let depthwise = Depthwise::new(row.windows, &layer.weight, requantize);
        let project = &self.table[0];
        let residual = project.residual.then(|| Residual {
            zero_point: skipped.zero_point,
            multiplier: (f64::from(skipped.scale) / f64::from(self.layers[0].output.scale)) as f32,
        });
        let (expanded, expand) = expand.map_or((0, None), |(length, layer)| (length, Some(layer)));
        Block {
            expand,
            expanded,
            depthwise,
            filtered: row.output_len(),
            output: project.output_len(),
            project: self.pointwise(residual),
        }
    }
}

fn requantize(row: &Layer, layer: &QuantizedLayer, input: Quantization) -> Requantize {
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

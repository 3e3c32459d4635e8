//! Integer: the int8 network as a float graph in which every tensor is rounded to bytes and taken back (QDQ), which is how
//! runtimes know what they may compute in integers.
//!
//! Weights are unsigned, each 128 more than it is, with 128 for zero. Products of unsigned and signed bytes are what ONNX Runtime
//! adds up in 16 bits on x86 without VNNI, where they do not fit: with signed weights and its default options, 401 of
//! 423 furniture photos had our engine's answer there, with unsigned ones 422. They take longer there (11.5 against 7.3 ms), and
//! no longer in its web build.

use super::graph::{Graph, int};
use super::windows;
use crate::export::Source;
use crate::export::body::Body;
use crate::export::geometry::onnx_order;
use crate::export::integer::{IntegerLayer, layers, picture, zero_points};
use crate::export::numbers::Numbers;
use crate::network::{Layer, Quantization, QuantizedLayer};

/// The byte that stands for a weight of zero.
const NO_WEIGHT: u8 = 128;

/// Writes everything from the picture to the last layer; what those of the tail make comes back.
pub(super) fn write(graph: &mut Graph, source: &Source, picture_bytes: &str) -> Vec<String> {
    let backbone = source.backbone;
    let zeros = zero_points(backbone);
    let mut network = Network { graph, quantized: backbone.layers(), layers: layers(backbone, &source.table, zeros) };
    let picture = network.picture(picture_bytes, picture(backbone).scale, zeros);
    network.write(source, picture)
}

struct Network<'a> {
    graph: &'a mut Graph,
    quantized: &'a [QuantizedLayer],
    layers: Vec<IntegerLayer>,
}

impl Network<'_> {
    /// Takes the picture's bytes for what they stand for. Only where colours differ in their zero each has its own, because
    /// runtimes then compute the first layer in float.
    fn picture(&mut self, bytes: &str, scale: f32, zeros: [u8; 3]) -> String {
        if zeros == [zeros[0]; 3] {
            return self.dequantize(bytes, "picture", Quantization { scale, zero_point: zeros[0] });
        }
        let scale = self.graph.constant("picture/scale", &[3], &Numbers::F32(vec![scale; 3]));
        let zeros = self.graph.constant("picture/zero_point", &[3], &Numbers::U8(zeros.to_vec()));
        self.graph.node("DequantizeLinear", &[bytes, &scale, &zeros], "picture", vec![int("axis", 1)])
    }

    fn dequantize(&mut self, bytes: &str, name: &str, stored: Quantization) -> String {
        let scale = self.graph.constant(&format!("{name}/scale"), &[], &Numbers::F32(vec![stored.scale]));
        let zero = self.graph.constant(&format!("{name}/zero_point"), &[], &Numbers::U8(vec![stored.zero_point]));
        self.graph.node("DequantizeLinear", &[bytes, &scale, &zero], name, vec![])
    }

    /// Rounds a tensor to bytes and takes it back. What lies outside of their range saturates, which makes a ReLU6 of it where
    /// that is the range.
    fn round(&mut self, exact: &str, name: &str, stored: Quantization) -> String {
        let (scale, zero, bytes) = (format!("{name}/scale"), format!("{name}/zero_point"), format!("{name}/bytes"));
        self.graph.node("QuantizeLinear", &[exact, &scale, &zero], &bytes, vec![]);
        self.dequantize(&bytes, name, stored)
    }
}

impl Body for Network<'_> {
    type Tensor = String;

    fn convolution(&mut self, at: usize, row: &Layer, input: &String) -> String {
        let (quantized, layer) = (&self.quantized[at], &self.layers[at]);
        let weight = weight(self.graph, row, &quantized.weight, &layer.weight_scale);
        let bias = bias(self.graph, row, &layer.bias, &layer.bias_scale);
        let sums = self.graph.node("Conv", &[input, &weight, &bias], &format!("{}/sums", row.name), windows(row));
        self.round(&sums, &row.name, quantized.output)
    }

    fn sum(&mut self, at: usize, row: &Layer, skipped: &String, projected: &String) -> String {
        let name = format!("{}_add", row.name);
        let sums = self.graph.node("Add", &[skipped, projected], &format!("{name}/sums"), vec![]);
        self.round(&sums, &name, self.quantized[at].output)
    }
}

/// A layer's weights, unsigned.
fn weight(graph: &mut Graph, row: &Layer, weight: &[i8], scale: &[f32]) -> String {
    let name = format!("{}/weight", row.name);
    let (shape, weight) = onnx_order(row, weight);
    let unsigned = weight.iter().map(|weight| weight.cast_unsigned() ^ NO_WEIGHT).collect();
    let bytes = graph.constant(&format!("{name}/bytes"), &shape, &Numbers::U8(unsigned));
    let scale = graph.constant(&format!("{name}/scale"), &[row.outputs], &Numbers::F32(scale.to_vec()));
    let zeros = Numbers::U8(vec![NO_WEIGHT; row.outputs]);
    let zeros = graph.constant(&format!("{name}/zero_point"), &[row.outputs], &zeros);
    graph.node("DequantizeLinear", &[&bytes, &scale, &zeros], &name, vec![int("axis", 0)])
}

fn bias(graph: &mut Graph, row: &Layer, bias: &[i32], scale: &[f32]) -> String {
    let name = format!("{}/bias", row.name);
    let sums = graph.constant(&format!("{name}/sums"), &[row.outputs], &Numbers::I32(bias.to_vec()));
    let scale = graph.constant(&format!("{name}/scale"), &[row.outputs], &Numbers::F32(scale.to_vec()));
    graph.node("DequantizeLinear", &[&sums, &scale], &name, vec![int("axis", 0)])
}

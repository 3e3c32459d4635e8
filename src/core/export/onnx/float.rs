//! Float: the network in float32.

use super::graph::Graph;
use super::windows;
use crate::export::Source;
use crate::export::body::Body;
use crate::export::float::{FloatLayer, dequantize};
use crate::export::geometry::onnx_order;
use crate::export::numbers::Numbers;
use crate::network::Layer;

/// Writes everything from the picture to the last layer; what those of the tail make comes back.
pub(super) fn write(graph: &mut Graph, source: &Source, picture: &str) -> Vec<String> {
    let input = &source.backbone.input();
    graph.constant("mean", &[3, 1, 1], &Numbers::F32(input.mean.to_vec()));
    graph.constant("std", &[3, 1, 1], &Numbers::F32(input.std.to_vec()));
    graph.constant("zero", &[], &Numbers::F32(vec![0.0]));
    graph.constant("six", &[], &Numbers::F32(vec![6.0]));
    graph.node("Sub", &[picture, "mean"], "centred", vec![]);
    let picture = graph.node("Div", &["centred", "std"], "normalised", vec![]);
    Network { graph, layers: dequantize(source.backbone, &source.table) }.write(source, picture)
}

struct Network<'a> {
    graph: &'a mut Graph,
    layers: Vec<FloatLayer>,
}

impl Body for Network<'_> {
    type Tensor = String;

    fn convolution(&mut self, at: usize, row: &Layer, input: &String) -> String {
        let (name, layer) = (&row.name, &self.layers[at]);
        let (shape, weight) = onnx_order(row, &layer.weight);
        let weight = self.graph.constant(&format!("{name}/weight"), &shape, &Numbers::F32(weight));
        let bias = self.graph.constant(&format!("{name}/bias"), &[row.outputs], &Numbers::F32(layer.bias.clone()));
        let output = self.graph.node("Conv", &[input, &weight, &bias], name, windows(row));
        if row.has_relu6() {
            self.graph.node("Clip", &[&output, "zero", "six"], &format!("{name}_relu"), vec![])
        } else {
            output
        }
    }

    fn sum(&mut self, _: usize, row: &Layer, skipped: &String, projected: &String) -> String {
        self.graph.node("Add", &[skipped, projected], &format!("{}_add", row.name), vec![])
    }
}

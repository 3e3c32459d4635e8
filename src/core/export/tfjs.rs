//! TensorFlow.js: a graph model, `model.json` with the graph and `weights.bin` with its numbers.
//!
//! The operators are those that TensorFlow's own converter ends with, bias and ReLU6 inside of their convolution. One output, so that
//! `model.predict` gives one tensor; `model.execute(input, "embedding")` or `"logits"` gives the others. The head's weight is turned
//! here and not by the operator's `transpose_b`, of which the wasm backend 4.22.0 makes wrong numbers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::Source;
use super::body::Body;
use super::float::{FloatLayer, dequantize};
use super::geometry::{is_same, keras_dense, keras_order, pads, stride};
use super::numbers::Numbers;
use crate::network::{Kind, Layer};

const MODEL: &str = "model.json";
const WEIGHTS: &str = "weights.bin";

/// Both files.
pub(super) fn write(source: &Source) -> Vec<(&'static str, Vec<u8>)> {
    let mut graph = Graph::default();
    let picture = input(&mut graph, source);
    let layers = dequantize(source.backbone, &source.table);
    let tail = Network { graph: &mut graph, layers }.write(source, picture);
    let (output, numbers) = head(&mut graph, source, &tail);
    let side = source.backbone.input().side;
    let model = json!({
        "format": "graph-model",
        "generatedBy": concat!("mobilenet-web ", env!("CARGO_PKG_VERSION")),
        "userDefinedMetadata": source.properties(),
        "signature": {
            "inputs": { "input": signature("input", &[side, side, 3]) },
            "outputs": { output: signature(output, &[numbers]) },
        },
        "modelTopology": { "node": graph.nodes, "library": {}, "versions": {} },
        "weightsManifest": [{ "paths": [WEIGHTS], "weights": graph.manifest }],
    });
    vec![(WEIGHTS, graph.weights), (MODEL, model.to_string().into_bytes())]
}

/// The picture, normalised.
fn input(graph: &mut Graph, source: &Source) -> String {
    let input = &source.backbone.input();
    let shape = json!({ "shape": dimensions(&[input.side, input.side, 3]) });
    graph.node("Placeholder", "input", &[], json!({ "dtype": FLOAT.kind(), "shape": shape }));
    graph.constant("mean", &[3], &Numbers::F32(input.mean.to_vec()));
    graph.constant("std", &[3], &Numbers::F32(input.std.to_vec()));
    graph.node("Sub", "centred", &["input", "mean"], json!({ "T": FLOAT.kind() }));
    graph.node("RealDiv", "normalised", &["centred", "std"], json!({ "T": FLOAT.kind() }))
}

/// Pooling and head; the answer's name and length come back.
fn head(graph: &mut Graph, source: &Source, tail: &[String]) -> (&'static str, usize) {
    embedding(graph, tail);
    let Some(head) = source.head else { return ("embedding", source.embedding_len()) };
    let classes = head.labels().len();
    let (shape, weight) = keras_dense(&source.dense(head), classes);
    graph.constant("head/weight", &shape, &Numbers::F32(weight));
    graph.constant("head/bias", &[classes], &Numbers::F32(head.bias().to_vec()));
    let attributes = json!({
        "T": FLOAT.kind(),
        "transpose_a": { "b": false },
        "transpose_b": { "b": false },
        "num_args": { "i": "1" },
        "fused_ops": texts(&["BiasAdd"]),
    });
    graph.node("_FusedMatMul", "logits", &["embedding", "head/weight", "head/bias"], attributes);
    graph.node("Softmax", "probabilities", &["logits"], json!({ "T": FLOAT.kind() }));
    ("probabilities", classes)
}

/// The means of these tensors over all positions, one after the other.
fn embedding(graph: &mut Graph, tail: &[String]) {
    graph.constant("positions", &[2], &Numbers::I32(vec![1, 2]));
    let mut mean = |name: &str, of: &str| {
        let attributes = json!({ "T": FLOAT.kind(), "Tidx": INT.kind(), "keep_dims": { "b": false } });
        graph.node("Mean", name, &[of, "positions"], attributes)
    };
    if let [last] = tail {
        mean("embedding", last);
        return;
    }
    let mut parts: Vec<String> = tail.iter().map(|of| mean(&format!("{of}/mean"), of)).collect();
    parts.push(graph.constant("axis", &[], &Numbers::I32(vec![1])));
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let attributes = json!({ "T": FLOAT.kind(), "Tidx": INT.kind(), "N": { "i": tail.len().to_string() } });
    graph.node("ConcatV2", "embedding", &parts, attributes);
}

/// A type by its two names, that of TensorFlow and that of TensorFlow.js.
#[derive(Clone, Copy)]
struct Type(&'static str, &'static str);

const FLOAT: Type = Type("DT_FLOAT", "float32");
const INT: Type = Type("DT_INT32", "int32");

impl Type {
    fn kind(self) -> Value {
        json!({ "type": self.0 })
    }
}

/// A graph in the making. Tensors are referred to by their names.
#[derive(Default)]
struct Graph {
    nodes: Vec<Value>,
    /// Name, shape and type of what lies in `weights`, in that order.
    manifest: Vec<Value>,
    weights: Vec<u8>,
}

impl Graph {
    fn node(&mut self, operator: &str, name: &str, inputs: &[&str], attributes: Value) -> String {
        self.nodes.push(json!({ "name": name, "op": operator, "input": inputs, "attr": attributes }));
        name.to_owned()
    }

    fn constant(&mut self, name: &str, shape: &[usize], numbers: &Numbers) -> String {
        let kind = if matches!(numbers, Numbers::I32(_)) { INT } else { FLOAT };
        let tensor = json!({ "dtype": kind.0, "tensorShape": { "dim": sizes(shape) } });
        self.manifest.push(json!({ "name": name, "shape": shape, "dtype": kind.1 }));
        self.weights.extend(numbers.to_bytes());
        self.node("Const", name, &[], json!({ "dtype": kind.kind(), "value": { "tensor": tensor } }))
    }
}

struct Network<'a> {
    graph: &'a mut Graph,
    layers: Vec<FloatLayer>,
}

impl Body for Network<'_> {
    type Tensor = String;

    fn convolution(&mut self, at: usize, row: &Layer, input: &String) -> String {
        let (name, layer) = (&row.name, &self.layers[at]);
        let (shape, weight) = keras_order(row, &layer.weight);
        let weight = self.graph.constant(&format!("{name}/weight"), &shape, &Numbers::F32(weight));
        let bias = self.graph.constant(&format!("{name}/bias"), &[row.outputs], &Numbers::F32(layer.bias.clone()));
        let operator = if row.kind == Kind::Depthwise { "FusedDepthwiseConv2dNative" } else { "_FusedConv2D" };
        self.graph.node(operator, name, &[input, &weight, &bias], attributes(row))
    }

    fn sum(&mut self, _: usize, row: &Layer, skipped: &String, projected: &String) -> String {
        let name = format!("{}_add", row.name);
        self.graph.node("AddV2", &name, &[skipped, projected], json!({ "T": FLOAT.kind() }))
    }
}

/// What a convolution's node says besides its inputs.
fn attributes(row: &Layer) -> Value {
    let stride = stride(row);
    let [before, after] = pads(row);
    let explicit = [0, 0, before, after, before, after, 0, 0];
    json!({
        "T": FLOAT.kind(),
        "data_format": text("NHWC"),
        "strides": integers(&[1, stride, stride, 1]),
        "dilations": integers(&[1; 4]),
        "padding": text(if is_same(row) { "SAME" } else { "EXPLICIT" }),
        "explicit_paddings": integers(if is_same(row) { &[] } else { &explicit }),
        "num_args": { "i": "1" },
        "fused_ops": texts(if row.has_relu6() { &["BiasAdd", "Relu6"] } else { &["BiasAdd"] }),
    })
}

/// Protobuf's JSON writes bytes in base64, and 64-bit integers as strings.
fn text(text: &str) -> Value {
    json!({ "s": BASE64.encode(text) })
}

fn texts(texts: &[&str]) -> Value {
    json!({ "list": { "s": texts.iter().map(|text| BASE64.encode(text)).collect::<Vec<_>>() } })
}

fn integers(values: &[usize]) -> Value {
    json!({ "list": { "i": values.iter().map(usize::to_string).collect::<Vec<_>>() } })
}

fn sizes(shape: &[usize]) -> Vec<Value> {
    shape.iter().map(|size| json!({ "size": size.to_string() })).collect()
}

/// A shape whose first size, the number of pictures, is left open.
fn dimensions(shape: &[usize]) -> Value {
    let sizes: Vec<Value> = std::iter::once(json!({ "size": "-1" })).chain(sizes(shape)).collect();
    json!({ "dim": sizes })
}

fn signature(name: &str, shape: &[usize]) -> Value {
    json!({ "name": format!("{name}:0"), "dtype": FLOAT.0, "tensorShape": dimensions(shape) })
}

//! ONNX: a file for ONNX Runtime, its web build and everything else that knows opset 13.
//!
//! The number of pictures is left open. With a head there is a second output, `logits`.

mod float;
mod graph;
mod integer;
mod message;

use prost::Message;
use serde_json::Value;

use super::Source;
use super::about::{EMBEDDING, INPUT, LOGITS, PROBABILITIES};
use super::geometry::{kernel, pads, stride};
use super::numbers::Numbers;
use crate::network::{Kind, Layer};
use graph::{Graph, int, ints};
use message::{AttributeProto, DataType, ModelProto, OperatorSetIdProto, StringStringEntryProto};

/// The oldest operator set in which `DequantizeLinear` has a scale for each channel, and its release's file version.
const OPSET: i64 = 13;
const IR_VERSION: i64 = 7;

/// The file in float.
pub(super) fn float(source: &Source) -> Vec<u8> {
    let mut graph = Graph::default();
    let picture = input(&mut graph, source, DataType::Float);
    let tail = float::write(&mut graph, source, &picture);
    output(&mut graph, source, &tail);
    file(graph, source)
}

/// The file in int8.
pub(super) fn integer(source: &Source) -> Vec<u8> {
    let mut graph = Graph::default();
    let picture = input(&mut graph, source, DataType::Uint8);
    let tail = integer::write(&mut graph, source, &picture);
    output(&mut graph, source, &tail);
    file(graph, source)
}

/// The picture, turned from the order that decoders give it in to the one that ONNX convolves.
fn input(graph: &mut Graph, source: &Source, kind: DataType) -> String {
    let side = source.backbone.input().side;
    graph.input("input", kind, &[side, side, 3], INPUT);
    graph.node("Transpose", &["input"], "channels_first", vec![ints("perm", &[0, 3, 1, 2])])
}

/// Pooling and head, in float in both files.
fn output(graph: &mut Graph, source: &Source, tail: &[String]) {
    let numbers = source.embedding_len();
    embedding(graph, tail);
    let Some(head) = source.head else {
        return graph.output("embedding", &[numbers], EMBEDDING);
    };
    let classes = head.labels().len();
    graph.constant("head/weight", &[classes, numbers], &Numbers::F32(source.dense(head)));
    graph.constant("head/bias", &[classes], &Numbers::F32(head.bias().to_vec()));
    graph.node("Gemm", &["embedding", "head/weight", "head/bias"], "logits", vec![int("transB", 1)]);
    graph.node("Softmax", &["logits"], "probabilities", vec![int("axis", 1)]);
    graph.output("probabilities", &[classes], PROBABILITIES);
    graph.output("logits", &[classes], LOGITS);
}

/// The means of these tensors over all positions, one after the other.
fn embedding(graph: &mut Graph, tail: &[String]) {
    let mut pool = |of: &str, name: &str| graph.node("GlobalAveragePool", &[of], name, vec![]);
    if let [last] = tail {
        pool(last, "pooled");
    } else {
        let parts: Vec<String> = tail.iter().map(|of| pool(of, &format!("{of}/pooled"))).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        graph.node("Concat", &parts, "pooled", vec![int("axis", 1)]);
    }
    graph.node("Flatten", &["pooled"], "embedding", vec![]);
}

fn file(mut graph: Graph, source: &Source) -> Vec<u8> {
    graph.0.name = "mobilenet".to_owned();
    let property = |(key, value): (&String, &Value)| {
        // Texts as they are, everything else as JSON.
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        StringStringEntryProto { key: key.clone(), value }
    };
    let properties = source.properties();
    let model = ModelProto {
        ir_version: IR_VERSION,
        producer_name: "mobilenet-web".to_owned(),
        producer_version: env!("CARGO_PKG_VERSION").to_owned(),
        graph: Some(graph.0),
        opset_import: vec![OperatorSetIdProto { domain: String::new(), version: OPSET }],
        metadata_props: properties.as_object().into_iter().flatten().map(property).collect(),
    };
    model.encode_to_vec()
}

/// The attributes of a layer's `Conv`.
fn windows(row: &Layer) -> Vec<AttributeProto> {
    let [before, after] = pads(row);
    let groups = if row.kind == Kind::Depthwise { row.outputs } else { 1 };
    vec![
        ints("kernel_shape", &[kernel(row); 2]),
        ints("strides", &[stride(row); 2]),
        ints("pads", &[before, before, after, after]),
        int("group", groups),
    ]
}

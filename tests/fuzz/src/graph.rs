//! ONNX networks: small ones to start from, and changes to them that leave them ONNX networks.

use std::sync::LazyLock;

use libfuzzer_sys::fuzzer_mutate;
use mobilenet_core::base::rng::Rng;
use prost::Message as _;
use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::tensor_shape_proto::{Dimension, dimension::Value as Size};
use tract_onnx::pb::type_proto::{Tensor, Value};
use tract_onnx::pb::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, TensorShapeProto, TypeProto,
    ValueInfoProto,
};

/// Operators that a changed node may become: all that tract has, in an order that stays.
static OPERATORS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut operators: Vec<String> = tract_onnx::onnx().op_register.0.into_keys().collect();
    operators.sort_unstable();
    operators
});

/// Attributes that decide shapes.
const ATTRIBUTES: [&str; 21] = [
    "axis",
    "axes",
    "kernel_shape",
    "strides",
    "pads",
    "dilations",
    "group",
    "transB",
    "to",
    "perm",
    "mode",
    "auto_pad",
    "k",
    "blocksize",
    "bits",
    "block_size",
    "hidden_size",
    "num_heads",
    "size",
    "K",
    "N",
];

/// Sizes from which much goes wrong.
const SIZES: [i64; 14] = [0, 1, 2, 3, 4, 7, 32, 1000, 1 << 20, 1 << 31, 1 << 40, i64::MAX, -1, i64::MIN];

/// Changes a network; what is none as yet changes byte by byte.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let model = ModelProto::decode(&data[..size])
        .ok()
        .filter(|model| model.graph.as_ref().is_some_and(|graph| !graph.node.is_empty()));
    let Some(mut model) = model.filter(|_| seed % 8 > 0) else { return fuzzer_mutate(data, size, max_size) };
    let mut rng = Rng::new(seed.into());
    let graph = model.graph.as_mut().expect("it was asked for");
    for _ in 0..=rng.below(3) {
        change(graph, &mut rng);
    }
    let bytes = model.encode_to_vec();
    if bytes.len() > max_size {
        return size;
    }
    data[..bytes.len()].copy_from_slice(&bytes);
    bytes.len()
}

fn change(graph: &mut GraphProto, rng: &mut Rng) {
    let at = rng.below(graph.node.len());
    match rng.below(9) {
        0 => graph.node[at].op_type = pick(rng, &OPERATORS).clone(),
        1 => rewire(graph, at, rng),
        2 if graph.node.len() > 1 => drop(graph.node.remove(at)),
        3 => insert(graph, at, rng),
        4 => attribute(&mut graph.node[at], rng),
        5 if !graph.initializer.is_empty() => tensor(graph, rng),
        6 => input(graph, rng),
        7 => constant(graph, at, rng),
        _ => graph.output = vec![named(&pick(rng, &graph.node).output.first().cloned().unwrap_or_default())],
    }
}

fn pick<'a, T>(rng: &mut Rng, items: &'a [T]) -> &'a T {
    &items[rng.below(items.len())]
}

fn names(graph: &GraphProto) -> Vec<String> {
    let made = graph.node.iter().flat_map(|node| node.output.clone());
    made.chain(graph.input.iter().map(|input| input.name.clone()))
        .chain(graph.initializer.iter().map(|tensor| tensor.name.clone()))
        .collect()
}

/// Gives a node another input, or one more.
fn rewire(graph: &mut GraphProto, at: usize, rng: &mut Rng) {
    let name = pick(rng, &names(graph)).clone();
    let inputs = &mut graph.node[at].input;
    match rng.below(inputs.len() + 1) {
        place if place < inputs.len() => inputs[place] = name,
        _ => inputs.push(name),
    }
}

/// Puts a node of one input between a node and what it reads.
fn insert(graph: &mut GraphProto, at: usize, rng: &mut Rng) {
    let Some(before) = graph.node[at].input.first().cloned() else { return };
    let output = format!("made {}", rng.next_u64());
    let operator = pick(rng, &OPERATORS).clone();
    graph.node[at].input[0].clone_from(&output);
    graph.node.insert(at, node(&operator, &[&before], &output, vec![]));
}

fn attribute(node: &mut NodeProto, rng: &mut Rng) {
    if node.attribute.is_empty() || rng.below(3) == 0 {
        let sizes: Vec<i64> = (0..rng.below(6)).map(|_| *pick(rng, &SIZES)).collect();
        let made = if rng.below(2) == 0 {
            ints(ATTRIBUTES[rng.below(ATTRIBUTES.len())], &sizes)
        } else {
            int(ATTRIBUTES[rng.below(ATTRIBUTES.len())], *pick(rng, &SIZES))
        };
        node.attribute.push(made);
        return;
    }
    let at = rng.below(node.attribute.len());
    let attribute = &mut node.attribute[at];
    match attribute.ints.len() {
        0 => attribute.i = *pick(rng, &SIZES),
        length => attribute.ints[rng.below(length)] = *pick(rng, &SIZES),
    }
}

fn tensor(graph: &mut GraphProto, rng: &mut Rng) {
    let at = rng.below(graph.initializer.len());
    let tensor = &mut graph.initializer[at];
    match rng.below(4) {
        0 => tensor.data_type = rng.below(18) as i32,
        1 => tensor.dims.push(*pick(rng, &SIZES)),
        2 if !tensor.dims.is_empty() => tensor.dims[0] = *pick(rng, &SIZES),
        _ => tensor.float_data.truncate(rng.below(tensor.float_data.len() + 1)),
    }
}

fn input(graph: &mut GraphProto, rng: &mut Rng) {
    let Some(input) = graph.input.first_mut() else { return };
    let shape =
        [*pick(rng, &[1, 1, 0, 2]), *pick(rng, &[3, 3, 32]), *pick(rng, &[32, 33, 64]), *pick(rng, &[32, 33, 3])];
    *input = picture(&input.name, &shape, *pick(rng, &[DataType::Float, DataType::Float16, DataType::Uint8]));
}

/// Gives a node a constant of integers to read, as shapes and axes are.
fn constant(graph: &mut GraphProto, at: usize, rng: &mut Rng) {
    let name = format!("made {}", rng.next_u64());
    let sizes: Vec<i64> = (0..rng.below(5)).map(|_| *pick(rng, &SIZES)).collect();
    graph.initializer.push(TensorProto {
        name: name.clone(),
        dims: vec![sizes.len() as i64],
        data_type: DataType::Int64 as i32,
        int64_data: sizes,
        ..Default::default()
    });
    let inputs = &mut graph.node[at].input;
    inputs.truncate(1 + rng.below(inputs.len().max(1)));
    inputs.push(name);
}

/// Classifiers of a few nodes, with operators of every kind between the picture and the answer.
pub fn small() -> Vec<Vec<u8>> {
    let reshaped =
        [node("Shape", &["pooled"], "shape", vec![]), node("Reshape", &["pooled", "shape"], "again", vec![])];
    let padded = [node("Pad", &["pooled"], "again", vec![ints("pads", &[0, 0, 0, 0, 0, 0, 0, 0])])];
    let split = [
        node("Split", &["pooled"], "again", vec![int("axis", 1)]),
        node("Concat", &["again", "again"], "twice", vec![int("axis", 1)]),
    ];
    let normal = [
        node("ReduceMean", &["pooled"], "mean", vec![ints("axes", &[1])]),
        node("Sub", &["pooled", "mean"], "again", vec![]),
    ];
    let whole = [node("Sigmoid", &["pooled"], "gate", vec![]), node("Mul", &["pooled", "gate"], "again", vec![])];
    let middles: [&[NodeProto]; 5] = [&reshaped, &padded, &split[..1], &normal, &whole];
    middles.map(|middle| classifier(middle).encode_to_vec()).into()
}

fn classifier(middle: &[NodeProto]) -> ModelProto {
    let first = vec![
        node(
            "Conv",
            &["input", "kernel", "bias"],
            "convolved",
            vec![ints("strides", &[2, 2]), ints("pads", &[1, 1, 1, 1])],
        ),
        node("Relu", &["convolved"], "cut", vec![]),
        node("MaxPool", &["cut"], "smaller", vec![ints("kernel_shape", &[2, 2]), ints("strides", &[2, 2])]),
        node("GlobalAveragePool", &["smaller"], "pooled", vec![]),
    ];
    let last = vec![
        node("Flatten", &["again"], "flat", vec![]),
        node("Gemm", &["flat", "dense"], "logits", vec![int("transB", 1)]),
        node("Softmax", &["logits"], "answer", vec![]),
    ];
    let graph = GraphProto {
        node: [&first, middle, &last].concat(),
        initializer: vec![floats("kernel", &[4, 3, 3, 3]), floats("bias", &[4]), floats("dense", &[5, 4])],
        input: vec![picture("input", &[1, 3, 32, 32], DataType::Float)],
        output: vec![named("answer")],
        ..Default::default()
    };
    let opset = OperatorSetIdProto { version: 12, ..Default::default() };
    ModelProto { ir_version: 7, opset_import: vec![opset], graph: Some(graph), ..Default::default() }
}

fn floats(name: &str, dims: &[i64]) -> TensorProto {
    let count = dims.iter().product::<i64>();
    let float_data = (0..count).map(|at| (at % 7) as f32 * 0.1 - 0.3).collect();
    TensorProto {
        name: name.into(),
        dims: dims.into(),
        data_type: DataType::Float as i32,
        float_data,
        ..Default::default()
    }
}

fn picture(name: &str, shape: &[i64], kind: DataType) -> ValueInfoProto {
    let dim = shape.iter().map(|size| Dimension { value: Some(Size::DimValue(*size)), ..Default::default() }).collect();
    let tensor = Tensor { elem_type: kind as i32, shape: Some(TensorShapeProto { dim }) };
    let kind = TypeProto { value: Some(Value::TensorType(tensor)), ..Default::default() };
    ValueInfoProto { r#type: Some(kind), ..named(name) }
}

fn named(name: &str) -> ValueInfoProto {
    ValueInfoProto { name: name.into(), ..Default::default() }
}

fn node(operator: &str, inputs: &[&str], output: &str, attribute: Vec<AttributeProto>) -> NodeProto {
    let input = inputs.iter().map(ToString::to_string).collect();
    NodeProto {
        op_type: operator.into(),
        name: output.into(),
        input,
        output: vec![output.into()],
        attribute,
        ..Default::default()
    }
}

fn int(name: &str, value: i64) -> AttributeProto {
    AttributeProto { name: name.into(), i: value, r#type: AttributeType::Int as i32, ..Default::default() }
}

fn ints(name: &str, values: &[i64]) -> AttributeProto {
    AttributeProto { name: name.into(), ints: values.into(), r#type: AttributeType::Ints as i32, ..Default::default() }
}

//! ONNX networks of a few kilobytes, and what is computed of them.

use prost::Message;
use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::tensor_shape_proto::{Dimension, dimension::Value as Size};
use tract_onnx::pb::type_proto::{Tensor, Value};
use tract_onnx::pb::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, TensorShapeProto, TypeProto,
    ValueInfoProto,
};

use crate::program::{Program, assert_fails, assert_success};
use crate::{MEMORY, TIME};

fn ints(name: &str, ints: &[i64]) -> AttributeProto {
    AttributeProto { name: name.into(), r#type: AttributeType::Ints as i32, ints: ints.into(), ..Default::default() }
}

fn int(name: &str, i: i64) -> AttributeProto {
    AttributeProto { name: name.into(), r#type: AttributeType::Int as i32, i, ..Default::default() }
}

fn node(operator: &str, inputs: &[&str], output: &str, attribute: &[AttributeProto]) -> NodeProto {
    let input = inputs.iter().map(|input| (*input).into()).collect();
    let (name, output) = (output.into(), vec![output.into()]);
    NodeProto { op_type: operator.into(), name, input, output, attribute: attribute.into(), ..Default::default() }
}

fn zeros(name: &str, dims: &[i64]) -> TensorProto {
    let float_data = vec![0.0; dims.iter().product::<i64>() as usize];
    let data_type = DataType::Float as i32;
    TensorProto { name: name.into(), dims: dims.into(), data_type, float_data, ..Default::default() }
}

fn sizes(name: &str, sizes: &[i64]) -> TensorProto {
    let data_type = DataType::Int64 as i32;
    let (dims, int64_data) = (vec![sizes.len() as i64], sizes.into());
    TensorProto { name: name.into(), dims, data_type, int64_data, ..Default::default() }
}

fn value(name: &str, sides: &[i64]) -> ValueInfoProto {
    let dim = sides.iter().map(|side| Dimension { value: Some(Size::DimValue(*side)), ..Default::default() }).collect();
    let tensor = Tensor { elem_type: DataType::Float as i32, shape: Some(TensorShapeProto { dim }) };
    let kind = TypeProto { value: Some(Value::TensorType(tensor)), ..Default::default() };
    ValueInfoProto { name: name.into(), r#type: Some(kind), ..Default::default() }
}

/// A classifier of two classes, to whose answer the largest number of `bomb` is added.
fn network(nodes: impl IntoIterator<Item = NodeProto>, tensors: &[TensorProto]) -> Vec<u8> {
    let classifier = [
        node("ReduceMax", &["bomb"], "most", &[int("keepdims", 0)]),
        node("GlobalAveragePool", &["picture"], "pooled", &[]),
        node("Flatten", &["pooled"], "flat", &[]),
        node("MatMul", &["flat", "weights"], "classes", &[]),
        node("Add", &["classes", "most"], "answer", &[]),
    ];
    let graph = GraphProto {
        node: nodes.into_iter().chain(classifier).collect(),
        initializer: [tensors, &[zeros("weights", &[3, 2])]].concat(),
        input: vec![value("picture", &[1, 3, 224, 224])],
        output: vec![value("answer", &[1, 2])],
        ..Default::default()
    };
    let opset_import = vec![OperatorSetIdProto { version: 13, ..Default::default() }];
    ModelProto { ir_version: 8, opset_import, graph: Some(graph), ..Default::default() }.encode_to_vec()
}

/// So many nodes after one another, from the tensor `a0` to `bomb`.
fn chain(nodes: usize, link: impl Fn(&str, &str) -> NodeProto) -> impl Iterator<Item = NodeProto> {
    let name = move |at: usize| if at == nodes { "bomb".to_owned() } else { format!("a{at}") };
    (0..nodes).map(move |at| link(&name(at), &name(at + 1)))
}

fn doubled(times: usize) -> impl Iterator<Item = NodeProto> {
    chain(times, |from, to| node("Concat", &[from, from], to, &[int("axis", 0)]))
}

/// As many matrices as there are negations of a sum, and the sum.
fn negated(times: usize) -> impl Iterator<Item = NodeProto> {
    let sum = node("Add", &["a", "b"], "a0", &[]);
    std::iter::once(sum).chain(chain(times, |from, to| node("Neg", &[from], to, &[])))
}

/// A matrix of zeros of so many rows and columns, multiplied by itself again and again.
fn multiplied(times: usize) -> impl Iterator<Item = NodeProto> {
    let matrix = node("Expand", &["zero", "sizes"], "a0", &[]);
    std::iter::once(matrix).chain(chain(times, |from, to| node("MatMul", &[from, "a0"], to, &[])))
}

/// A picture in so many steps, one after the other, through a layer of so many cells.
fn recurrent(steps: i64, cells: i64) -> Vec<u8> {
    let zeros_of = |sizes, output| node("Expand", &["zero", sizes], output, &[]);
    let numbers = 3 * 224 * 224 / steps;
    let nodes = [
        zeros_of("w sizes", "w"),
        zeros_of("r sizes", "r"),
        node("Reshape", &["picture", "steps"], "sequence", &[]),
        node("LSTM", &["sequence", "w", "r"], "bomb", &[int("hidden_size", cells)]),
    ];
    let tensors = [
        zeros("zero", &[1]),
        sizes("w sizes", &[1, 4 * cells, numbers]),
        sizes("r sizes", &[1, 4 * cells, cells]),
        sizes("steps", &[steps, 1, numbers]),
    ];
    network(nodes, &tensors)
}

/// Of as many numbers of the picture as are not 0, each added to each.
fn counted() -> Vec<NodeProto> {
    vec![
        node("NonZero", &["picture"], "places", &[]),
        node("Cast", &["places"], "row", &[int("to", DataType::Float as i64)]),
        node("Transpose", &["row"], "column", &[]),
        node("Unsqueeze", &["column", "last"], "a", &[]),
        node("Add", &["row", "a"], "bomb", &[]),
    ]
}

/// Four pictures side by side through a window of integers.
fn integers() -> Vec<NodeProto> {
    let byte = |from, to| node("Cast", &[from], to, &[int("to", DataType::Uint8 as i64)]);
    vec![
        node("Concat", &["picture"; 4], "pictures", &[int("axis", 1)]),
        byte("pictures", "bytes"),
        byte("a", "window"),
        node("ConvInteger", &["bytes", "window"], "sum", &[ints("pads", &[17; 4])]),
        node("Cast", &["sum"], "bomb", &[int("to", DataType::Float as i64)]),
    ]
}

fn pooled(operator: &str, input: &str, side: i64) -> Vec<NodeProto> {
    let attributes = [ints("kernel_shape", &[side, side]), ints("pads", &[side / 2; 4])];
    vec![node(operator, &[input], "bomb", &attributes)]
}

#[test]
fn networks_are_measured_before_they_are_computed() {
    let (column, row) = (zeros("a", &[30_000, 1]), zeros("b", &[1, 30_000]));
    let sum = |operator: &str| [node(operator, &["a", "b"], "bomb", &[])];
    let (zero, window) = (zeros("zero", &[1]), zeros("a", &[1, 3, 255, 255]));
    let convolved = [node("Conv", &["picture", "a"], "bomb", &[ints("pads", &[127; 4])])];
    let spread = [node("Expand", &["zero", "sizes"], "a", &[]), node("ConvTranspose", &["picture", "a"], "bomb", &[])];
    let stretched = [node("ConvTranspose", &["a", "b"], "bomb", &[ints("strides", &[4096, 4096])])];
    let branch = |name: &str, operator: &str| AttributeProto {
        name: name.into(),
        r#type: AttributeType::Graph as i32,
        g: Some(GraphProto {
            node: vec![node(operator, &["a", "b"], name, &[])],
            output: vec![value(name, &[30_000, 30_000])],
            ..Default::default()
        }),
        ..Default::default()
    };
    let branching = node("If", &["condition"], "bomb", &[branch("then_branch", "Add"), branch("else_branch", "Mul")]);
    let condition = TensorProto {
        data_type: DataType::Bool as i32,
        int32_data: vec![1],
        float_data: Vec::new(),
        ..zeros("condition", &[])
    };
    let yes = TensorProto { name: "yes".into(), ..condition.clone() };
    let cases = [
        ("a sum of 3.6 GB", network(sum("Add"), &[column.clone(), row.clone()]), "more than 256 MB"),
        ("a product of 3.6 GB", network(sum("MatMul"), &[column.clone(), row.clone()]), "more than 256 MB"),
        ("doubled 24 times", network(doubled(24), &[zeros("a0", &[10])]), "more than 256 MB"),
        ("doubled 45 times", network(doubled(45), &[zeros("a0", &[10])]), "more than 256 MB"),
        (
            "many of 200 MB",
            network(negated(12), &[zeros("a", &[7000, 1]), zeros("b", &[1, 7000])]),
            "more than 2048 MB",
        ),
        ("a branch of 3.6 GB", network([branching], &[condition, column, row.clone()]), "more than 256 MB"),
        ("a loop", network([node("Scan", &["a"], "bomb", &[])], &[row]), "is a Scan, which is not run"),
        (
            "a decision tree",
            network([node("TreeEnsembleClassifier", &["a"], "bomb", &[])], &[zeros("a", &[1, 1])]),
            "is a TreeEnsembleClassifier, which is not run",
        ),
        (
            "products of small matrices",
            network(multiplied(200), &[zero.clone(), sizes("sizes", &[1000; 2])]),
            "billion mult",
        ),
        ("products of large matrices", network(multiplied(40), &[zero, sizes("sizes", &[2000; 2])]), "billion mult"),
        ("a long sequence", recurrent(3 * 224 * 224, 400), "billion mult"),
        ("as much as is in a picture", network(counted(), &[sizes("last", &[2])]), "depends on what is in the picture"),
        ("many nodes", network(chain(20_000, |from, to| node("Neg", &[from], to, &[])), &[zeros("a0", &[1])]), "nodes"),
        (
            "a number that is not there",
            network(
                [node("Dropout", &["a", "none", "yes"], "bomb", &[])],
                &[zeros("a", &[1]), zeros("none", &[0]), yes],
            ),
            "no numbers",
        ),
        (
            "a transform of a number",
            network([node("DFT", &["a"], "bomb", &[])], &[zeros("a", &[])]),
            "makes tract panic",
        ),
        (
            "a far axis",
            network(
                [node("LayerNormalization", &["picture", "a"], "bomb", &[int("axis", 1 << 40)])],
                &[zeros("a", &[1])],
            ),
            "larger than it can be",
        ),
        ("wide windows over integers", network(integers(), &[zeros("a", &[1, 12, 35, 35])]), "more than 256 MB"),
        (
            "wide windows, transposed",
            network(spread, &[zeros("zero", &[1]), sizes("sizes", &[3, 100, 35, 35])]),
            "more than 256 MB",
        ),
        (
            "channels side by side",
            network([node("LRN", &["picture"], "bomb", &[int("size", 1 << 20)])], &[]),
            "larger than it can be",
        ),
        (
            "many dimensions",
            network([node("Expand", &["a", "a"], "bomb", &[])], &[zeros("a", &[300_000])]),
            "more than 64 dimensions",
        ),
        (
            "many axes",
            network([node("Transpose", &["a"], "bomb", &[ints("perm", &[0; 90_000])])], &[zeros("a", &[1])]),
            "larger than it can be",
        ),
        ("windows over constants", network(pooled("MaxPool", "a", 9), std::slice::from_ref(&window)), "over constants"),
        (
            "a constant stretched",
            network(stretched, &[zeros("a", &[1, 1, 300, 300]), zeros("b", &[1, 1, 1, 1])]),
            "more than 256 MB",
        ),
        ("the largest of wide windows", network(pooled("MaxPool", "picture", 255), &[]), "too large for so large"),
        ("the mean of wide windows", network(pooled("AveragePool", "picture", 255), &[]), "too large for so large"),
        ("a wide convolution", network(convolved, &[window]), "too large for so large"),
    ];
    let program = Program::new();
    program.write("labels.txt", "a\nb\n");
    program.pictures("photos", 1);
    for (name, bytes, reason) in &cases {
        let path = program.write(format!("{name}.onnx"), bytes);
        let file = path.to_str().unwrap();
        let words = ["classify", file, ".", "--labels=labels.txt"];
        assert_fails(&program.run_within(MEMORY, TIME, &words), &[name, reason]);
        let words = ["backbone", "import", file, "--calibrate=photos", "--out=backbone.safetensors"];
        assert_fails(&program.run_within(MEMORY, TIME, &words), &[name]);
    }
    // What the bombs are built around does work.
    let small = network(sum("Add"), &[zeros("a", &[9, 1]), zeros("b", &[1, 9])]);
    for (name, bytes) in [("small.onnx", small), ("short.onnx", recurrent(3 * 224, 8))] {
        let path = program.write(name, bytes);
        let words = ["classify", path.to_str().unwrap(), "photos", "--labels=labels.txt"];
        assert_success(&program.run_within(MEMORY, TIME, &words));
    }
    eprintln!("{} networks", cases.len());
}

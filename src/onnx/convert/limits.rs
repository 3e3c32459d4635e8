//! Limits: how much a file may be and may take, checked before memory is taken.
//!
//! In a page an allocation that fails ends the worker, and a size in a file is a number that anybody can write there. So no
//! tensor may claim more numbers than its file has bytes, and no node may be told to make a tensor of more than [`TENSOR_LIMIT`].
//! How large tensors are that follow from others, [`sizes`](super::sizes) knows before tract makes them.

use std::collections::HashMap;

use tract_onnx::pb::tensor_proto::DataLocation::External;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::{GraphProto, NodeProto, TensorProto};

use super::node::name_of;
use super::sizes::{RANK_LIMIT, TENSOR_LIMIT};
use mobilenet_core::error::Error;

/// Bytes that an ONNX file may have: a ResNet-101 in float32 fits.
pub const FILE_LIMIT: usize = 192 << 20;
/// Operators whose input, or attribute, says how large their output is.
const MAKERS: [&str; 16] = [
    "BlackmanWindow",
    "ConstantLike",
    "ConstantOfShape",
    "DFT",
    "Expand",
    "EyeLike",
    "HammingWindow",
    "HannWindow",
    "MelWeightMatrix",
    "OneHot",
    "Pad",
    "RandomNormal",
    "RandomUniform",
    "Range",
    "Resize",
    "Tile",
];
/// Nodes of a network: tract looks for each by its name among all before it, and 20,000 took minutes.
pub(crate) const NODE_LIMIT: usize = 1 << 13;
/// Operators that are not run. What loops compute is measured by nobody. tract walks decision trees without checks, so that a file
/// may write where it likes, or walk in a circle; it looks categories up the same way. Drawing lots, and finding boxes, takes a time
/// that grows with the square of what they read.
pub(crate) const REFUSED: [&str; 6] =
    ["CategoryMapper", "Loop", "Multinomial", "NonMaxSuppression", "Scan", "TreeEnsembleClassifier"];
/// Numbers that a window of a pooling or a convolution may see: tract lists the places of all of them, however small the picture.
pub(crate) const WINDOW_LIMIT: u64 = 1 << 16;
/// How far a window may step, or see beyond the edge.
pub(crate) const STEP_LIMIT: i64 = 1 << 12;
/// Channels that a local response normalisation may see.
const LRN_LIMIT: i64 = 64;

pub(crate) fn check_file(file: &[u8]) -> Result<(), Error> {
    if file.len() <= FILE_LIMIT {
        return Ok(());
    }
    let megabytes = FILE_LIMIT >> 20;
    Err(Error::BadOnnx(format!("it is larger than {megabytes} MB: take a smaller network, or store it as float16")))
}

/// In a page, and of many files, there is no other file.
pub(crate) fn check_whole(graph: &GraphProto) -> Result<(), Error> {
    if let Some(tensor) = tensors(graph).find(|tensor| is_elsewhere(tensor)) {
        let reason = format!("the numbers of {} are in another file", tensor.name);
        return Err(Error::BadOnnx(format!("{reason}: export it as one file, without external data")));
    }
    inner(&graph.node).try_for_each(check_whole)
}

/// Before tract makes tensors of it.
pub(super) fn check_graph(graph: &GraphProto, file: &[u8]) -> Result<(), Error> {
    for tensor in tensors(graph) {
        // One that is empty is walked by its other sizes.
        let sizes = tensor.dims.iter().map(|size| if *size == 0 { 1 } else { *size });
        let numbers = product(sizes).ok_or_else(|| too_large(&tensor.name))?;
        // Numbers of eight bits at least.
        let possible = if is_elsewhere(tensor) { TENSOR_LIMIT } else { file.len() as u64 };
        if numbers > possible || tensor.dims.len() as u64 > RANK_LIMIT {
            return Err(too_large(&tensor.name));
        }
    }
    let count = count(graph);
    if count > NODE_LIMIT {
        return Err(Error::BadOnnx(format!(
            "it has {count} nodes, and more than {NODE_LIMIT} are not read: simplify it"
        )));
    }
    let constants = constants(graph);
    graph.node.iter().try_for_each(|node| check_node(node, &constants))?;
    inner(&graph.node).try_for_each(|graph| check_graph(graph, file))
}

fn check_node(node: &NodeProto, constants: &HashMap<&str, Constant>) -> Result<(), Error> {
    let operator = node.op_type.as_str();
    if REFUSED.contains(&operator) {
        let reason = format!("{} is a {operator}, which is not run here", name_of(node));
        return Err(Error::BadOnnx(format!("{reason}: export the network without it")));
    }
    let makes_much = MAKERS.contains(&operator) && numbers_made(node, constants) > (TENSOR_LIMIT / 4) as f64;
    if makes_much || has_endless_window(node) || has_endless_rank(node) {
        return Err(too_large(name_of(node)));
    }
    Ok(())
}

fn tensors(graph: &GraphProto) -> impl Iterator<Item = &TensorProto> {
    let attributes = graph.node.iter().flat_map(|node| &node.attribute);
    attributes.flat_map(|attribute| attribute.t.iter().chain(&attribute.tensors)).chain(&graph.initializer)
}

fn is_elsewhere(tensor: &TensorProto) -> bool {
    tensor.data_location == Some(External as i32)
}

/// Nodes, with those of its branches.
fn count(graph: &GraphProto) -> usize {
    graph.node.len() + inner(&graph.node).map(count).sum::<usize>()
}

/// Branches.
fn inner(nodes: &[NodeProto]) -> impl Iterator<Item = &GraphProto> {
    let attributes = nodes.iter().flat_map(|node| &node.attribute);
    attributes.flat_map(|attribute| attribute.g.iter().chain(&attribute.graphs))
}

/// How many numbers a node is told to make, as far as its own attributes and constants say.
fn numbers_made(node: &NodeProto, constants: &HashMap<&str, Constant>) -> f64 {
    let read: Vec<&Constant> = node.input.iter().filter_map(|name| constants.get(name.as_str())).collect();
    if let ("Range", [start, end, step]) = (node.op_type.as_str(), &read[..]) {
        return (end.first() - start.first()) / step.first();
    }
    let stated = node.attribute.iter().map(|attribute| numbers_in(&whole(&attribute.ints)));
    let sizes = read.into_iter().filter(|constant| constant.is_whole).map(|constant| numbers_in(&constant.numbers));
    stated.chain(sizes).fold(0.0, f64::max)
}

/// Negative are sizes that are kept, and parts of a picture that are left out.
fn numbers_in(sizes: &[f64]) -> f64 {
    sizes.iter().map(|size| size.max(1.0)).product()
}

/// Whether a pooling or a convolution has a window that takes for ever to walk, or to walk with.
fn has_endless_window(node: &NodeProto) -> bool {
    node.attribute.iter().any(|attribute| match attribute.name.as_str() {
        "kernel_shape" => numbers_in(&whole(&attribute.ints)) > WINDOW_LIMIT as f64,
        // Of LRN, a window over channels.
        "size" => attribute.i > LRN_LIMIT,
        "dilations" | "output_padding" | "strides" => attribute.ints.iter().any(|step| *step > STEP_LIMIT),
        "pads" => node.op_type != "Pad" && attribute.ints.iter().any(|pad| *pad > STEP_LIMIT),
        _ => false,
    })
}

/// Whether dimensions are named that tensors do not have.
fn has_endless_rank(node: &NodeProto) -> bool {
    let is_axis = |axis: &i64| axis.unsigned_abs() <= RANK_LIMIT;
    node.attribute.iter().any(|attribute| match attribute.name.as_str() {
        "axis" => !is_axis(&attribute.i),
        "axes" | "perm" | "shape" if attribute.ints.len() as u64 > RANK_LIMIT => true,
        "axes" | "perm" => !attribute.ints.iter().all(is_axis),
        _ => false,
    })
}

fn too_large(name: &str) -> Error {
    Error::BadOnnx(format!("{name} claims to be larger than it can be: the file is damaged"))
}

/// `None` for negative sizes, or too many.
fn product(mut sizes: impl Iterator<Item = i64>) -> Option<u64> {
    sizes.try_fold(1u64, |product, size| product.checked_mul(u64::try_from(size).ok()?))
}

/// The first numbers of a constant: sizes are few.
struct Constant {
    numbers: Vec<f64>,
    /// Whether they are whole, as all sizes are.
    is_whole: bool,
}

const FEW: usize = 16;

impl Constant {
    fn first(&self) -> f64 {
        self.numbers.first().copied().unwrap_or(0.0)
    }

    fn of_tensor(tensor: &TensorProto) -> Self {
        fn read<const N: usize>(tensor: &TensorProto, number: fn([u8; N]) -> f64) -> Vec<f64> {
            tensor.raw_data.as_chunks::<N>().0.iter().take(FEW).map(|bytes| number(*bytes)).collect()
        }
        let raw = match DataType::try_from(tensor.data_type) {
            Ok(DataType::Int64) => read(tensor, |bytes| i64::from_le_bytes(bytes) as f64),
            Ok(DataType::Int32) => read(tensor, |bytes| i32::from_le_bytes(bytes).into()),
            Ok(DataType::Float) => read(tensor, |bytes| f32::from_le_bytes(bytes).into()),
            Ok(DataType::Double) => read(tensor, f64::from_le_bytes),
            _ => Vec::new(),
        };
        let floats =
            tensor.float_data.iter().map(|number| f64::from(*number)).chain(tensor.double_data.iter().copied());
        let listed =
            whole(&tensor.int64_data).into_iter().chain(tensor.int32_data.iter().map(|number| f64::from(*number)));
        let numbers = listed.chain(floats).take(FEW).chain(raw).collect();
        let fractions = [DataType::Float, DataType::Double].map(|kind| kind as i32);
        Self { numbers, is_whole: !fractions.contains(&tensor.data_type) }
    }

    /// What a `Constant` node holds.
    fn of_node(node: &NodeProto) -> Option<Self> {
        let attribute = node.attribute.first()?;
        Some(match (&attribute.t, attribute.name.as_str()) {
            (Some(tensor), _) => Self::of_tensor(tensor),
            (None, "value_int") => Self { numbers: whole(&[attribute.i]), is_whole: true },
            (None, "value_float") => Self { numbers: vec![attribute.f.into()], is_whole: false },
            (None, _) => Self { numbers: whole(&attribute.ints), is_whole: true },
        })
    }
}

fn whole(numbers: &[i64]) -> Vec<f64> {
    numbers.iter().take(FEW).map(|number| *number as f64).collect()
}

/// The constants of a graph by their names.
fn constants(graph: &GraphProto) -> HashMap<&str, Constant> {
    let initializers = graph.initializer.iter().map(|tensor| (tensor.name.as_str(), Constant::of_tensor(tensor)));
    let nodes = graph.node.iter().filter(|node| node.op_type == "Constant");
    let nodes = nodes.filter_map(|node| Some((node.output.first()?.as_str(), Constant::of_node(node)?)));
    initializers.chain(nodes).collect()
}

//! Limits: how much a file may be and may take, checked before memory is taken.
//!
//! In a page an allocation that fails ends the worker, and a size in a file is a number that anybody can write there. So no
//! tensor may claim more numbers than its file has bytes, no node may be told to make a tensor of more than
//! [`TENSOR_LIMIT`], and all tensors of a run together are counted before the first run.

use tract_onnx::pb::tensor_proto::DataLocation::External;
use tract_onnx::pb::{GraphProto, TensorProto};
use tract_onnx::prelude::*;

use crate::error::Error;

/// Bytes that an ONNX file may have: a ResNet-101 in float32 fits.
pub const FILE_LIMIT: usize = 192 << 20;
/// Bytes of one tensor in a run.
const TENSOR_LIMIT: u64 = 256 << 20;
/// Bytes of all tensors in a run together.
const RUN_LIMIT: u64 = 2 << 30;
/// Operators whose input says how large their output is.
const MAKERS: [&str; 5] = ["ConstantOfShape", "Expand", "Tile", "Range", "RandomNormal"];

pub(super) fn check_file(file: &[u8]) -> Result<(), Error> {
    if file.len() <= FILE_LIMIT {
        return Ok(());
    }
    let megabytes = FILE_LIMIT >> 20;
    Err(Error::BadOnnx(format!("it is larger than {megabytes} MB: take a smaller network, or store it as float16")))
}

/// Before tract makes tensors of it.
pub(super) fn check_graph(graph: &GraphProto, file: &[u8]) -> Result<(), Error> {
    let too_large =
        |name: &str| Error::BadOnnx(format!("{name} claims to be larger than it can be: the file is damaged"));
    if let Some(tensor) = graph.initializer.iter().find(|tensor| tensor.data_location == Some(External as i32)) {
        let reason = format!("the numbers of {} are in another file", tensor.name);
        return Err(Error::BadOnnx(format!("{reason}: export it as one file, without external data")));
    }
    for tensor in &graph.initializer {
        let numbers = product(tensor.dims.iter().copied()).ok_or_else(|| too_large(&tensor.name))?;
        // Numbers of eight bits at least.
        if numbers > file.len() as u64 {
            return Err(too_large(&tensor.name));
        }
    }
    for node in graph.node.iter().filter(|node| MAKERS.contains(&node.op_type.as_str())) {
        let shapes = graph.initializer.iter().filter(|tensor| node.input.contains(&tensor.name));
        if shapes.filter_map(integers).any(|sizes| product(sizes).is_none_or(|numbers| numbers > TENSOR_LIMIT / 4)) {
            return Err(too_large(&node.name));
        }
    }
    Ok(())
}

/// Once tract knows the size of everything.
pub(super) fn check_run(model: &TypedModel) -> Result<(), Error> {
    let mut total = 0u64;
    for fact in model.nodes.iter().flat_map(|node| &node.outputs).map(|outlet| &outlet.fact) {
        let Some(shape) = fact.shape.as_concrete() else { continue };
        let numbers = product(shape.iter().map(|size| *size as i64)).unwrap_or(u64::MAX);
        let bytes = numbers.saturating_mul(fact.datum_type.size_of() as u64);
        total = total.saturating_add(bytes);
        if bytes > TENSOR_LIMIT || total > RUN_LIMIT {
            let megabytes = RUN_LIMIT >> 20;
            return Err(Error::BadOnnx(format!(
                "to run it would take more than {megabytes} MB: take a smaller network"
            )));
        }
    }
    Ok(())
}

/// `None` for negative sizes, or too many.
fn product(mut sizes: impl Iterator<Item = i64>) -> Option<u64> {
    sizes.try_fold(1u64, |product, size| product.checked_mul(u64::try_from(size).ok()?))
}

fn integers(tensor: &TensorProto) -> Option<impl Iterator<Item = i64>> {
    let is_integers = tensor.data_type == tract_onnx::pb::tensor_proto::DataType::Int64 as i32;
    let raw = tensor.raw_data.as_chunks::<8>().0.iter().map(|bytes| i64::from_le_bytes(*bytes));
    is_integers.then(|| tensor.int64_data.iter().copied().chain(raw.collect::<Vec<_>>()))
}

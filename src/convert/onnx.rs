//! Onnx: opening the file, and the few questions that are asked of its nodes.

use std::panic::AssertUnwindSafe;
use std::path::Path;

use tract_onnx::pb::tensor_shape_proto::dimension::Value as Size;
use tract_onnx::pb::type_proto::Value as Type;
use tract_onnx::pb::{AttributeProto, GraphProto, ModelProto, NodeProto, ValueInfoProto};
use tract_onnx::prelude::{Framework, TractError, TractResult};

use crate::artefact;
use crate::error::Error;

/// The error for a file that is not what it should be, at `layer`.
pub(super) fn not_mobilenet(layer: impl Into<String>, reason: impl Into<String>) -> Error {
    Error::NotMobileNet { layer: layer.into(), reason: reason.into() }
}

/// Reads the file's structure; nothing of it is believed yet.
pub(super) fn open(file: &Path) -> Result<ModelProto, Error> {
    let bytes = artefact::read(file)?;
    let no_onnx = |reason: String| not_mobilenet("the file", format!("it is no ONNX network ({reason}): export one"));
    if bytes.is_empty() {
        return Err(Error::EmptyFile);
    }
    let model = tract_onnx::onnx().proto_model_for_read(&mut &bytes[..]).map_err(|error| no_onnx(error.to_string()))?;
    if model.graph.as_ref().is_none_or(|graph| graph.node.is_empty()) {
        return Err(no_onnx("there is no graph in it".into()));
    }
    Ok(model)
}

/// tract panics on some files that make no sense; that is their fault and no reason to fall over.
pub(super) fn guarded<T>(work: impl FnOnce() -> TractResult<T>) -> TractResult<T> {
    std::panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(TractError::msg("it makes tract panic")))
}

/// What a person finds a node by: its name, or that of its output where it has none.
pub(super) fn name_of(node: &NodeProto) -> &str {
    let output = node.output.first().map_or("a node without a name", String::as_str);
    if node.name.is_empty() { output } else { &node.name }
}

pub(super) fn attribute<'a>(node: &'a NodeProto, name: &str) -> Option<&'a AttributeProto> {
    node.attribute.iter().find(|attribute| attribute.name == name)
}

/// A list attribute with as many numbers as `default`, which is what its absence means.
pub(super) fn integers<const N: usize>(node: &NodeProto, name: &str, default: [usize; N]) -> Option<[usize; N]> {
    let Some(attribute) = attribute(node, name) else { return Some(default) };
    let numbers: Vec<usize> =
        attribute.ints.iter().map(|number| usize::try_from(*number).ok()).collect::<Option<_>>()?;
    numbers.try_into().ok()
}

/// The input that takes the picture, and how.
#[derive(Debug)]
pub(super) struct Input {
    pub name: String,
    /// Height, width, channels rather than channels, height, width.
    pub channels_last: bool,
    /// The side, where the file fixes one.
    pub side: Option<usize>,
}

impl Input {
    /// Old files list their weights among the inputs; the picture is the first that is not one.
    pub fn find(graph: &GraphProto) -> Result<Self, Error> {
        let is_weight = |input: &ValueInfoProto| graph.initializer.iter().any(|tensor| tensor.name == input.name);
        let input = graph.input.iter().find(|input| !is_weight(input));
        let input = input.ok_or_else(|| not_mobilenet("its input", "there is none"))?;
        let sizes = sizes(input);
        let (channels_last, height, width) = match sizes[..] {
            [_, Some(3), height, width] => (false, height, width),
            [_, height, width, Some(3)] => (true, height, width),
            _ => return Err(not_mobilenet(&input.name, "its shape has no place for three colours in a picture")),
        };
        if height.is_some() && width.is_some() && height != width {
            return Err(not_mobilenet(&input.name, "the picture is not square: export it with equal sides"));
        }
        Ok(Self { name: input.name.clone(), channels_last, side: height.and(width) })
    }
}

/// Stated sizes of a tensor, `None` where one is left open; empty where nothing is said.
fn sizes(value: &ValueInfoProto) -> Vec<Option<usize>> {
    let Some(Type::TensorType(tensor)) = value.r#type.as_ref().and_then(|kind| kind.value.as_ref()) else {
        return Vec::new();
    };
    let dims = tensor.shape.iter().flat_map(|shape| &shape.dim);
    dims.map(|dim| match dim.value {
        Some(Size::DimValue(size)) => usize::try_from(size).ok().filter(|size| *size > 0),
        _ => None,
    })
    .collect()
}

//! File: opening it, and the input that takes the picture.

use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::tensor_shape_proto::dimension::Value as Size;
use tract_onnx::pb::type_proto::{Tensor as TensorType, Value as Type};
use tract_onnx::pb::{GraphProto, ModelProto, ValueInfoProto};
use tract_onnx::prelude::{DatumType, Framework, TractError, TractResult};

use super::limits;
use mobilenet_core::base::panic_guard::survived;
use mobilenet_core::error::Error;

/// The error for a file that is not what it should be, at `layer`.
pub(crate) fn not_mobilenet(layer: impl Into<String>, reason: impl Into<String>) -> Error {
    Error::NotMobileNet { layer: layer.into(), reason: reason.into() }
}

/// Reads the file's structure, within its limits; nothing else of it is believed yet.
pub(crate) fn read(file: &[u8]) -> Result<ModelProto, Error> {
    let no_onnx = |reason: String| Error::BadOnnx(format!("it is no ONNX network ({reason})"));
    if file.is_empty() {
        return Err(Error::EmptyFile);
    }
    let mut unread = file;
    let model = tract_onnx::onnx().proto_model_for_read(&mut unread).map_err(|error| no_onnx(error.to_string()))?;
    let graph = model.graph.as_ref().filter(|graph| !graph.node.is_empty());
    limits::check_graph(graph.ok_or_else(|| no_onnx("there is no graph in it".into()))?, file)?;
    Ok(model)
}

/// What tract says, also where it panics.
pub(crate) fn guarded<T>(work: impl FnOnce() -> TractResult<T>) -> TractResult<T> {
    survived(work).unwrap_or_else(|| Err(TractError::msg("it makes tract panic")))
}

/// The input that takes the picture, and how.
#[derive(Debug)]
pub(crate) struct Input {
    pub name: String,
    /// Height, width, channels rather than channels, height, width.
    pub channels_last: bool,
    /// The side, where the file fixes one.
    pub side: Option<usize>,
    /// What its numbers are.
    pub kind: DatumType,
}

impl Input {
    /// Old files list their weights among the inputs; the picture is the first that is not one.
    pub fn find(graph: &GraphProto) -> Result<Self, Error> {
        let is_weight = |input: &ValueInfoProto| graph.initializer.iter().any(|tensor| tensor.name == input.name);
        let input = graph.input.iter().find(|input| !is_weight(input));
        let input = input.ok_or_else(|| Error::BadOnnx("it has no input".into()))?;
        let refused = |reason: &str| Err(Error::BadOnnx(format!("its input {}: {reason}", input.name)));
        let sizes = sizes(input);
        let (channels_last, height, width) = match sizes[..] {
            [_, Some(3), height, width] => (false, height, width),
            [_, height, width, Some(3)] => (true, height, width),
            _ => return refused("its shape has no place for three colours in a picture"),
        };
        if height.is_some() && width.is_some() && height != width {
            return refused("the picture is not square: export it with equal sides");
        }
        let kind = match element(input) {
            kind if kind == DataType::Float as i32 => DatumType::F32,
            kind if kind == DataType::Float16 as i32 => DatumType::F16,
            kind if kind == DataType::Uint8 as i32 => DatumType::U8,
            _ => return refused("its numbers are neither floats nor bytes: export it with a float32 input"),
        };
        Ok(Self { name: input.name.clone(), channels_last, side: height.and(width), kind })
    }
}

fn tensor_type(value: &ValueInfoProto) -> Option<&TensorType> {
    let Type::TensorType(tensor) = value.r#type.as_ref()?.value.as_ref()?;
    Some(tensor)
}

fn element(value: &ValueInfoProto) -> i32 {
    tensor_type(value).map_or(0, |tensor| tensor.elem_type)
}

/// Stated sizes of a tensor, `None` where one is left open; empty where nothing is said.
fn sizes(value: &ValueInfoProto) -> Vec<Option<usize>> {
    let dims = tensor_type(value).into_iter().flat_map(|tensor| &tensor.shape).flat_map(|shape| &shape.dim);
    dims.map(|dim| match dim.value {
        Some(Size::DimValue(size)) => usize::try_from(size).ok().filter(|size| *size > 0),
        _ => None,
    })
    .collect()
}

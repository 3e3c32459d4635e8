//! Model: tensors and operators, and the TFLite file that they become. Slots and numbers are those of `schema.fbs`.

use std::collections::HashMap;

use super::table::{Buffer, Field, Place, Slot};
use crate::export::numbers::Numbers;
use crate::network::Quantization;

const VERSION: u32 = 3;
const IDENTIFIER: &str = "TFL3";
/// What runtimes look for when they are asked for a model's only function.
const SIGNATURE: &str = "serving_default";

/// `TensorType`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Type {
    Float32 = 0,
    Int32 = 2,
    Uint8 = 3,
    Int8 = 9,
}

/// How a tensor's integers are read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scales {
    pub scale: Vec<f32>,
    pub zero_point: i64,
    /// The axis along which there is more than one scale.
    pub axis: usize,
}

impl Scales {
    /// One scale for all.
    pub fn of(quantization: Quantization) -> Self {
        Self { scale: vec![quantization.scale], zero_point: quantization.zero_point.into(), axis: 0 }
    }

    /// The same for signed bytes.
    pub fn signed(quantization: Quantization) -> Self {
        Self { zero_point: i64::from(quantization.zero_point) - 128, ..Self::of(quantization) }
    }
}

pub(super) struct Tensor {
    pub name: String,
    pub kind: Type,
    pub shape: Vec<usize>,
    pub scales: Option<Scales>,
    /// The values of a constant.
    pub data: Option<Vec<u8>>,
}

/// `BuiltinOperator`, with its options.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Operation {
    Add,
    Concatenation { axis: usize },
    Conv2D { windows: Windows, relu6: bool },
    DepthwiseConv2D { windows: Windows, relu6: bool },
    Dequantize,
    FullyConnected,
    Softmax,
    Pad,
    Mean,
    Sub,
    Div,
    Quantize,
}

/// Where a convolution's windows lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Windows {
    /// Zeros around, as few as possible; otherwise none.
    pub same: bool,
    pub stride: usize,
}

pub(super) struct Operator {
    pub operation: Operation,
    pub inputs: Vec<usize>,
    pub output: usize,
}

/// A model with one input and one output.
#[derive(Default)]
pub(super) struct Model {
    pub tensors: Vec<Tensor>,
    pub operators: Vec<Operator>,
}

impl Model {
    /// Adds a tensor that an operator makes, or the input.
    pub fn tensor(&mut self, name: &str, kind: Type, shape: &[usize], scales: Option<Scales>) -> usize {
        self.tensors.push(Tensor { name: name.to_owned(), kind, shape: shape.to_vec(), scales, data: None });
        self.tensors.len() - 1
    }

    /// Adds a constant.
    pub fn constant(&mut self, name: &str, shape: &[usize], numbers: &Numbers, scales: Option<Scales>) -> usize {
        let kind = match numbers {
            Numbers::F32(_) => Type::Float32,
            Numbers::I32(_) => Type::Int32,
            Numbers::I8(_) => Type::Int8,
            Numbers::U8(_) => Type::Uint8,
        };
        let tensor = self.tensor(name, kind, shape, scales);
        self.tensors[tensor].data = Some(numbers.to_bytes());
        tensor
    }

    /// Adds an operator that makes `output`.
    pub fn operate(&mut self, operation: Operation, inputs: &[usize], output: usize) -> usize {
        self.operators.push(Operator { operation, inputs: inputs.to_vec(), output });
        output
    }

    /// The file; `metadata` is a flatbuffer of its own.
    pub fn to_bytes(&self, [input, output]: [usize; 2], description: &str, metadata: &[u8]) -> Vec<u8> {
        File { model: self, buffer: Buffer::new(), zero_points: HashMap::new() }.write(
            input,
            output,
            description,
            metadata,
        )
    }
}

impl Operation {
    fn code(self) -> i32 {
        match self {
            Self::Add => 0,
            Self::Concatenation { .. } => 2,
            Self::Conv2D { .. } => 3,
            Self::DepthwiseConv2D { .. } => 4,
            Self::Dequantize => 6,
            Self::FullyConnected => 9,
            Self::Softmax => 25,
            Self::Pad => 34,
            Self::Mean => 40,
            Self::Sub => 41,
            Self::Div => 42,
            Self::Quantize => 114,
        }
    }

    /// The operator's version: the first that takes int8, where that is not the first of all.
    fn version(self, on_int8: bool) -> i32 {
        match (self, on_int8) {
            (Self::Conv2D { .. } | Self::DepthwiseConv2D { .. }, true) => 3,
            (Self::Add | Self::Pad | Self::Concatenation { .. } | Self::Dequantize, true) => 2,
            _ => 1,
        }
    }

    /// Kind of the union `BuiltinOptions`, and the fields of that table; `None` where every field may be left out.
    fn options(self) -> Option<(u8, Vec<(Slot, Field)>)> {
        const NONE: u8 = 0;
        const RELU6: u8 = 3;
        let activation = |relu6| Field::Byte(if relu6 { RELU6 } else { NONE });
        let padding = |windows: Windows| Field::Byte(u8::from(!windows.same));
        let stride = |windows: Windows| Field::Int(windows.stride as i32);
        Some(match self {
            Self::Conv2D { windows, relu6 } => {
                (1, vec![(0, padding(windows)), (1, stride(windows)), (2, stride(windows)), (3, activation(relu6))])
            }
            Self::DepthwiseConv2D { windows, relu6 } => {
                let multiplier = Field::Int(1);
                let strides = [(1, stride(windows)), (2, stride(windows))];
                (2, [&[(0, padding(windows))], &strides[..], &[(3, multiplier), (4, activation(relu6))]].concat())
            }
            Self::FullyConnected => (8, vec![]),
            Self::Softmax => (9, vec![(0, Field::Float(1.0))]),
            Self::Concatenation { axis } => (10, vec![(0, Field::Int(axis as i32))]),
            Self::Add => (11, vec![]),
            Self::Mean => (27, vec![(0, Field::Flag(false))]),
            Self::Sub => (28, vec![]),
            Self::Div => (29, vec![]),
            Self::Dequantize | Self::Pad | Self::Quantize => return None,
        })
    }
}

/// A model while it is written.
struct File<'a> {
    model: &'a Model,
    buffer: Buffer<'a>,
    /// Lists that are written, by value and length.
    zero_points: HashMap<(i64, usize), Field>,
}

impl File<'_> {
    fn write(mut self, input: usize, output: usize, description: &str, metadata: &[u8]) -> Vec<u8> {
        let (subgraph, codes) = self.subgraph(input, output);
        let (buffers, of_metadata) = self.buffers(metadata);
        let metadata = self.metadata(of_metadata);
        let signature = self.signature(input, output);
        let description = self.buffer.text(description);
        let subgraphs = self.buffer.list(&[subgraph]);
        let signatures = self.buffer.list(&[signature]);
        // Model: version, operator_codes, subgraphs, description, buffers, metadata, signature_defs.
        let model = self.buffer.table(&[
            (0, Field::Index(VERSION)),
            (1, codes),
            (2, subgraphs),
            (3, description),
            (4, buffers),
            (6, metadata),
            (7, signatures),
        ]);
        self.buffer.finish(model, IDENTIFIER)
    }

    /// SubGraph: tensors, inputs, outputs, operators, name. With it come the codes of its operators.
    fn subgraph(&mut self, input: usize, output: usize) -> (Place, Field) {
        let mut codes: Vec<(i32, i32)> = Vec::new();
        let mut operators = Vec::new();
        for operator in &self.model.operators {
            let on_int8 = operator.inputs.iter().any(|at| self.model.tensors[*at].kind == Type::Int8);
            let code = (operator.operation.code(), operator.operation.version(on_int8));
            let index = codes.iter().position(|known| *known == code).unwrap_or_else(|| {
                codes.push(code);
                codes.len() - 1
            });
            operators.push(self.operator(operator, index));
        }
        let tensors: Vec<Place> = (0..self.model.tensors.len()).map(|at| self.tensor(at)).collect();
        let (tensors, operators) = (self.buffer.list(&tensors), self.buffer.list(&operators));
        let (inputs, outputs) = (self.buffer.list(&[input as i32]), self.buffer.list(&[output as i32]));
        let name = self.buffer.text("main");
        let subgraph = self.buffer.table(&[(0, tensors), (1, inputs), (2, outputs), (3, operators), (4, name)]);
        // OperatorCode: deprecated_builtin_code (for readers that know codes below 127 only), version, builtin_code.
        let code = |(code, version): &(i32, i32)| {
            let fields = [(0, Field::Byte(*code as u8)), (2, Field::Int(*version)), (3, Field::Int(*code))];
            self.buffer.table(&fields)
        };
        let codes: Vec<Place> = codes.iter().map(code).collect();
        (subgraph, self.buffer.list(&codes))
    }

    /// Tensor: shape, type, buffer, name, quantization.
    fn tensor(&mut self, at: usize) -> Place {
        let Tensor { name, kind, shape, scales, data } = &self.model.tensors[at];
        let shape: Vec<i32> = shape.iter().map(|size| *size as i32).collect();
        let (shape, name) = (self.buffer.list(&shape), self.buffer.text(name));
        // Buffer 0 is the empty one that every tensor without data has.
        let buffer = if data.is_some() { at as u32 + 1 } else { 0 };
        let mut fields = vec![(0, shape), (1, Field::Byte(*kind as u8)), (2, Field::Index(buffer)), (3, name)];
        fields.extend(scales.as_ref().map(|scales| (4, self.quantization(scales))));
        self.buffer.table(&fields)
    }

    /// QuantizationParameters: scale, zero_point, quantized_dimension. Zero points are eight bytes each, a tenth of a file where
    /// each channel has one, so equal ones are there once.
    fn quantization(&mut self, scales: &Scales) -> Field {
        let key = (scales.zero_point, scales.scale.len());
        let zero_points = *self.zero_points.entry(key).or_insert_with(|| self.buffer.list(&vec![key.0; key.1]));
        let scale = self.buffer.list(&scales.scale);
        Field::At(self.buffer.table(&[(2, scale), (3, zero_points), (6, Field::Int(scales.axis as i32))]))
    }

    /// Operator: opcode_index, inputs, outputs, builtin_options_type, builtin_options.
    fn operator(&mut self, operator: &Operator, code: usize) -> Place {
        let inputs: Vec<i32> = operator.inputs.iter().map(|at| *at as i32).collect();
        let (inputs, outputs) = (self.buffer.list(&inputs), self.buffer.list(&[operator.output as i32]));
        let mut fields = vec![(0, Field::Index(code as u32)), (1, inputs), (2, outputs)];
        if let Some((kind, options)) = operator.operation.options() {
            fields.push((3, Field::Byte(kind)));
            fields.push((4, Field::At(self.buffer.table(&options))));
        }
        self.buffer.table(&fields)
    }

    /// Buffer: data. One a tensor after the empty one, then the metadata's, whose number comes back.
    fn buffers(&mut self, metadata: &[u8]) -> (Field, u32) {
        let mut buffers = vec![self.buffer.table(&[])];
        for data in self.model.tensors.iter().map(|tensor| tensor.data.as_deref()).chain([Some(metadata)]) {
            let data = data.map(|data| (0, self.buffer.data(data)));
            buffers.push(self.buffer.table(data.as_slice()));
        }
        (self.buffer.list(&buffers), buffers.len() as u32 - 1)
    }

    /// Metadata: name, buffer.
    fn metadata(&mut self, buffer: u32) -> Field {
        let name = self.buffer.text("TFLITE_METADATA");
        let metadata = self.buffer.table(&[(0, name), (1, Field::Index(buffer))]);
        self.buffer.list(&[metadata])
    }

    /// SignatureDef: inputs, outputs, signature_key.
    fn signature(&mut self, input: usize, output: usize) -> Place {
        let [inputs, outputs] = [input, output].map(|tensor| {
            // TensorMap: name, tensor_index.
            let name = self.buffer.text(&self.model.tensors[tensor].name);
            let map = self.buffer.table(&[(0, name), (1, Field::Index(tensor as u32))]);
            self.buffer.list(&[map])
        });
        let key = self.buffer.text(SIGNATURE);
        self.buffer.table(&[(0, inputs), (1, outputs), (2, key)])
    }
}

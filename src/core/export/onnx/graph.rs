//! Graph: nodes, constants and values of an ONNX graph, without a word about what network they are.

use super::message::{
    AttributeProto, AttributeType, DataType, Dimension, GraphProto, NodeProto, TensorProto, TensorShapeProto,
    TensorType, TypeProto, ValueInfoProto,
};
use crate::export::numbers::Numbers;

/// A graph in the making. Tensors are referred to by their names.
#[derive(Default)]
pub(super) struct Graph(pub GraphProto);

impl Graph {
    /// Adds a node, named like the one tensor that it makes.
    pub fn node(&mut self, operator: &str, inputs: &[&str], output: &str, attribute: Vec<AttributeProto>) -> String {
        self.0.node.push(NodeProto {
            input: inputs.iter().map(|input| (*input).to_owned()).collect(),
            output: vec![output.to_owned()],
            name: output.to_owned(),
            op_type: operator.to_owned(),
            attribute,
        });
        output.to_owned()
    }

    /// Adds a constant.
    pub fn constant(&mut self, name: &str, shape: &[usize], numbers: &Numbers) -> String {
        let data_type = match numbers {
            Numbers::F32(_) => DataType::Float,
            Numbers::I32(_) => DataType::Int32,
            Numbers::I8(_) => DataType::Int8,
            Numbers::U8(_) => DataType::Uint8,
        };
        self.0.initializer.push(TensorProto {
            dims: shape.iter().map(|size| *size as i64).collect(),
            data_type: data_type as i32,
            name: name.to_owned(),
            raw_data: numbers.to_bytes(),
        });
        name.to_owned()
    }

    /// Names the graph's input; its first size, the number of pictures, is left open.
    pub fn input(&mut self, name: &str, kind: DataType, sizes: &[usize], about: &str) -> String {
        self.0.input.push(value(name, kind, sizes, about));
        name.to_owned()
    }

    /// Makes a tensor an output of the graph.
    pub fn output(&mut self, name: &str, sizes: &[usize], about: &str) {
        self.0.output.push(value(name, DataType::Float, sizes, about));
    }
}

fn value(name: &str, kind: DataType, sizes: &[usize], about: &str) -> ValueInfoProto {
    let pictures = Dimension { dim_value: None, dim_param: Some("pictures".to_owned()) };
    let fixed = sizes.iter().map(|size| Dimension { dim_value: Some(*size as i64), dim_param: None });
    let shape = TensorShapeProto { dim: std::iter::once(pictures).chain(fixed).collect() };
    let tensor = TensorType { elem_type: kind as i32, shape: Some(shape) };
    ValueInfoProto {
        name: name.to_owned(),
        r#type: Some(TypeProto { tensor_type: Some(tensor) }),
        doc_string: about.to_owned(),
    }
}

/// An attribute that is a list of integers.
pub(super) fn ints(name: &str, values: &[usize]) -> AttributeProto {
    let ints = values.iter().map(|value| *value as i64).collect();
    AttributeProto { name: name.to_owned(), ints, r#type: AttributeType::Ints as i32, ..Default::default() }
}

/// An attribute that is one integer.
pub(super) fn int(name: &str, value: usize) -> AttributeProto {
    AttributeProto { name: name.to_owned(), i: value as i64, r#type: AttributeType::Int as i32, ..Default::default() }
}

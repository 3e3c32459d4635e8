//! Synthetic: a small MobileNetV2 with seeded weights, as an ONNX graph in every dialect that exporters speak; for tests.

use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::tensor_shape_proto::{Dimension, dimension::Value as Size};
use tract_onnx::pb::type_proto::{Tensor as TensorType, Value};
use tract_onnx::pb::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, TensorShapeProto, TypeProto,
    ValueInfoProto,
};

use super::recognise::{FloatLayer, FloatNetwork};
use mobilenet_core::base::rng::Rng;
use mobilenet_core::network::{Architecture, Kind, Layer, Padding};

/// Small, and with blocks of every kind.
pub const SMALL: Architecture = Architecture { width: 0.35, side: 64, padding: Padding::Same };

/// What follows a convolution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Norm {
    /// Its bias.
    Folded,
    /// One node.
    Batch,
    /// A multiplication and an addition.
    MulAdd,
}

/// How a ReLU6 is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Relu6 {
    ClipInputs,
    ClipAttributes,
    MinMax,
}

/// How the file is written; what it computes is the same in all of these, but for `classes`.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    pub norm: Norm,
    pub relu6: Relu6,
    pub channels_last: bool,
    /// Strided convolutions take their padding from a node before them.
    pub pad_nodes: bool,
    /// Weights come out of a transpose of constants.
    pub computed_weights: bool,
    /// Classes of a dense layer on top, 0 for none.
    pub classes: usize,
}

impl Dialect {
    pub const PLAIN: Self = Self {
        norm: Norm::Folded,
        relu6: Relu6::ClipInputs,
        channels_last: false,
        pad_nodes: false,
        computed_weights: false,
        classes: 0,
    };
}

/// Weights that keep activations at about one, and pictures apart, as training does: those of a 1x1 layer add up to zero,
/// or all pictures would soon look like the one mean that ReLU6 makes of random numbers.
pub fn network(architecture: Architecture, seed: u64) -> FloatNetwork {
    let mut rng = Rng::new(seed);
    let layers = architecture.layers().iter().map(|row| random_layer(row, &mut rng)).collect();
    let tail = vec![(architecture.layers().len() - 1, architecture.features())];
    FloatNetwork { architecture, layers, outputs: Vec::new(), tail }
}

fn random_layer(row: &Layer, rng: &mut Rng) -> FloatLayer {
    let reads = row.weight_len() / row.outputs;
    let spread = (GAIN / reads as f32).sqrt();
    let mut weight: Vec<f32> = (0..row.weight_len()).map(|_| (rng.uniform() - 0.5) * spread).collect();
    if row.kind != Kind::Depthwise {
        for weights in weight.chunks_exact_mut(reads) {
            let mean = weights.iter().sum::<f32>() / reads as f32;
            weights.iter_mut().for_each(|weight| *weight -= mean);
        }
    }
    let bias = (0..row.outputs).map(|_| f64::from(rng.uniform() - 0.5) * 0.25).collect();
    FloatLayer { weight, bias }
}

/// Twelve for the variance of a uniform number, half as much again for what ReLU6 cuts off.
const GAIN: f32 = 18.0;

/// Writes `network` down.
pub fn model(network: &FloatNetwork, dialect: Dialect) -> ModelProto {
    let mut writer = Writer { graph: GraphProto::default(), dialect };
    writer.network(network);
    // Clip had attributes until opset 10 and has had inputs since.
    let version = if dialect.relu6 == Relu6::ClipAttributes { 10 } else { 13 };
    let opset_import = vec![OperatorSetIdProto { domain: String::new(), version }];
    ModelProto { ir_version: 8, opset_import, graph: Some(writer.graph), ..Default::default() }
}

pub fn ints(name: &str, values: &[usize]) -> AttributeProto {
    let ints = values.iter().map(|value| *value as i64).collect();
    AttributeProto { name: name.into(), r#type: AttributeType::Ints as i32, ints, ..Default::default() }
}

pub fn int(name: &str, value: usize) -> AttributeProto {
    AttributeProto { name: name.into(), r#type: AttributeType::Int as i32, i: value as i64, ..Default::default() }
}

pub fn float(name: &str, f: f32) -> AttributeProto {
    AttributeProto { name: name.into(), r#type: AttributeType::Float as i32, f, ..Default::default() }
}

pub fn node(operator: &str, inputs: &[&str], output: &str, attribute: Vec<AttributeProto>) -> NodeProto {
    NodeProto {
        op_type: operator.into(),
        name: output.into(),
        input: inputs.iter().map(|input| (*input).into()).collect(),
        output: vec![output.into()],
        attribute,
        ..Default::default()
    }
}

pub fn tensor(name: &str, shape: &[usize], values: Vec<f32>) -> TensorProto {
    let dims = shape.iter().map(|size| *size as i64).collect();
    TensorProto { name: name.into(), dims, data_type: DataType::Float as i32, float_data: values, ..Default::default() }
}

fn value(name: &str, shape: &[usize]) -> ValueInfoProto {
    let dim = shape.iter().map(|size| Dimension { value: Some(Size::DimValue(*size as i64)), ..Default::default() });
    let shape = Some(TensorShapeProto { dim: dim.collect() });
    let kind = Value::TensorType(TensorType { elem_type: DataType::Float as i32, shape });
    ValueInfoProto {
        name: name.into(),
        r#type: Some(TypeProto { value: Some(kind), ..Default::default() }),
        ..Default::default()
    }
}

struct Writer {
    graph: GraphProto,
    dialect: Dialect,
}

impl Writer {
    fn node(&mut self, operator: &str, inputs: &[&str], output: &str, attributes: Vec<AttributeProto>) -> String {
        self.graph.node.push(node(operator, inputs, output, attributes));
        output.to_owned()
    }

    fn constant(&mut self, name: &str, shape: &[usize], values: Vec<f32>) -> String {
        self.graph.initializer.push(tensor(name, shape, values));
        name.to_owned()
    }

    fn integers(&mut self, name: &str, values: Vec<usize>) {
        let (name, dims, data_type) = (name.to_owned(), vec![values.len() as i64], DataType::Int64 as i32);
        let int64_data = values.into_iter().map(|value| value as i64).collect();
        self.graph.initializer.push(TensorProto { name, dims, data_type, int64_data, ..Default::default() });
    }

    fn network(&mut self, network: &FloatNetwork) {
        let side = network.architecture.side;
        let shape = if self.dialect.channels_last { [1, side, side, 3] } else { [1, 3, side, side] };
        self.graph.input.push(value("input", &shape));
        self.constant("zero", &[], vec![0.0]);
        self.constant("six", &[], vec![6.0]);
        let mut source = "input".to_owned();
        if self.dialect.channels_last {
            source = self.node("Transpose", &["input"], "channels_first", vec![ints("perm", &[0, 3, 1, 2])]);
        }
        let mut skipped = source.clone();
        for (row, layer) in network.architecture.layers().iter().zip(&network.layers) {
            if row.kind == Kind::Expand {
                skipped.clone_from(&source);
            }
            source = self.layer(row, layer, &source);
            if row.residual {
                source = self.node("Add", &[&skipped, &source], &format!("{}_add", row.name), vec![]);
            }
        }
        self.top(&source, network.architecture.features());
    }

    fn top(&mut self, source: &str, features: usize) {
        let mut source = self.node("GlobalAveragePool", &[source], "pool", vec![]);
        if self.dialect.classes == 0 {
            source = self.node("Flatten", &[&source], "features", vec![]);
        } else {
            let classes = self.dialect.classes;
            self.integers("axes", vec![2, 3]);
            source = self.node("Squeeze", &[&source, "axes"], "features", vec![]);
            let mut rng = Rng::new(9);
            let weight = (0..features * classes).map(|_| rng.uniform() - 0.5).collect();
            let weight = self.constant("dense/kernel", &[features, classes], weight);
            source = self.node("MatMul", &[&source, &weight], "dense", vec![]);
            source = self.node("Softmax", &[&source], "classes", vec![]);
        }
        self.graph.output.push(ValueInfoProto { name: source, ..Default::default() });
    }

    fn layer(&mut self, row: &Layer, layer: &FloatLayer, source: &str) -> String {
        let source = self.convolution(row, layer, source);
        match (row.has_relu6(), self.dialect.relu6) {
            (false, _) => source,
            (true, Relu6::ClipInputs) => {
                self.node("Clip", &[&source, "zero", "six"], &format!("{}_relu", row.name), vec![])
            }
            (true, Relu6::ClipAttributes) => {
                let bounds = vec![float("min", 0.0), float("max", 6.0)];
                self.node("Clip", &[&source], &format!("{}_relu", row.name), bounds)
            }
            (true, Relu6::MinMax) => {
                let source = self.node("Min", &["six", &source], &format!("{}_min", row.name), vec![]);
                self.node("Max", &[&source, "zero"], &format!("{}_max", row.name), vec![])
            }
        }
    }

    /// With a norm that is not folded the weights are twice the layer's and the norm halves them.
    fn convolution(&mut self, row: &Layer, layer: &FloatLayer, source: &str) -> String {
        let name = row.name.as_str();
        let folded = self.dialect.norm == Norm::Folded;
        let weight = self.weight(row, layer, if folded { 1.0 } else { 2.0 });
        let bias: Vec<f32> = layer.bias.iter().map(|bias| *bias as f32).collect();
        let (source, pads) = self.pads(row, source);
        let stride = if row.kind == Kind::Depthwise || row.kind == Kind::Stem { row.windows.stride } else { 1 };
        let groups = if row.kind == Kind::Depthwise { row.outputs } else { 1 };
        let attributes = vec![ints("strides", &[stride; 2]), ints("pads", &pads), int("group", groups)];
        if folded {
            let bias = self.constant(&format!("{name}/bias"), &[row.outputs], bias);
            return self.node("Conv", &[&source, &weight, &bias], name, attributes);
        }
        let source = self.node("Conv", &[&source, &weight], name, attributes);
        self.norm(name, &source, bias)
    }

    fn norm(&mut self, name: &str, source: &str, bias: Vec<f32>) -> String {
        let channels = bias.len();
        if self.dialect.norm == Norm::MulAdd {
            let half = self.constant(&format!("{name}/scale"), &[1, channels, 1, 1], vec![0.5; channels]);
            let bias = self.constant(&format!("{name}/shift"), &[channels, 1, 1], bias);
            let source = self.node("Mul", &[&half, source], &format!("{name}_mul"), vec![]);
            return self.node("Add", &[&source, &bias], &format!("{name}_shift"), vec![]);
        }
        // gamma / sqrt(variance + epsilon) = 1.5 / 3; a mean of 1 is made good for in beta.
        let parts = [("gamma", 1.5), ("beta", 0.5), ("mean", 1.0), ("variance", 8.0)];
        let inputs = parts.map(|(part, number)| {
            let values = bias.iter().map(|bias| if part == "beta" { bias + number } else { number }).collect();
            self.constant(&format!("{name}/{part}"), &[channels], values)
        });
        let [gamma, beta, mean, variance] = inputs.each_ref().map(String::as_str);
        let inputs = [source, gamma, beta, mean, variance];
        self.node("BatchNormalization", &inputs, &format!("{name}_norm"), vec![float("epsilon", 1.0)])
    }

    fn pads(&mut self, row: &Layer, source: &str) -> (String, [usize; 4]) {
        let windows = row.windows;
        if matches!(row.kind, Kind::Expand | Kind::Project | Kind::Last) {
            return (source.to_owned(), [0; 4]);
        }
        let before = windows.before;
        let after = (windows.out_side - 1) * windows.stride + 3 - windows.in_side - before;
        if !self.dialect.pad_nodes || windows.stride == 1 {
            return (source.to_owned(), [before, before, after, after]);
        }
        let (pads, output) = (format!("{}/pads", row.name), format!("{}_pad", row.name));
        self.integers(&pads, vec![0, 0, before, before, 0, 0, after, after]);
        (self.node("Pad", &[source, &pads], &output, vec![]), [0; 4])
    }

    /// In ONNX's order, outputs, inputs, height, width; or in Keras' and brought into that order by a node.
    fn weight(&mut self, row: &Layer, layer: &FloatLayer, factor: f32) -> String {
        let (name, outputs) = (format!("{}/kernel", row.name), row.outputs);
        let [inputs, taps] = match row.kind {
            Kind::Stem => [3, 9],
            Kind::Depthwise => [1, 9],
            Kind::Expand | Kind::Project | Kind::Last => [row.inputs, 1],
        };
        let number = |output: usize, input: usize, tap: usize| {
            let at = match row.kind {
                Kind::Depthwise => tap * outputs + output,
                _ => (output * taps + tap) * inputs + input,
            };
            layer.weight[at] * factor
        };
        let (side, places) = (if taps == 9 { 3 } else { 1 }, 0..outputs * inputs * taps);
        if !self.dialect.computed_weights {
            let onnx = places.map(|at| number(at / (inputs * taps), at / taps % inputs, at % taps)).collect();
            return self.constant(&name, &[outputs, inputs, side, side], onnx);
        }
        let keras = places.map(|at| number(at % outputs, at / outputs % inputs, at / (inputs * outputs))).collect();
        let keras = self.constant(&format!("{name}/hwio"), &[side, side, inputs, outputs], keras);
        self.node("Transpose", &[&keras], &name, vec![ints("perm", &[3, 2, 0, 1])])
    }
}

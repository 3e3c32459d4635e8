//! Reference: the float network, run by tract as the file states it.
//!
//! It is run from the file and not from the numbers that `lower` took out of it, so that the comparison with int8 also
//! proves those numbers right.

use std::path::Path;

use tract_onnx::pb::type_proto::{Tensor as TensorType, Value};
use tract_onnx::pb::{GraphProto, ModelProto, TypeProto, ValueInfoProto, tensor_proto::DataType};
use tract_onnx::prelude::*;

use super::Levels;
use super::constant::computable;
use super::graph::Graph;
use super::lower::FloatNetwork;
use super::onnx::not_mobilenet;
use crate::error::Error;
use crate::network::Kind;

type Plan = Arc<TypedRunnableModel>;

/// A float network that is ready to run.
pub(super) struct Reference {
    plan: Plan,
    side: usize,
    channels_last: bool,
    levels: Levels,
    features: usize,
}

/// What the float network makes of a picture.
pub(super) struct Activations {
    /// The output of each linear bottleneck, in the table's order.
    bottlenecks: TVec<TValue>,
    /// The last activations, averaged over all positions.
    pub embedding: Vec<f32>,
}

impl Activations {
    pub fn bottlenecks(&self) -> impl Iterator<Item = &[f32]> {
        self.bottlenecks.iter().map(|tensor| floats(tensor).unwrap_or_default())
    }
}

impl Reference {
    /// Plans the runs of `model`, a file in `folder`, whose input takes bytes as `levels` says.
    pub fn new(
        model: &ModelProto,
        folder: &Path,
        graph: &Graph,
        network: &FloatNetwork,
        levels: Levels,
    ) -> Result<Self, Error> {
        let table = network.architecture.layers();
        let tapped = table.iter().zip(&network.outputs).filter(|(row, _)| matches!(row.kind, Kind::Project | Kind::Last));
        let outputs: Vec<&str> = tapped.map(|(_, name)| name.as_str()).collect();
        let side = network.architecture.side;
        let shape = if graph.input.channels_last { [1, side, side, 3] } else { [1, 3, side, side] };
        let plan = plan(model, folder, (&graph.input.name, &shape), &outputs)
            .map_err(|error| not_mobilenet("the file", format!("tract cannot run it ({error:#})")))?;
        let (features, channels_last) = (network.architecture.features(), graph.input.channels_last);
        Ok(Self { plan, side, channels_last, levels, features })
    }

    /// Runs the network on an input (`side * side * 3` bytes).
    pub fn run(&self, input: &[u8]) -> Result<Activations, Error> {
        let failed = |error: TractError| not_mobilenet("the file", format!("tract failed to run it ({error:#})"));
        let mut outputs = self.input(input).and_then(|input| self.plan.run(tvec!(input.into()))).map_err(failed)?;
        let last = outputs.pop().and_then(|last| self.pool(&last));
        let embedding = last.ok_or_else(|| not_mobilenet("its last layer", "it has another shape when run"))?;
        Ok(Activations { bottlenecks: outputs, embedding })
    }

    fn input(&self, input: &[u8]) -> TractResult<Tensor> {
        let Levels { mean, std } = self.levels;
        let pixels = input.len() / 3;
        let real = |pixel: usize, channel: usize| {
            (f32::from(input[pixel * 3 + channel]) - mean[channel]) / std[channel]
        };
        if self.channels_last {
            let numbers: Vec<f32> = (0..pixels * 3).map(|at| real(at / 3, at % 3)).collect();
            return Tensor::from_shape(&[1, self.side, self.side, 3], &numbers);
        }
        let numbers: Vec<f32> = (0..pixels * 3).map(|at| real(at % pixels, at / pixels)).collect();
        Tensor::from_shape(&[1, 3, self.side, self.side], &numbers)
    }

    /// Averages over all positions, in either layout: no picture of ours is as wide as there are features.
    fn pool(&self, last: &Tensor) -> Option<Vec<f32>> {
        let numbers = floats(last)?;
        let positions = numbers.len() / self.features;
        let (channel_step, position_step) = match *last.shape() {
            [1, channels, ..] if channels == self.features => (positions, 1),
            [1, _, _, channels] if channels == self.features => (1, self.features),
            _ => return None,
        };
        let sum = |channel: usize| -> f64 {
            (0..positions).map(|at| f64::from(numbers[channel * channel_step + at * position_step])).sum()
        };
        Some((0..self.features).map(|channel| (sum(channel) / positions as f64) as f32).collect())
    }
}

/// Whatever the file computes from the embedding, run alone: on float and on int8 embeddings.
pub(super) struct Classifier {
    plan: Plan,
    /// How the file shapes an embedding.
    shape: Vec<usize>,
}

impl Classifier {
    /// Plans it; `None` where the file ends with the embedding.
    pub fn new(model: &ModelProto, folder: &Path, graph: &Graph, features: usize) -> Option<Result<Self, Error>> {
        let (pooling, answer) = (graph.pooling.as_ref()?, graph.answer.as_ref()?);
        let part = ModelProto { graph: Some(after(model.graph.as_ref()?, &pooling.output)), ..model.clone() };
        // The file's pooling node decides which of these shapes its classifier expects.
        let shapes = [vec![1, features, 1, 1], vec![1, features], vec![1, 1, 1, features]];
        let plans = shapes.into_iter().map(|shape| {
            let plan = plan(&part, folder, (&pooling.output, &shape), &[answer])?;
            let classifier = Self { plan, shape };
            classifier.run(&vec![0.0; features])?;
            Ok(classifier)
        });
        plans.reduce(|first, next| first.or(next)).map(|plan| plan.map_err(classifier_failed))
    }

    /// The class with the highest number.
    pub fn answer(&self, embedding: &[f32]) -> Result<usize, Error> {
        self.run(embedding).map_err(classifier_failed)
    }

    fn run(&self, embedding: &[f32]) -> TractResult<usize> {
        let input = Tensor::from_shape(&self.shape, embedding)?;
        let outputs = self.plan.run(tvec!(input.into()))?;
        let numbers = outputs.first().and_then(|tensor| floats(tensor)).unwrap_or_default();
        let best = (0..numbers.len()).max_by(|a, b| numbers[*a].total_cmp(&numbers[*b]));
        best.ok_or_else(|| TractError::msg("it has no answer"))
    }
}

fn classifier_failed(error: TractError) -> Error {
    not_mobilenet("its classifier", format!("tract cannot run it ({error:#})"))
}

/// The part of the graph that can be computed from the tensor `name` alone.
fn after(graph: &GraphProto, name: &str) -> GraphProto {
    let known = graph.initializer.iter().map(|tensor| tensor.name.as_str()).chain([name]).collect();
    let input = TypeProto {
        value: Some(Value::TensorType(TensorType { elem_type: DataType::Float as i32, shape: None })),
        ..Default::default()
    };
    GraphProto {
        node: computable(graph, known).into_iter().cloned().collect(),
        input: vec![ValueInfoProto { name: name.to_owned(), r#type: Some(input), ..Default::default() }],
        initializer: graph.initializer.clone(),
        ..Default::default()
    }
}

/// Plans the part of a graph between one input and some tensors.
fn plan(model: &ModelProto, folder: &Path, input: (&str, &[usize]), outputs: &[&str]) -> TractResult<Plan> {
    let mut model = model.clone();
    if let Some(graph) = &mut model.graph {
        let output = |name: &&str| ValueInfoProto { name: (*name).to_owned(), ..Default::default() };
        graph.output = outputs.iter().map(output).collect();
    }
    let onnx = tract_onnx::onnx().with_ignore_value_info(true);
    let parsed = onnx.parse(&model, folder.to_str())?;
    let source = *parsed.outlets_by_name.get(input.0).ok_or_else(|| TractError::msg("its input is missing"))?;
    let mut model = parsed.model;
    model.set_input_outlets(&[source])?;
    model.set_input_fact(0, f32::fact(input.1).into())?;
    model.into_compact()?.into_optimized()?.into_runnable()
}

/// A tensor's numbers; `None` for one of another type.
fn floats(tensor: &Tensor) -> Option<&[f32]> {
    tensor.try_as_plain_ram().ok()?.as_slice::<f32>().ok()
}

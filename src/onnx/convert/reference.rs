//! Reference: the float network, run by tract as the file states it.
//!
//! It is run from the file and not from the numbers that `recognise` took out of it, so that the comparison with int8 also
//! proves those numbers right.

use std::path::Path;

use tract_onnx::pb::type_proto::{Tensor as TensorType, Value};
use tract_onnx::pb::{GraphProto, ModelProto, TypeProto, ValueInfoProto, tensor_proto::DataType};
use tract_onnx::prelude::*;

use super::Levels;
use super::constant::computable;
use super::file::{guarded, not_mobilenet};
use super::graph::Graph;
use super::recognise::FloatNetwork;
use super::sizes::into_typed;
use mobilenet_core::error::Error;
use mobilenet_core::head::argmax;

type Plan = Arc<TypedRunnableModel>;

/// A float network that is ready to run.
pub(super) struct Reference {
    plan: Plan,
    /// The layers whose means are the embedding, and their channels.
    tail: Vec<(usize, usize)>,
    side: usize,
    channels_last: bool,
    levels: Levels,
}

/// What the float network makes of a picture: the output of every layer, in the table's order, after ReLU6 or the
/// residual sum where it has one.
pub(super) struct Activations(TVec<TValue>);

impl Activations {
    /// The numbers of layer `at`, in no order that matters.
    pub fn numbers(&self, at: usize) -> &[f32] {
        self.0.get(at).and_then(|tensor| floats(tensor)).unwrap_or_default()
    }

    /// Averages each of layer `at`'s channels over all positions; `None` if that is not how many it has.
    pub fn channel_means(&self, at: usize, channels: usize) -> Option<Vec<f64>> {
        let (numbers, shape) = (self.numbers(at), self.0.get(at)?.shape());
        let positions = numbers.len() / channels;
        // ONNX convolves with channels first; last is how some exports go on from there.
        let (channel_step, position_step) = match *shape {
            [1, first, _, _] if first == channels => (positions, 1),
            [1, _, _, last] if last == channels => (1, channels),
            _ => return None,
        };
        let mean = |channel: usize| {
            let number = |at: usize| f64::from(numbers[channel * channel_step + at * position_step]);
            (0..positions).map(number).sum::<f64>() / positions as f64
        };
        Some((0..channels).map(mean).collect())
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
        let outputs: Vec<&str> = network.outputs.iter().map(String::as_str).collect();
        let side = network.architecture.side;
        let plan = || typed(model, folder, picture(graph, side), &outputs)?.into_optimized()?.into_runnable();
        let plan =
            guarded(plan).map_err(|error| not_mobilenet("the file", format!("tract cannot run it ({error:#})")))?;
        Ok(Self { plan, tail: network.tail.clone(), side, channels_last: graph.input.channels_last, levels })
    }

    /// Runs the network on an input (`side * side * 3` bytes).
    pub fn run(&self, input: &[u8]) -> Result<Activations, Error> {
        let outputs = guarded(|| self.plan.run(tvec!(self.input(input)?.into())));
        let failed = |error: TractError| not_mobilenet("the file", format!("tract failed to run it ({error:#})"));
        outputs.map(Activations).map_err(failed)
    }

    /// The embedding that the file's classifier reads: layers, averaged over all positions.
    pub fn embed(&self, input: &[u8]) -> Result<Vec<f32>, Error> {
        let activations = self.run(input)?;
        let mut embedding = Vec::new();
        for (layer, channels) in &self.tail {
            let means = activations.channel_means(*layer, *channels);
            let means = means.ok_or_else(|| not_mobilenet("a layer", "it has another shape when run"))?;
            embedding.extend(means.into_iter().map(|mean| mean as f32));
        }
        Ok(embedding)
    }

    fn input(&self, input: &[u8]) -> TractResult<Tensor> {
        tensor(input, self.levels, self.side, self.channels_last)
    }
}

/// The numbers that a file expects for the bytes of a picture.
pub(crate) fn tensor(input: &[u8], levels: Levels, side: usize, channels_last: bool) -> TractResult<Tensor> {
    let Levels { mean, std } = levels;
    let pixels = input.len() / 3;
    let real = |pixel: usize, channel: usize| (f32::from(input[pixel * 3 + channel]) - mean[channel]) / std[channel];
    if channels_last {
        let numbers: Vec<f32> = (0..pixels * 3).map(|at| real(at / 3, at % 3)).collect();
        return Tensor::from_shape(&[1, side, side, 3], &numbers);
    }
    let numbers: Vec<f32> = (0..pixels * 3).map(|at| real(at % pixels, at / pixels)).collect();
    Tensor::from_shape(&[1, 3, side, side], &numbers)
}

/// Whatever the file computes from the embedding, run alone: on float and on int8 embeddings.
pub(super) struct Classifier {
    plan: Plan,
    /// How the file shapes an embedding.
    shape: Vec<usize>,
}

impl Classifier {
    /// Plans it; `None` where the file ends with the embedding.
    pub fn new(model: &ModelProto, folder: &Path, graph: &Graph, side: usize) -> Option<Result<Self, Error>> {
        let (embedding, answer) = (graph.embedding()?, graph.answer.as_ref()?);
        let part = ModelProto { graph: Some(after(model.graph.as_ref()?, &embedding.output)), ..model.clone() };
        let planned = guarded(|| {
            let pooled = typed(model, folder, picture(graph, side), &[&embedding.output])?;
            let shape = pooled.output_fact(0)?.shape.as_concrete().map(<[usize]>::to_vec);
            let shape = shape.ok_or_else(|| TractError::msg("its embedding has no fixed shape"))?;
            let plan =
                typed(&part, folder, (&embedding.output, &shape), &[answer])?.into_optimized()?.into_runnable()?;
            Ok(Self { plan, shape })
        });
        Some(planned.map_err(classifier_failed))
    }

    /// The class with the highest number.
    pub fn answer(&self, embedding: &[f32]) -> Result<usize, Error> {
        self.numbers(embedding).map(|numbers| argmax(&numbers))
    }

    /// One number a class, at least one.
    pub fn numbers(&self, embedding: &[f32]) -> Result<Vec<f32>, Error> {
        guarded(|| self.run(embedding)).map_err(classifier_failed)
    }

    fn run(&self, embedding: &[f32]) -> TractResult<Vec<f32>> {
        let input = Tensor::from_shape(&self.shape, embedding)?;
        let outputs = self.plan.run(tvec!(input.into()))?;
        let numbers = outputs.first().and_then(|tensor| floats(tensor)).filter(|numbers| !numbers.is_empty());
        numbers.map(<[f32]>::to_vec).ok_or_else(|| TractError::msg("it has no answer"))
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

/// Name and shape of the file's input.
fn picture(graph: &Graph, side: usize) -> (&str, [usize; 4]) {
    (&graph.input.name, if graph.input.channels_last { [1, side, side, 3] } else { [1, 3, side, side] })
}

/// The part of a graph between one input of float32 and some tensors.
fn typed(
    model: &ModelProto,
    folder: &Path,
    (input, shape): (&str, impl AsRef<[usize]>),
    outputs: &[&str],
) -> TractResult<TypedModel> {
    part(model, folder, (input, f32::fact(shape.as_ref())), outputs)
}

/// The part of a graph between one input and some tensors.
pub(crate) fn part(
    model: &ModelProto,
    folder: &Path,
    (input, fact): (&str, TypedFact),
    outputs: &[&str],
) -> TractResult<TypedModel> {
    let mut model = model.clone();
    if let Some(graph) = &mut model.graph {
        let output = |name: &&str| ValueInfoProto { name: (*name).to_owned(), ..Default::default() };
        graph.output = outputs.iter().map(output).collect();
    }
    let onnx = tract_onnx::onnx().with_ignore_value_info(true);
    let parsed = onnx.parse(&model, folder.to_str())?;
    let source = *parsed.outlets_by_name.get(input).ok_or_else(|| TractError::msg("its input is missing"))?;
    let mut model = parsed.model;
    model.set_input_outlets(&[source])?;
    model.set_input_fact(0, fact.into())?;
    into_typed(model.into_compact()?)
}

/// A tensor's numbers; `None` for one of another type.
pub(crate) fn floats(tensor: &Tensor) -> Option<&[f32]> {
    tensor.try_as_plain_ram().ok()?.as_slice::<f32>().ok()
}

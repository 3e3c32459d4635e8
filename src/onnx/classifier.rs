//! The file as it is, in float, run by tract.

use std::path::Path;

use tract_onnx::pb::{GraphProto, ModelProto};
use tract_onnx::prelude::*;

use super::labels::Labels;
use super::{OnnxOptions, guess};
use crate::convert::file::{Input, guarded, read};
use crate::convert::reference::{floats, part, tensor};
use crate::convert::{Levels, limits};
use mobilenet_core::error::Error;
use mobilenet_core::head::{Answer, CLASS_LIMIT, likeliest, softmax};
use mobilenet_core::model::test_card;
use mobilenet_core::picture::decode::decode;
use mobilenet_core::picture::frame::FrameRef;
use mobilenet_core::picture::input::{InputSpec, preprocess};

/// A classifier of pictures in an ONNX file, ready to run. A clone shares the network.
#[derive(Clone, Debug)]
pub struct OnnxClassifier {
    plan: Arc<TypedRunnableModel>,
    channels_last: bool,
    levels: Levels,
    spec: InputSpec,
    /// Whether the file ends with a softmax of its own.
    gives_probabilities: bool,
    labels: Vec<String>,
}

impl OnnxClassifier {
    /// Reads a file and runs it once, on a card that is drawn.
    ///
    /// # Errors
    /// [`Error::BadOnnx`] says why it cannot be run as a classifier, [`Error::BadArgument`] what does not fit it.
    ///
    /// ```
    /// use mobilenet_onnx::{OnnxClassifier, OnnxOptions};
    /// let error = OnnxClassifier::from_bytes(b"no network", &OnnxOptions::default()).unwrap_err();
    /// assert_eq!(error.code(), "bad-onnx");
    /// ```
    pub fn from_bytes(file: &[u8], options: &OnnxOptions) -> Result<Self, Error> {
        let Opened { model, input, levels, side } = Opened::read(file, options)?;
        let spec = InputSpec { side, fit: options.fit, mean: levels.mean, std: levels.std };
        spec.validate()
            .map_err(|_| Error::BadArgument(format!("an input of {side} pixels: 32 to 512 are possible")))?;
        let plan = plan(&model, &input, side, options.labels.as_ref())?;
        let channels_last = input.channels_last;
        let labels = Vec::new();
        let mut made = Self { plan, channels_last, levels, spec, gives_probabilities: false, labels };
        let numbers = made.numbers(&preprocess(&test_card(), &spec))?;
        made.labels = labels_of(&model, options.labels.as_ref(), numbers.len())?;
        made.gives_probabilities = is_distribution(&numbers);
        Ok(made)
    }

    /// The `top_k` likeliest classes.
    ///
    /// # Errors
    /// [`Error::BadOnnx`] when the file fails on this frame.
    pub fn classify<'a>(&self, frame: impl Into<FrameRef<'a>>, top_k: usize) -> Result<Answer, Error> {
        Ok(self.answer(&self.outputs(frame)?, top_k))
    }

    /// The same from the bytes of a picture file.
    ///
    /// # Errors
    /// As [`decode`] and [`OnnxClassifier::classify`].
    pub fn classify_bytes(&self, file: &[u8], top_k: usize) -> Result<Answer, Error> {
        self.classify(&decode(file)?, top_k)
    }

    /// What the file gives for a frame: one number a class.
    ///
    /// # Errors
    /// As [`OnnxClassifier::classify`].
    pub fn outputs<'a>(&self, frame: impl Into<FrameRef<'a>>) -> Result<Vec<f32>, Error> {
        self.numbers(&preprocess(frame, &self.spec))
    }

    /// The answer to what the file gives.
    pub fn answer(&self, outputs: &[f32], top_k: usize) -> Answer {
        let made;
        let probabilities = if self.gives_probabilities {
            outputs
        } else {
            made = softmax(outputs);
            &made
        };
        Answer { predictions: likeliest(&self.labels, probabilities, top_k), rejected: false }
    }

    /// One label a class.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// What the network sees of a frame.
    pub fn input(&self) -> &InputSpec {
        &self.spec
    }

    /// What its input expects.
    pub fn levels(&self) -> Levels {
        self.levels
    }

    fn numbers(&self, input: &[u8]) -> Result<Vec<f32>, Error> {
        let run = || {
            let input = tensor(input, self.levels, self.spec.side, self.channels_last)?;
            let kind = self.plan.model().input_fact(0)?.datum_type;
            let outputs = self.plan.run(tvec!(input.cast_to_dt(kind)?.into_owned().into()))?;
            let numbers = outputs[0].cast_to::<f32>()?;
            floats(&numbers).map(<[f32]>::to_vec).ok_or_else(|| TractError::msg("its output is no list of numbers"))
        };
        let numbers = guarded(run).map_err(|error| Error::BadOnnx(format!("tract failed to run it ({error:#})")))?;
        let classes = numbers.len();
        if !(2..=CLASS_LIMIT).contains(&classes) {
            let reason =
                format!("its output has {classes} numbers, where 2 to {CLASS_LIMIT} are possible, one a class");
            return Err(Error::BadOnnx(reason));
        }
        if numbers.iter().all(|number| number.is_finite()) {
            return Ok(numbers);
        }
        Err(Error::BadOnnx("its output is no number: its weights may be damaged, or too large for float16".into()))
    }
}

/// A file that has been read, with what was stated or guessed of it.
pub(super) struct Opened {
    pub model: ModelProto,
    pub input: Input,
    pub levels: Levels,
    pub side: usize,
}

impl Opened {
    pub fn read(file: &[u8], options: &OnnxOptions) -> Result<Self, Error> {
        limits::check_file(file)?;
        let model = read(file)?;
        let graph = graph(&model);
        limits::check_whole(graph)?;
        let input = Input::find(graph)?;
        let side = match (input.side, options.side) {
            (Some(side), Some(wanted)) if side != wanted => {
                return Err(Error::BadArgument(format!(
                    "the file's input is {side} pixels wide and cannot be {wanted}"
                )));
            }
            (side, wanted) => side.or(wanted).unwrap_or(OnnxOptions::SIDE),
        };
        let levels = options.levels.unwrap_or_else(|| guess::levels(&model, graph, &input));
        Ok(Self { input, levels, side, model })
    }
}

/// [`read`] gives no model without one.
pub(super) fn graph(model: &ModelProto) -> &GraphProto {
    model.graph.as_ref().expect("a network has a graph")
}

pub(super) fn labels_of(model: &ModelProto, stated: Option<&Labels>, classes: usize) -> Result<Vec<String>, Error> {
    if let Some(labels) = stated {
        return labels.of(classes);
    }
    let in_file = Labels::in_file(model).and_then(|labels| labels.of(classes).ok());
    Ok(in_file.unwrap_or_else(|| Labels::numbered(classes)))
}

fn plan(
    model: &ModelProto,
    input: &Input,
    side: usize,
    labels: Option<&Labels>,
) -> Result<Arc<TypedRunnableModel>, Error> {
    let shape = if input.channels_last { [1, side, side, 3] } else { [1, 3, side, side] };
    let refused = |error: TractError| Error::BadOnnx(format!("tract cannot run it ({error:#})"));
    let names: Vec<&str> = outputs(graph(model));
    let typed = || part(model, Path::new(""), (&input.name, TypedFact::dt_shape(input.kind, shape)), &names);
    let mut typed = guarded(typed).map_err(refused)?;
    let chosen = choose(&typed, labels)?;
    guarded(|| {
        let outlet = typed.output_outlets()?[chosen];
        typed.select_output_outlets(&[outlet])?;
        typed.into_optimized()?.into_runnable()
    })
    .map_err(refused)
}

/// The file's outputs, the one that is computed last first.
fn outputs(graph: &GraphProto) -> Vec<&str> {
    let made = |name: &str| graph.node.iter().position(|node| node.output.iter().any(|output| output == name));
    let mut names: Vec<(Option<usize>, &str)> =
        graph.output.iter().map(|output| (made(&output.name), output.name.as_str())).collect();
    names.sort_by_key(|(made, _)| std::cmp::Reverse(*made));
    names.into_iter().map(|(_, name)| name).collect()
}

/// Of several outputs the one that has as many numbers as there are labels, or else the one that is computed last: features come
/// before what is made of them.
fn choose(model: &TypedModel, labels: Option<&Labels>) -> Result<usize, Error> {
    let count = |at: usize| {
        let shape = model.output_fact(at).ok()?.shape.as_concrete()?.to_vec();
        let numbers: usize = shape.iter().product();
        // One number a class, and no list or map of them.
        shape.contains(&numbers).then_some(numbers)
    };
    let counts: Vec<Option<usize>> = (0..model.output_outlets().map_or(0, <[_]>::len)).map(count).collect();
    let labelled = labels.and_then(|labels| counts.iter().position(|count| *count == Some(labels.count())));
    let last = || counts.iter().position(|count| count.is_some_and(|count| (2..=CLASS_LIMIT).contains(&count)));
    labelled.or_else(last).ok_or_else(|| {
        let shapes: Vec<String> =
            (0..counts.len()).filter_map(|at| model.output_fact(at).ok()).map(|fact| format!("{fact:?}")).collect();
        let found = shapes.join("; ");
        Error::BadOnnx(format!("none of its outputs is one number a class ({found}): it may be no classifier"))
    })
}

/// A softmax has been taken already.
fn is_distribution(numbers: &[f32]) -> bool {
    let total: f64 = numbers.iter().map(|number| f64::from(*number)).sum();
    numbers.iter().all(|number| (0.0..=1.0).contains(number)) && (total - 1.0).abs() < 1.0e-3
}

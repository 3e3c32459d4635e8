//! Lower: a MobileNetV2 classifier in ONNX becomes an ordinary model file.

use std::path::Path;

use serde::Serialize;

use super::classifier::{Opened, labels_of};
use super::samples::Inputs;
use super::{Labels, OnnxOptions};
use crate::convert::file::not_mobilenet;
use crate::convert::{Dense, GATE, Job, Levels, Observation};
use mobilenet_core::error::Error;
use mobilenet_core::head::{Features, Head, softmax};
use mobilenet_core::model::{Model, SelfTest};
use mobilenet_core::network::embedder::Embedder;

/// A model file that was made of an ONNX file.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// Backbone, head, and where they come from.
    pub model: Vec<u8>,
    /// What the file's input was taken to expect.
    pub levels: Levels,
    /// How close it is to the file.
    pub closeness: Closeness,
}

/// How close int8 is to the file in float, on views that calibration has not seen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Closeness {
    /// How many views were compared.
    pub views: usize,
    /// How many of them are of the same class for both.
    pub same: usize,
    /// Median cosine similarity of embeddings.
    pub median: f64,
}

/// Makes a model of a MobileNetV2 classifier; `progress` hears how many pictures of how many are through.
///
/// # Errors
/// [`Error::NotMobileNet`] for any other network, [`Error::GateFailed`] when int8 would be too far from it: both can be run in float
/// by [`OnnxClassifier`](super::OnnxClassifier). Otherwise as there.
pub fn lower(
    file: &[u8],
    name: &str,
    options: &OnnxOptions,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Lowered, Error> {
    let Opened { model, levels, side, .. } = Opened::read(file, options)?;
    let job = Job::prepare(&model, Path::new(""), &options.stated(levels, side))?;
    let no_head = || not_mobilenet("its classifier", "it is not one dense layer on the pooled features");
    let dense = job.dense.clone().ok_or_else(no_head)?;
    let labels = labels_of(&model, options.labels.as_ref(), dense.bias.len())?;
    drop(model);
    let Inputs { calibrate, measure } = Inputs::draw(&job.input)?;
    let total = calibrate.len() + measure.len();
    let observation = observe(&job, &calibrate, |done| progress(done, total))?;
    let backbone = job.quantize(&observation)?;
    let mut embedder = Embedder::new(&backbone);
    let closeness = compare(&job, &dense, &mut embedder, &measure, |done| progress(calibrate.len() + done, total))?;
    let digest = embedder.digest().to_owned();
    let head = head(labels, dense, digest, embedder.features())?;
    head.check_features(embedder.features(), embedder.embedding_len())?;
    let self_test = SelfTest::record(&mut embedder, Some(&head));
    let model = Model { backbone: Some(backbone), head: Some(head), self_test };
    Ok(Lowered { model: model.to_bytes_from(&origin(name, levels)), levels, closeness })
}

/// Gives the classes of a lowered model, which came from the file `name`, other names.
///
/// # Errors
/// [`Error::BadModel`] when it is none, [`Error::BadArgument`] when they are more or fewer than its classes.
pub fn name_classes(model: &[u8], labels: &Labels, name: &str, levels: Levels) -> Result<Vec<u8>, Error> {
    let mut model = Model::from_bytes(model)?;
    let head = model.head.take().ok_or_else(|| Error::BadModel("it has no head".into()))?;
    let labels = labels.of(head.labels().len())?;
    model.head = Some(head.renamed(labels)?);
    Ok(model.to_bytes_from(&origin(name, levels)))
}

/// A head of the file's classifier. Of one that reads the tail, what no class has a weight for is not read.
fn head(labels: Vec<String>, Dense { weight, bias }: Dense, backbone: String, last: usize) -> Result<Head, Error> {
    let numbers = weight.len() / bias.len();
    if numbers == last {
        return Head::new(labels, weight, bias, backbone);
    }
    let is_read = |at: &usize| weight.iter().skip(*at).step_by(numbers).any(|weight| *weight != 0.0);
    let read: Vec<usize> = (0..numbers).filter(is_read).collect();
    let weight = weight.chunks_exact(numbers).flat_map(|row| read.iter().map(|at| row[*at])).collect();
    let features = Features::chosen(read.into_iter().map(|at| at as u16).collect())?;
    Head::new(labels, weight, bias, backbone)?.reading(features)
}

fn origin(name: &str, levels: Levels) -> String {
    let Levels { mean, std } = levels;
    format!("{name}, an ONNX file, as int8; its input was taken to be (byte - {mean:?}) / {std:?}")
}

fn observe(job: &Job, inputs: &[Vec<u8>], mut progress: impl FnMut(usize)) -> Result<Observation, Error> {
    let mut all: Option<Observation> = None;
    for (at, input) in inputs.iter().enumerate() {
        progress(at);
        let seen = job.observe(input)?;
        all = Some(match all {
            None => seen,
            Some(all) => all.and(&seen),
        });
    }
    all.ok_or_else(|| Error::BadDataset("there is no picture to calibrate on".into()))
}

fn compare(
    job: &Job,
    dense: &Dense,
    embedder: &mut Embedder,
    inputs: &[Vec<u8>],
    mut progress: impl FnMut(usize),
) -> Result<Closeness, Error> {
    let (mut cosines, mut same) = (Vec::new(), 0);
    for (at, input) in inputs.iter().enumerate() {
        progress(at);
        let embedding = embedder.embed_input(input);
        check_dense(job, dense, &embedding)?;
        let (cosine, same_class) = job.compare(input, &embedding)?;
        cosines.push(cosine);
        same += usize::from(same_class == Some(true));
    }
    progress(inputs.len());
    cosines.sort_by(f64::total_cmp);
    let median = cosines.get(cosines.len() / 2).copied().unwrap_or(0.0);
    if median >= GATE {
        return Ok(Closeness { views: inputs.len(), same, median });
    }
    Err(Error::GateFailed(format!(
        "int8 is too far from float: cosine similarity median {median:.4}, at least {GATE} is required"
    )))
}

/// That the head is what the file computes: the same probabilities, but for rounding.
fn check_dense(job: &Job, dense: &Dense, embedding: &[f32]) -> Result<(), Error> {
    let Some(numbers) = job.numbers(embedding).transpose()? else { return Ok(()) };
    let ours = softmax(&mobilenet_core::head::logits(&dense.weight, &dense.bias, embedding));
    let close =
        |theirs: &[f32]| ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| (a - b).abs() < 1.0e-3);
    if close(&numbers) || close(&softmax(&numbers)) {
        return Ok(());
    }
    Err(not_mobilenet("its classifier", "it is more than a dense layer and a softmax"))
}

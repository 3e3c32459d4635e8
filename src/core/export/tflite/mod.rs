//! TFLite: a file for LiteRT on phones and in browsers, with the metadata that MediaPipe and Android's Task Library ask for.
//!
//! The int8 file computes in integers up to the embedding, which is stored like the activations that it averages, so no range
//! had to be guessed; the head is as it was fitted, in float. A head in integers needs the range of its logits. That
//! which follows from its weights is so wide that 9 of 423 furniture photos changed their answer (the integer embedding changes
//! none, and no logit by more than 0.04); one measured on pictures is something that a model file does not have.
//!
//! For a head that reads the tail, activations are taken to float before they are averaged: means of filters are small, and as bytes
//! they would move a logit by up to 0.51 where it is 0.33 without.

mod metadata;
mod model;
mod network;
mod table;
mod zip;

use super::about::{EMBEDDING, PROBABILITIES};
use super::integer::picture;
use super::numbers::Numbers;
use super::{Precision, Source};
use metadata::{LABELS, Metadata};
use model::{Model, Operation, Tensor, Type};

/// The file.
pub(super) fn write(source: &Source, precision: Precision) -> Vec<u8> {
    let labels = source.head.map(|head| labels(head.labels()));
    let mut model = Model::default();
    let (input, tail) = network::write(&mut model, source, precision);
    let output = head(&mut model, source, &tail);
    let description = source.description();
    let metadata = Metadata {
        description: &description,
        normalization: match precision {
            Precision::Float => [0.0, 1.0],
            Precision::Int8 => [f32::from(picture(source.backbone).zero_point), 1.0 / picture(source.backbone).scale],
        },
        output: &model.tensors[output].name,
        about_output: if labels.is_some() { PROBABILITIES } else { EMBEDDING },
        has_labels: labels.is_some(),
    };
    let mut file = model.to_bytes([input, output], &description, &metadata.to_bytes());
    if let Some(labels) = labels {
        zip::append(&mut file, LABELS, labels.as_bytes());
    }
    file
}

/// The file of labels, one a line: none of them has a line break.
fn labels(labels: &[String]) -> String {
    labels.join("\n") + "\n"
}

/// Adds pooling and head; the tensor with the answer comes back.
fn head(model: &mut Model, source: &Source, tail: &[usize]) -> usize {
    let numbers = source.embedding_len();
    let embedding = embedding(model, tail);
    let Some(head) = source.head else { return embedding };
    let classes = head.labels().len();
    let weight = model.constant("head/weight", &[classes, numbers], &Numbers::F32(source.dense(head)), None);
    let bias = model.constant("head/bias", &[classes], &Numbers::F32(head.bias().to_vec()), None);
    let logits = model.tensor("logits", Type::Float32, &[1, classes], None);
    model.operate(Operation::FullyConnected, &[embedding, weight, bias], logits);
    let probabilities = model.tensor("probabilities", Type::Float32, &[1, classes], None);
    model.operate(Operation::Softmax, &[logits], probabilities)
}

/// The means of these tensors over all positions, one after the other, in float.
fn embedding(model: &mut Model, tail: &[usize]) -> usize {
    let axes = model.constant("positions", &[2], &Numbers::I32(vec![1, 2]), None);
    if let [last] = tail {
        let mean = mean(model, *last, axes);
        let embedding = float(model, mean);
        model.tensors[embedding].name = "embedding".to_owned();
        return embedding;
    }
    let mut numbers = 0;
    let mut part = |of: &usize| {
        let float = float(model, *of);
        numbers += model.tensors[float].shape[3];
        mean(model, float, axes)
    };
    let parts: Vec<usize> = tail.iter().map(&mut part).collect();
    let embedding = model.tensor("embedding", Type::Float32, &[1, numbers], None);
    model.operate(Operation::Concatenation { axis: 1 }, &parts, embedding)
}

/// The mean of a tensor over all positions, stored as what it averages.
fn mean(model: &mut Model, of: usize, axes: usize) -> usize {
    let Tensor { name, kind, shape, scales, .. } = &model.tensors[of];
    let (name, kind, shape, scales) = (format!("{name}_mean"), *kind, [1, shape[3]], scales.clone());
    let mean = model.tensor(&name, kind, &shape, scales);
    model.operate(Operation::Mean, &[of, axes], mean)
}

/// A tensor in float.
fn float(model: &mut Model, of: usize) -> usize {
    let Tensor { name, kind, shape, .. } = &model.tensors[of];
    if *kind == Type::Float32 {
        return of;
    }
    let (name, shape) = (format!("{name}_float"), shape.clone());
    let float = model.tensor(&name, Type::Float32, &shape, None);
    model.operate(Operation::Dequantize, &[of], float)
}

//! TFLite: a file for LiteRT on phones and in browsers, with the metadata that MediaPipe and Android's Task Library ask for.
//!
//! The int8 file computes in integers up to the embedding, which is stored like the activations that it averages, so no range
//! had to be guessed; the head is as it was fitted, in float. A head in integers needs the range of its logits. That
//! which follows from its weights is so wide that 9 of 423 furniture photos changed their answer (the integer embedding changes
//! none, and no logit by more than 0.04); one measured on pictures is something that a model file does not have.

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
use model::{Model, Operation, Type};

/// The file.
pub(super) fn write(source: &Source, precision: Precision) -> Vec<u8> {
    let labels = source.head.map(|head| labels(head.labels()));
    let mut model = Model::default();
    let [input, last] = network::write(&mut model, source, precision);
    let output = head(&mut model, source, last);
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
fn head(model: &mut Model, source: &Source, last: usize) -> usize {
    let features = source.backbone.architecture().features();
    let axes = model.constant("positions", &[2], &Numbers::I32(vec![1, 2]), None);
    let (kind, scales) = (model.tensors[last].kind, model.tensors[last].scales.clone());
    let mut embedding = model.tensor("embedding", kind, &[1, features], scales);
    model.operate(Operation::Mean, &[last, axes], embedding);
    if kind == Type::Int8 {
        model.tensors[embedding].name = "embedding_int8".to_owned();
        let float = model.tensor("embedding", Type::Float32, &[1, features], None);
        embedding = model.operate(Operation::Dequantize, &[embedding], float);
    }
    let Some(head) = source.head else { return embedding };
    let classes = head.labels().len();
    let weight = model.constant("head/weight", &[classes, features], &Numbers::F32(head.weight().to_vec()), None);
    let bias = model.constant("head/bias", &[classes], &Numbers::F32(head.bias().to_vec()), None);
    let logits = model.tensor("logits", Type::Float32, &[1, classes], None);
    model.operate(Operation::FullyConnected, &[embedding, weight, bias], logits);
    let probabilities = model.tensor("probabilities", Type::Float32, &[1, classes], None);
    model.operate(Operation::Softmax, &[logits], probabilities)
}

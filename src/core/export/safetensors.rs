//! Safetensors: the weights for Python, in float, named and ordered as Keras does.
//!
//! `Conv1/kernel`, `Conv1/bias` and so on, batch normalisation folded; `head/kernel`, `head/bias`. They read
//! `(byte - mean) / std`. All else is one JSON document under the key `mobilenet`: several keys would come out in another
//! order in every run.

use safetensors::Dtype;
use safetensors::tensor::TensorView;

use super::Source;
use super::float::dequantize;
use super::geometry::{keras_dense, keras_order};
use super::numbers::Numbers;

const KEY: &str = "mobilenet";

/// The file.
pub(super) fn write(source: &Source) -> Vec<u8> {
    let mut tensors: Vec<(String, Vec<usize>, Vec<u8>)> = Vec::new();
    let mut add = |name: String, shape: Vec<usize>, numbers: Vec<f32>| {
        tensors.push((name, shape, Numbers::F32(numbers).to_bytes()));
    };
    for (row, layer) in source.table.iter().zip(dequantize(source.backbone, &source.table)) {
        let (shape, kernel) = keras_order(row, &layer.weight);
        add(format!("{}/kernel", row.name), shape, kernel);
        add(format!("{}/bias", row.name), vec![row.outputs], layer.bias);
    }
    if let Some(head) = source.head {
        let (shape, kernel) = keras_dense(&source.dense(head), head.labels().len());
        add("head/kernel".to_owned(), shape, kernel);
        add("head/bias".to_owned(), vec![head.labels().len()], head.bias().to_vec());
    }
    let views = tensors.iter().map(|(name, shape, bytes)| {
        (name, TensorView::new(Dtype::F32, shape.clone(), bytes).expect("every tensor fits its shape"))
    });
    let metadata = [(KEY.to_owned(), source.properties().to_string())].into_iter().collect();
    safetensors::serialize(views, Some(metadata)).expect("tensors that fit their shapes serialise")
}

//! About: what a file says of itself, in its metadata and in the terminal.

use serde_json::{Value, json};

use super::{Format, Precision, Source};
use crate::picture::input::Fit;

/// What the input is, in every file.
pub(super) const INPUT: &str = "the picture: height, width, RGB from 0 to 255";
/// What the outputs are.
pub(super) const PROBABILITIES: &str = "one number a label, in their order; they sum to 1";
pub(super) const LOGITS: &str = "the same before softmax";
pub(super) const EMBEDDING: &str = "what the network sees, each number from 0 to 6";

impl Source<'_> {
    /// Everything that programs may want to know.
    pub fn properties(&self) -> Value {
        let mut properties = json!({
            "description": self.description(),
            "architecture": self.backbone.architecture(),
            "input": self.backbone.input(),
            "backbone": self.backbone.digest(),
        });
        if let Some(head) = self.head {
            properties["labels"] = json!(head.labels());
        }
        properties
    }

    /// What it is, in a sentence or two.
    pub fn description(&self) -> String {
        let (width, side) = (self.backbone.architecture().width, self.backbone.input().side);
        let fit = match self.backbone.input().fit {
            Fit::Squash => "their sides scaled apart",
            Fit::Crop => "cut to the square in their middle",
        };
        let answer = match self.head {
            Some(head) => format!("the probabilities of {} labels", head.labels().len()),
            None => format!("an embedding of {} numbers", self.embedding_len()),
        };
        format!(
            "MobileNetV2 of width {width}. Takes pictures of {side} x {side} pixels, {fit}, RGB from 0 to 255; gives {answer}."
        )
    }

    /// That, and how to use it.
    pub(super) fn about(&self, format: Format, precision: Precision) -> String {
        let use_it = if format == Format::Safetensors { self.tensors() } else { self.call(format, precision) };
        format!("{}\n{use_it}", self.description())
    }

    fn call(&self, format: Format, precision: Precision) -> String {
        let side = self.backbone.input().side;
        let kind = if precision == Precision::Int8 { "uint8" } else { "float32" };
        let pictures = if format == Format::Tflite { "1" } else { "pictures" };
        let (names, numbers) = match self.head {
            None => ("embedding", self.embedding_len()),
            Some(head) if format == Format::Onnx => ("probabilities, logits", head.labels().len()),
            Some(head) => ("probabilities", head.labels().len()),
        };
        let labels = match (self.head, format) {
            (None, _) => "",
            (_, Format::Tflite) => "\nLabels and normalisation are inside, where MediaPipe looks for them.",
            (_, Format::Tfjs) => "\nLabels are in model.json, under userDefinedMetadata.",
            _ => "\nLabels are in its metadata, as JSON.",
        };
        format!(
            "input:  input, {kind} [{pictures}, {side}, {side}, 3]\noutput: {names}, float32 [{pictures}, {numbers}]{labels}"
        )
    }

    fn tensors(&self) -> String {
        let input = &self.backbone.input();
        format!(
            "Tensors have the names and the order that they have in Keras, batch normalisation folded.\n\
             The first layer reads (byte - {:?}) / {:?}.",
            input.mean, input.std
        )
    }
}

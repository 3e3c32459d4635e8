//! The head: a dense layer on the embedding, and the softmax that turns its logits into predictions.
//!
//! The exponential is pure Rust (`libm`), because the one of the standard library has different bits natively and
//! in wasm (measured: it differs within 200,000 inputs; `libm`'s does not).

pub mod calibration;
pub mod heatmap;
pub mod rounding;

use serde::{Deserialize, Serialize};

use crate::base::display_text::breaks_line;
use crate::error::Error;
use crate::head::calibration::Calibration;
use crate::kernel::dot::dot;

/// Classes a head may have.
pub const CLASS_LIMIT: usize = 10_000;
/// Bytes a label may have.
pub const LABEL_LIMIT: usize = 200;
/// The largest weight or bias: far above any fitted one, and small enough that no logit overflows.
const WEIGHT_LIMIT: f32 = 1.0e6;

/// A dense layer with a name for each of its outputs.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// One label a class.
    pub labels: Vec<String>,
    /// `[classes][features]`.
    pub weight: Vec<f32>,
    /// One a class.
    pub bias: Vec<f32>,
    /// Digest of the backbone whose embeddings it was fitted on.
    pub backbone: String,
    /// How it was fitted.
    pub training: Option<TrainingSummary>,
    /// What it knows about its own limits.
    pub calibration: Option<Calibration>,
}

/// How a head was fitted, for people and for a repeat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingSummary {
    /// Seed of the generator.
    pub seed: u32,
    /// Epochs that ran.
    pub epochs: usize,
    /// The epoch whose weights were kept, from 1.
    pub best_epoch: usize,
    /// Pictures it was fitted on.
    pub train_samples: usize,
    /// Other views of each of them, 0 in older heads.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub augment: u32,
    /// Pictures it was chosen on.
    pub validation_samples: usize,
    /// Mean cross-entropy on the latter.
    pub validation_loss: f32,
    /// Share of the latter that it names right.
    pub validation_accuracy: f32,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A label and how likely it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// The class.
    pub label: String,
    /// 0 to 1; over all classes they sum to 1.
    pub probability: f32,
}

/// What a picture is taken for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The likeliest classes, likeliest first.
    pub predictions: Vec<Prediction>,
    /// Whether it is none of the classes, so that the predictions only say which one is nearest; false without a calibration.
    pub rejected: bool,
}

impl Head {
    /// Numbers that an embedding must have.
    pub fn features(&self) -> usize {
        self.weight.len() / self.labels.len()
    }

    /// Checks every length, label and number.
    ///
    /// # Errors
    /// [`Error::BadModel`] says what is wrong.
    pub fn validate(&self, features: usize) -> Result<(), Error> {
        let bad = |reason: String| Err(Error::BadModel(reason));
        let classes = self.labels.len();
        if !(2..=CLASS_LIMIT).contains(&classes) {
            return bad(format!("its head has {classes} labels; 2 to {CLASS_LIMIT} are possible"));
        }
        if let Some((label, fault)) = self.labels.iter().find_map(|label| Some((label, label_fault(label)?))) {
            return bad(format!("the label {label:?} {fault}"));
        }
        if let Some(label) = first_repeated(&self.labels) {
            return bad(format!("the label {label:?} is there twice"));
        }
        if features == 0 || self.weight.len() != classes * features || self.bias.len() != classes {
            return bad(format!("its head does not have {classes} x {features} weights and {classes} biases"));
        }
        let sound = |number: &f32| number.abs() <= WEIGHT_LIMIT;
        if !self.weight.iter().chain(&self.bias).all(sound) {
            return bad("a weight of its head is not a number, or too large".into());
        }
        // JSON has no other numbers: a file with them would be written and not be read again.
        let finite = |training: &TrainingSummary| {
            training.validation_loss.is_finite() && training.validation_accuracy.is_finite()
        };
        if !self.training.as_ref().is_none_or(finite) {
            return bad("a number of its training summary is too large".into());
        }
        self.calibration.as_ref().map_or(Ok(()), |calibration| calibration.validate(classes, features))
    }

    /// One number a class; the largest wins.
    pub fn logits(&self, embedding: &[f32]) -> Vec<f32> {
        logits(&self.weight, &self.bias, embedding)
    }

    /// The answer for an embedding.
    pub fn answer(&self, embedding: &[f32], top_k: usize) -> Answer {
        let rejected = self.calibration.as_ref().is_some_and(|calibration| calibration.rejects(embedding));
        Answer { predictions: self.predict(&self.logits(embedding), top_k), rejected }
    }

    /// What each position of a feature map, `[positions][features]`, says for a class: its activation map, in logits.
    ///
    /// # Errors
    /// [`Error::BadArgument`] when there is no such class.
    pub fn activation_map(&self, feature_map: &[f32], class: usize) -> Result<Vec<f32>, Error> {
        let features = self.features();
        let row = self.weight.chunks_exact(features).nth(class);
        let row = row.ok_or_else(|| Error::BadArgument("there is no such class: they count from 0".into()))?;
        Ok(feature_map.chunks_exact(features).map(|position| dot(position, row)).collect())
    }

    /// The `top_k` likeliest classes, likeliest first; classes that are equally likely stay in label order.
    pub fn predict(&self, logits: &[f32], top_k: usize) -> Vec<Prediction> {
        likeliest(&self.labels, &softmax(logits), top_k)
    }
}

/// The `top_k` likeliest labels, likeliest first; those that are equally likely stay in order.
pub fn likeliest(labels: &[String], probabilities: &[f32], top_k: usize) -> Vec<Prediction> {
    let mut left: Vec<usize> = (0..probabilities.len()).collect();
    // One after the other: few are asked for, and to sort them all would be 2 KB (brotli) more for every visitor.
    let likeliest = || {
        let first = left.iter().rev().max_by(|a, b| probabilities[**a].total_cmp(&probabilities[**b])).copied()?;
        left.retain(|class| *class != first);
        Some(Prediction { label: labels[first].clone(), probability: probabilities[first] })
    };
    std::iter::from_fn(likeliest).take(top_k).collect()
}

/// The dense layer itself, for fitting and for answering alike: `weight` is `[classes][features]`, `bias` one a class.
pub fn logits(weight: &[f32], bias: &[f32], embedding: &[f32]) -> Vec<f32> {
    let rows = weight.chunks_exact(weight.len() / bias.len());
    rows.zip(bias).map(|(row, bias)| dot(embedding, row) + bias).collect()
}

/// `exp(logit)` of each over their sum, kept from overflow by taking the largest off first.
///
/// ```
/// use mobilenet_core::head::softmax;
/// assert_eq!(softmax(&[1000.0, 1000.0]), [0.5, 0.5]);
/// ```
pub fn softmax(logits: &[f32]) -> Vec<f32> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut powers: Vec<f32> = logits.iter().map(|logit| libm::expf(logit - largest)).collect();
    let total: f32 = powers.iter().sum();
    powers.iter_mut().for_each(|power| *power /= total);
    powers
}

/// Position of the largest number, the first of equals.
pub fn argmax(numbers: &[f32]) -> usize {
    (0..numbers.len()).reduce(|best, at| if numbers[at] > numbers[best] { at } else { best }).unwrap_or(0)
}

/// Why a text can be no label, if it cannot. Labels are lines of `labels.txt` and cells of tables.
///
/// ```
/// use mobilenet_core::head::label_fault;
/// assert_eq!(label_fault("chair"), None);
/// assert_eq!(label_fault("chair\nsofa"), Some("has a line break or another control character in it"));
/// ```
pub fn label_fault(label: &str) -> Option<&'static str> {
    match label {
        "" => Some("is empty"),
        _ if label.len() > LABEL_LIMIT => Some("is longer than 200 bytes"),
        _ if label.contains(breaks_line) => Some("has a line break or another control character in it"),
        _ => None,
    }
}

fn first_repeated(labels: &[String]) -> Option<&String> {
    let mut seen = std::collections::HashSet::new();
    labels.iter().find(|label| !seen.insert(*label))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> Head {
        let labels = ["a", "b", "c"].map(String::from).to_vec();
        Head {
            labels,
            weight: vec![1.0, 0.0, 0.0, 1.0, -1.0, -1.0],
            bias: vec![0.0, 0.5, 0.0],
            backbone: String::new(),
            training: None,
            calibration: None,
        }
    }

    #[test]
    fn predictions_are_sorted_and_sum_to_one() {
        let head = head();
        let logits = head.logits(&[2.0, 2.0]);
        assert_eq!(logits, [2.0, 2.5, -4.0]);
        let predictions = head.predict(&logits, 3);
        assert_eq!(predictions.iter().map(|p| p.label.as_str()).collect::<Vec<_>>(), ["b", "a", "c"]);
        let total: f32 = predictions.iter().map(|p| p.probability).sum();
        // Three roundings of numbers below 1.
        assert!((total - 1.0).abs() <= 3.0 * f32::EPSILON, "{total}");
        assert_eq!(head.predict(&logits, 1).len(), 1);
        assert_eq!(head.predict(&[1.0, 1.0, 1.0], 9)[0].label, "a", "equals stay in label order");
    }

    #[test]
    fn a_label_is_a_line_of_text() {
        for label in ["a", "стул", "=1+1", "pony\u{200B}", &"x".repeat(LABEL_LIMIT)] {
            assert_eq!(label_fault(label), None, "{label:?}");
        }
        for label in ["", "a\nb", "tab\t", "\u{1b}[2J", "\u{85}", "\u{2028}", &"x".repeat(LABEL_LIMIT + 1)] {
            assert!(label_fault(label).is_some(), "{label:?}");
        }
        assert!(label_fault(&"x".repeat(LABEL_LIMIT + 1)).unwrap().contains(&LABEL_LIMIT.to_string()));
    }

    #[test]
    fn broken_heads_are_refused() {
        let training = |validation_loss| TrainingSummary {
            seed: 1,
            epochs: 1,
            best_epoch: 1,
            train_samples: 2,
            augment: 0,
            validation_samples: 2,
            validation_loss,
            validation_accuracy: 1.0,
        };
        assert!(Head { training: Some(training(0.5)), ..head() }.validate(2).is_ok());
        assert!(Head { training: Some(training(f32::INFINITY)), ..head() }.validate(2).is_err());
        let empty = Head { weight: Vec::new(), ..head() };
        assert!(empty.validate(0).is_err(), "an embedding of no numbers");
        let breaks: [fn(&mut Head); 6] = [
            |head| head.labels.truncate(1),
            |head| head.labels[1] = "a".into(),
            |head| head.labels[1].clear(),
            |head| head.weight[3] = f32::NAN,
            |head| head.bias[0] = f32::INFINITY,
            |head| head.weight.truncate(5),
        ];
        assert!(head().validate(2).is_ok());
        for (case, break_it) in breaks.iter().enumerate() {
            let mut head = head();
            break_it(&mut head);
            assert!(head.validate(2).is_err(), "case {case}");
        }
    }
}

//! Answers: logits become probabilities, and the likeliest of them predictions.
//!
//! The exponential is pure Rust (`libm`), because the one of the standard library has different bits natively and
//! in wasm (measured: it differs within 200,000 inputs; `libm`'s does not).

use serde::{Deserialize, Serialize};

/// A label and how likely it is.
///
/// ```
/// use mobilenet_core::Prediction;
/// let prediction = Prediction { label: "sofa".into(), probability: 0.9 };
/// assert_eq!(serde_json::to_string(&prediction).unwrap(), r#"{"label":"sofa","probability":0.9}"#);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// The class.
    pub label: String,
    /// 0 to 1; over all classes they sum to 1.
    pub probability: f32,
}

/// What a picture is classified as.
///
/// ```
/// use mobilenet_core::Head;
/// let head = Head::new(["chair", "sofa"].map(String::from).to_vec(), vec![1.0, 0.0], vec![0.0; 2], "digest".into())?;
/// let answer = head.answer(&[3.0], 2);
/// assert_eq!(answer.predictions[0].label, "chair");
/// assert!(!answer.rejected, "a head without a calibration rejects nothing");
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The likeliest classes, likeliest first.
    pub predictions: Vec<Prediction>,
    /// Whether it is none of the classes, so that the predictions only say which one is nearest; false without a calibration.
    pub rejected: bool,
}

/// The `top_k` likeliest labels, likeliest first; those that are equally likely stay in order.
///
/// ```
/// use mobilenet_core::head::likeliest;
/// let labels = ["bed", "chair", "sofa"].map(String::from);
/// let found = likeliest(&labels, &[0.25, 0.25, 0.5], 2);
/// assert_eq!([&found[0].label, &found[1].label], ["sofa", "bed"]);
/// ```
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

/// Position of the largest number, the first of equals; 0 when there are none.
///
/// ```
/// use mobilenet_core::head::argmax;
/// assert_eq!(argmax(&[1.0, 3.0, 3.0]), 1);
/// ```
pub fn argmax(numbers: &[f32]) -> usize {
    (0..numbers.len()).reduce(|best, at| if numbers[at] > numbers[best] { at } else { best }).unwrap_or(0)
}

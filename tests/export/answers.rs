//! How answers are compared with our engine's.

use std::fmt;

use mobilenet_web::export::Precision;
use mobilenet_web::head::argmax;

use super::runtime::Outcome;

/// What our engine says of some pictures.
pub struct Expected<'a> {
    pub labels: &'a [String],
    pub logits: Vec<Vec<f32>>,
}

/// How close a runtime is to it.
pub struct Agreement {
    pictures: usize,
    agree: usize,
    /// Of a logit.
    largest: f32,
    /// Of a probability.
    largest_probability: f32,
}

impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pictures, agree, largest, largest_probability } = self;
        write!(f, "{agree} of {pictures} agree, largest difference of a logit {largest:.2}, ")?;
        write!(f, "of a probability {largest_probability:.3}")
    }
}

/// What is still called the same: the largest ever seen, and half as much again.
struct Tolerance {
    /// How far a logit may be off. Seen: 0.43 in int8, on photos; 1.18 in float, on a picture of one pixel, in which all positions are
    /// rounded alike and nothing averages out (on photos 0.95).
    logit: f32,
    /// The lead of our best class over the next from which everyone has to name the same one. Seen to change with: 0.27, 0.32, on
    /// that picture again (on photos 0.06).
    margin: f32,
    /// How far an embedding may be off, as a share of its length. Seen on the JPEG pictures: 0.10, 0.12.
    embedding: f32,
}

impl Tolerance {
    fn of(precision: Precision) -> Self {
        match precision {
            Precision::Int8 => Self { logit: 0.65, margin: 0.4, embedding: 0.15 },
            Precision::Float => Self { logit: 1.8, margin: 0.5, embedding: 0.19 },
        }
    }
}

/// Compares probabilities with logits: their logarithms are logits, less one number that all classes share.
pub fn compare(expected: &Expected, outcome: &Outcome, precision: Precision) -> Result<Agreement, String> {
    ensure(outcome.labels == expected.labels, || format!("labels {:?}", outcome.labels))?;
    ensure(outcome.answers.len() == expected.logits.len(), || format!("{} answers", outcome.answers.len()))?;
    let tolerance = Tolerance::of(precision);
    let mut agreement = Agreement { pictures: expected.logits.len(), agree: 0, largest: 0.0, largest_probability: 0.0 };
    for (at, (logits, answer)) in expected.logits.iter().zip(&outcome.answers).enumerate() {
        let found: Vec<f32> = answer.iter().map(|probability| probability.ln()).collect();
        let difference = largest_difference(&centred(&found), &centred(logits));
        ensure(difference <= tolerance.logit, || format!("picture {at}: {answer:?}, a logit is off by {difference}"))?;
        let same = argmax(&found) == argmax(logits);
        let margin = margin(logits);
        ensure(same || margin <= tolerance.margin, || format!("picture {at}: another class at a margin of {margin}"))?;
        let probability = largest_difference(answer, &mobilenet_web::head::softmax(logits));
        agreement.agree += usize::from(same);
        agreement.largest = agreement.largest.max(difference);
        agreement.largest_probability = agreement.largest_probability.max(probability);
    }
    Ok(agreement)
}

/// Compares embeddings: the length of the difference, as a share of the embedding's.
pub fn compare_embeddings(expected: &[Vec<f32>], outcome: &Outcome, precision: Precision) -> Result<f32, String> {
    let tolerance = Tolerance::of(precision).embedding;
    ensure(outcome.answers.len() == expected.len(), || format!("{} answers", outcome.answers.len()))?;
    let length = |numbers: &[f32]| numbers.iter().map(|number| number * number).sum::<f32>().sqrt();
    let mut largest = 0.0f32;
    for (at, (expected, found)) in expected.iter().zip(&outcome.answers).enumerate() {
        let difference: Vec<f32> = expected.iter().zip(found).map(|(a, b)| a - b).collect();
        let share = length(&difference) / length(expected);
        ensure(found.len() == expected.len() && share <= tolerance, || format!("picture {at}: off by {share}"))?;
        largest = largest.max(share);
    }
    Ok(largest)
}

pub fn ensure(condition: bool, reason: impl FnOnce() -> String) -> Result<(), String> {
    if condition { Ok(()) } else { Err(reason()) }
}

fn centred(logits: &[f32]) -> Vec<f32> {
    let mean = logits.iter().sum::<f32>() / logits.len() as f32;
    logits.iter().map(|logit| logit - mean).collect()
}

/// Not a number, where one of them is not.
fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    let differences = a.iter().zip(b).map(|(a, b)| (a - b).abs());
    differences.fold(0.0, |largest, next| if next <= largest { largest } else { next })
}

fn margin(logits: &[f32]) -> f32 {
    let mut sorted = logits.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    sorted[0] - sorted[1]
}

//! How answers are compared with our engine's.

use std::fmt;

use mobilenet_core::Head;
use mobilenet_core::export::Precision;
use mobilenet_core::head::{argmax, softmax};

use crate::harness::{Result, ensure};
use crate::runtime::Outcome;

/// What our engine says of some pictures.
pub struct Expected<'a> {
    labels: &'a [String],
    logits: Vec<Vec<f32>>,
    /// The pictures that are none of the classes: which of them is nearest means nothing there.
    rejected: Vec<bool>,
    /// The largest distance between the weights of two classes, each times the deviation of its feature over the pictures: how far
    /// embeddings that are off by a share of that move the lead of one class over another.
    steepness: f32,
}

impl<'a> Expected<'a> {
    pub fn of(head: &'a Head, embeddings: &[Vec<f32>]) -> Self {
        let rows: Vec<&[f32]> = head.weight().chunks_exact(head.features().count()).collect();
        let deviations: Vec<f32> =
            head.features().positions().map(|at| deviation(embeddings.iter().map(|row| row[at]))).collect();
        let distance = |a: &[f32], b: &[f32]| {
            let lengths = a.iter().zip(b).zip(&deviations).map(|((a, b), deviation)| (a - b) * deviation);
            length(&lengths.collect::<Vec<f32>>())
        };
        let distances = rows.iter().flat_map(|a| rows.iter().map(move |b| distance(a, b)));
        Self {
            labels: head.labels(),
            logits: embeddings.iter().map(|embedding| head.logits(embedding)).collect(),
            rejected: embeddings.iter().map(|embedding| head.answer(embedding, 1).rejected).collect(),
            steepness: distances.fold(0.0, f32::max),
        }
    }
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

/// What is still called the same: the largest seen, and half as much again. A difference of embeddings moves the logits of a steep
/// head further than those of a flat one, so the first two are shares of [`Expected::steepness`].
struct Tolerance {
    /// How far a logit may be off. Seen: 0.36 in int8; 0.69 in float, on a picture of one pixel, in which all positions are
    /// rounded alike and nothing averages out (on photos 0.20 and 0.36). A layer of twice its scale moves one by 4.3.
    logit: f32,
    /// The lead of our best class over the next from which everyone has to name the same one, where it is not rejected: two logits
    /// that are off as far as photos were seen to be, the one up and the other down. Seen to change with 0.073.
    margin: f32,
    /// How far an embedding may be off, as a share of its length. Seen on the JPEG pictures: 0.10, 0.12.
    embedding: f32,
}

impl Tolerance {
    fn of(precision: Precision) -> Self {
        match precision {
            Precision::Int8 => Self { logit: 0.54, margin: 0.4, embedding: 0.15 },
            Precision::Float => Self { logit: 1.03, margin: 0.72, embedding: 0.19 },
        }
    }
}

/// Compares probabilities with logits: their logarithms are logits, less one number that all classes share.
pub fn compare(expected: &Expected, outcome: &Outcome, precision: Precision) -> Result<Agreement> {
    ensure(outcome.labels == expected.labels, || format!("labels {:?}", outcome.labels))?;
    ensure(outcome.answers.len() == expected.logits.len(), || format!("{} answers", outcome.answers.len()))?;
    let tolerance = Tolerance::of(precision);
    let mut agreement = Agreement { pictures: expected.logits.len(), agree: 0, largest: 0.0, largest_probability: 0.0 };
    for (at, (logits, answer)) in expected.logits.iter().zip(&outcome.answers).enumerate() {
        let found: Vec<f32> = answer.iter().map(|probability| probability.ln()).collect();
        let difference = largest_difference(&centred(&found), &centred(logits));
        ensure(difference <= tolerance.logit * expected.steepness, || {
            format!("picture {at}: {answer:?}, a logit is off by {difference}")
        })?;
        let same = argmax(&found) == argmax(logits);
        let margin = margin(logits);
        let may_differ = expected.rejected[at] || margin <= tolerance.margin * expected.steepness;
        ensure(same || may_differ, || format!("picture {at}: another class at a margin of {margin}"))?;
        let probability = largest_difference(answer, &softmax(logits));
        agreement.agree += usize::from(same);
        agreement.largest = agreement.largest.max(difference);
        agreement.largest_probability = agreement.largest_probability.max(probability);
    }
    Ok(agreement)
}

/// Compares embeddings: the length of the difference, as a share of the embedding's.
pub fn compare_embeddings(expected: &[Vec<f32>], outcome: &Outcome, precision: Precision) -> Result<f32> {
    let tolerance = Tolerance::of(precision).embedding;
    ensure(outcome.answers.len() == expected.len(), || format!("{} answers", outcome.answers.len()))?;
    let mut largest = 0.0f32;
    for (at, (expected, found)) in expected.iter().zip(&outcome.answers).enumerate() {
        let difference: Vec<f32> = expected.iter().zip(found).map(|(a, b)| a - b).collect();
        let share = length(&difference) / length(expected);
        ensure(found.len() == expected.len() && share <= tolerance, || format!("picture {at}: off by {share}"))?;
        largest = largest.max(share);
    }
    Ok(largest)
}

/// The standard deviation of numbers.
fn deviation(numbers: impl ExactSizeIterator<Item = f32> + Clone) -> f32 {
    let count = numbers.len() as f32;
    let mean = numbers.clone().sum::<f32>() / count;
    (numbers.map(|number| (number - mean).powi(2)).sum::<f32>() / count).sqrt()
}

fn length(numbers: &[f32]) -> f32 {
    numbers.iter().map(|number| number * number).sum::<f32>().sqrt()
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

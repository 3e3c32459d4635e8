//! What the head answers to each validation picture: all that the report's numbers are made of.

use super::Run;
use mobilenet_core::error::Error;
use mobilenet_core::fit::Metrics;
use mobilenet_core::fit::metrics::{area_under_roc, calibration_error};
use mobilenet_core::fit::rows::for_each;
use mobilenet_core::head::{argmax, softmax};

pub struct Answers {
    /// One a picture, as all below.
    pub truths: Vec<usize>,
    pub answers: Vec<usize>,
    /// `[picture][class]`.
    pub probabilities: Vec<Vec<f32>>,
    /// To the nearest mean direction of a class; none without a calibration.
    pub likenesses: Vec<f32>,
    pub metrics: Metrics,
    /// The area under the ROC curve of each class; `None` where there is no curve.
    pub areas: Vec<Option<f64>>,
}

impl Answers {
    pub fn of(run: &Run) -> Result<Self, Error> {
        let (mut probabilities, mut likenesses) = (Vec::new(), Vec::new());
        for_each(run.validation, |embedding, _| {
            probabilities.push(softmax(&run.head.logits(embedding)));
            likenesses.extend(run.head.likeness(embedding));
        })?;
        let answers: Vec<usize> = probabilities.iter().map(|row| argmax(row)).collect();
        let truths = run.validation.classes().to_vec();
        let pairs = truths.iter().copied().zip(answers.iter().copied());
        let metrics = Metrics::count(run.labels(), pairs);
        let mut all = Self { truths, answers, probabilities, likenesses, metrics, areas: Vec::new() };
        all.areas = (0..run.labels().len()).map(|class| all.area(class)).collect();
        Ok(all)
    }

    /// How sure the answer to a picture is.
    pub fn probability(&self, picture: usize) -> f32 {
        self.probabilities[picture][self.answers[picture]]
    }

    /// Pictures named wrong, the most confident answer first.
    pub fn mistakes(&self) -> Vec<usize> {
        let mut wrong: Vec<usize> = (0..self.truths.len()).filter(|at| self.truths[*at] != self.answers[*at]).collect();
        wrong.sort_by(|a, b| self.probability(*b).total_cmp(&self.probability(*a)));
        wrong
    }

    /// (probability, right) of every answer.
    pub fn believed(&self) -> Vec<(f32, bool)> {
        (0..self.truths.len()).map(|at| (self.probability(at), self.truths[at] == self.answers[at])).collect()
    }

    pub fn calibration_error(&self) -> f64 {
        calibration_error(&self.believed())
    }

    /// The probability of a class in its own pictures and in all others.
    pub fn one_against_rest(&self, class: usize) -> [Vec<f32>; 2] {
        let of = |own: bool| {
            let pictures = (0..self.truths.len()).filter(|at| (self.truths[*at] == class) == own);
            pictures.map(|at| self.probabilities[at][class]).collect()
        };
        [of(true), of(false)]
    }

    fn area(&self, class: usize) -> Option<f64> {
        let [own, others] = self.one_against_rest(class);
        Some(area_under_roc(&own, &others)).filter(|area| !area.is_nan())
    }

    /// Share of the pictures that are rejected as none of the classes.
    pub fn rejected(&self, threshold: f32) -> f64 {
        let below = self.likenesses.iter().filter(|likeness| **likeness < threshold).count();
        below as f64 / self.likenesses.len().max(1) as f64
    }
}

/// The mean of what is there.
pub fn mean(numbers: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = numbers.fold((0.0, 0usize), |(sum, count), number| (sum + number, count + 1));
    (count > 0).then(|| sum / count as f64)
}

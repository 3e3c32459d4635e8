//! The gradient of the loss, written out: softmax and cross-entropy together give `probability - truth`.

use crate::head::{logits, softmax};

/// Weights and bias of a dense layer, or anything of that shape: a gradient, a moment of Adam's.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Dense {
    /// `[classes][features]`, then one bias a class.
    pub numbers: Vec<f32>,
    pub classes: usize,
    pub features: usize,
}

impl Dense {
    pub fn zeros(classes: usize, features: usize) -> Self {
        Self { numbers: vec![0.0; classes * (features + 1)], classes, features }
    }

    pub fn split(&self) -> (&[f32], &[f32]) {
        self.numbers.split_at(self.classes * self.features)
    }

    pub fn logits(&self, embedding: &[f32]) -> Vec<f32> {
        let (weight, bias) = self.split();
        logits(weight, bias, embedding)
    }

    /// Adds the gradient of one sample's loss, given the logits that the layer itself gave it.
    pub fn add_gradient(&mut self, embedding: &[f32], logits: &[f32], truth: Truth) {
        let mut errors = softmax(logits);
        for (class, error) in errors.iter_mut().enumerate() {
            *error = (*error - truth.probability(class, self.classes)) * truth.weight;
        }
        let (weight, bias) = self.numbers.split_at_mut(self.classes * self.features);
        for ((row, bias), error) in weight.chunks_exact_mut(self.features).zip(bias).zip(errors) {
            for (number, feature) in row.iter_mut().zip(embedding) {
                *number += error * feature;
            }
            *bias += error;
        }
    }
}

/// What a step is told of a sample.
#[derive(Clone, Copy, Debug)]
pub(super) struct Truth {
    pub class: usize,
    /// Share of the truth that is spread evenly over all classes.
    pub smoothing: f32,
    /// How much the sample counts.
    pub weight: f32,
}

impl Truth {
    fn probability(self, class: usize, classes: usize) -> f32 {
        self.smoothing / classes as f32 + if class == self.class { 1.0 - self.smoothing } else { 0.0 }
    }
}

/// Cross-entropy of a sample in nats: how surprising its true class is. At most 16.1, as the probability counts as 1e-7 at least.
///
/// # Panics
/// When there is no logit for the class.
///
/// ```
/// use mobilenet_core::fit::gradient::loss;
/// assert!((loss(&[0.0, 0.0], 1) - std::f32::consts::LN_2).abs() <= f32::EPSILON);
/// assert!(loss(&[9.0, 0.0], 0) < loss(&[9.0, 0.0], 1));
/// ```
pub fn loss(logits: &[f32], class: usize) -> f32 {
    // Below this a logarithm would be infinite; Keras cuts at the same number.
    const LEAST: f32 = 1.0e-7;
    -libm::logf(softmax(logits)[class].max(LEAST))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;

    /// What the gradient is of.
    fn objective(logits: &[f32], truth: Truth) -> f32 {
        let of_class = |class| truth.probability(class, logits.len()) * loss(logits, class);
        (0..logits.len()).map(of_class).sum::<f32>() * truth.weight
    }

    /// The largest difference between `gradient` and central differences of the loss.
    fn distance_to_numeric(dense: &Dense, embedding: &[f32], truth: Truth, gradient: &Dense) -> f32 {
        const STEP: f32 = 1.0 / 64.0;
        let shifted = |at: usize, step: f32| {
            let mut dense = dense.clone();
            dense.numbers[at] += step;
            objective(&dense.logits(embedding), truth)
        };
        let differences = (0..dense.numbers.len()).map(|at| {
            let numeric = (shifted(at, STEP) - shifted(at, -STEP)) / (2.0 * STEP);
            (numeric - gradient.numbers[at]).abs()
        });
        differences.fold(0.0, f32::max)
    }

    #[test]
    fn equals_the_numeric_gradient() {
        let mut rng = Rng::new(5);
        let mut dense = Dense::zeros(3, 11);
        dense.numbers.iter_mut().for_each(|number| *number = rng.uniform() - 0.5);
        let embedding: Vec<f32> = (0..11).map(|_| rng.uniform() * 2.0).collect();
        for (smoothing, weight) in [(0.0, 1.0), (0.3, 1.0), (0.0, 0.25), (0.3, 0.25)] {
            let truth = Truth { class: 1, smoothing, weight };
            let mut gradient = Dense::zeros(3, 11);
            gradient.add_gradient(&embedding, &dense.logits(&embedding), truth);
            // A central difference is off by step^2 / 6 times a third derivative (below 2 here: features up to 2),
            // which is 8e-5, and by the loss' rounding over the step, about 1e-5.
            let tolerance = 5.0e-4;
            let distance = distance_to_numeric(&dense, &embedding, truth, &gradient);
            assert!(distance <= tolerance, "{truth:?}: {distance}");
            let other = Truth { smoothing: smoothing + 0.1, ..truth };
            assert!(distance_to_numeric(&dense, &embedding, other, &gradient) > tolerance, "smoothing shows");
            let other = Truth { weight: weight + 0.1, ..truth };
            assert!(distance_to_numeric(&dense, &embedding, other, &gradient) > tolerance, "a weight shows");
            gradient.numbers[4] += 2.0 * tolerance;
            assert!(distance_to_numeric(&dense, &embedding, truth, &gradient) > tolerance, "a planted fault shows");
        }
    }
}

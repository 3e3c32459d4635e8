//! Calibrate: the temperature and the threshold of a fitted head, from validation samples it was not fitted on.
//!
//! In between the head is rounded to small integers, so that the threshold belongs to what is deployed.

use super::Fitted;
use super::rows::{Rows, for_each};
use crate::error::Error;
use crate::head::calibration::{Calibration, likeness};
use crate::head::rounding::{DIRECTION, Rounded, WEIGHT};
use mobilenet_kernel::dot::dot;

/// The share of validation pictures that may be rejected, unless somebody chooses another: the price of rejecting pictures of
/// something else.
///
/// ```
/// use mobilenet_core::fit::Settings;
/// use mobilenet_core::fit::calibrate::FALSE_REJECTIONS;
/// assert_eq!(Settings::default().false_rejections, FALSE_REJECTIONS);
/// ```
pub const FALSE_REJECTIONS: f64 = 0.05;

/// Temperatures that make sense: beyond them the validation samples are too few to tell.
const TEMPERATURES: (f64, f64) = (0.25, 10.0);

/// Divides a head's weights by the temperature that fits `validation` best, rounds them, and says when it should reject.
///
/// `last` is the number of features of the last layer, with which every row starts and by which likeness is measured;
/// `false_rejections` is the share of `validation` to be rejected, 0 to below 1.
///
/// # Errors
/// [`Error::Io`] when rows that are on disk cannot be read.
///
/// ```
/// use mobilenet_core::fit::{Recipe, Samples, calibrate, fit};
/// let samples = Samples { embeddings: vec![vec![0.0, 1.0], vec![1.0, 0.0]], classes: vec![0, 1] };
/// let mut fitted = fit(&samples, &samples, 2, &Recipe::default(), |_| ())?;
/// let calibration = calibrate(&mut fitted, &samples, &samples, 2, 0.05)?;
/// assert!((0.25..=10.0).contains(&calibration.temperature()));
/// assert_eq!(calibration.means().len(), 2 * 2);
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
pub fn calibrate(
    fitted: &mut Fitted,
    train: &dyn Rows,
    validation: &dyn Rows,
    last: usize,
    false_rejections: f64,
) -> Result<Calibration, Error> {
    let mut answers = Vec::new();
    for_each(validation, |embedding, _| answers.push(fitted.logits(embedding)))?;
    let temperature = temperature(&answers, validation.classes());
    fitted.weight.iter_mut().chain(&mut fitted.bias).for_each(|number| *number /= temperature);
    let classes = fitted.bias.len();
    fitted.weight = Rounded::nearest(&fitted.weight, fitted.features.count(), WEIGHT).numbers();
    let means = mean_directions(train, classes, last)?;
    let means = Rounded::nearest(&means, last, DIRECTION).numbers();
    let mut likenesses = Vec::new();
    for_each(validation, |embedding, _| likenesses.push(likeness(&means, &embedding[..last])))?;
    likenesses.sort_by(f32::total_cmp);
    let rejected = (likenesses.len() as f64 * false_rejections) as usize;
    let threshold = likenesses.get(rejected).copied().unwrap_or(-1.0).clamp(-1.0, 1.0);
    Calibration::new(temperature, means, threshold)
}

/// The mean of the embeddings of each class, each made as long as one first, and itself made as long as one.
fn mean_directions(samples: &dyn Rows, classes: usize, last: usize) -> Result<Vec<f32>, Error> {
    let mut sums = vec![0.0; classes * last];
    for_each(samples, |embedding, class| {
        let sum = &mut sums[class * last..][..last];
        sum.iter_mut().zip(direction(&embedding[..last])).for_each(|(sum, number)| *sum += number);
    })?;
    Ok(sums.chunks_exact(last.max(1)).flat_map(direction).collect())
}

/// The same direction, one long; zeros stay zeros.
fn direction(numbers: &[f32]) -> Vec<f32> {
    let length = dot(numbers, numbers).sqrt();
    let scale = if length > 0.0 { 1.0 / length } else { 0.0 };
    numbers.iter().map(|number| (number * scale).clamp(-1.0, 1.0)).collect()
}

/// The temperature of the least mean cross-entropy.
///
/// In its reciprocal the cross-entropy is convex, so halving the interval finds where its slope is zero. The true class counts as
/// `1 - 1 / (n + 2)` of `n` samples, as Platt (1999) has it: without that, samples that are all right would ask for endless certainty.
fn temperature(logits: &[Vec<f32>], classes: &[usize]) -> f32 {
    let (mut low, mut high) = (1.0 / TEMPERATURES.1, 1.0 / TEMPERATURES.0);
    for _ in 0..50 {
        let middle = (low + high) / 2.0;
        if slope(logits, classes, middle) < 0.0 { low = middle } else { high = middle }
    }
    (2.0 / (low + high)) as f32
}

/// How the summed cross-entropy changes with the reciprocal of the temperature.
fn slope(logits: &[Vec<f32>], classes: &[usize], reciprocal: f64) -> f64 {
    let doubt = 1.0 / (classes.len() as f64 + 2.0);
    let one = |(row, class): (&Vec<f32>, &usize)| {
        let row: Vec<f64> = row.iter().map(|logit| f64::from(*logit)).collect();
        let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let powers: Vec<f64> = row.iter().map(|logit| libm::exp((logit - largest) * reciprocal)).collect();
        let expected =
            row.iter().zip(&powers).map(|(logit, power)| logit * power).sum::<f64>() / powers.iter().sum::<f64>();
        let mean = row.iter().sum::<f64>() / row.len() as f64;
        expected - (1.0 - doubt) * row[*class] - doubt * mean
    };
    logits.iter().zip(classes).map(one).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    use crate::fit::Samples;
    use crate::head::{Features, Head, softmax};

    /// Logits whose softmax is the true distribution of their classes, which are drawn from it.
    fn honest(count: usize) -> (Vec<Vec<f32>>, Vec<usize>) {
        let mut rng = Rng::new(11);
        let one = |_| {
            let row: Vec<f32> = (0..3).map(|_| rng.uniform() * 4.0).collect();
            let (mut left, mut class) = (rng.uniform(), 0);
            for probability in softmax(&row).iter().take(2) {
                if left < *probability {
                    break;
                }
                left -= probability;
                class += 1;
            }
            (row, class)
        };
        (0..count).map(one).unzip()
    }

    #[test]
    fn finds_the_factor_that_logits_were_made_too_large_by() {
        let (mut logits, classes) = honest(20_000);
        logits.iter_mut().flatten().for_each(|logit| *logit *= 3.0);
        let found = temperature(&logits, &classes);
        // The slope's standard deviation over its derivative at 20,000 samples is below 0.03; this is over three of them.
        assert!((found - 3.0).abs() <= 0.1, "{found}");
    }

    #[test]
    fn samples_that_are_all_right_do_not_ask_for_endless_certainty() {
        let logits = vec![vec![4.0, 0.0]; 10];
        let found = temperature(&logits, &[0; 10]);
        // Where the probability of the true class is that of a class of 10 in 10 with doubt: log(11.5 / 0.5) from 4 of difference.
        let expected = 4.0 / (23.0f32).ln();
        assert!((found - expected).abs() <= 1.0e-4, "{found} {expected}");
    }

    #[test]
    fn rejects_the_share_of_the_validation_samples_that_it_was_asked_to() {
        let mut rng = Rng::new(3);
        let mut samples = Samples::default();
        for at in 0..200 {
            samples.embeddings.push((0..8).map(|i| f32::from(u8::from(i % 2 == at % 2)) + rng.uniform()).collect());
            samples.classes.push(at % 2);
        }
        let features = Features::First(8);
        let mut fitted = Fitted { features, weight: vec![0.5; 16], bias: vec![0.0; 2], history: vec![], best_epoch: 0 };
        let calibration = calibrate(&mut fitted, &samples, &samples, 8, 0.05).unwrap();
        let labels = ["a", "b"].map(String::from).to_vec();
        let head = Head::new(labels, fitted.weight, fitted.bias, String::new())
            .unwrap()
            .with_calibration(calibration)
            .unwrap();
        let rejected = samples.embeddings.iter().filter(|embedding| head.rejects(embedding)).count();
        assert_eq!(rejected, 10);
        assert!(head.rejects(&[1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0]));
    }
}

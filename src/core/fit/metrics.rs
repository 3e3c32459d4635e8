//! Metrics: how good a classifier is on pictures whose class is known.

use serde::{Deserialize, Serialize};

/// How well one class is found.
///
/// ```
/// use mobilenet_core::fit::Metrics;
/// let metrics = Metrics::count(&["cat", "dog"].map(String::from), [(0, 0), (0, 1), (1, 1), (1, 1)]);
/// let dog = &metrics.classes[1];
/// assert_eq!((dog.label.as_str(), dog.pictures), ("dog", 2));
/// assert_eq!((dog.precision, dog.recall, dog.f1), (2.0 / 3.0, 1.0, 0.8));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassMetrics {
    /// The class.
    pub label: String,
    /// Of the pictures given this label, the share that is of this class; 0 when there is none.
    pub precision: f64,
    /// Of the pictures of this class, the share that is given this label; 0 when there is none.
    pub recall: f64,
    /// The harmonic mean of both.
    pub f1: f64,
    /// Pictures of this class.
    pub pictures: usize,
}

/// How good a classifier is.
///
/// ```
/// use mobilenet_core::fit::Metrics;
/// let metrics = Metrics::count(&["cat", "dog"].map(String::from), [(0, 0), (0, 1), (1, 1)]);
/// assert_eq!(metrics.pictures, 3);
/// assert_eq!(metrics.confusion, [[1, 1], [0, 1]]);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// Share of all pictures that is named right.
    pub accuracy: f64,
    /// Pictures.
    pub pictures: usize,
    /// One a class.
    pub classes: Vec<ClassMetrics>,
    /// `confusion[truth][answer]`: pictures.
    pub confusion: Vec<Vec<usize>>,
}

impl Metrics {
    /// Counts pairs of (truth, answer), both indices of `labels`.
    ///
    /// ```
    /// use mobilenet_core::fit::Metrics;
    /// let labels = ["cat".to_owned(), "dog".to_owned()];
    /// let metrics = Metrics::count(&labels, [(0, 0), (0, 1), (1, 1), (1, 1)]);
    /// assert_eq!(metrics.accuracy, 0.75);
    /// assert_eq!(metrics.classes[0].recall, 0.5);
    /// ```
    pub fn count(labels: &[String], answers: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let mut confusion = vec![vec![0; labels.len()]; labels.len()];
        for (truth, answer) in answers {
            confusion[truth][answer] += 1;
        }
        let pictures: usize = confusion.iter().flatten().sum();
        let right: usize = (0..labels.len()).map(|class| confusion[class][class]).sum();
        let classes = labels.iter().enumerate().map(|(class, label)| class_metrics(label, class, &confusion)).collect();
        Self { accuracy: share(right, pictures), pictures, classes, confusion }
    }
}

fn class_metrics(label: &str, class: usize, confusion: &[Vec<usize>]) -> ClassMetrics {
    let right = confusion[class][class];
    let pictures: usize = confusion[class].iter().sum();
    let answers: usize = confusion.iter().map(|row| row[class]).sum();
    let (precision, recall) = (share(right, answers), share(right, pictures));
    ClassMetrics { label: label.into(), precision, recall, f1: share(2 * right, answers + pictures), pictures }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Bins of [`reliability`].
const BINS: usize = 15;

/// Answers of about the same probability: what a point of a reliability diagram stands for.
///
/// ```
/// use mobilenet_core::fit::metrics::reliability;
/// let bins = reliability(&[(0.75, true), (0.75, false)]);
/// let bin = bins.iter().find(|bin| bin.answers > 0).unwrap();
/// assert_eq!((bin.answers, bin.right, bin.probability), (2, 1, 1.5));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bin {
    /// Answers in it.
    pub answers: usize,
    /// Those of them that are right.
    pub right: usize,
    /// The sum of their probabilities.
    pub probability: f64,
}

/// Answers by the probability of the likeliest class, in 15 bins of equal width. Takes (probability, right) of every answer.
///
/// ```
/// use mobilenet_core::fit::metrics::reliability;
/// let bins = reliability(&[(0.5, true), (1.0, true), (0.99, false)]);
/// assert_eq!([7, 14].map(|bin| (bins[bin].answers, bins[bin].right)), [(1, 1), (2, 1)]);
/// ```
pub fn reliability(answers: &[(f32, bool)]) -> Vec<Bin> {
    let mut bins = vec![Bin::default(); BINS];
    for (probability, right) in answers {
        let bin = &mut bins[((probability * BINS as f32) as usize).min(BINS - 1)];
        bin.answers += 1;
        bin.right += usize::from(*right);
        bin.probability += f64::from(*probability);
    }
    bins
}

/// The expected calibration error (Naeini et al. 2015): how far the probability of the likeliest class is from the share of answers
/// that are right, in 15 bins of equal width, weighted by the answers in each. Takes (probability, right) of every answer; 0 to 1.
///
/// ```
/// use mobilenet_core::fit::metrics::calibration_error;
/// let error = calibration_error(&[(0.75, true), (0.75, true), (0.75, true), (0.75, false)]);
/// assert_eq!(error, 0.0);
/// ```
pub fn calibration_error(answers: &[(f32, bool)]) -> f64 {
    let gap = |bin: &Bin| (bin.probability - bin.right as f64).abs();
    reliability(answers).iter().map(gap).sum::<f64>() / answers.len().max(1) as f64
}

/// The ROC curve: for every threshold, from the strictest on, the share of `negatives` and the share of `positives` that reach it.
/// Empty when either is.
///
/// ```
/// use mobilenet_core::fit::metrics::roc;
/// assert_eq!(roc(&[3.0, 1.0], &[2.0]), [[0.0, 0.0], [0.0, 0.5], [1.0, 0.5], [1.0, 1.0]]);
/// ```
pub fn roc(positives: &[f32], negatives: &[f32]) -> Vec<[f64; 2]> {
    if positives.is_empty() || negatives.is_empty() {
        return Vec::new();
    }
    let of = |numbers: &[f32], axis: usize| numbers.iter().map(|number| (*number, axis)).collect::<Vec<_>>();
    let mut sorted = [of(negatives, 0), of(positives, 1)].concat();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut counts, totals) = ([0, 0], [negatives.len(), positives.len()]);
    let mut points = vec![[0.0, 0.0]];
    for equal in sorted.chunk_by(|a, b| a.0 == b.0) {
        equal.iter().for_each(|(_, axis)| counts[*axis] += 1);
        points.push([0, 1].map(|axis| share(counts[axis], totals[axis])));
    }
    points
}

/// The area under the ROC curve: how often a random number of `positives` is above a random one of `negatives`, half for equals.
/// Not a number when either is empty.
///
/// ```
/// use mobilenet_core::fit::metrics::area_under_roc;
/// assert_eq!(area_under_roc(&[3.0, 1.0], &[2.0, 0.0]), 0.75);
/// ```
pub fn area_under_roc(positives: &[f32], negatives: &[f32]) -> f64 {
    let mut sorted = negatives.to_vec();
    sorted.sort_by(f32::total_cmp);
    let ahead = |number: &f32| {
        let below = sorted.partition_point(|other| other < number);
        let equal = sorted[below..].partition_point(|other| other <= number);
        below as f64 + equal as f64 / 2.0
    };
    positives.iter().map(ahead).sum::<f64>() / (positives.len() * negatives.len()) as f64
}

/// Where the share that `right` of `count` stands for lies, with a confidence of 95 % (Wilson 1927): unlike the plain
/// normal interval it stays within 0 to 1, and says something when all are right.
///
/// ```
/// use mobilenet_core::fit::metrics::interval;
/// let [low, high] = interval(402, 423);
/// assert_eq!([format!("{low:.3}"), format!("{high:.3}")], ["0.925", "0.967"]);
/// assert_eq!(interval(0, 0), [0.0, 1.0]);
/// ```
pub fn interval(right: usize, count: usize) -> [f64; 2] {
    if count == 0 {
        return [0.0, 1.0];
    }
    // The 97.5th percentile of the normal distribution.
    const Z: f64 = 1.959_963_985;
    let (share, count) = (right as f64 / count as f64, count as f64);
    let scale = 1.0 + Z * Z / count;
    let middle = (share + Z * Z / (2.0 * count)) / scale;
    let reach = Z * (share * (1.0 - share) / count + Z * Z / (4.0 * count * count)).sqrt() / scale;
    [(middle - reach).max(0.0), (middle + reach).min(1.0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calibration_errors_by_hand() {
        // Bins of 1/15: 0.9 and 0.95 are apart by one, 0.5 is alone.
        let answers = [(0.9, true), (0.9, false), (0.95, true), (0.5, false)];
        let expected = (0.8 + 0.05 + 0.5) / 4.0;
        // Sums of a few floats of 24 bits.
        assert!((calibration_error(&answers) - expected).abs() <= 1.0e-6);
        assert_eq!(calibration_error(&[(1.0, true)]), 0.0);
    }

    #[test]
    fn the_area_by_hand() {
        assert_eq!(area_under_roc(&[1.0, 1.0], &[1.0]), 0.5);
        assert_eq!(area_under_roc(&[0.0], &[1.0, 2.0]), 0.0);
        assert!(area_under_roc(&[], &[1.0]).is_nan());
    }

    #[test]
    fn curves_by_hand() {
        // Equal numbers are one threshold: a slanted step, half of which counts in the area.
        assert_eq!(roc(&[1.0, 0.5], &[1.0, 0.0]), [[0.0, 0.0], [0.5, 0.5], [0.5, 1.0], [1.0, 1.0]]);
        assert_eq!(roc(&[1.0], &[]), Vec::<[f64; 2]>::new());
        let (positives, negatives) = ([0.9, 0.8, 0.3, 0.3], [0.8, 0.4, 0.3]);
        let points = roc(&positives, &negatives);
        let trapezoids = points.windows(2).map(|pair| (pair[1][0] - pair[0][0]) * (pair[1][1] + pair[0][1]) / 2.0);
        assert!((trapezoids.sum::<f64>() - area_under_roc(&positives, &negatives)).abs() <= 1.0e-12);
    }

    #[test]
    fn bins_by_hand() {
        let bins = reliability(&[(0.0, false), (1.0, true), (0.95, false)]);
        assert_eq!(bins.len(), BINS);
        assert_eq!(bins[0], Bin { answers: 1, right: 0, probability: 0.0 });
        assert_eq!((bins[14].answers, bins[14].right), (2, 1));
        assert!(reliability(&[]).iter().all(|bin| bin.answers == 0));
    }

    #[test]
    fn intervals_by_hand() {
        // Of 10, all: z^2 = 3.841459, 10 / 13.841459 = 0.722467. None is its mirror image.
        let near = |got: [f64; 2], expected: [f64; 2]| got.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1.0e-6);
        assert!(near(interval(10, 10), [0.722467, 1.0]), "{:?}", interval(10, 10));
        assert!(near(interval(0, 10), [0.0, 1.0 - 0.722467]), "{:?}", interval(0, 10));
        // Of 10, half: 1.959964 * sqrt(0.025 + 0.00960365) / 1.3841459 = 0.263407 about the middle.
        assert!(near(interval(5, 10), [0.236593, 0.763407]), "{:?}", interval(5, 10));
    }

    #[test]
    fn counts_by_hand() {
        let labels = ["a", "b", "c"].map(String::from);
        let metrics = Metrics::count(&labels, [(0, 0), (0, 0), (0, 1), (1, 1), (1, 0), (0, 0)]);
        assert_eq!(metrics.confusion, [[3, 1, 0], [1, 1, 0], [0, 0, 0]]);
        let expected = [(0.75, 0.75, 0.75, 4), (0.5, 0.5, 0.5, 2), (0.0, 0.0, 0.0, 0)];
        for (class, (precision, recall, f1, pictures)) in metrics.classes.iter().zip(expected) {
            assert_eq!((class.precision, class.recall, class.f1, class.pictures), (precision, recall, f1, pictures));
        }
        assert_eq!(metrics.accuracy, 4.0 / 6.0);
    }
}

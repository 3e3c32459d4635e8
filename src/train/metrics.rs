//! Metrics: how good a classifier is on pictures whose class is known.

use serde::{Deserialize, Serialize};

/// How well one class is found.
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
    /// use mobilenet_web::train::Metrics;
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

#[cfg(test)]
mod tests {
    use super::*;

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

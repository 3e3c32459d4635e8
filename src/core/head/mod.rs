//! The head: a dense layer on numbers of the embedding, with a label for each of its outputs.

mod answer;
pub mod calibration;
mod features;
pub mod heatmap;
mod labels;
pub(crate) mod rounding;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::head::calibration::Calibration;
use crate::head::labels::check_labels;
pub use answer::{Answer, Prediction, argmax, likeliest, softmax};
pub use features::Features;
pub use labels::{CLASS_LIMIT, LABEL_LIMIT, label_fault};
use mobilenet_kernel::dot::dot;

/// The largest weight or bias: far above any fitted one, and small enough that no logit overflows.
const WEIGHT_LIMIT: f32 = 1.0e6;

/// A dense layer with a name for each of its outputs.
///
/// ```
/// use mobilenet_core::Head;
/// use mobilenet_core::head::Features;
/// let labels = ["chair", "sofa"].map(String::from).to_vec();
/// let head = Head::new(labels, vec![1.0, 0.0, 0.0, 1.0], vec![0.0, 0.0], "digest of a backbone".into())?;
/// assert_eq!(head.labels(), ["chair", "sofa"]);
/// assert_eq!((head.weight().len(), head.bias().len()), (2 * 2, 2));
/// assert_eq!((head.features(), head.backbone()), (&Features::First(2), "digest of a backbone"));
/// assert!(head.training().is_none() && head.calibration().is_none());
/// assert_eq!(head.answer(&[0.0, 5.0], 1).predictions[0].label, "sofa");
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    labels: Vec<String>,
    weight: Vec<f32>,
    bias: Vec<f32>,
    features: Features,
    backbone: String,
    training: Option<TrainingSummary>,
    calibration: Option<Calibration>,
}

/// How a head was fitted, for people and for a repeat.
///
/// ```
/// use mobilenet_core::head::TrainingSummary;
/// let json = r#"{ "seed": 1, "epochs": 9, "best_epoch": 4, "train_samples": 4024, "augment": 7,
///     "validation_samples": 423, "validation_loss": 0.061, "validation_accuracy": 0.983 }"#;
/// let summary: TrainingSummary = serde_json::from_str(json).unwrap();
/// assert_eq!(summary.validation_samples, 423);
/// ```
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

impl Head {
    /// A head of 2 to [`CLASS_LIMIT`] different labels, `[classes][features]` weights, one bias per class, and the digest of the
    /// backbone whose embeddings it was fitted on. It reads the first numbers of an embedding; [`Head::reading`] has it read
    /// others.
    ///
    /// # Errors
    /// [`Error::BadModel`] says which length, label or number is wrong.
    ///
    /// ```
    /// use mobilenet_core::Head;
    /// let labels = ["chair", "sofa"].map(String::from).to_vec();
    /// let error = Head::new(labels, vec![1.0; 4], vec![0.0; 3], "digest of a backbone".into()).unwrap_err();
    /// assert_eq!(error.code(), "bad-model");
    /// ```
    pub fn new(labels: Vec<String>, weight: Vec<f32>, bias: Vec<f32>, backbone: String) -> Result<Self, Error> {
        let bad = |reason: String| Err(Error::BadModel(reason));
        let classes = labels.len();
        check_labels(&labels)?;
        if weight.is_empty() || !weight.len().is_multiple_of(classes) || bias.len() != classes {
            let (weights, biases) = (weight.len(), bias.len());
            return bad(format!(
                "its head has {classes} labels, and {weights} weights and {biases} biases do not fit them"
            ));
        }
        let sound = |number: &f32| number.abs() <= WEIGHT_LIMIT;
        if !weight.iter().chain(&bias).all(sound) {
            return bad("a weight of its head is not a number, or too large".into());
        }
        let features = Features::First(weight.len() / classes);
        Ok(Self { labels, weight, bias, features, backbone, training: None, calibration: None })
    }

    /// The same with other numbers of an embedding to read.
    ///
    /// # Errors
    /// [`Error::BadModel`] when they are not as many as its weights a class, or in no order.
    ///
    /// ```
    /// use mobilenet_core::Head;
    /// use mobilenet_core::head::Features;
    /// let labels = ["chair", "sofa"].map(String::from).to_vec();
    /// let head = Head::new(labels, vec![1.0, 0.0, 0.0, 1.0], vec![0.0, 0.0], "digest of a backbone".into())?;
    /// let head = head.reading(Features::chosen(vec![1, 3])?)?;
    /// assert_eq!(head.logits(&[9.0, 2.0, 9.0, 3.0]), [2.0, 3.0]);
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn reading(self, features: Features) -> Result<Self, Error> {
        features.check()?;
        if features.count() * self.labels.len() == self.weight.len() {
            return Ok(Self { features, ..self });
        }
        let (given, own) = (features.count(), self.features.count());
        Err(Error::BadModel(format!("its head has {own} weights a class for {given} features")))
    }

    /// The same with how it was fitted.
    ///
    /// # Errors
    /// [`Error::BadModel`] when a loss or an accuracy is not finite: JSON has no such numbers, so a file with them could be written
    /// but not read again.
    ///
    /// ```
    /// use mobilenet_core::Head;
    /// use mobilenet_core::head::TrainingSummary;
    /// let head = Head::new(["chair", "sofa"].map(String::from).to_vec(), vec![1.0, 0.0], vec![0.0; 2], "digest".into())?;
    /// let summary = TrainingSummary {
    ///     seed: 1,
    ///     epochs: 9,
    ///     best_epoch: 4,
    ///     train_samples: 80,
    ///     augment: 0,
    ///     validation_samples: 20,
    ///     validation_loss: 0.1,
    ///     validation_accuracy: 0.95,
    /// };
    /// assert_eq!(head.with_training(summary.clone())?.training(), Some(&summary));
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn with_training(self, training: TrainingSummary) -> Result<Self, Error> {
        if !training.validation_loss.is_finite() || !training.validation_accuracy.is_finite() {
            return Err(Error::BadModel("a number of its training summary is too large".into()));
        }
        Ok(Self { training: Some(training), ..self })
    }

    /// The same with what it knows about its own limits.
    ///
    /// # Errors
    /// [`Error::BadModel`] when the calibration has another number of classes.
    ///
    /// ```
    /// use mobilenet_core::{Calibration, Head};
    /// let head = Head::new(["chair", "sofa"].map(String::from).to_vec(), vec![1.0, 0.0], vec![0.0; 2], "digest".into())?;
    /// let head = head.with_calibration(Calibration::new(1.0, vec![1.0, -1.0], 0.5)?)?;
    /// assert_eq!(head.calibration().unwrap().threshold(), 0.5);
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn with_calibration(self, calibration: Calibration) -> Result<Self, Error> {
        let means = calibration.means().len();
        if means == 0 || !means.is_multiple_of(self.labels.len()) {
            return Err(Error::BadModel("its calibration is of another number of classes".into()));
        }
        Ok(Self { calibration: Some(calibration), ..self })
    }

    /// The same with other labels.
    ///
    /// # Errors
    /// [`Error::BadModel`] when there are more or fewer, or a head can't have them.
    ///
    /// ```
    /// use mobilenet_core::Head;
    /// let head = Head::new(["chair", "sofa"].map(String::from).to_vec(), vec![1.0, 0.0], vec![0.0; 2], "digest".into())?;
    /// let head = head.renamed(["Stuhl", "Sofa"].map(String::from).to_vec())?;
    /// assert_eq!(head.labels(), ["Stuhl", "Sofa"]);
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn renamed(self, labels: Vec<String>) -> Result<Self, Error> {
        check_labels(&labels)?;
        if labels.len() != self.labels.len() {
            let (given, own) = (labels.len(), self.labels.len());
            return Err(Error::BadModel(format!("there are {given} labels for the {own} classes of its head")));
        }
        Ok(Self { labels, ..self })
    }

    /// Checks that a backbone gives what the head reads. Of the backbone's embeddings of `all` numbers, that is either all of the
    /// first `last`, which are those of the last layer, or any that it chose.
    ///
    /// # Errors
    /// [`Error::BadModel`] when the head reads others.
    ///
    /// ```
    /// use mobilenet_core::Head;
    /// let head = Head::new(["chair", "sofa"].map(String::from).to_vec(), vec![0.0; 2 * 1280], vec![0.0; 2], "digest".into())?;
    /// assert!(head.check_features(1280, 4736).is_ok());
    /// assert!(head.check_features(1792, 6000).is_err());
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn check_features(&self, last: usize, all: usize) -> Result<(), Error> {
        let fits = match &self.features {
            Features::First(count) => [last, all].contains(count),
            Features::Chosen(_) => self.features.reach() <= all,
        };
        if self.means_len().is_some_and(|len| len != last) {
            return Err(Error::BadModel(format!("its calibration is not of the {last} numbers of the last layer")));
        }
        if fits {
            return Ok(());
        }
        let own = self.features.reach();
        Err(Error::BadModel(format!(
            "its head reads embeddings of {own} numbers, and the backbone gives {last} or {all}"
        )))
    }

    /// Numbers in a mean direction of its calibration, which are the first of an embedding.
    fn means_len(&self) -> Option<usize> {
        Some(self.calibration.as_ref()?.means().len() / self.labels.len())
    }

    /// How long an embedding has to be at least: what its features and its calibration read.
    ///
    /// ```
    /// use mobilenet_core::{Calibration, Head};
    /// let head = Head::new(["chair", "sofa"].map(String::from).to_vec(), vec![1.0, 0.0], vec![0.0; 2], "digest".into())?;
    /// assert_eq!(head.reach(), 1);
    /// let head = head.with_calibration(Calibration::new(1.0, vec![0.5; 2 * 3], 0.5)?)?;
    /// assert_eq!(head.reach(), 3);
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn reach(&self) -> usize {
        self.features.reach().max(self.means_len().unwrap_or(0))
    }

    /// How much a picture is like the classes, -1 to 1: the cosine between what the last layer gives for it and the nearest mean
    /// direction of a class. `None` without a calibration.
    ///
    /// # Panics
    /// When the embedding is shorter than its [reach](Head::reach).
    ///
    /// ```
    /// use mobilenet_core::{Calibration, Head};
    /// let labels = ["chair", "sofa"].map(String::from).to_vec();
    /// let head = Head::new(labels, vec![1.0, 0.0, 0.0, 1.0], vec![0.0, 0.0], "digest of a backbone".into())?;
    /// assert_eq!(head.likeness(&[3.0, 4.0]), None);
    /// let head = head.with_calibration(Calibration::new(1.0, vec![1.0, 0.0, 0.0, 1.0], 0.9)?)?;
    /// assert_eq!(head.likeness(&[3.0, 4.0]), Some(0.8));
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn likeness(&self, embedding: &[f32]) -> Option<f32> {
        Some(self.calibration()?.likeness(&embedding[..self.means_len()?]))
    }

    /// Whether a picture is less like the classes than its threshold, and so none of them; never without a calibration.
    ///
    /// # Panics
    /// As [`Head::likeness`].
    ///
    /// ```
    /// use mobilenet_core::{Calibration, Head};
    /// let labels = ["chair", "sofa"].map(String::from).to_vec();
    /// let head = Head::new(labels, vec![1.0, 0.0, 0.0, 1.0], vec![0.0, 0.0], "digest of a backbone".into())?;
    /// let head = head.with_calibration(Calibration::new(1.0, vec![1.0, 0.0, 0.0, 1.0], 0.9)?)?;
    /// assert!(head.rejects(&[3.0, 4.0]) && !head.rejects(&[0.0, 7.0]));
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn rejects(&self, embedding: &[f32]) -> bool {
        let threshold = self.calibration.as_ref().map(Calibration::threshold);
        self.likeness(embedding) < threshold
    }

    /// One label a class.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// `[classes][features]`.
    pub fn weight(&self) -> &[f32] {
        &self.weight
    }

    /// One a class.
    pub fn bias(&self) -> &[f32] {
        &self.bias
    }

    /// Digest of the backbone whose embeddings it was fitted on.
    pub fn backbone(&self) -> &str {
        &self.backbone
    }

    /// How it was fitted, where that is known.
    pub fn training(&self) -> Option<&TrainingSummary> {
        self.training.as_ref()
    }

    /// What it knows about its own limits, if anything.
    pub fn calibration(&self) -> Option<&Calibration> {
        self.calibration.as_ref()
    }

    /// The numbers of an embedding that it reads.
    pub fn features(&self) -> &Features {
        &self.features
    }

    /// One logit per class, in the order of the labels; the largest wins.
    ///
    /// # Panics
    /// When the embedding is shorter than the [reach](Features::reach) of its features.
    ///
    /// ```
    /// use mobilenet_core::Head;
    /// let head = Head::new(["chair", "sofa"].map(String::from).to_vec(), vec![1.0, -1.0], vec![0.5, 0.0], "digest".into())?;
    /// assert_eq!(head.logits(&[2.0]), [2.5, -2.0]);
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn logits(&self, embedding: &[f32]) -> Vec<f32> {
        logits(&self.weight, &self.bias, &self.features.of(embedding))
    }

    /// The answer to an embedding: the `top_k` likeliest classes, and whether the picture is none of them.
    ///
    /// # Panics
    /// When the embedding is shorter than its [reach](Head::reach).
    ///
    /// ```
    /// use mobilenet_core::Head;
    /// let head = Head::new(["chair", "sofa"].map(String::from).to_vec(), vec![1.0, 1.0], vec![0.0; 2], "digest".into())?;
    /// let answer = head.answer(&[2.0], 2);
    /// assert_eq!(answer.predictions[0].probability, 0.5);
    /// assert!(!answer.rejected);
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn answer(&self, embedding: &[f32], top_k: usize) -> Answer {
        Answer { predictions: self.predict(&self.logits(embedding), top_k), rejected: self.rejects(embedding) }
    }

    /// What each position of a feature map, `[positions][channels]`, says for a class: its activation map, in logits.
    ///
    /// # Errors
    /// [`Error::BadArgument`] when there is no such class.
    ///
    /// # Panics
    /// When the positions have fewer channels than the [reach](Features::reach) of its features.
    ///
    /// ```
    /// use mobilenet_core::Head;
    /// let head = Head::new(["chair", "sofa"].map(String::from).to_vec(), vec![1.0, -1.0], vec![0.5, 0.0], "digest".into())?;
    /// // Four positions of one channel, whose mean is the embedding.
    /// let map = head.activation_map(&[0.0, 2.0, 4.0, 2.0], 1, 0)?;
    /// assert_eq!(map, [0.0, 2.0, 4.0, 2.0]);
    /// assert_eq!(map.iter().sum::<f32>() / 4.0 + head.unplaced_bias(0), head.logits(&[2.0])[0]);
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn activation_map(&self, feature_map: &[f32], channels: usize, class: usize) -> Result<Vec<f32>, Error> {
        let row = self.weight.chunks_exact(self.features.count()).nth(class);
        let row = row.ok_or_else(|| Error::BadArgument("there is no such class: they count from 0".into()))?;
        let placed = self.bias[class] - self.unplaced_bias(class);
        Ok(feature_map.chunks_exact(channels).map(|position| dot(&self.features.of(position), row) + placed).collect())
    }

    /// What the mean of an [activation map](Head::activation_map) lacks of the logit. For a head on the last layer it is the bias.
    /// For a head that chose its features it is 0: its bias mostly takes off their means, which is the same at every position, so
    /// it lies in the map. Without it a map of a grey picture would be all evidence.
    ///
    /// # Panics
    /// When there is no such class.
    ///
    /// ```
    /// use mobilenet_core::Head;
    /// use mobilenet_core::head::Features;
    /// let head = Head::new(["chair", "sofa"].map(String::from).to_vec(), vec![1.0, -1.0], vec![0.5, 0.0], "digest".into())?;
    /// assert_eq!(head.unplaced_bias(0), 0.5);
    /// assert_eq!(head.reading(Features::chosen(vec![7])?)?.unplaced_bias(0), 0.0);
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn unplaced_bias(&self, class: usize) -> f32 {
        match self.features {
            Features::First(_) => self.bias[class],
            Features::Chosen(_) => 0.0,
        }
    }

    /// The `top_k` likeliest classes for these logits, likeliest first; classes that are equally likely stay in label order.
    ///
    /// ```
    /// use mobilenet_core::Head;
    /// let head = Head::new(["chair", "sofa"].map(String::from).to_vec(), vec![1.0, -1.0], vec![0.5, 0.0], "digest".into())?;
    /// // The mean of the logits of two pictures.
    /// let predictions = head.predict(&[0.5, 2.0], 1);
    /// assert_eq!(predictions[0].label, "sofa");
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn predict(&self, logits: &[f32], top_k: usize) -> Vec<Prediction> {
        likeliest(&self.labels, &softmax(logits), top_k)
    }
}

/// The dense layer itself, for fitting and for answering alike: `weight` is `[classes][features]`, `bias` one per class.
///
/// # Panics
/// When `bias` is empty.
///
/// ```
/// use mobilenet_core::head::logits;
/// assert_eq!(logits(&[1.0, 0.0, 0.5, 0.5], &[0.0, 1.0], &[2.0, 4.0]), [2.0, 4.0]);
/// ```
pub fn logits(weight: &[f32], bias: &[f32], embedding: &[f32]) -> Vec<f32> {
    let rows = weight.chunks_exact(weight.len() / bias.len());
    rows.zip(bias).map(|(row, bias)| dot(embedding, row) + bias).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEIGHT: [f32; 6] = [1.0, 0.0, 0.0, 1.0, -1.0, -1.0];
    const BIAS: [f32; 3] = [0.0, 0.5, 0.0];

    fn made(labels: &[&str], weight: &[f32], bias: &[f32]) -> Result<Head, Error> {
        let labels = labels.iter().map(|label| (*label).to_owned()).collect();
        Head::new(labels, weight.to_vec(), bias.to_vec(), String::new())
    }

    fn head() -> Head {
        made(&["a", "b", "c"], &WEIGHT, &BIAS).unwrap()
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
        assert!(head().with_training(training(0.5)).is_ok());
        assert!(head().with_training(training(f32::INFINITY)).is_err());
        let calibration = |numbers: usize| Calibration::new(1.0, vec![0.5; numbers], 0.5).unwrap();
        assert!(head().with_calibration(calibration(6)).is_ok() && head().with_calibration(calibration(4)).is_err());
        let other = head().with_calibration(calibration(9)).unwrap();
        assert!(other.check_features(2, 7).is_err(), "means of other numbers than the last layer's");
        let with = |at: usize, number: f32, of: &[f32]| {
            let mut changed = of.to_vec();
            changed[at] = number;
            changed
        };
        let broken = [
            made(&[], &[], &[]),
            made(&["a"], &WEIGHT, &BIAS),
            made(&["a", "a", "c"], &WEIGHT, &BIAS),
            made(&["a", "", "c"], &WEIGHT, &BIAS),
            made(&["a", "b", "c"], &with(3, f32::NAN, &WEIGHT), &BIAS),
            made(&["a", "b", "c"], &WEIGHT, &with(0, f32::INFINITY, &BIAS)),
            made(&["a", "b", "c"], &WEIGHT[..5], &BIAS),
            made(&["a", "b", "c"], &[], &BIAS),
        ];
        for (case, head) in broken.into_iter().enumerate() {
            assert_eq!(head.unwrap_err().code(), "bad-model", "case {case}");
        }
        assert!(
            head().check_features(2, 7).is_ok()
                && head().check_features(1, 2).is_ok()
                && head().check_features(1, 3).is_err()
        );
        assert!(head().reading(Features::First(3)).is_err() && head().reading(Features::Chosen(vec![2, 1])).is_err());
    }
}

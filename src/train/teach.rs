//! Teach: from samples to a model file in one call, which a page and a terminal make alike: from the same samples in the
//! same order, bursts and settings they get the same bytes.
//!
//! Samples of a camera come in bursts, and frames of one burst are nearly the same, so [whole bursts](super::split) are
//! set aside to validate on. Who teaches wants an answer from whatever there is: a class with a single sample is
//! trained on it, and where no class has a second one, all are trained on and validated on.
//!
//! Few frames, all of one moment, make a threshold that belongs to that moment: with all of them within 0.99 of their
//! mean, a step to the side would be none of the classes. So it is never above [`SAME_SCENE`].

use serde::{Deserialize, Serialize};

use super::calibrate::FALSE_REJECTIONS;
use super::rows::Selected;
use super::split::{Parting, set_aside};
use super::{Epoch, Fitted, Recipe, Rows, Samples, calibrate, fit};
use crate::embedder::Embedder;
use crate::error::Error;
use crate::head::{Answer, CLASS_LIMIT, Head, LABEL_LIMIT};
use crate::model::{Model, SelfTest};

/// Likeness that no frame needs more than to be one of the classes.
pub const SAME_SCENE: f32 = 0.8;

/// What a person may choose.
///
/// ```
/// use mobilenet_web::train::Settings;
/// let settings: Settings = serde_json::from_str(r#"{ "recipe": { "seed": 7 }, "validation_share": 0.25 }"#).unwrap();
/// assert_eq!(settings.recipe.seed, 7);
/// assert_eq!(settings.false_rejections, Settings::default().false_rejections);
/// assert!(serde_json::from_str::<Settings>(r#"{ "seed": 7 }"#).is_err(), "a field that is none is refused");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How the head is fitted; its seed also chooses what is set aside.
    pub recipe: Recipe,
    /// Share of each class to validate on, above 0 and below 1.
    pub validation_share: f64,
    /// Share of the validation samples that may be rejected as none of the classes, 0 to below 1.
    pub false_rejections: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { recipe: Recipe::default(), validation_share: 0.2, false_rejections: FALSE_REJECTIONS }
    }
}

impl Settings {
    /// Checks every number.
    ///
    /// # Errors
    /// [`Error::BadArgument`] names the number and its range.
    pub fn validate(&self) -> Result<(), Error> {
        let Self { recipe, validation_share, false_rejections } = self;
        recipe.validate()?;
        if !(*validation_share > 0.0 && *validation_share < 1.0) {
            let reason = format!("the share to validate on is {validation_share}: it has to be above 0 and below 1");
            return Err(Error::BadArgument(reason));
        }
        if !(0.0..1.0).contains(false_rejections) {
            let reason = format!("the share to reject is {false_rejections}: it has to be from 0 to below 1");
            return Err(Error::BadArgument(reason));
        }
        Ok(())
    }
}

/// What teaching gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Taught {
    /// The model file: the head alone, as `mobilenet train` writes it.
    pub model: Vec<u8>,
    /// The head in it.
    pub head: Head,
    /// How it was fitted.
    pub fitted: Fitted,
    /// The samples that were set aside: their positions, from the lowest on.
    pub validation: Vec<usize>,
    /// What each of these is taken for, over all classes.
    pub answers: Vec<Answer>,
    /// `confusion[truth][answer]`: samples of `validation`.
    pub confusion: Vec<Vec<usize>>,
}

/// Teaches a head: sets samples aside, fits, calibrates. `bursts` has a number for each sample, samples of one number
/// being alike; `on_epoch` sees each epoch as it is made.
///
/// # Errors
/// [`Error::BadDataset`] names the class that has no sample or an unusable label, or says that these do not belong
/// together; [`Error::BadArgument`] when the settings make no sense.
///
/// ```
/// # #[cfg(feature = "embedded")] {
/// use mobilenet_web::train::{Samples, Settings, teach};
/// use mobilenet_web::{Classifier, Frame};
/// let mut classifier = Classifier::embedded()?;
/// let embedder = classifier.embedder();
/// let mut samples = Samples::default();
/// for (level, class) in [(0, 0), (9, 0), (200, 1), (209, 1)] {
///     samples.embeddings.push(embedder.embed(&Frame::from_rgb(32, 32, vec![level; 32 * 32 * 3])?));
///     samples.classes.push(class);
/// }
/// let labels = ["dark".to_owned(), "bright".to_owned()];
/// let taught = teach(&samples, &[0, 0, 1, 1], &labels, &Settings::default(), embedder, |_| ())?;
/// assert_eq!(taught.validation, [1, 3]);
/// assert_eq!(classifier.open_head(&taught.model)?, taught.head);
/// # }
/// # Ok::<(), mobilenet_web::Error>(())
/// ```
pub fn teach(
    samples: &Samples,
    bursts: &[usize],
    labels: &[String],
    settings: &Settings,
    embedder: &mut Embedder,
    on_epoch: impl FnMut(&Epoch),
) -> Result<Taught, Error> {
    settings.validate()?;
    check(samples, bursts, labels, embedder.features())?;
    let [train, validation] = sides(&samples.classes, bursts, settings);
    let (train, tested) = (Selected::new(samples, train), Selected::new(samples, validation.clone()));
    let mut fitted = fit(&train, &tested, labels.len(), &settings.recipe, on_epoch)?;
    let head = finish(&mut fitted, &train, &tested, labels, settings, embedder.digest())?;
    let self_test = SelfTest::record(embedder, Some(&head));
    let model = Model { backbone: None, head: Some(head.clone()), self_test }.to_bytes();
    let answer = |at: &usize| head.answer(&samples.embeddings[*at], labels.len());
    let answers: Vec<Answer> = validation.iter().map(answer).collect();
    let confusion = confusion(labels, tested.classes(), &answers);
    Ok(Taught { model, head, fitted, validation, answers, confusion })
}

/// The samples to train on and those to validate on, as [`teach`] takes them: positions, from the lowest on. Where no
/// class has a second sample, all are on both sides.
///
/// # Panics
/// When there are not as many bursts as classes.
pub fn sides(classes: &[usize], bursts: &[usize], settings: &Settings) -> [Vec<usize>; 2] {
    let validation = set_aside(classes, bursts, settings.validation_share, settings.recipe.seed, Parting::Tail);
    let all = 0..classes.len();
    if validation.is_empty() {
        return [all.clone().collect(), all.collect()];
    }
    [all.filter(|at| validation.binary_search(at).is_err()).collect(), validation]
}

/// Checks that a head of these classes can be fitted on these samples.
fn check(samples: &Samples, bursts: &[usize], labels: &[String], features: usize) -> Result<(), Error> {
    let bad = |reason: String| Err(Error::BadDataset(reason));
    let Samples { embeddings, classes } = samples;
    let fits = embeddings.iter().all(|embedding| embedding.len() == features);
    if !fits || embeddings.len() != classes.len() || bursts.len() != classes.len() {
        return bad(format!(
            "a sample is an embedding of {features} numbers, a class and a burst: something is missing"
        ));
    }
    if !(2..=CLASS_LIMIT).contains(&labels.len()) || classes.iter().any(|class| *class >= labels.len()) {
        return bad(format!("there are {} classes, and 2 to {CLASS_LIMIT} are possible", labels.len()));
    }
    for (class, label) in labels.iter().enumerate() {
        if label.is_empty() || label.len() > LABEL_LIMIT || labels[..class].contains(label) {
            return bad(format!(
                "a class cannot be called {label:?}: give each a name of its own, of 1 to {LABEL_LIMIT} bytes"
            ));
        }
        if !classes.contains(&class) {
            return bad(format!("the class {label:?} has no pictures: add some, or remove it"));
        }
    }
    Ok(())
}

/// Calibrates, and makes a head of it.
fn finish(
    fitted: &mut Fitted,
    train: &dyn Rows,
    validation: &dyn Rows,
    labels: &[String],
    settings: &Settings,
    backbone: &str,
) -> Result<Head, Error> {
    if fitted.best_epoch == 0 {
        return Err(Error::BadArgument("no epoch gave a loss that is a number: choose a lower learning rate".into()));
    }
    let mut calibration = calibrate(fitted, train, validation, settings.false_rejections)?;
    calibration.threshold = calibration.threshold.min(SAME_SCENE);
    Ok(Head {
        labels: labels.into(),
        weight: fitted.weight.clone(),
        bias: fitted.bias.clone(),
        backbone: backbone.into(),
        training: Some(fitted.summary(&settings.recipe, train.rows(), 0, validation)?),
        calibration: Some(calibration),
    })
}

fn confusion(labels: &[String], truths: &[usize], answers: &[Answer]) -> Vec<Vec<usize>> {
    let mut confusion = vec![vec![0; labels.len()]; labels.len()];
    for (truth, answer) in truths.iter().zip(answers) {
        let likeliest = labels.iter().position(|label| *label == answer.predictions[0].label);
        likeliest.into_iter().for_each(|class| confusion[*truth][class] += 1);
    }
    confusion
}

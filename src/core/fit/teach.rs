//! Teach: from samples to a model file in one call, which a page and a terminal make alike: from the same samples in the
//! same order, bursts and settings they get the same bytes.
//!
//! Samples of a camera come in bursts, and frames of one burst are nearly the same, so [whole bursts](super::split) are
//! set aside to validate on. Who teaches wants an answer from whatever there is: a class with a single sample is
//! trained on it, and where no class has a second one, all are trained on and validated on.
//!
//! Few frames, all of one moment, make a threshold that belongs to that moment: with all of them within 0.99 of their
//! mean, a step to the side would be none of the classes. So it is never above 0.75. Of 300 views of 50
//! ImageNet pictures (parts of three quarters of a side and more, half of them mirrored, turned by up to 3 degrees, a
//! tenth lighter or darker) 99 in 100 were at least 0.774 like their picture, and of 2450 pairs of different pictures
//! 1 in 100 was more than 0.45. Where fewer samples are validated on than one rejection stands for, the threshold is the
//! least likeness among them.

use serde::{Deserialize, Serialize};

use super::calibrate::FALSE_REJECTIONS;
use super::rows::Selected;
use super::split::{Parting, set_aside};
use super::{Epoch, Fitted, Ingredients, Layout, Metrics, Recipe, Rows, Samples, calibrate, fit_chosen};
use crate::error::Error;
use crate::head::{Answer, CLASS_LIMIT, Head, label_fault};
use crate::model::{Model, SelfTest};
use crate::network::embedder::Embedder;

/// Likeness that no frame needs more than to be one of the classes.
const SAME_SCENE: f32 = 0.75;

/// What a person may choose.
///
/// ```
/// use mobilenet_core::fit::Settings;
/// let settings: Settings = serde_json::from_str(r#"{ "recipe": { "seed": 7 }, "validation_share": 0.25 }"#).unwrap();
/// assert_eq!(settings.recipe.seed, 7);
/// assert_eq!(settings.false_rejections, Settings::default().false_rejections);
/// assert!(serde_json::from_str::<Settings>(r#"{ "seed": 7 }"#).is_err(), "a field that is none is refused");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How the head is fitted; its seed also chooses what is set aside.
    pub recipe: Ingredients,
    /// Share of each class to validate on, above 0 and below 1.
    pub validation_share: f64,
    /// Share of the validation samples that may be rejected as none of the classes, 0 to below 1.
    pub false_rejections: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { recipe: Ingredients::default(), validation_share: 0.2, false_rejections: FALSE_REJECTIONS }
    }
}

impl Settings {
    /// Checks every number and gives the recipe that was checked.
    ///
    /// # Errors
    /// [`Error::BadArgument`] names the number and its range.
    ///
    /// ```
    /// use mobilenet_core::fit::Settings;
    /// assert_eq!(Settings::default().validate()?.ingredients().epochs, 100);
    /// let settings = Settings { validation_share: 1.0, ..Settings::default() };
    /// assert_eq!(settings.validate().unwrap_err().code(), "bad-argument");
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn validate(&self) -> Result<Recipe, Error> {
        let Self { recipe, validation_share, false_rejections } = self;
        let recipe = Recipe::new(recipe.clone())?;
        if !(*validation_share > 0.0 && *validation_share < 1.0) {
            let reason = format!("the share to validate on is {validation_share}: it has to be above 0 and below 1");
            return Err(Error::BadArgument(reason));
        }
        if !(0.0..1.0).contains(false_rejections) {
            let reason = format!("the share to reject is {false_rejections}: it has to be from 0 to below 1");
            return Err(Error::BadArgument(reason));
        }
        Ok(recipe)
    }
}

/// What teaching gives.
///
/// ```
/// # #[cfg(feature = "embedded")] {
/// use mobilenet_core::Classifier;
/// use mobilenet_core::fit::{Samples, Settings, Taught, teach};
/// let mut classifier = Classifier::embedded()?;
/// // Embeddings of the last layer alone, which is enough for so few samples.
/// let samples = Samples { embeddings: [0.0, 0.5, 4.0, 4.5].map(|level| vec![level; 1280]).to_vec(), classes: vec![0, 0, 1, 1] };
/// let labels = ["dark", "bright"].map(String::from);
/// let taught: Taught = teach(&samples, &[0, 0, 1, 1], &labels, &Settings::default(), classifier.embedder(), |_| ())?;
/// assert_eq!(taught.answers.len(), taught.validation.len());
/// assert_eq!(taught.head.labels(), labels);
/// # }
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
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
/// use mobilenet_core::fit::{Samples, Settings, teach};
/// use mobilenet_core::{Classifier, Frame};
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
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
pub fn teach(
    samples: &Samples,
    bursts: &[usize],
    labels: &[String],
    settings: &Settings,
    embedder: &mut Embedder,
    on_epoch: impl FnMut(&Epoch),
) -> Result<Taught, Error> {
    let recipe = settings.validate()?;
    check(samples, bursts, labels, embedder)?;
    let [train, validation] = sides(&samples.classes, bursts, settings);
    let (train, tested) = (Selected::new(samples, train), Selected::new(samples, validation.clone()));
    let layout = Layout { layers: embedder.layers(), views: 1 };
    let mut fitted = fit_chosen(&train, &tested, labels.len(), &recipe, &layout, on_epoch)?;
    let head = finish(&mut fitted, &train, &tested, labels, settings, embedder)?;
    let self_test = SelfTest::record(embedder, Some(&head));
    let model = Model { backbone: None, head: Some(head.clone()), self_test }.to_bytes();
    let answer = |at: &usize| head.answer(&samples.embeddings[*at], labels.len());
    let answers: Vec<Answer> = validation.iter().map(answer).collect();
    let likeliest = |answer: &Answer| labels.iter().position(|label| *label == answer.predictions[0].label);
    let pairs = tested.classes().iter().zip(&answers).filter_map(|(truth, answer)| Some((*truth, likeliest(answer)?)));
    let confusion = Metrics::count(labels, pairs).confusion;
    Ok(Taught { model, head, fitted, validation, answers, confusion })
}

/// The samples to train on and those to validate on, as [`teach`] takes them: positions, from the lowest on. Where no
/// class has a second sample, all are on both sides.
///
/// # Panics
/// When there are not as many bursts as classes.
///
/// ```
/// use mobilenet_core::fit::Settings;
/// use mobilenet_core::fit::teach::sides;
/// let [train, validation] = sides(&[0, 0, 1, 1], &[0, 0, 1, 1], &Settings::default());
/// assert_eq!((train, validation), (vec![0, 2], vec![1, 3]));
/// ```
pub fn sides(classes: &[usize], bursts: &[usize], settings: &Settings) -> [Vec<usize>; 2] {
    let validation = set_aside(classes, bursts, settings.validation_share, settings.recipe.seed, Parting::Tail);
    let all = 0..classes.len();
    if validation.is_empty() {
        return [all.clone().collect(), all.collect()];
    }
    [all.filter(|at| validation.binary_search(at).is_err()).collect(), validation]
}

/// Checks that a head of these classes can be fitted on these samples.
fn check(samples: &Samples, bursts: &[usize], labels: &[String], embedder: &Embedder) -> Result<(), Error> {
    let bad = |reason: String| Err(Error::BadDataset(reason));
    let Samples { embeddings, classes } = samples;
    let (last, all) = (embedder.features(), embedder.embedding_len());
    let fits = [last, all].iter().any(|length| embeddings.iter().all(|embedding| embedding.len() == *length));
    if !fits || embeddings.len() != classes.len() || bursts.len() != classes.len() {
        return bad(format!(
            "a sample is an embedding of {all} numbers (or, of all samples, the first {last}), a class and a burst: something is missing"
        ));
    }
    if !(2..=CLASS_LIMIT).contains(&labels.len()) || classes.iter().any(|class| *class >= labels.len()) {
        return bad(format!("there are {} classes, and 2 to {CLASS_LIMIT} are possible", labels.len()));
    }
    for (class, label) in labels.iter().enumerate() {
        if let Some(fault) = label_fault(label).or(labels[..class].contains(label).then_some("is there twice")) {
            return bad(format!("the class {label:?} {fault}: give each a name of its own"));
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
    embedder: &Embedder,
) -> Result<Head, Error> {
    if fitted.best_epoch == 0 {
        return Err(Error::BadArgument("no epoch gave a loss that is a number: choose a lower learning rate".into()));
    }
    let calibration = calibrate(fitted, train, validation, embedder.features(), settings.false_rejections)?;
    let calibration = calibration.capped(SAME_SCENE);
    let summary = fitted.summary(&settings.recipe, train.rows(), 0, validation)?;
    fitted.head(labels, embedder.digest(), summary, calibration)
}

#[cfg(test)]
#[cfg(feature = "embedded")]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    use crate::classifier::Classifier;

    /// Frames of as many scenes as there are counts: each a direction of its own, and a little noise.
    fn scenes(counts: &[usize], noise: f32, rng: &mut Rng) -> Samples {
        let mut samples = Samples::default();
        for (class, count) in counts.iter().enumerate() {
            for _ in 0..*count {
                let number = |i| if i % counts.len() == class { 1.0 } else { 0.1 } + noise * rng.uniform();
                samples.embeddings.push((0..1280).map(number).collect());
                samples.classes.push(class);
            }
        }
        samples
    }

    fn names(count: usize) -> Vec<String> {
        (0..count).map(|class| format!("class {class}")).collect()
    }

    fn taught(samples: &Samples, bursts: &[usize], labels: &[String], settings: &Settings) -> Result<Taught, Error> {
        teach(samples, bursts, labels, settings, Classifier::embedded()?.embedder(), |_| ())
    }

    #[test]
    fn new_frames_of_a_scene_that_was_taught_are_of_its_class() {
        let mut rng = Rng::new(4);
        let samples = scenes(&[20, 20], 0.05, &mut rng);
        let taught = taught(&samples, &samples.classes, &names(2), &Settings::default()).unwrap();
        assert_eq!(taught.validation, [16, 17, 18, 19, 36, 37, 38, 39], "the end of each burst");
        assert_eq!(taught.confusion, [[4, 0], [0, 4]]);
        // Frames that were never seen, with eight times the noise: 0.97 like the scene, and the seen ones 0.999.
        let fresh = scenes(&[30, 30], 0.4, &mut rng);
        for (embedding, class) in fresh.embeddings.iter().zip(&fresh.classes) {
            let answer = taught.head.answer(embedding, 1);
            assert!(!answer.rejected && answer.predictions[0].label == names(2)[*class]);
        }
        let nothing: Vec<f32> = (0..1280).map(|i| if i % 32 == 0 { 6.0 } else { 0.0 }).collect();
        assert!(taught.head.answer(&nothing, 1).rejected);
    }

    #[test]
    fn a_single_sample_a_class_is_enough() {
        let mut rng = Rng::new(5);
        for (counts, expected) in [(&[1, 1][..], &[0, 1][..]), (&[1, 3], &[3]), (&[2, 1, 1], &[1])] {
            let samples = scenes(counts, 0.05, &mut rng);
            let taught = taught(&samples, &samples.classes, &names(counts.len()), &Settings::default()).unwrap();
            assert_eq!(taught.validation, expected, "{counts:?}");
            assert_eq!(taught.answers.len(), expected.len());
            for (embedding, class) in samples.embeddings.iter().zip(&samples.classes) {
                assert_eq!(taught.head.predict(&taught.head.logits(embedding), 1)[0].label, format!("class {class}"));
            }
        }
    }

    #[test]
    fn what_cannot_be_taught_is_named() {
        let samples = scenes(&[3, 3], 0.1, &mut Rng::new(6));
        let bursts = [0; 6];
        let short = Samples { embeddings: vec![vec![0.5; 64]; 6], ..samples.clone() };
        let nowhere = Samples { embeddings: vec![vec![f32::NAN; 1280]; 6], ..samples.clone() };
        let share = Settings { validation_share: 1.0, ..Settings::default() };
        let rejections = Settings { false_rejections: f64::NAN, ..Settings::default() };
        let recipe = Settings { recipe: Ingredients { batch: 0, ..Ingredients::default() }, ..Settings::default() };
        let (good, labels) = (Settings::default(), names(2));
        let twice = ["a".to_owned(), "a".to_owned()];
        type Case<'a> = (&'a Samples, &'a [usize], &'a [String], &'a Settings, &'a str);
        let cases: [Case; 10] = [
            (&samples, &bursts, &labels, &share, "share to validate on"),
            (&samples, &bursts, &labels, &rejections, "share to reject"),
            (&samples, &bursts, &labels, &recipe, "batch"),
            (&samples, &bursts[1..], &labels, &good, "a burst"),
            (&short, &bursts, &labels, &good, "4736 numbers"),
            (&nowhere, &bursts, &labels, &good, "numbers that are none"),
            (&samples, &bursts, &labels[..1], &good, "1 classes"),
            (&samples, &bursts, &names(3), &good, "\"class 2\" has no pictures"),
            (&samples, &bursts, &twice, &good, "\"a\""),
            (&Samples::default(), &[], &labels, &good, "\"class 0\" has no pictures"),
        ];
        for (samples, bursts, labels, settings, words) in cases {
            let message = taught(samples, bursts, labels, settings).unwrap_err().to_string();
            assert!(message.contains(words), "{words}: {message}");
        }
    }
}

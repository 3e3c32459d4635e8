//! The recipe: everything about a fit that a person may choose.

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The most epochs that a recipe may ask for: far more than any fit takes, and few enough that a recipe from elsewhere ends.
///
/// ```
/// use mobilenet_core::fit::recipe::EPOCH_LIMIT;
/// use mobilenet_core::fit::{Ingredients, Recipe};
/// let recipe = |epochs| Recipe::new(Ingredients { epochs, ..Ingredients::default() });
/// assert!(recipe(EPOCH_LIMIT).is_ok() && recipe(EPOCH_LIMIT + 1).is_err());
/// ```
pub const EPOCH_LIMIT: usize = 10_000;

/// What a person may choose of a fit, as it was chosen. In a file, its fields have these names, and those that are missing have
/// their default. [`Recipe::new`] checks the ranges.
///
/// ```
/// use mobilenet_core::fit::{Ingredients, Schedule};
/// let ingredients: Ingredients = serde_json::from_str(r#"{ "epochs": 20, "schedule": "cosine" }"#).unwrap();
/// assert_eq!(ingredients, Ingredients { epochs: 20, schedule: Schedule::Cosine, ..Ingredients::default() });
/// assert!(serde_json::from_str::<Ingredients>(r#"{ "epoch": 20 }"#).is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ingredients {
    /// From which layers the head takes its features.
    pub features: Layers,
    /// Seed of the generator that draws first weights, order and dropout.
    pub seed: u32,
    /// Share of an embedding's numbers that a training step does not see, 0 to below 1.
    pub dropout: f32,
    /// Adam's step when fitting starts.
    pub learning_rate: f32,
    /// How the step goes on from there.
    pub schedule: Schedule,
    /// Share of each weight, times Adam's step, that every step takes off; biases are left alone.
    pub weight_decay: f32,
    /// Share of the truth that is spread evenly over all classes, 0 to below 1.
    pub label_smoothing: f32,
    /// How much the samples of each class count.
    pub class_weights: ClassWeights,
    /// Samples a step.
    pub batch: usize,
    /// Epochs at the most, up to [`EPOCH_LIMIT`].
    pub epochs: usize,
    /// Epochs without a lower validation loss after which fitting stops.
    pub patience: usize,
}

impl Default for Ingredients {
    fn default() -> Self {
        Self {
            features: Layers::Auto,
            seed: 1,
            dropout: 0.2,
            learning_rate: 0.01,
            schedule: Schedule::Plateau,
            weight_decay: 0.0,
            label_smoothing: 0.0,
            class_weights: ClassWeights::None,
            batch: 32,
            epochs: 100,
            patience: 5,
        }
    }
}

/// How a head is fitted: choices that make sense together.
///
/// ```
/// use mobilenet_core::fit::{Ingredients, Recipe};
/// let recipe = Recipe::new(Ingredients { epochs: 20, ..Ingredients::default() })?;
/// assert_eq!((recipe.ingredients().epochs, recipe.ingredients().batch), (20, 32));
/// let error = Recipe::new(Ingredients { batch: 0, ..Ingredients::default() }).unwrap_err();
/// assert_eq!(error.to_string(), "the batch is 0: it has to be at least 1");
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recipe(Ingredients);

impl Recipe {
    /// Of ingredients in their ranges.
    ///
    /// # Errors
    /// [`Error::BadArgument`] names the one that is not, and its range.
    pub fn new(ingredients: Ingredients) -> Result<Self, Error> {
        ingredients.check()?;
        Ok(Self(ingredients))
    }

    /// What it is made of.
    pub fn ingredients(&self) -> &Ingredients {
        &self.0
    }
}

impl Ingredients {
    fn check(&self) -> Result<(), Error> {
        let shares = [("dropout", self.dropout), ("label smoothing", self.label_smoothing)];
        for (name, share) in shares {
            if !(0.0..1.0).contains(&share) {
                return Err(Error::BadArgument(format!("the {name} is {share}: it has to be from 0 to below 1")));
            }
        }
        if !(self.learning_rate > 0.0 && self.learning_rate <= 10.0) {
            let rate = self.learning_rate;
            return Err(Error::BadArgument(format!(
                "the learning rate is {rate}: it has to be above 0, and 10 at most"
            )));
        }
        // A step that takes off more than a weight has turns it round.
        if !(self.weight_decay >= 0.0 && self.weight_decay * self.learning_rate < 1.0) {
            let decay = self.weight_decay;
            let reason = "it has to be at least 0, and below 1 when multiplied with the learning rate";
            return Err(Error::BadArgument(format!("the weight decay is {decay}: {reason}")));
        }
        for (name, count) in [("batch", self.batch), ("number of epochs", self.epochs), ("patience", self.patience)] {
            if count == 0 {
                return Err(Error::BadArgument(format!("the {name} is 0: it has to be at least 1")));
            }
        }
        if self.epochs > EPOCH_LIMIT {
            let epochs = self.epochs;
            return Err(Error::BadArgument(format!(
                "the number of epochs is {epochs}: it has to be {EPOCH_LIMIT} at the most"
            )));
        }
        Ok(())
    }
}

/// The layers that a head takes its features from: which numbers of an embedding it reads.
///
/// ```
/// use mobilenet_core::fit::{Ingredients, Layers};
/// assert_eq!(Ingredients::default().features, Layers::Auto);
/// assert_eq!(serde_json::to_string(&Layers::Tail).unwrap(), r#""tail""#);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layers {
    /// The tail where there are samples enough to choose by, otherwise the last layer.
    #[default]
    Auto,
    /// All of what the last layer gives, as the tutorial does.
    Last,
    /// The 1024 best numbers of the last layer and of the filters of the last four blocks.
    Tail,
}

/// How the learning rate goes on from where it starts.
///
/// ```
/// use mobilenet_core::fit::{Ingredients, Recipe, Schedule};
/// let recipe = Recipe::new(Ingredients { schedule: Schedule::Constant, epochs: 12, ..Ingredients::default() })?;
/// assert_eq!(recipe.ingredients().schedule, Schedule::Constant);
/// assert_eq!(Recipe::default().ingredients().schedule, Schedule::Plateau);
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Schedule {
    /// It stays.
    Constant,
    /// It falls to nothing over all epochs, along half a wave (Loshchilov and Hutter 2017).
    Cosine,
    /// It is halved after each epoch without a lower validation loss.
    #[default]
    Plateau,
}

impl Schedule {
    /// What the learning rate is multiplied with: when `done` is the share of all steps that were taken, and
    /// `stale` epochs so far did not bring a lower validation loss.
    pub(crate) fn factor(self, done: f32, stale: usize) -> f32 {
        match self {
            Self::Constant => 1.0,
            // Not the standard library's cosine, which has other bits in a page.
            Self::Cosine => 0.5 + 0.5 * libm::cosf(std::f32::consts::PI * done),
            Self::Plateau => (0..stale).fold(1.0, |factor, _| factor * 0.5),
        }
    }
}

/// How much the samples of a class count in the loss that is made small.
///
/// ```
/// use mobilenet_core::fit::{ClassWeights, Ingredients, Recipe, Samples, fit};
/// let samples = Samples { embeddings: vec![vec![0.0], vec![0.0], vec![0.0], vec![1.0]], classes: vec![0, 0, 0, 1] };
/// let recipe = Recipe::new(Ingredients { class_weights: ClassWeights::Balanced, ..Ingredients::default() })?;
/// let fitted = fit(&samples, &samples, 2, &recipe, |_| ())?;
/// assert_eq!(fitted.weight.len(), 2);
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClassWeights {
    /// Every sample counts the same, so a class counts by its size.
    #[default]
    None,
    /// Every class counts the same, however many samples it has.
    Balanced,
}

impl ClassWeights {
    /// One weight a class, their mean over the samples being one; a class without samples gets none.
    pub(crate) fn weights(self, samples: &[usize], classes: usize) -> Vec<f32> {
        let mut counts = vec![0usize; classes];
        samples.iter().for_each(|class| counts[*class] += 1);
        let present = counts.iter().filter(|count| **count > 0).count();
        let weight = |count: usize| match (self, count) {
            (_, 0) => 0.0,
            (Self::None, _) => 1.0,
            (Self::Balanced, _) => samples.len() as f32 / (present * count) as f32,
        };
        counts.into_iter().map(weight).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_by_hand() {
        // cos(pi / 3) = 1/2 and cos(2 pi / 3) = -1/2. An argument near 2 is rounded by a quarter of EPSILON's double,
        // and the sum of cosine and one by another: two EPSILON hold both.
        for (done, expected) in [(0.0, 1.0), (1.0 / 3.0, 0.75), (0.5, 0.5), (2.0 / 3.0, 0.25), (1.0, 0.0)] {
            let factor = Schedule::Cosine.factor(done, 0);
            assert!((factor - expected).abs() <= 2.0 * f32::EPSILON, "{done}: {factor} and not {expected}");
            assert_eq!(Schedule::Constant.factor(done, 7), 1.0);
        }
        for (stale, expected) in [(0, 1.0), (1, 0.5), (2, 0.25), (3, 0.125), (1000, 0.0)] {
            assert_eq!(Schedule::Plateau.factor(0.5, stale), expected);
        }
    }

    #[test]
    fn a_balanced_class_counts_as_much_as_any_other() {
        let samples = [0, 2, 2, 0, 2, 2, 0, 2];
        let weights = ClassWeights::Balanced.weights(&samples, 3);
        assert_eq!(weights, [8.0 / 6.0, 0.0, 8.0 / 10.0]);
        assert_eq!(ClassWeights::None.weights(&samples, 3), [1.0, 0.0, 1.0]);
    }

    #[test]
    fn every_number_out_of_range_is_named() {
        let good = Ingredients::default();
        assert!(Recipe::new(good.clone()).is_ok());
        let broken = [
            ("dropout", Ingredients { dropout: 1.0, ..good.clone() }),
            ("label smoothing", Ingredients { label_smoothing: f32::NAN, ..good.clone() }),
            ("learning rate", Ingredients { learning_rate: f32::INFINITY, ..good.clone() }),
            ("weight decay", Ingredients { weight_decay: -0.1, ..good.clone() }),
            ("weight decay", Ingredients { weight_decay: 1.0, learning_rate: 1.0, ..good.clone() }),
            ("batch", Ingredients { batch: 0, ..good.clone() }),
            ("epochs", Ingredients { epochs: 0, ..good.clone() }),
            ("epochs", Ingredients { epochs: EPOCH_LIMIT + 1, ..good.clone() }),
            ("patience", Ingredients { patience: 0, ..good.clone() }),
        ];
        for (name, ingredients) in broken {
            let message = Recipe::new(ingredients).unwrap_err().to_string();
            assert!(message.contains(name), "{name}: {message}");
        }
    }
}

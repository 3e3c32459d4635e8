//! Search: the recipe that cross-validation on the training pictures likes best. Validation pictures are never looked
//! at, so what they say afterwards is still news.
//!
//! One number after the other is tried at a few values, the best so far kept (a grid of all of them would be ten times
//! the work, and its best no better than the noise). The loss decides and not the accuracy, of which a few pictures at
//! the border between two classes are the whole difference.

use super::folds::{LEAST, Material, cross_validate};
use mobilenet_core::error::Error;
use mobilenet_core::fit::recipe::{Ingredients, Recipe};

/// A recipe that was tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// Of what.
    pub recipe: Recipe,
    /// Mean cross-entropy over all training pictures, each by a head that did not see it.
    pub loss: f64,
    /// Share of them named right.
    pub accuracy: f64,
}

/// The values that are tried of one number.
type Knob = (fn(&mut Ingredients) -> &mut f32, &'static [f32]);
const KNOBS: [Knob; 4] = [
    (|recipe| &mut recipe.learning_rate, &[0.001, 0.003, 0.01]),
    (|recipe| &mut recipe.weight_decay, &[0.0, 0.01, 0.1]),
    (|recipe| &mut recipe.dropout, &[0.0, 0.2, 0.5]),
    (|recipe| &mut recipe.label_smoothing, &[0.0, 0.05]),
];

/// Searches from `recipe` on. `on_trial` sees each trial as it is made.
///
/// # Errors
/// As [`cross_validate`].
pub fn search(material: &Material, recipe: &Recipe, mut on_trial: impl FnMut(&Trial)) -> Result<Trial, Error> {
    let mut judge = |recipe: Recipe| -> Result<Trial, Error> {
        let folds = cross_validate(material, &recipe, LEAST)?;
        let trial = Trial { recipe, loss: folds.loss, accuracy: folds.accuracy().0 };
        on_trial(&trial);
        Ok(trial)
    };
    let mut best = judge(recipe.clone())?;
    for (number, values) in KNOBS {
        let start = best.recipe.clone();
        for value in values {
            let mut ingredients = start.ingredients().clone();
            *number(&mut ingredients) = *value;
            let recipe = Recipe::new(ingredients)?;
            if recipe == start {
                continue;
            }
            let trial = judge(recipe)?;
            if trial.loss < best.loss {
                best = trial;
            }
        }
    }
    Ok(best)
}

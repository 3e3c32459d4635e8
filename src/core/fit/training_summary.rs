//! The summary of a fit that travels in its head.

use super::{Fitted, Ingredients, Rows};
use crate::error::Error;
use crate::head::TrainingSummary;

impl Fitted {
    /// How this head was fitted with `recipe` on so many samples and `augment` other views of each, and how good it is, as it is
    /// now, on those it was chosen on.
    ///
    /// # Errors
    /// [`Error::Io`] when rows that are on disk cannot be read.
    pub fn summary(
        &self,
        recipe: &Ingredients,
        train_samples: usize,
        augment: u32,
        validation: &dyn Rows,
    ) -> Result<TrainingSummary, Error> {
        let (validation_loss, validation_accuracy) = self.evaluate(validation)?;
        Ok(TrainingSummary {
            seed: recipe.seed,
            epochs: self.history.len(),
            best_epoch: self.best_epoch,
            train_samples,
            augment,
            validation_samples: validation.rows(),
            validation_loss,
            validation_accuracy,
        })
    }
}

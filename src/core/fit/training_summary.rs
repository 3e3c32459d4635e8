//! What a fit leaves: its summary, which travels in the head, and the head itself.

use super::{Fitted, Ingredients, Rows};
use crate::error::Error;
use crate::head::calibration::Calibration;
use crate::head::{Head, TrainingSummary};

impl Fitted {
    /// The head of this fit, once [`calibrate`](crate::fit::calibrate()) has had its weights.
    ///
    /// # Errors
    /// As [`Head::new`], [`Head::with_training`] and [`Head::with_calibration`].
    pub fn head(
        &self,
        labels: &[String],
        backbone: &str,
        training: TrainingSummary,
        calibration: Calibration,
    ) -> Result<Head, Error> {
        let head = Head::new(labels.into(), self.weight.clone(), self.bias.clone(), backbone.into())?;
        let head = head.reading(self.features.clone())?;
        head.with_training(training)?.with_calibration(calibration)
    }

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

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
    ///
    /// ```
    /// use mobilenet_core::fit::{Ingredients, Recipe, Samples, calibrate, fit};
    /// let samples = Samples { embeddings: vec![vec![0.0, 1.0], vec![1.0, 0.0]], classes: vec![0, 1] };
    /// let mut fitted = fit(&samples, &samples, 2, &Recipe::default(), |_| ())?;
    /// let calibration = calibrate(&mut fitted, &samples, &samples, 2, 0.05)?;
    /// let summary = fitted.summary(&Ingredients::default(), samples.len(), 0, &samples)?;
    /// let head = fitted.head(&["cat", "dog"].map(String::from), "digest of a backbone", summary, calibration)?;
    /// assert_eq!(head.answer(&[0.0, 1.0], 1).predictions[0].label, "cat");
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
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

    /// How this head was fitted: with `recipe`, on `train_samples` samples and `augment` other views of each; and how good it is
    /// now on `validation`.
    ///
    /// # Errors
    /// [`Error::Io`] when rows that are on disk cannot be read.
    ///
    /// ```
    /// use mobilenet_core::fit::{Ingredients, Recipe, Samples, fit};
    /// let samples = Samples { embeddings: vec![vec![0.0, 1.0], vec![1.0, 0.0]], classes: vec![0, 1] };
    /// let fitted = fit(&samples, &samples, 2, &Recipe::default(), |_| ())?;
    /// let summary = fitted.summary(&Ingredients::default(), samples.len(), 0, &samples)?;
    /// assert_eq!((summary.train_samples, summary.validation_accuracy), (2, 1.0));
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
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

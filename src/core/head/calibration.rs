//! Calibration: how sure an answer may sound, and which pictures are none of the classes.
//!
//! A softmax gives its 100 % away whatever the picture shows. Two things are fitted on validation pictures against that. The
//! temperature (Guo et al. 2017) is what logits are divided by so that of the answers given with 80 % about 80 in 100 are right; it
//! is folded into the head's weights, so that nothing has to be done for it at run time and every exported file has
//! it too. The threshold is the least likeness at which a picture counts as one of the classes; likeness is the cosine
//! between what the last layer gives for it and the nearest mean direction of a class.
//!
//! Likeness, and not the largest probability, because it tells the two apart: of the 423 furniture photos and 200 ImageNet
//! pictures, two of which show furniture, a random one of the first is ahead of one of the second 99.8 times in 100 (AUROC 0.998); by the
//! largest probability it is 0.969, by the energy of the logits 0.983, and added to likeness either makes it worse. It is also
//! cheap: as many products as the head has. The last layer alone, whatever the head reads: with the 1280 numbers of a head that
//! reads the tail it is 0.982, and 0.992 when these are divided by their deviations.

use crate::error::Error;
use mobilenet_kernel::dot::dot;

/// What a head knows about its own limits.
///
/// ```
/// use mobilenet_core::{Calibration, Head};
/// let calibration = Calibration::new(1.5, vec![1.0, 0.0, 0.0, 1.0], 0.9)?;
/// assert_eq!(calibration.temperature(), 1.5);
/// assert_eq!(calibration.means(), [1.0, 0.0, 0.0, 1.0]);
/// assert_eq!(calibration.threshold(), 0.9);
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    temperature: f32,
    means: Vec<f32>,
    threshold: f32,
}

impl Calibration {
    /// Of a `temperature` that the logits were divided by, 0.01 to 100; the mean direction of what the last layer gives for each
    /// class, `[classes][channels]`; and the likeness below which a picture is none of the classes, -1 to 1.
    ///
    /// # Errors
    /// [`Error::BadModel`] when a number is out of its range.
    ///
    /// ```
    /// use mobilenet_core::Calibration;
    /// let calibration = Calibration::new(1.0, vec![1.0, 0.0, 0.0, 1.0], 0.9)?;
    /// assert_eq!((calibration.temperature(), calibration.threshold()), (1.0, 0.9));
    /// assert!(Calibration::new(1.0, vec![f32::NAN; 4], 0.9).is_err());
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn new(temperature: f32, means: Vec<f32>, threshold: f32) -> Result<Self, Error> {
        let direction = |number: &f32| (-1.0..=1.0).contains(number);
        if means.iter().all(direction) && direction(&threshold) && (0.01..=100.0).contains(&temperature) {
            return Ok(Self { temperature, means, threshold });
        }
        Err(Error::BadModel("its calibration has a number that is out of range".into()))
    }

    /// The same with a threshold of `limit`, -1 to 1, where its own is higher: it rejects no more than before.
    #[must_use]
    pub(crate) fn capped(self, limit: f32) -> Self {
        Self { threshold: self.threshold.min(limit.max(-1.0)), ..self }
    }

    /// What the logits were divided by.
    pub fn temperature(&self) -> f32 {
        self.temperature
    }

    /// The mean direction of what the last layer gives for each class, `[classes][channels]`.
    pub fn means(&self) -> &[f32] {
        &self.means
    }

    /// A picture whose likeness is less is none of the classes; -1 to 1.
    pub fn threshold(&self) -> f32 {
        self.threshold
    }

    /// The cosine between what the last layer gives and the nearest mean direction, -1 to 1; -1 for zeros, which have no direction.
    pub(super) fn likeness(&self, last: &[f32]) -> f32 {
        likeness(&self.means, last)
    }
}

/// The cosine between what the last layer gives and the nearest of these means.
pub(crate) fn likeness(means: &[f32], embedding: &[f32]) -> f32 {
    let means = means.chunks_exact(embedding.len());
    let nearest = means.map(|mean| dot(mean, embedding)).fold(f32::NEG_INFINITY, f32::max);
    let length = dot(embedding, embedding).sqrt();
    if length > 0.0 { nearest / length } else { -1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEANS: [f32; 4] = [1.0, 0.0, 0.0, 1.0];

    fn calibration() -> Calibration {
        Calibration::new(1.0, MEANS.to_vec(), 0.9).unwrap()
    }

    #[test]
    fn likeness_is_the_cosine_with_the_nearest_mean() {
        assert_eq!(calibration().likeness(&[0.0, 7.0]), 1.0);
        assert_eq!(calibration().likeness(&[3.0, 4.0]), 0.8);
    }

    #[test]
    fn an_embedding_of_zeros_is_none_of_the_classes() {
        assert_eq!(calibration().likeness(&[0.0, 0.0]), -1.0);
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        let refused = [
            (1.0, [1.0, 0.0, f32::NAN, 1.0], 0.9),
            (1.0, [1.5, 0.0, 0.0, 1.0], 0.9),
            (1.0, MEANS, f32::INFINITY),
            (0.0, MEANS, 0.9),
        ];
        for (temperature, means, threshold) in refused {
            assert!(
                Calibration::new(temperature, means.to_vec(), threshold).is_err(),
                "{temperature} {means:?} {threshold}"
            );
        }
    }
}

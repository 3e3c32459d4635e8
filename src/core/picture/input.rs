//! Preprocess: a frame becomes the network's input.
//!
//! The input is the resized picture itself, one byte a channel: the mean and standard deviation that a float
//! network wants subtracted and divided are folded into its first layer when it is quantised. So there is
//! no float arithmetic between the file and the first integer, and one rounding less than any scheme that
//! quantises a normalised tensor.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::picture::frame::FrameRef;
use crate::picture::resize::{Region, resize};

/// How a frame that is not square fills the square input.
///
/// ```
/// use mobilenet_core::picture::input::{Fit, InputSpec};
/// use mobilenet_core::picture::resize::Region;
/// let spec = InputSpec { fit: Fit::Crop, ..InputSpec::KERAS };
/// assert_eq!(spec.region(300, 200), Region { x: 50, y: 0, width: 200, height: 200 });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fit {
    /// The whole frame, its sides scaled apart.
    Squash,
    /// The largest square in the middle of the frame.
    Crop,
}

/// What a model expects its input to be; it travels in the model file.
///
/// ```
/// use mobilenet_core::picture::input::InputSpec;
/// let spec = InputSpec { side: 96, ..InputSpec::KERAS };
/// spec.validate()?;
/// assert_eq!(spec.input_len(), 96 * 96 * 3);
/// assert_eq!(spec.region(300, 200).width, 300);
/// assert!(InputSpec { side: 1024, ..InputSpec::KERAS }.validate().is_err());
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputSpec {
    /// Width and height of the input in pixels, 32 to 512.
    pub side: usize,
    /// How a frame is made square.
    pub fit: Fit,
    /// Per channel red, green, blue: the value, in 0 to 255, that the float network sees as zero.
    pub mean: [f32; 3],
    /// Per channel: the distance from `mean`, in levels, that the float network sees as one.
    pub std: [f32; 3],
}

impl InputSpec {
    /// What Keras' MobileNetV2 expects at 224 pixels: the whole frame, scaled to -1 to 1.
    pub const KERAS: Self = Self { side: 224, fit: Fit::Squash, mean: [127.5; 3], std: [127.5; 3] };

    /// Checks every number.
    ///
    /// # Errors
    /// [`Error::BadModel`] when the side is outside 32 to 512, a mean outside 0 to 255 or a deviation outside 1 to 1000.
    pub fn validate(&self) -> Result<(), Error> {
        let sound = (32..=512).contains(&self.side)
            && self.mean.iter().all(|mean| (0.0..=255.0).contains(mean))
            && self.std.iter().all(|std| (1.0..=1000.0).contains(std));
        if sound { Ok(()) } else { Err(Error::BadModel(format!("its input specification is out of range: {self:?}"))) }
    }

    /// Bytes of the input: `side * side * 3`.
    pub fn input_len(&self) -> usize {
        self.side * self.side * 3
    }

    /// The part of a frame of this size that the network sees.
    pub fn region(&self, width: usize, height: usize) -> Region {
        match self.fit {
            Fit::Squash => Region { x: 0, y: 0, width, height },
            Fit::Crop => {
                let side = width.min(height);
                Region { x: (width - side) / 2, y: (height - side) / 2, width: side, height: side }
            }
        }
    }
}

/// Turns a frame into the input: `side` rows of `side` pixels of red, green, blue.
///
/// ```
/// use mobilenet_core::Frame;
/// use mobilenet_core::picture::input::{InputSpec, preprocess};
/// let frame = Frame::from_rgb(1, 1, vec![10, 20, 30])?;
/// let input = preprocess(&frame, &InputSpec::KERAS);
/// assert_eq!(input.len(), 224 * 224 * 3);
/// assert_eq!(input[..3], [10, 20, 30]);
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
pub fn preprocess<'a>(frame: impl Into<FrameRef<'a>>, spec: &InputSpec) -> Vec<u8> {
    let frame = frame.into();
    resize(frame, spec.region(frame.width(), frame.height()), spec.side, spec.side)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crop_takes_the_middle_square() {
        let spec = InputSpec { fit: Fit::Crop, ..InputSpec::KERAS };
        assert_eq!(spec.region(10, 4), Region { x: 3, y: 0, width: 4, height: 4 });
        assert_eq!(spec.region(5, 8), Region { x: 0, y: 1, width: 5, height: 5 });
    }

    #[test]
    fn nonsense_is_refused() {
        let broken = [
            InputSpec { side: 31, ..InputSpec::KERAS },
            InputSpec { side: 513, ..InputSpec::KERAS },
            InputSpec { mean: [f32::NAN, 0.0, 0.0], ..InputSpec::KERAS },
            InputSpec { std: [1.0, 0.0, 1.0], ..InputSpec::KERAS },
        ];
        assert!(InputSpec::KERAS.validate().is_ok());
        for spec in broken {
            assert!(spec.validate().is_err(), "{spec:?}");
        }
    }
}

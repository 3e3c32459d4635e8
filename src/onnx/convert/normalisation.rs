//! Levels: which numbers a float network expects for the bytes of a picture.
//!
//! An ONNX file does not say. The file's own arithmetic before its first convolution, where there is any, is composed with
//! what the caller says the input is, so that the backbone normalises once.

use super::file::not_mobilenet;
use super::fold::Affine;
use mobilenet_core::error::Error;
use mobilenet_core::picture::input::{Fit, InputSpec};

/// A network's input is `(byte - mean) / std`, for red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Levels {
    /// The byte that becomes zero.
    pub mean: [f32; 3],
    /// How many levels become one.
    pub std: [f32; 3],
}

impl Levels {
    /// -1 to 1, as Keras and TensorFlow train MobileNetV2.
    pub const KERAS: Self = Self { mean: [127.5; 3], std: [127.5; 3] };
    /// ImageNet's mean and deviation, as torchvision and timm train it.
    pub const TORCH: Self = Self { mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] };
    /// 0 to 1.
    pub const UNIT: Self = Self { mean: [0.0; 3], std: [255.0; 3] };
    /// 0 to 255.
    pub const BYTES: Self = Self { mean: [0.0; 3], std: [1.0; 3] };

    /// These four by the words that the command line and the page have for them.
    pub const NAMED: [(&str, Self); 4] =
        [("keras", Self::KERAS), ("torch", Self::TORCH), ("unit", Self::UNIT), ("bytes", Self::BYTES)];

    /// The word for them, if they are among [`Levels::NAMED`].
    pub fn name(self) -> Option<&'static str> {
        Self::NAMED.into_iter().find(|(_, levels)| *levels == self).map(|(name, _)| name)
    }

    /// The backbone's input, given what the file does to its own before the first convolution.
    pub(crate) fn input_spec(self, normalise: Option<&Affine>, side: usize, fit: Fit) -> Result<InputSpec, Error> {
        let unchanged = Affine { scale: vec![1.0], shift: vec![0.0] };
        let normalise = normalise.unwrap_or(&unchanged);
        // scale * (byte - mean) / std + shift is (byte - (mean - shift * std / scale)) / (std / scale).
        let std: [f32; 3] =
            std::array::from_fn(|channel| (f64::from(self.std[channel]) / normalise.at(channel).0) as f32);
        let mean = std::array::from_fn(|channel| {
            let (scale, shift) = normalise.at(channel);
            (f64::from(self.mean[channel]) - shift * f64::from(self.std[channel]) / scale) as f32
        });
        let spec = InputSpec { side, fit, mean, std };
        spec.validate().map_err(|_| {
            let reason = format!("with the arithmetic in the file, bytes would become (byte - {mean:?}) / {std:?}");
            not_mobilenet(
                "its input",
                format!("{reason}, which no network wants: say with --input what the file expects"),
            )
        })?;
        Ok(spec)
    }
}

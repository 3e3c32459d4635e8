//! The backbone's numbers as a model file holds them: int8 weights with one scale an output channel, and the range
//! of every activation (Jacob et al. 2018).

use sha2::{Digest, Sha256};

use super::table::{Architecture, Kind, Layer};
use crate::base::digest::hex;
use crate::error::Error;
use crate::picture::input::InputSpec;
use mobilenet_kernel::requantize::LEVEL_LIMIT;

/// The largest bias of a layer, with either sign: it cannot overflow the 32-bit sums that it is added to.
///
/// ```
/// # #[cfg(feature = "embedded")] {
/// use mobilenet_core::classifier::embedded_backbone;
/// use mobilenet_core::network::backbone::BIAS_LIMIT;
/// let backbone = embedded_backbone()?;
/// assert!(backbone.layers().iter().flat_map(|layer| &layer.bias).all(|bias| bias.abs() <= BIAS_LIMIT));
/// # }
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
pub const BIAS_LIMIT: i32 = 1 << 30;

/// How real numbers are stored in bytes: `real = (byte - zero_point) * scale`.
///
/// ```
/// use mobilenet_core::network::Quantization;
/// let Quantization { scale, zero_point } = Quantization::RELU6;
/// let real = |byte: u8| (f32::from(byte) - f32::from(zero_point)) * scale;
/// assert_eq!((real(0), real(255)), (0.0, 6.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantization {
    /// The real distance between two bytes.
    pub scale: f32,
    /// The byte that stands for zero.
    pub zero_point: u8,
}

impl Quantization {
    /// The fixed range of a ReLU6 output.
    pub const RELU6: Self = Self { scale: 6.0 / 255.0, zero_point: 0 };

    /// The picture's own bytes: mean and deviation are folded into the first layer.
    pub(crate) const PICTURE: Self = Self { scale: 1.0, zero_point: 0 };
}

/// One convolution, quantised; shapes are those of its [`Layer`].
///
/// ```
/// # #[cfg(feature = "embedded")] {
/// use mobilenet_core::classifier::embedded_backbone;
/// let backbone = embedded_backbone()?;
/// // The first convolution: 3 x 3 on three channels, 32 of them.
/// let stem = &backbone.layers()[0];
/// assert_eq!((stem.weight.len(), stem.weight_scale.len(), stem.bias.len()), (32 * 3 * 3 * 3, 32, 32));
/// # }
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct QuantizedLayer {
    /// Weights; the real weight is this times the channel's scale.
    pub weight: Vec<i8>,
    /// One scale an output channel.
    pub weight_scale: Vec<f32>,
    /// One bias an output channel, in units of input scale times weight scale. The input's zero point is not in it.
    pub bias: Vec<i32>,
    /// How the output is stored; after the block's input has been added, where the layer has a residual.
    pub output: Quantization,
}

/// A quantised MobileNetV2 without its classifier.
///
/// The first layer reads picture bytes as they are (scale 1, zero point 0): mean and deviation of the
/// [`InputSpec`] are folded into its weights and bias.
///
/// ```
/// # #[cfg(feature = "embedded")] {
/// use mobilenet_core::classifier::embedded_backbone;
/// use mobilenet_core::network::{Architecture, Backbone};
/// let backbone = embedded_backbone()?;
/// assert_eq!((backbone.architecture(), backbone.input().side), (Architecture::KERAS, 224));
/// let again = Backbone::new(backbone.architecture(), backbone.input(), backbone.layers().to_vec())?;
/// assert_eq!(again.digest(), backbone.digest());
/// # }
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Backbone {
    architecture: Architecture,
    input: InputSpec,
    layers: Vec<QuantizedLayer>,
}

impl Backbone {
    /// Of the convolutions in the order of [`Architecture::layers`], every length and range checked, so that running it can neither
    /// fail nor overflow.
    ///
    /// # Errors
    /// [`Error::BadModel`] names the first layer that is wrong.
    ///
    /// ```
    /// use mobilenet_core::network::{Architecture, Backbone};
    /// use mobilenet_core::picture::input::InputSpec;
    /// let error = Backbone::new(Architecture::KERAS, InputSpec::KERAS, Vec::new()).unwrap_err();
    /// assert_eq!(error.code(), "bad-model");
    /// ```
    pub fn new(architecture: Architecture, input: InputSpec, layers: Vec<QuantizedLayer>) -> Result<Self, Error> {
        architecture.validate()?;
        input.validate()?;
        let table = architecture.layers();
        if input.side != architecture.side || layers.len() != table.len() {
            return Err(Error::BadModel("its input or its number of layers does not fit its network".into()));
        }
        check_layers(&table, &layers)?;
        Ok(Self { architecture, input, layers })
    }

    /// Which MobileNetV2.
    pub fn architecture(&self) -> Architecture {
        self.architecture
    }

    /// What it expects to see.
    pub fn input(&self) -> InputSpec {
        self.input
    }

    /// The convolutions, in the order of [`Architecture::layers`].
    pub fn layers(&self) -> &[QuantizedLayer] {
        &self.layers
    }

    /// SHA-256 over everything that decides an embedding, in hexadecimal; a head names it.
    pub fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        let (architecture, input) = (self.architecture, self.input);
        hasher.update(format!("{architecture:?} {input:?}"));
        for layer in &self.layers {
            hasher.update(layer.weight.iter().map(|w| *w as u8).collect::<Vec<_>>());
            layer.weight_scale.iter().for_each(|scale| hasher.update(scale.to_le_bytes()));
            layer.bias.iter().for_each(|bias| hasher.update(bias.to_le_bytes()));
            hasher.update(layer.output.scale.to_le_bytes());
            hasher.update([layer.output.zero_point]);
        }
        hex(&hasher.finalize())
    }
}

fn check_layers(table: &[Layer], layers: &[QuantizedLayer]) -> Result<(), Error> {
    let mut input = Quantization::PICTURE;
    let mut block_input = input;
    for (row, layer) in table.iter().zip(layers) {
        if row.kind == Kind::Expand {
            block_input = input;
        }
        let skipped = row.residual.then_some(block_input);
        let sound = layer.validate(row).and_then(|()| layer.validate_levels(row, input, skipped));
        sound.map_err(|reason| Error::BadModel(format!("layer {}: {reason}", row.name)))?;
        input = layer.output;
    }
    Ok(())
}

impl QuantizedLayer {
    fn validate(&self, row: &Layer) -> Result<(), &'static str> {
        let scale_is_sound = |scale: &f32| (1.0e-12..=1.0e6).contains(scale);
        if self.weight.len() != row.weight_len() {
            return Err("wrong number of weights");
        }
        if self.weight_scale.len() != row.outputs || self.bias.len() != row.outputs {
            return Err("wrong number of scales or biases");
        }
        if !self.weight_scale.iter().all(scale_is_sound) || !scale_is_sound(&self.output.scale) {
            return Err("a scale is not between 1e-12 and 1e6");
        }
        if !self.bias.iter().all(|bias| (-BIAS_LIMIT..=BIAS_LIMIT).contains(bias)) {
            return Err("a bias is too large");
        }
        if row.has_relu6() && self.output != Quantization::RELU6 {
            return Err("the range of a ReLU6 output must be 0 to 6");
        }
        Ok(())
    }

    /// What the kernels' rounding relies on, for any input.
    fn validate_levels(
        &self,
        row: &Layer,
        input: Quantization,
        skipped: Option<Quantization>,
    ) -> Result<(), &'static str> {
        let output = f64::from(self.output.scale);
        // 128 is the largest weight.
        let products = (row.weight_len() / row.outputs) as f64 * 255.0 * 128.0;
        let added = skipped.map_or(0.0, |skipped| 255.0 * f64::from(skipped.scale) / output);
        let reach = |(bias, scale): (&i32, &f32)| {
            (f64::from(bias.abs()) + products) * f64::from(input.scale) * f64::from(*scale) / output + added
        };
        if self.bias.iter().zip(&self.weight_scale).map(reach).all(|reach| reach <= f64::from(LEVEL_LIMIT)) {
            return Ok(());
        }
        Err("its scales are too large for the range of its output")
    }
}

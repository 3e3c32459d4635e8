//! MobileNetV2 as a table (Sandler et al. 2018, table 2): its 52 convolutions follow from a width, a side and a
//! padding rule, so other sizes of the network are data, not code.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use mobilenet_kernel::windows::Windows;

/// Expansion, output channels at width 1, repeats, stride of the first repeat.
const BLOCKS: [(usize, usize, usize, usize); 7] =
    [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];

/// Where a strided window starts when it does not fit evenly.
///
/// ```
/// use mobilenet_core::network::{Architecture, Padding};
/// let rows_before = |padding| Architecture { padding, ..Architecture::KERAS }.layers()[0].windows.before;
/// assert_eq!((rows_before(Padding::Same), rows_before(Padding::Symmetric)), (0, 1));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Padding {
    /// TensorFlow and Keras: as little as possible, the odd row below and right.
    Same,
    /// PyTorch: one row all round.
    Symmetric,
}

/// Which MobileNetV2.
///
/// ```
/// use mobilenet_core::network::Architecture;
/// let wide = Architecture { width: 1.4, ..Architecture::KERAS };
/// wide.validate()?;
/// assert_eq!((wide.features(), Architecture::KERAS.features()), (1792, 1280));
/// assert_eq!(Architecture::KERAS.embedding_len(), 4736);
/// assert!(Architecture { side: 1024, ..Architecture::KERAS }.validate().is_err());
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Architecture {
    /// The width multiplier, 0.1 to 2.
    pub width: f64,
    /// Side of the input in pixels, 32 to 512.
    pub side: usize,
    /// The padding rule.
    pub padding: Padding,
}

/// The blocks at the end whose depthwise outputs are a part of an embedding: those that work on as many positions as the last layer.
const TAPPED_BLOCKS: usize = 4;

/// What a convolution does in its block.
///
/// ```
/// use mobilenet_core::network::{Architecture, Kind};
/// let layers = Architecture::KERAS.layers();
/// assert_eq!((layers[0].kind, layers[51].kind), (Kind::Stem, Kind::Last));
/// assert_eq!(layers.iter().filter(|layer| layer.kind == Kind::Depthwise).count(), 17);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The first one, 3x3 on three channels.
    Stem,
    /// 1x1, to six times the channels, ReLU6.
    Expand,
    /// 3x3 on each channel apart, ReLU6.
    Depthwise,
    /// 1x1, back to few channels, linear.
    Project,
    /// The last one, 1x1 to the embedding's channels, ReLU6.
    Last,
}

/// One row of the table.
///
/// ```
/// use mobilenet_core::network::Architecture;
/// let stem = &Architecture::KERAS.layers()[0];
/// assert_eq!((stem.name.as_str(), stem.inputs, stem.outputs), ("Conv1", 3, 32));
/// assert_eq!(stem.weight_shape(), [32, 3, 3, 3]);
/// assert_eq!(stem.weight_len(), 864);
/// assert!(stem.has_relu6() && !stem.residual);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Its name in Keras: `block_3_expand`.
    pub name: String,
    /// What it does.
    pub kind: Kind,
    /// Channels that it reads.
    pub inputs: usize,
    /// Channels that it writes.
    pub outputs: usize,
    /// Where its windows lie; for 1x1 layers only the sides count.
    pub windows: Windows,
    /// Whether the block's input is added to its output.
    pub residual: bool,
}

impl Layer {
    /// Shape of the weight: `[outputs][3][3][3]` for the stem, `[3][3][channels]` depthwise, `[outputs][inputs]` else.
    pub fn weight_shape(&self) -> Vec<usize> {
        match self.kind {
            Kind::Stem => vec![self.outputs, 3, 3, 3],
            Kind::Depthwise => vec![3, 3, self.outputs],
            Kind::Expand | Kind::Project | Kind::Last => vec![self.outputs, self.inputs],
        }
    }

    /// Number of weights.
    pub fn weight_len(&self) -> usize {
        self.weight_shape().iter().product()
    }

    /// Whether its output is cut to 0 to 6.
    pub fn has_relu6(&self) -> bool {
        self.kind != Kind::Project
    }

    /// Activations that it writes for a frame.
    pub(crate) fn output_len(&self) -> usize {
        self.windows.out_side * self.windows.out_side * self.outputs
    }
}

impl Architecture {
    /// MobileNetV2 1.0 at 224 pixels as Keras pads it.
    pub const KERAS: Self = Self { width: 1.0, side: 224, padding: Padding::Same };

    /// Checks that the numbers are ones that the table is meant for.
    ///
    /// # Errors
    /// [`Error::BadModel`] when width or side is out of range.
    pub fn validate(&self) -> Result<(), Error> {
        if (0.1..=2.0).contains(&self.width) && (32..=512).contains(&self.side) {
            return Ok(());
        }
        Err(Error::BadModel(format!("a MobileNetV2 of width {} and side {} is out of range", self.width, self.side)))
    }

    /// Channels of the last layer: 1280, or more when the network is wider than 1.
    pub fn features(&self) -> usize {
        channels(1280, self.width.max(1.0))
    }

    /// The layers whose means over all positions an embedding is made of: the last one, then the depthwise layers of the last four
    /// blocks in their order.
    ///
    /// ```
    /// use mobilenet_core::network::Architecture;
    /// let names: Vec<String> = Architecture::KERAS.tail().into_iter().map(|layer| layer.name).collect();
    /// let tapped = [13, 14, 15, 16].map(|block| format!("block_{block}_depthwise"));
    /// assert_eq!((&names[0], &names[1..]), (&"Conv_1".to_owned(), &tapped[..]));
    /// ```
    pub fn tail(&self) -> Vec<Layer> {
        let mut layers = self.layers();
        let last = layers.pop();
        let is_filter = |layer: &Layer| layer.kind == Kind::Depthwise;
        let before = layers.iter().filter(|layer| is_filter(layer)).count() - TAPPED_BLOCKS;
        last.into_iter().chain(layers.into_iter().filter(is_filter).skip(before)).collect()
    }

    /// Numbers in an embedding, the channels of its [`tail`](Self::tail) one layer after the other: 4736 at width 1.
    pub fn embedding_len(&self) -> usize {
        self.tail().iter().map(|layer| layer.outputs).sum()
    }

    /// Bytes of the input: `side * side * 3`.
    pub(crate) fn input_len(&self) -> usize {
        self.side * self.side * 3
    }

    /// The convolutions from the first to the last.
    ///
    /// ```
    /// use mobilenet_core::network::Architecture;
    /// let layers = Architecture::KERAS.layers();
    /// assert_eq!(layers.len(), 52);
    /// assert_eq!(layers.iter().map(|layer| layer.weight_len()).sum::<usize>(), 2_189_760);
    /// ```
    pub fn layers(&self) -> Vec<Layer> {
        let mut rows = Rows { padding: self.padding, side: self.side, channels: 3, layers: Vec::with_capacity(52) };
        rows.push("Conv1".into(), Kind::Stem, channels(32, self.width), 2, false);
        let mut index = 0;
        for (expansion, base, repeats, first_stride) in BLOCKS {
            for repeat in 0..repeats {
                let stride = if repeat == 0 { first_stride } else { 1 };
                rows.push_block(index, expansion, channels(base, self.width), stride);
                index += 1;
            }
        }
        rows.push("Conv_1".into(), Kind::Last, self.features(), 1, false);
        rows.layers
    }
}

struct Rows {
    padding: Padding,
    side: usize,
    channels: usize,
    layers: Vec<Layer>,
}

impl Rows {
    fn push_block(&mut self, index: usize, expansion: usize, outputs: usize, stride: usize) {
        let prefix = if index == 0 { "expanded_conv".to_owned() } else { format!("block_{index}") };
        let residual = stride == 1 && self.channels == outputs;
        let wide = self.channels * expansion;
        if expansion != 1 {
            self.push(format!("{prefix}_expand"), Kind::Expand, wide, 1, false);
        }
        self.push(format!("{prefix}_depthwise"), Kind::Depthwise, wide, stride, false);
        self.push(format!("{prefix}_project"), Kind::Project, outputs, 1, residual);
    }

    fn push(&mut self, name: String, kind: Kind, outputs: usize, stride: usize, residual: bool) {
        let out_side = self.side.div_ceil(stride);
        let before = match self.padding {
            Padding::Symmetric => 1,
            Padding::Same => ((out_side - 1) * stride + 3 - self.side) / 2,
        };
        let windows = Windows { in_side: self.side, out_side, stride, before };
        self.layers.push(Layer { name, kind, inputs: self.channels, outputs, windows, residual });
        (self.side, self.channels) = (out_side, outputs);
    }
}

/// `base * width` to the nearest multiple of 8, never more than a tenth below: the rule of the paper's own code.
fn channels(base: usize, width: f64) -> usize {
    let exact = base as f64 * width;
    let rounded = (((exact + 4.0) as usize) / 8 * 8).max(8);
    if (rounded as f64) < 0.9 * exact { rounded + 8 } else { rounded }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_keras_prints() {
        let layers = Architecture::KERAS.layers();
        let biases: usize = layers.iter().map(|layer| layer.outputs).sum();
        let weights: usize = layers.iter().map(Layer::weight_len).sum();
        assert_eq!(weights + 4 * biases, 2_257_984, "with batch norm's four numbers a channel");
        assert_eq!(weights + biases, 2_206_816, "folded");
        assert_eq!(layers.iter().filter(|layer| layer.residual).count(), 10);
        assert_eq!(layers[51].windows.out_side, 7);
        assert_eq!(Architecture::KERAS.embedding_len(), 1280 + 576 + 3 * 960);
        assert!(Architecture::KERAS.tail().iter().all(|layer| layer.windows.out_side == 7));
    }

    #[test]
    fn channels_of_other_widths() {
        let first_and_last = |width| {
            let layers = Architecture { width, ..Architecture::KERAS }.layers();
            (layers[0].outputs, layers[50].outputs, layers[51].outputs)
        };
        assert_eq!(first_and_last(0.35), (16, 112, 1280));
        assert_eq!(first_and_last(0.5), (16, 160, 1280));
        assert_eq!(first_and_last(0.75), (24, 240, 1280));
        assert_eq!(first_and_last(1.4), (48, 448, 1792));
    }

    #[test]
    fn padding_before_a_strided_window() {
        let before = |side, padding| Architecture { width: 1.0, side, padding }.layers()[0].windows.before;
        assert_eq!(before(224, Padding::Same), 0);
        assert_eq!(before(97, Padding::Same), 1);
        assert_eq!(before(224, Padding::Symmetric), 1);
    }
}

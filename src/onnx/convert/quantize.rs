//! Quantize: a float network becomes the int8 backbone.
//!
//! Weights are symmetric with one scale an output channel, the largest weight at 127. What rounding them does to a layer's
//! output on average is known from the means of its inputs, and is taken out of its bias.

use super::calibrate::Observation;
use super::recognise::{FloatLayer, FloatNetwork};
use mobilenet_core::Error;
use mobilenet_core::network::backbone::BIAS_LIMIT;
use mobilenet_core::network::{Backbone, Kind, Layer, Quantization, QuantizedLayer};
use mobilenet_core::picture::input::InputSpec;

/// The largest weight in int8; -128 is left out, so that signs are symmetric.
const WEIGHT_LIMIT: f64 = 127.0;

/// The least scale of a weight: that of a channel of zeros.
const LEAST_SCALE: f64 = 1.0e-9;

/// Quantises `network` as it was observed in use.
pub(super) fn quantize(network: &FloatNetwork, input: InputSpec, observation: &Observation) -> Result<Backbone, Error> {
    let rows = network.architecture.layers();
    let outputs = observation.quantizations(network.architecture);
    let mut layers: Vec<QuantizedLayer> = Vec::with_capacity(rows.len());
    for (at, ((row, layer), output)) in rows.iter().zip(&network.layers).zip(outputs).enumerate() {
        let means = observation.input_means(at);
        let reads = match layers.last() {
            None => Reads { scale: 1.0, zero: input.mean.map(f64::from).to_vec(), means },
            Some(before) => Reads { scale: f64::from(before.output.scale), zero: vec![0.0; row.inputs], means },
        };
        layers.push(match row.kind {
            Kind::Stem => reads.quantize(row, &per_level(layer, &input), output),
            _ => reads.quantize(row, layer, output),
        });
    }
    Backbone::new(network.architecture, input, layers)
}

/// The first layer on bytes: `w * (byte - mean) / std` is `w / std` on what is left of the byte.
fn per_level(layer: &FloatLayer, input: &InputSpec) -> FloatLayer {
    let weight = layer.weight.iter().enumerate().map(|(at, weight)| weight / input.std[at % 3]).collect();
    FloatLayer { weight, bias: layer.bias.clone() }
}

/// What a layer reads.
struct Reads {
    /// Real value of one level.
    scale: f64,
    /// By channel: the real value that counts as zero.
    zero: Vec<f64>,
    /// By channel: the mean real value.
    means: Vec<f64>,
}

impl Reads {
    fn quantize(&self, row: &Layer, layer: &FloatLayer, output: Quantization) -> QuantizedLayer {
        let mut quantized = QuantizedLayer {
            weight: vec![0; layer.weight.len()],
            weight_scale: Vec::with_capacity(row.outputs),
            bias: Vec::with_capacity(row.outputs),
            output,
        };
        for (channel, bias) in layer.bias.iter().enumerate() {
            let scale = self.weight_scale(row, layer, channel);
            let (mut error, mut of_zero) = (0.0, 0.0);
            for (at, reads) in taps(row, channel) {
                let weight = f64::from(layer.weight[at]);
                let level = (weight / scale).round_ties_even().clamp(-WEIGHT_LIMIT, WEIGHT_LIMIT);
                quantized.weight[at] = level as i8;
                error += (level * scale - weight) * (self.means[reads] - self.zero[reads]);
                of_zero += level * self.zero[reads];
            }
            let bias = (bias - error) / (self.scale * scale) - of_zero / self.scale;
            quantized.bias.push(bias.round_ties_even() as i32);
            quantized.weight_scale.push(scale as f32);
        }
        quantized
    }

    /// As fine as the largest weight allows, unless the bias, in units of this, would leave its limits.
    fn weight_scale(&self, row: &Layer, layer: &FloatLayer, channel: usize) -> f64 {
        let largest = taps(row, channel).map(|(at, _)| f64::from(layer.weight[at].abs())).fold(0.0, f64::max);
        // Half of the limit is left for what is added to the bias here.
        let for_bias = layer.bias[channel].abs() / (self.scale * f64::from(BIAS_LIMIT / 2));
        let scale = (largest / WEIGHT_LIMIT).max(for_bias).max(LEAST_SCALE);
        f64::from(scale as f32)
    }
}

/// The weights of an output channel: where each lies, and which input channel it reads.
fn taps(row: &Layer, channel: usize) -> impl Iterator<Item = (usize, usize)> {
    let (kind, outputs, count) = (row.kind, row.outputs, row.weight_len() / row.outputs);
    (0..count).map(move |tap| match kind {
        Kind::Stem => (channel * count + tap, tap % 3),
        Kind::Depthwise => (tap * outputs + channel, channel),
        Kind::Expand | Kind::Project | Kind::Last => (channel * count + tap, tap),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mobilenet_core::network::Architecture;

    fn project() -> Layer {
        let rows = Architecture { width: 0.1, ..Architecture::KERAS }.layers();
        rows.into_iter().find(|row| row.kind == Kind::Project).expect("there is one")
    }

    fn quantize(weight: f32, bias: f64, mean: f64) -> QuantizedLayer {
        let row = project();
        let mut layer = FloatLayer { weight: vec![weight; row.weight_len()], bias: vec![bias; row.outputs] };
        // One weight at 127 steps of 0.01, so that the others fall between steps.
        layer.weight.chunks_exact_mut(row.inputs).for_each(|weights| weights[0] = weight.signum() * 1.27);
        let reads = Reads { scale: 0.5, zero: vec![0.0; row.inputs], means: vec![mean; row.inputs] };
        reads.quantize(&row, &layer, Quantization::RELU6)
    }

    #[test]
    fn the_mean_error_of_weights_is_taken_out_of_the_bias() {
        let (row, layer) = (project(), quantize(0.014, 1.0, 2.0));
        assert_eq!(layer.weight[..2], [127, 1]);
        // Weights of 0.014 became 0.01, and read 2 on average: what is lost is made good for.
        let lost = (row.inputs - 1) as f64 * 0.004 * 2.0;
        let real = f64::from(layer.bias[0]) * f64::from(layer.weight_scale[0]) * 0.5;
        // Half a step of the bias is 0.0025.
        assert!((real - 1.0 - lost).abs() < 0.0026, "{real} is not 1 and {lost}");
        assert!((real - 1.0).abs() > 0.05, "the correction shows");
    }

    #[test]
    fn a_large_bias_makes_weights_coarser_and_keeps_its_limit() {
        let layer = quantize(0.0, 1.0e9, 0.0);
        assert!(layer.bias.iter().all(|bias| (BIAS_LIMIT / 4..=BIAS_LIMIT).contains(bias)), "{:?}", layer.bias);
        let real = f64::from(layer.bias[0]) * f64::from(layer.weight_scale[0]) * 0.5;
        assert!((real / 1.0e9 - 1.0).abs() < 1.0e-6, "{real}");
    }
}

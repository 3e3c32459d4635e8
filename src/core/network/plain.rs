//! Plain: a whole backbone by definition, one layer after the other, with nothing packed.
//!
//! The truth that every engine has to equal to the bit, whatever its lanes and bands.

use super::backbone::{Backbone, Quantization};
use super::pack::{padding, requantize, residual};
use super::table::Kind;
use mobilenet_kernel::plain;

/// What [`Network::embed`](super::Network::embed) gives, but slowly.
///
/// # Panics
/// When the input has another length.
///
/// ```
/// # #[cfg(feature = "embedded")] {
/// use mobilenet_core::classifier::embedded_backbone;
/// use mobilenet_core::network::{Network, plain};
/// let (backbone, input) = (embedded_backbone()?, vec![128; 224 * 224 * 3]);
/// let network = Network::new(&backbone);
/// assert_eq!(plain::embed(&backbone, &input), network.embed(&input, &mut network.arena()));
/// # }
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
pub fn embed(backbone: &Backbone, input: &[u8]) -> Vec<f32> {
    let tail = backbone.architecture().tail();
    let scale = Quantization::RELU6.scale / tail[0].windows.out_side.pow(2) as f32;
    let pooled =
        feature_map(backbone, input).into_iter().zip(&tail).flat_map(|(map, layer)| plain::pool(&map, layer.outputs));
    pooled.map(|sum| sum as f32 * scale).collect()
}

/// What [`Arena::feature_map`](super::Arena::feature_map) holds afterwards: a part for each layer of the
/// [tail](super::Architecture::tail), `[positions][channels]`.
///
/// # Panics
/// When the input has another length.
///
/// ```
/// # #[cfg(feature = "embedded")] {
/// use mobilenet_core::classifier::embedded_backbone;
/// use mobilenet_core::network::plain;
/// let map = plain::feature_map(&embedded_backbone()?, &vec![128; 224 * 224 * 3]);
/// assert_eq!((map.len(), map[0].len()), (5, 7 * 7 * 1280));
/// # }
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
pub fn feature_map(backbone: &Backbone, input: &[u8]) -> Vec<Vec<u8>> {
    let (table, tail) = (backbone.architecture().layers(), backbone.architecture().tail());
    let mut maps = vec![Vec::new(); tail.len()];
    let mut stored = Quantization::PICTURE;
    let mut activations = input.to_vec();
    let (mut skipped, mut skipped_stored) = (Vec::new(), stored);
    for (row, layer) in table.iter().zip(backbone.layers()) {
        let sums = match row.kind {
            Kind::Stem => plain::stem(row.windows, padding(backbone), &activations, &layer.weight),
            Kind::Depthwise => plain::depthwise(row.windows, &activations, &layer.weight),
            Kind::Expand | Kind::Project | Kind::Last => plain::pointwise(&activations, &layer.weight, row.inputs),
        };
        let residual = residual(row, skipped_stored, layer);
        activations = plain::requantize(&sums, &requantize(row, layer, stored), residual, &skipped);
        stored = layer.output;
        if let Some(at) = tail.iter().position(|tapped| tapped.name == row.name) {
            maps[at].clone_from(&activations);
        }
        if matches!(row.kind, Kind::Stem | Kind::Project) {
            (skipped, skipped_stored) = (activations.clone(), stored);
        }
    }
    maps
}

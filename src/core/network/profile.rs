//! Profile: where the time of a frame goes, layer by layer, on one core of the machine at hand.
//!
//! A layer's time is a mean over frames and not the shortest of them, because browsers round their clock to a tenth of a
//! millisecond or more, as long as some layers take. Frames that took over a tenth longer than the fastest one are left out:
//! something else was at work then, or the browser had not finished compiling.

use serde::Serialize;

use crate::network::{Kind, Layer, Network};
use mobilenet_kernel::peak;

const SLOWEST: f64 = 1.1;

/// Rounds of the peak's product: some 10 ms, so that even a clock of whole milliseconds is good for a tenth.
const PEAK_ROUNDS: u32 = 8_000_000;
const PEAK_TRIES: usize = 20;

/// Where the time of a frame goes.
///
/// ```
/// # #[cfg(feature = "embedded")] {
/// use std::time::Instant;
/// use mobilenet_core::classifier::embedded_backbone;
/// use mobilenet_core::network::Network;
/// use mobilenet_core::network::profile::Profile;
/// let start = Instant::now();
/// let now = || start.elapsed().as_secs_f64() * 1e3;
/// let profile = Profile::measure(&Network::new(&embedded_backbone()?), 1, &now);
/// assert_eq!(profile.layers.len(), 52);
/// println!("{:.1} ms on {}", profile.layers.iter().map(|layer| layer.millis).sum::<f64>(), profile.lanes);
/// # }
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
#[derive(Clone, Debug, Serialize)]
pub struct Profile {
    /// The instructions that it runs on: `avx2`, `simd128` and so on.
    pub lanes: &'static str,
    /// The layers in order.
    pub layers: Vec<LayerProfile>,
    /// Operations a second of the integer product with everything in registers, which no layer can exceed.
    pub peak: f64,
}

/// One layer's part of a [`Profile`].
///
/// ```
/// use mobilenet_core::network::Kind;
/// use mobilenet_core::network::profile::LayerProfile;
/// let stem = LayerProfile { name: "Conv1".into(), kind: Kind::Stem, millis: 0.5, operations: 21_676_032.0 };
/// let speed = stem.operations / (stem.millis * 1e-3);
/// assert_eq!((speed * 1e-9).round(), 43.0, "billion operations a second");
/// ```
#[derive(Clone, Debug, Serialize)]
pub struct LayerProfile {
    /// Its name in Keras: `block_3_expand`.
    pub name: String,
    /// What it does.
    pub kind: Kind,
    /// Milliseconds a frame.
    pub millis: f64,
    /// Operations a frame; a multiplication and its addition are two.
    pub operations: f64,
}

impl Profile {
    /// Runs a network on `frames` frames, at least one; `now` gives milliseconds.
    pub fn measure(network: &Network, frames: usize, now: &dyn Fn() -> f64) -> Self {
        let layers = network.architecture().layers();
        let times = layer_times(network, frames.max(1), layers.len(), now);
        let layers = layers.into_iter().zip(times).map(|(layer, millis)| LayerProfile {
            operations: operations(&layer),
            name: layer.name,
            kind: layer.kind,
            millis,
        });
        Self { lanes: network.lanes().name(), layers: layers.collect(), peak: peak_speed(now) }
    }
}

fn operations(layer: &Layer) -> f64 {
    2.0 * layer.windows.out_side.pow(2) as f64 * layer.weight_len() as f64
}

/// Milliseconds of each layer of a frame: means over the frames that nothing held up.
fn layer_times(network: &Network, frames: usize, layers: usize, now: &dyn Fn() -> f64) -> Vec<f64> {
    let mut arena = network.arena();
    // Bytes without a pattern, so that no activation is zero all over.
    let input: Vec<u8> = (0..network.architecture().input_len()).map(|at| ((at * 7919) >> 3) as u8).collect();
    let mut means = Means { sums: vec![0.0; layers], frames: 0.0, fastest: f64::INFINITY };
    for _ in 0..frames {
        let mut times = vec![0.0; layers];
        let mut last = now();
        network.embed_layers(&input, &mut arena, &mut |layer| {
            let time = now();
            times[layer] += time - last;
            last = time;
        });
        means.add(&times);
    }
    means.sums.iter_mut().for_each(|sum| *sum /= means.frames);
    means.sums
}

/// The frames that were not much slower than the fastest one.
struct Means {
    sums: Vec<f64>,
    frames: f64,
    fastest: f64,
}

impl Means {
    fn add(&mut self, times: &[f64]) {
        let total: f64 = times.iter().sum();
        if total > SLOWEST * self.fastest {
            return;
        }
        if total * SLOWEST < self.fastest {
            // All the frames before were held up.
            self.sums.fill(0.0);
            self.frames = 0.0;
        }
        self.fastest = total.min(self.fastest);
        self.frames += 1.0;
        for (sum, time) in self.sums.iter_mut().zip(times) {
            *sum += time;
        }
    }
}

/// The most of some tries.
fn peak_speed(now: &dyn Fn() -> f64) -> f64 {
    let tries = (0..PEAK_TRIES).map(|_| {
        let start = now();
        let operations = peak::products(PEAK_ROUNDS) as f64;
        operations / (now() - start) * 1e3
    });
    tries.fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::classifier::embedded_backbone;

    #[test]
    fn frames_that_were_held_up_are_left_out() {
        let mut means = Means { sums: vec![0.0; 2], frames: 0.0, fastest: f64::INFINITY };
        for times in [[4.0, 8.0], [1.0, 3.0], [50.0, 3.0], [1.25, 3.0]] {
            means.add(&times);
        }
        assert_eq!((means.sums, means.frames), (vec![2.25, 6.0], 2.0));
    }

    #[cfg(feature = "embedded")]
    #[test]
    fn every_layer_has_its_time_and_its_operations() {
        let calls = Cell::new(0.0);
        let tick = || calls.replace(calls.get() + 1.0);
        let profile = Profile::measure(&Network::new(&embedded_backbone().unwrap()), 3, &tick);
        assert_eq!(profile.layers.len(), 52);
        // Each part of a layer ends with one look at the clock.
        assert!(profile.layers.iter().all(|layer| layer.millis >= 1.0));
        assert_eq!(profile.layers.iter().map(|layer| layer.operations).sum::<f64>(), 598_988_544.0);
        assert!(profile.peak > 0.0);
    }
}

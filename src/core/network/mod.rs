//! The network: a backbone packed for the instructions of this machine, and the arena it runs in.
//!
//! Weights are packed once, here; an [`Arena`] holds every activation of a frame and is made once a thread, so that
//! embedding a frame allocates nothing but its result.

pub mod backbone;
mod block;
pub mod embedder;
mod pack;
pub mod plain;
pub mod profile;
mod run;
mod table;

pub use backbone::{Backbone, Quantization, QuantizedLayer};
pub use mobilenet_kernel::lanes::LaneSet;
use mobilenet_kernel::lanes::{Lanes, Portable, WithLanes, with_best, with_pairs};
pub use run::Arena;
use run::Packed;
pub use table::{Architecture, Kind, Layer, Padding};

/// A backbone that is ready to run. [`Embedder`](embedder::Embedder) adds the preprocessing.
///
/// ```
/// # #[cfg(feature = "embedded")] {
/// use mobilenet_core::classifier::embedded_backbone;
/// use mobilenet_core::network::{Architecture, LaneSet, Network};
/// let backbone = embedded_backbone()?;
/// let (fast, portable) = (Network::new(&backbone), Network::with_lanes(&backbone, LaneSet::Portable));
/// assert_eq!((fast.architecture(), portable.lanes()), (&Architecture::KERAS, LaneSet::Portable));
/// let input = vec![128; 224 * 224 * 3];
/// assert_eq!(fast.embed(&input, &mut fast.arena()), portable.embed(&input, &mut portable.arena()));
/// # }
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
pub struct Network {
    packed: Box<dyn Run>,
    lanes: LaneSet,
    architecture: Architecture,
    tail: Vec<usize>,
}

/// Packed layers, whatever their lanes.
trait Run: Send + Sync {
    fn arena(&self) -> Arena;
    fn embed(&self, input: &[u8], arena: &mut Arena, after: &mut dyn FnMut(usize)) -> Vec<f32>;
}

impl<L: Lanes> Run for Packed<L> {
    fn arena(&self) -> Arena {
        Packed::arena(self)
    }

    fn embed(&self, input: &[u8], arena: &mut Arena, after: &mut dyn FnMut(usize)) -> Vec<f32> {
        Packed::embed(self, input, arena, after)
    }
}

struct Pack<'a>(&'a Backbone);

impl WithLanes for Pack<'_> {
    type Output = (Box<dyn Run>, LaneSet);

    fn with<L: Lanes>(self, lanes: L) -> Self::Output {
        let weights = || self.0.layers().iter().flat_map(|layer| &layer.weight);
        if L::LOWEST_WEIGHT > i8::MIN && weights().any(|weight| *weight < L::LOWEST_WEIGHT) {
            return with_pairs(self);
        }
        // Decided when this is compiled, so that the wasm does not carry both.
        if L::WIDTH > Portable::WIDTH {
            let narrowest = self.0.architecture().layers().iter().map(|layer| layer.outputs).min();
            if narrowest < Some(L::WIDTH) {
                return self.with(Portable::new());
            }
        }
        (Box::new(pack::pack(lanes, self.0)), L::SET)
    }
}

impl Network {
    /// Packs a backbone for the fastest instructions that this machine has and that its narrowest layer fills.
    pub fn new(backbone: &Backbone) -> Self {
        Self::over(backbone, with_best(Pack(backbone)))
    }

    /// Packs a backbone for the instructions that are named, or for any machine where it does not have them. The bits are the same.
    pub fn with_lanes(backbone: &Backbone, lanes: LaneSet) -> Self {
        Self::over(backbone, lanes.with(Pack(backbone)))
    }

    fn over(backbone: &Backbone, (packed, lanes): (Box<dyn Run>, LaneSet)) -> Self {
        let architecture = backbone.architecture();
        let tail = architecture.tail().iter().map(|layer| layer.outputs).collect();
        Self { packed, lanes, architecture, tail }
    }

    /// Which instructions it runs on.
    pub fn lanes(&self) -> LaneSet {
        self.lanes
    }

    /// Which MobileNetV2 it is.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// Channels of each layer of its [tail](Architecture::tail).
    pub(crate) fn tail(&self) -> &[usize] {
        &self.tail
    }

    /// Memory for one frame at a time.
    pub fn arena(&self) -> Arena {
        self.packed.arena()
    }

    /// Embeds an input (`side * side * 3` bytes): the activations of the [tail](Architecture::tail), averaged over all positions.
    ///
    /// # Panics
    /// When the input has another length, or the arena is another network's.
    pub fn embed(&self, input: &[u8], arena: &mut Arena) -> Vec<f32> {
        self.embed_layers(input, arena, &mut |_| ())
    }

    /// The same, and calls `after` with the index of a layer each time a part of it is done: layers are worked on in bands of
    /// rows, in turn.
    pub(crate) fn embed_layers(&self, input: &[u8], arena: &mut Arena, after: &mut dyn FnMut(usize)) -> Vec<f32> {
        assert_eq!(input.len(), self.architecture.input_len(), "input of another side");
        self.packed.embed(input, arena, after)
    }
}

impl std::fmt::Debug for Network {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        formatter.debug_struct("Network").field("architecture", &self.architecture).finish_non_exhaustive()
    }
}

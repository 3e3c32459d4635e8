//! The embedder: a network with the preprocessing it wants and the memory for one frame.

use std::sync::Arc;

use crate::network::{Arena, Backbone, Network, Quantization};
use crate::picture::frame::FrameRef;
use crate::picture::input::InputSpec;
use crate::picture::resize::Resizer;
use crate::picture::view::{View, Views};

/// Turns frames into embeddings. A clone shares the weights and has memory of its own: use one per thread.
///
/// ```
/// # #[cfg(feature = "embedded")] {
/// use mobilenet_core::classifier::embedded_backbone;
/// use mobilenet_core::picture::input::preprocess;
/// use mobilenet_core::picture::view::{View, Views};
/// use mobilenet_core::{Embedder, Frame};
/// let backbone = embedded_backbone()?;
/// let mut embedder = Embedder::new(&backbone);
/// assert_eq!(embedder.digest(), backbone.digest());
/// assert_eq!((embedder.features(), embedder.embedding_len()), (1280, 4736));
/// assert_eq!(embedder.layers(), [1280, 576, 960, 960, 960]);
/// let grey = Frame::from_rgb(2, 2, vec![128; 12])?;
/// let embedding = embedder.embed(&grey);
/// assert_eq!(embedder.embed_input(&preprocess(&grey, embedder.input())), embedding);
/// assert_eq!(embedder.embed_view(&grey, &View::PLAIN), embedding);
/// assert_eq!(embedder.embed_views(&grey, Views::One), embedding);
/// # }
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Embedder {
    network: Arc<Network>,
    spec: InputSpec,
    digest: Arc<str>,
    arena: Arena,
    resizer: Resizer,
    /// The frame at work as the network wants it.
    input: Vec<u8>,
}

impl Embedder {
    /// Packs a backbone.
    pub fn new(backbone: &Backbone) -> Self {
        Self::with_digest(backbone, &backbone.digest())
    }

    /// The same for a backbone whose digest is known, for instance from its file.
    pub(crate) fn with_digest(backbone: &Backbone, digest: &str) -> Self {
        Self::over(Arc::new(Network::new(backbone)), backbone.input(), digest.into())
    }

    /// Memory of its own over weights that are shared.
    fn over(network: Arc<Network>, spec: InputSpec, digest: Arc<str>) -> Self {
        let (arena, input) = (network.arena(), vec![0; spec.input_len()]);
        Self { network, spec, digest, arena, resizer: Resizer::default(), input }
    }

    /// The network inside.
    ///
    /// ```
    /// # #[cfg(feature = "embedded")] {
    /// use mobilenet_core::Embedder;
    /// let embedder = Embedder::new(&mobilenet_core::classifier::embedded_backbone()?);
    /// println!("it runs on {}", embedder.network().lanes().name());
    /// assert_eq!(embedder.network().architecture().width, 1.0);
    /// # }
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// What the network expects to see.
    pub fn input(&self) -> &InputSpec {
        &self.spec
    }

    /// Digest of the backbone.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Numbers that the last layer gives, with which an embedding starts.
    pub fn features(&self) -> usize {
        self.network.architecture().features()
    }

    /// Numbers in an embedding: what the last layer gives, then what the filters of the last four blocks do.
    pub fn embedding_len(&self) -> usize {
        self.network.tail().iter().sum()
    }

    /// The number that all numbers of an embedding are multiples of, by 65,535 at most: they are means over positions of bytes of
    /// one scale.
    ///
    /// ```
    /// # #[cfg(feature = "embedded")] {
    /// use mobilenet_core::{Embedder, Frame};
    /// let mut embedder = Embedder::new(&mobilenet_core::classifier::embedded_backbone()?);
    /// let embedding = embedder.embed(&Frame::from_rgb(2, 2, vec![128; 12])?);
    /// let unit = embedder.unit();
    /// assert!(embedding.iter().all(|number| (number / unit).round() * unit == *number));
    /// # }
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn unit(&self) -> f32 {
        Quantization::RELU6.scale / self.positions() as f32
    }

    /// Numbers of each layer that an embedding is made of, the last one first.
    pub fn layers(&self) -> Vec<usize> {
        self.network.tail().to_vec()
    }

    /// Embeds a frame: [`Embedder::embedding_len`] numbers from 0 to 6.
    ///
    /// ```
    /// # #[cfg(feature = "embedded")] {
    /// use mobilenet_core::{Embedder, Frame};
    /// let mut embedder = Embedder::new(&mobilenet_core::classifier::embedded_backbone()?);
    /// let embedding = embedder.embed(&Frame::from_rgb(2, 2, vec![128; 12])?);
    /// assert_eq!(embedding.len(), 4736);
    /// assert!(embedding.iter().all(|number| (0.0..=6.0).contains(number)));
    /// # }
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn embed<'a>(&mut self, frame: impl Into<FrameRef<'a>>) -> Vec<f32> {
        let (frame, spec) = (frame.into(), &self.spec);
        let region = spec.region(frame.width(), frame.height());
        self.resizer.resize(frame, region, [spec.side; 2], &mut self.input);
        self.network.embed(&self.input, &mut self.arena)
    }

    /// Embeds a view of a frame: [`Embedder::embedding_len`] numbers from 0 to 6.
    ///
    /// # Panics
    /// When a number of the view is out of its range.
    pub fn embed_view<'a>(&mut self, frame: impl Into<FrameRef<'a>>, view: &View) -> Vec<f32> {
        view.draw(frame.into(), &self.spec, &mut self.resizer, &mut self.input);
        self.network.embed(&self.input, &mut self.arena)
    }

    /// The mean embedding of a frame's views. The head being linear, it gives the mean of the views' logits.
    pub fn embed_views<'a>(&mut self, frame: impl Into<FrameRef<'a>>, views: Views) -> Vec<f32> {
        let frame = frame.into();
        mean(&views.list().iter().map(|view| self.embed_view(frame, view)).collect::<Vec<_>>())
    }

    /// Embeds what [`preprocess`](crate::picture::input::preprocess) made.
    ///
    /// # Panics
    /// When the input was made for another side.
    pub fn embed_input(&mut self, input: &[u8]) -> Vec<f32> {
        self.network.embed(input, &mut self.arena)
    }

    /// The feature map of the frame embedded last: [`Embedder::embedding_len`] numbers from 0 to 6 at each position, row by row.
    /// Their mean over the positions is the embedding. All zeros before the first frame.
    ///
    /// ```
    /// # #[cfg(feature = "embedded")] {
    /// use mobilenet_core::{Embedder, Frame};
    /// let mut embedder = Embedder::new(&mobilenet_core::classifier::embedded_backbone()?);
    /// embedder.embed(&Frame::from_rgb(2, 2, vec![128; 12])?);
    /// assert_eq!(embedder.feature_map().len(), 7 * 7 * embedder.embedding_len());
    /// # }
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn feature_map(&self) -> Vec<f32> {
        let real = |byte: &u8| f32::from(*byte) * Quantization::RELU6.scale;
        let parts = || self.arena.feature_map().iter().zip(self.network.tail());
        let position = |at: usize| parts().flat_map(move |(map, channels)| &map[at * channels..][..*channels]);
        (0..self.positions()).flat_map(position).map(real).collect()
    }

    /// Positions that an embedding is the mean of.
    fn positions(&self) -> usize {
        self.arena.feature_map()[0].len() / self.features()
    }
}

impl Clone for Embedder {
    fn clone(&self) -> Self {
        Self::over(Arc::clone(&self.network), self.spec, Arc::clone(&self.digest))
    }
}

/// The mean of embeddings of one length, summed in order; of a single one, its own bits.
///
/// # Panics
/// When there are none.
///
/// ```
/// use mobilenet_core::network::embedder::mean;
/// assert_eq!(mean(&[vec![1.0, 0.0], vec![2.0, 4.0]]), [1.5, 2.0]);
/// ```
pub fn mean(embeddings: &[Vec<f32>]) -> Vec<f32> {
    let (first, others) = embeddings.split_first().expect("a mean of at least one embedding");
    let mut mean = first.clone();
    for embedding in others {
        mean.iter_mut().zip(embedding).for_each(|(sum, number)| *sum += number);
    }
    mean.iter_mut().for_each(|number| *number /= embeddings.len() as f32);
    mean
}

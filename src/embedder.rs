//! The embedder: a network with the preprocessing it wants and the memory for one frame.

use std::sync::Arc;

use crate::error::Error;
use crate::frame::Frame;
use crate::network::{Arena, Backbone, Network};
use crate::preprocess::{InputSpec, preprocess};

/// Turns frames into embeddings. A clone shares the weights and has memory of its own: one for each thread.
#[derive(Debug)]
pub struct Embedder {
    network: Arc<Network>,
    input: InputSpec,
    digest: Arc<str>,
    arena: Arena,
}

impl Embedder {
    /// Packs a backbone.
    ///
    /// # Errors
    /// [`Error::BadModel`] when the backbone is not sound.
    pub fn new(backbone: &Backbone) -> Result<Self, Error> {
        Self::with_digest(backbone, &backbone.digest())
    }

    /// The same for a backbone whose digest is known, for instance from its file.
    pub(crate) fn with_digest(backbone: &Backbone, digest: &str) -> Result<Self, Error> {
        let network = Arc::new(Network::new(backbone)?);
        let arena = network.arena();
        Ok(Self { network, input: backbone.input, digest: digest.into(), arena })
    }

    /// What the network expects to see.
    pub fn input(&self) -> &InputSpec {
        &self.input
    }

    /// Digest of the backbone.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Numbers in an embedding.
    pub fn features(&self) -> usize {
        self.network.features()
    }

    /// Embeds a frame: [`Embedder::features`] numbers from 0 to 6.
    pub fn embed(&mut self, frame: &Frame) -> Vec<f32> {
        self.embed_input(&preprocess(frame, &self.input))
    }

    /// Embeds what [`preprocess`] made.
    ///
    /// # Panics
    /// When the input was made for another side.
    pub fn embed_input(&mut self, input: &[u8]) -> Vec<f32> {
        self.network.embed(input, &mut self.arena)
    }
}

impl Clone for Embedder {
    fn clone(&self) -> Self {
        Self {
            network: Arc::clone(&self.network),
            input: self.input,
            digest: Arc::clone(&self.digest),
            arena: self.network.arena(),
        }
    }
}

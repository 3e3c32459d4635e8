//! The embedding cache: a picture is embedded once for a backbone, however often it is trained on. One file a backbone.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::records::{Records, Store};
use crate::artefact;
use crate::decode::decode;
use crate::embedder::Embedder;
use crate::error::Error;

/// Embeddings on disk.
#[derive(Debug)]
pub struct Cache(Records);

impl Cache {
    /// The cache of this embedder in `folder`, which is made if need be.
    ///
    /// # Errors
    /// [`Error::Io`] when the folder cannot be made.
    pub fn open(folder: &Path, embedder: &Embedder) -> Result<Self, Error> {
        // The version too: a new decoder may give other pixels.
        let name = format!("embeddings-{}-{:.16}.bin", env!("CARGO_PKG_VERSION"), embedder.digest());
        Ok(Self(Records::open(folder, &name, embedder.features() * 4)?))
    }
}

/// Embeds picture files on all cores, each result in the place of its file. `on_done` is called once a file.
///
/// # Errors
/// The outer one when the cache cannot be used; the inner ones name the file that could not be embedded.
pub fn embed_files(
    files: &[PathBuf],
    embedder: &Embedder,
    cache: Option<&Cache>,
    on_done: impl Fn() + Sync,
) -> Result<Vec<Result<Vec<f32>, Error>>, Error> {
    let store = cache.map(|cache| Store::open(&cache.0, files)).transpose()?;
    let one = |embedder: &mut Embedder, file: &PathBuf| {
        let result = artefact::read(file).and_then(|bytes| match &store {
            None => embed(embedder, file, &bytes),
            Some(store) => {
                let compute = || Ok(to_bytes(&embed(embedder, file, &bytes)?));
                store.get_or(&bytes, compute).map(|bytes| from_bytes(&bytes))
            }
        });
        on_done();
        result
    };
    Ok(files.par_iter().map_init(|| embedder.clone(), one).collect())
}

fn embed(embedder: &mut Embedder, file: &Path, bytes: &[u8]) -> Result<Vec<f32>, Error> {
    Ok(embedder.embed(&decode(bytes).map_err(Error::in_file(file))?))
}

fn to_bytes(embedding: &[f32]) -> Vec<u8> {
    embedding.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn from_bytes(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|word| f32::from_le_bytes(*word)).collect()
}

//! The embedding cache: a view of a picture is embedded once for a backbone, however often it is trained on. One file a
//! backbone. A number is kept as the 16-bit integer that it is a multiple by, which is half as long and comes back bit for bit.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

pub use super::records::Key;
use super::records::{Records, Store, key_of};
use mobilenet_core::base::file;
use mobilenet_core::error::Error;
use mobilenet_core::network::embedder::Embedder;
use mobilenet_core::picture::decode::decode;
use mobilenet_core::picture::frame::Frame;
use mobilenet_core::picture::view::View;

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
        let (digest, numbers) = (embedder.digest(), embedder.embedding_len());
        let name = format!("embeddings-{}-{digest:.16}-{numbers}.bin", env!("CARGO_PKG_VERSION"));
        Ok(Self(Records::open(folder, &name, numbers * size_of::<u16>())?))
    }

    /// Why embeddings were not kept, when some were not.
    pub fn trouble(&self) -> Option<&Error> {
        self.0.trouble()
    }
}

/// The key of a view: that of the picture file, or for one that is not the plain picture the SHA-256 of that and its name.
fn key(picture: &Key, view: &View) -> Key {
    if *view == View::PLAIN {
        return *picture;
    }
    Sha256::new_with_prefix(picture).chain_update(view.to_string()).finalize().into()
}

/// Embeds picture files on all cores, each result in the place of its file. `on_done` is called once a file.
///
/// # Errors
/// As [`embed_views`].
pub fn embed_files(
    files: &[PathBuf],
    embedder: &Embedder,
    cache: Option<&Cache>,
    on_done: impl Fn() + Sync,
) -> Result<Vec<Result<Vec<f32>, Error>>, Error> {
    let results = embed_views(files, |_| vec![View::PLAIN], embedder, cache, on_done)?;
    Ok(results.into_iter().map(|result| result.map(|mut picture| picture.embeddings.swap_remove(0))).collect())
}

/// What became of a picture file.
#[derive(Clone, Debug, PartialEq)]
pub struct EmbeddedPicture {
    /// SHA-256 of the file.
    pub digest: Key,
    /// One a view.
    pub embeddings: Vec<Vec<f32>>,
}

/// Embeds views of picture files on all cores: for each file, in its place, one embedding for each of its views.
/// `views` chooses them by the SHA-256 of the file. `on_done` is called once a file.
///
/// # Errors
/// The outer one when the cache cannot be used; the inner ones name the file that could not be embedded.
pub fn embed_views(
    files: &[PathBuf],
    views: impl Fn(&Key) -> Vec<View> + Sync,
    embedder: &Embedder,
    cache: Option<&Cache>,
    on_done: impl Fn() + Sync,
) -> Result<Vec<Result<EmbeddedPicture, Error>>, Error> {
    let keys = |digest: Key| views(&digest).iter().map(|view| key(&digest, view)).collect();
    let unit = embedder.unit();
    let store = cache.map(|cache| Store::open(&cache.0, files, keys)).transpose()?;
    let one = |embedder: &mut Embedder, file: &PathBuf| {
        let result = file::read(file).and_then(|bytes| {
            let digest = key_of(&bytes);
            let mut picture = Picture { file, bytes: &bytes, frame: None };
            let embed = |view: &View| match &store {
                None => picture.embed(embedder, view),
                Some(store) => {
                    let compute = || Ok(to_bytes(&picture.embed(embedder, view)?, unit));
                    store.get_or(&key(&digest, view), compute).map(|bytes| from_bytes(&bytes, unit))
                }
            };
            Ok(EmbeddedPicture { digest, embeddings: views(&digest).iter().map(embed).collect::<Result<_, _>>()? })
        });
        on_done();
        result
    };
    Ok(files.par_iter().map_init(|| embedder.clone(), one).collect())
}

/// A picture file, decoded when its first view is embedded.
struct Picture<'a> {
    file: &'a Path,
    bytes: &'a [u8],
    frame: Option<Frame>,
}

impl Picture<'_> {
    fn embed(&mut self, embedder: &mut Embedder, view: &View) -> Result<Vec<f32>, Error> {
        let frame = match self.frame.take() {
            Some(frame) => frame,
            None => decode(self.bytes).map_err(Error::in_file(self.file))?,
        };
        Ok(embedder.embed_view(&*self.frame.insert(frame), view))
    }
}

fn to_bytes(embedding: &[f32], unit: f32) -> Vec<u8> {
    embedding.iter().flat_map(|number| ((number / unit).round() as u16).to_le_bytes()).collect()
}

fn from_bytes(bytes: &[u8], unit: f32) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|word| f32::from(u16::from_le_bytes(*word)) * unit).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_number_comes_back_bit_for_bit() {
        for positions in [1, 49, 256] {
            let unit = 6.0 / 255.0 / positions as f32;
            let embedding: Vec<f32> = (0..=positions * 255).map(|sum| sum as f32 * unit).collect();
            assert_eq!(from_bytes(&to_bytes(&embedding, unit), unit), embedding);
        }
    }

    #[test]
    fn each_view_has_a_key_of_its_own_and_the_plain_one_that_of_the_file() {
        let picture = [7; 32];
        assert_eq!(key(&picture, &View::PLAIN), picture);
        let views = [
            View { flip: true, ..View::PLAIN },
            View { part: [1, 0, 1023, 1024], ..View::PLAIN },
            View { part: [0, 1, 1024, 1023], ..View::PLAIN },
            View { turn: 1, ..View::PLAIN },
            View { brightness: 255, ..View::PLAIN },
            View { contrast: 255, ..View::PLAIN },
            View { saturation: 255, ..View::PLAIN },
        ];
        let keys: HashSet<Key> = views.iter().map(|view| key(&picture, view)).chain([picture]).collect();
        assert_eq!(keys.len(), views.len() + 1);
        assert_ne!(key(&[8; 32], &views[0]), key(&picture, &views[0]));
    }
}

//! The embedding cache: a picture is embedded once for a backbone, however often it is trained on.
//!
//! One file a backbone. A record is the SHA-256 of a picture file, its embedding, and four bytes of their own digest, so
//! a record cut short by a crash, or changed on disk, is passed over and made again. Records are appended as they
//! are computed: an interrupted run goes on where it stopped.

use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::artefact;
use crate::decode::decode;
use crate::embedder::Embedder;
use crate::error::Error;

type Key = [u8; 32];
const CHECK: usize = 4;

/// Embeddings on disk.
#[derive(Debug)]
pub struct Cache {
    path: PathBuf,
    features: usize,
}

impl Cache {
    /// The cache of this embedder in `folder`, which is made if need be.
    ///
    /// # Errors
    /// [`Error::Io`] when the folder cannot be made.
    pub fn open(folder: &Path, embedder: &Embedder) -> Result<Self, Error> {
        std::fs::create_dir_all(folder).map_err(Error::io("make the cache folder", folder))?;
        // The version too: a new decoder may give other pixels.
        let name = format!("embeddings-{}-{:.16}.bin", env!("CARGO_PKG_VERSION"), embedder.digest());
        Ok(Self { path: folder.join(name), features: embedder.features() })
    }

    fn record_len(&self) -> usize {
        32 + self.features * 4 + CHECK
    }

    /// The records among those on disk whose keys are wanted.
    fn load(&self, wanted: &HashSet<Key>) -> Result<HashMap<Key, Vec<f32>>, Error> {
        let mut found = HashMap::new();
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(found),
            Err(error) => return Err(Error::io("read the cache", &self.path)(error)),
        };
        let mut reader = BufReader::new(file);
        let mut record = vec![0; self.record_len()];
        while reader.read_exact(&mut record).is_ok() {
            let (content, check) = record.split_at(record.len() - CHECK);
            let key: Key = content[..32].try_into().expect("a record starts with 32 bytes");
            if wanted.contains(&key) && Sha256::digest(content)[..CHECK] == *check {
                let numbers = content[32..].chunks_exact(4);
                found.insert(
                    key,
                    numbers.map(|word| f32::from_le_bytes([word[0], word[1], word[2], word[3]])).collect(),
                );
            }
        }
        Ok(found)
    }

    /// Opens the file for more records, after cutting off one that a crash left incomplete.
    fn appender(&self) -> Result<File, Error> {
        let open = || -> std::io::Result<File> {
            let file = OpenOptions::new().create(true).append(true).open(&self.path)?;
            let length = file.metadata()?.len();
            file.set_len(length - length % self.record_len() as u64)?;
            Ok(file)
        };
        open().map_err(Error::io("write the cache", &self.path))
    }
}

fn record(key: &Key, embedding: &[f32]) -> Vec<u8> {
    let mut bytes = key.to_vec();
    bytes.extend(embedding.iter().flat_map(|number| number.to_le_bytes()));
    let check = Sha256::digest(&bytes);
    bytes.extend(&check[..CHECK]);
    bytes
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
    let store = cache.map(|cache| Store::open(cache, files)).transpose()?;
    let one = |embedder: &mut Embedder, file: &PathBuf| {
        let result = artefact::read(file).and_then(|bytes| match &store {
            None => embed(embedder, file, &bytes),
            Some(store) => store.get_or(&bytes, || embed(embedder, file, &bytes)),
        });
        on_done();
        result
    };
    Ok(files.par_iter().map_init(|| embedder.clone(), one).collect())
}

fn embed(embedder: &mut Embedder, file: &Path, bytes: &[u8]) -> Result<Vec<f32>, Error> {
    Ok(embedder.embed(&decode(bytes).map_err(Error::in_file(file))?))
}

/// A cache in use: the records that these files need, and where new ones go.
struct Store<'a> {
    cache: &'a Cache,
    known: HashMap<Key, Vec<f32>>,
    file: Mutex<File>,
}

impl<'a> Store<'a> {
    fn open(cache: &'a Cache, files: &[PathBuf]) -> Result<Self, Error> {
        // A file that cannot be read now is reported when it is its turn.
        let wanted =
            files.par_iter().filter_map(|file| Some(Sha256::digest(std::fs::read(file).ok()?).into())).collect();
        Ok(Self { cache, known: cache.load(&wanted)?, file: Mutex::new(cache.appender()?) })
    }

    fn get_or(&self, bytes: &[u8], compute: impl FnOnce() -> Result<Vec<f32>, Error>) -> Result<Vec<f32>, Error> {
        let key: Key = Sha256::digest(bytes).into();
        if let Some(embedding) = self.known.get(&key) {
            return Ok(embedding.clone());
        }
        let embedding = compute()?;
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(&record(&key, &embedding)).map_err(Error::io("write the cache", &self.cache.path))?;
        Ok(embedding)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_and_cut_records_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache { path: folder.path().join("cache"), features: 2 };
        let keys: [Key; 3] = [[1; 32], [2; 32], [3; 32]];
        let mut bytes: Vec<u8> = keys.iter().flat_map(|key| record(key, &[f32::from(key[0]), 0.5])).collect();
        bytes[cache.record_len() + 40] ^= 1;
        bytes.truncate(bytes.len() - 1);
        std::fs::write(&cache.path, &bytes).unwrap();
        let wanted = keys.into_iter().collect();
        assert_eq!(cache.load(&wanted).unwrap(), HashMap::from([(keys[0], vec![1.0, 0.5])]));
        cache.appender().unwrap().write_all(&record(&keys[2], &[3.0, 0.5])).unwrap();
        assert_eq!(cache.load(&wanted).unwrap()[&keys[2]], [3.0, 0.5]);
    }
}

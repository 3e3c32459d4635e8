//! Records on disk: what was computed from a file once need not be computed from it again.
//!
//! A record is the SHA-256 of a file, a result of fixed length, and four bytes of their own digest, so a record cut
//! short by a crash, or changed on disk, is passed over and made again. Records are appended as they are computed: an
//! interrupted run goes on where it stopped.
//!
//! Records save time and nothing else, so a disk that fills up costs what they would have saved: results are then
//! computed and not kept, and [`Records::trouble`] says so. A folder that cannot be used from the start is an error,
//! while nothing has been computed that it could cost.

use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use mobilenet_core::base::file;
use mobilenet_core::error::Error;

/// SHA-256 of a file, or of what else a result depends on.
pub type Key = [u8; 32];
const CHECK: usize = 4;

/// A file of records.
#[derive(Debug)]
pub(super) struct Records {
    path: PathBuf,
    /// Bytes of a result.
    length: usize,
    /// Why a result was not kept.
    trouble: OnceLock<Error>,
}

impl Records {
    /// The records called `name` in `folder`, which is made if need be.
    pub fn open(folder: &Path, name: &str, length: usize) -> Result<Self, Error> {
        std::fs::create_dir_all(folder).map_err(Error::io("make the cache folder", folder))?;
        Ok(Self { path: folder.join(name), length, trouble: OnceLock::new() })
    }

    /// Why results were not kept, when some were not.
    pub fn trouble(&self) -> Option<&Error> {
        self.trouble.get()
    }

    fn record_len(&self) -> usize {
        32 + self.length + CHECK
    }

    /// The results among those on disk whose keys are wanted.
    fn load(&self, wanted: &HashSet<Key>) -> Result<HashMap<Key, Vec<u8>>, Error> {
        let mut found = HashMap::new();
        if !self.path.exists() {
            return Ok(found);
        }
        let mut reader = BufReader::new(file::open(&self.path)?);
        let mut record = vec![0; self.record_len()];
        while reader.read_exact(&mut record).is_ok() {
            let (content, check) = record.split_at(record.len() - CHECK);
            let (key, result) = content.split_first_chunk::<32>().expect("a record starts with 32 bytes");
            if wanted.contains(key) && Sha256::digest(content)[..CHECK] == *check {
                found.insert(*key, result.into());
            }
        }
        Ok(found)
    }

    /// Opens the file for more records, after cutting off one that a crash left incomplete.
    fn appender(&self) -> Result<File, Error> {
        let open = || -> std::io::Result<File> {
            let file = OpenOptions::new().create(true).append(true).open(&self.path)?;
            self.cut(&file)?;
            Ok(file)
        };
        open().map_err(Error::io("write the cache", &self.path))
    }

    /// Cuts off an incomplete record, behind which no other would be found: it may be that of another process, killed in the
    /// midst, so not only when a run starts. While yet another one cuts, there is nothing to do.
    fn cut(&self, file: &File) -> std::io::Result<()> {
        if file.try_lock().is_err() {
            return Ok(());
        }
        let length = file.metadata()?.len();
        match length % self.record_len() as u64 {
            0 => {}
            incomplete => file.set_len(length - incomplete)?,
        }
        file.unlock()
    }
}

fn record(key: &Key, result: &[u8]) -> Vec<u8> {
    let mut bytes = [key, result].concat();
    let check = Sha256::digest(&bytes);
    bytes.extend(&check[..CHECK]);
    bytes
}

/// Records in use: the results that these files need, and where new ones go.
pub(super) struct Store<'a> {
    records: &'a Records,
    known: HashMap<Key, Vec<u8>>,
    file: Mutex<File>,
}

impl<'a> Store<'a> {
    /// Loads what is known of `files`; `keys` makes the keys of a file's results from that of its bytes. One that cannot be read now
    /// is reported when it is its turn.
    pub fn open(records: &'a Records, files: &[PathBuf], keys: impl Fn(Key) -> Vec<Key> + Sync) -> Result<Self, Error> {
        let of_file = |file: &PathBuf| file::read(file).map(|bytes| keys(key_of(&bytes))).unwrap_or_default();
        let wanted = files.par_iter().flat_map_iter(of_file).collect();
        Ok(Self { records, known: records.load(&wanted)?, file: Mutex::new(records.appender()?) })
    }

    /// The result of this key, computed unless it is known.
    pub fn get_or(&self, key: &Key, compute: impl FnOnce() -> Result<Vec<u8>, Error>) -> Result<Vec<u8>, Error> {
        if let Some(result) = self.known.get(key) {
            return Ok(result.clone());
        }
        let result = compute()?;
        self.keep(&record(key, &result));
        Ok(result)
    }

    /// Appends a record, unless one could not be: what follows an incomplete one would not be found again.
    fn keep(&self, record: &[u8]) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if self.records.trouble().is_some() {
            return;
        }
        let kept = self.records.cut(&file).and_then(|()| file.write_all(record));
        if let Err(error) = kept.map_err(Error::io("write the cache", &self.records.path)) {
            self.records.trouble.get_or_init(|| error);
        }
    }
}

/// The key of a file of these bytes.
pub(super) fn key_of(bytes: &[u8]) -> Key {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_and_cut_records_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let records = Records::open(folder.path(), "records", 8).unwrap();
        let keys: [Key; 3] = [[1; 32], [2; 32], [3; 32]];
        let mut bytes: Vec<u8> = keys.iter().flat_map(|key| record(key, &[key[0]; 8])).collect();
        bytes[records.record_len() + 35] ^= 1;
        bytes.truncate(bytes.len() - 1);
        std::fs::write(&records.path, &bytes).unwrap();
        let wanted = keys.into_iter().collect();
        assert_eq!(records.load(&wanted).unwrap(), HashMap::from([(keys[0], vec![1; 8])]));
        records.appender().unwrap().write_all(&record(&keys[2], &[3; 8])).unwrap();
        assert_eq!(records.load(&wanted).unwrap()[&keys[2]], [3; 8]);
    }

    #[test]
    fn a_result_that_cannot_be_kept_is_a_result() {
        let folder = tempfile::tempdir().unwrap();
        let records = Records::open(folder.path(), "records", 8).unwrap();
        let mut store = Store::open(&records, &[], |key| vec![key]).unwrap();
        // Opened for reading, it refuses to be written as a full disk does.
        store.file = Mutex::new(File::open(&records.path).unwrap());
        assert_eq!(store.get_or(&[1; 32], || Ok(vec![1; 8])).unwrap(), [1; 8]);
        assert!(records.trouble().unwrap().to_string().contains("/records: "));
    }
}

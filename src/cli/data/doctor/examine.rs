//! The examination: every picture is decoded once, on all cores, and its fingerprint is kept.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::fingerprint::{Fingerprint, LENGTH};
use super::twins::Twins;
use crate::data::dataset::Dataset;
use crate::data::records::{Key, Records, Store, key_of};
use mobilenet_core::base::digest::{hex, sha256};
use mobilenet_core::base::file;
use mobilenet_core::error::Error;
use mobilenet_core::picture::decode::format_name;

/// What was seen of pictures.
#[derive(Debug)]
pub struct Examination(HashMap<PathBuf, Result<Seen, Error>>);

/// What was seen of a picture that can be read.
#[derive(Debug)]
pub(super) struct Seen {
    /// SHA-256 of the file.
    pub file: Key,
    /// What its first bytes say it is: "JPEG".
    pub format: &'static str,
    pub fingerprint: Fingerprint,
}

impl Examination {
    /// Looks at every picture of the datasets; fingerprints are kept in the folder `cache`, while its disk has
    /// room. `on_done` is called once a file.
    ///
    /// # Errors
    /// [`Error::Io`] when the cache cannot be used. A picture that cannot be read is a finding.
    pub fn of(datasets: &[&Dataset], cache: Option<&Path>, on_done: impl Fn() + Sync) -> Result<Self, Error> {
        let pictures = datasets.iter().flat_map(|dataset| &dataset.pictures);
        let files: Vec<PathBuf> = pictures.map(|(file, _)| file.clone()).collect();
        // The version: a new decoder may give other pixels.
        let name = concat!("fingerprints-", env!("CARGO_PKG_VERSION"), ".bin");
        let records = cache.map(|folder| Records::open(folder, name, LENGTH)).transpose()?;
        let store = records.as_ref().map(|records| Store::open(records, &files, |key| vec![key])).transpose()?;
        let look = |file: PathBuf| {
            let seen = examine(&file, store.as_ref());
            on_done();
            (file, seen)
        };
        Ok(Self(files.into_par_iter().map(look).collect()))
    }

    /// What the pictures and their labels are, wherever they lie and whatever they are called: SHA-256 over one line a picture that
    /// can be read, sorted: `train` or `validation`, a tab, the label, a tab, SHA-256 of the file, a line feed.
    pub fn digest(&self, train: &Dataset, validation: &Dataset) -> String {
        let lines = |split, dataset: &Dataset| {
            let line = |(file, class): &(PathBuf, usize)| {
                let seen = self.seen(file)?.as_ref().ok()?;
                Some(format!("{split}\t{}\t{}\n", dataset.labels[*class], hex(&seen.file)))
            };
            dataset.pictures.iter().filter_map(line).collect::<Vec<_>>()
        };
        let mut lines = [lines("train", train), lines("validation", validation)].concat();
        lines.sort();
        sha256(lines.concat().as_bytes())
    }

    pub(super) fn seen(&self, file: &Path) -> Option<&Result<Seen, Error>> {
        self.0.get(file)
    }

    /// The burst of each of these pictures.
    pub fn bursts<'a>(&self, files: impl Iterator<Item = &'a Path>) -> Vec<usize> {
        self.twins(files).bursts().into()
    }

    pub(super) fn twins<'a>(&self, files: impl Iterator<Item = &'a Path>) -> Twins {
        let fingerprint = |file| self.seen(file)?.as_ref().ok().map(|seen| &seen.fingerprint);
        Twins::find(&files.map(fingerprint).collect::<Vec<_>>())
    }
}

fn examine(file: &Path, store: Option<&Store>) -> Result<Seen, Error> {
    let bytes = file::read(file)?;
    let look = || Fingerprint::of_file(&bytes).map_err(Error::in_file(file));
    let fingerprint = match store {
        None => look()?,
        Some(store) => Fingerprint::from_bytes(&store.get_or(&key_of(&bytes), || Ok(look()?.to_bytes()))?),
    };
    let format = format_name(&bytes).unwrap_or("of unknown kind");
    Ok(Seen { file: key_of(&bytes), format, fingerprint })
}

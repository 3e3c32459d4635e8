//! Pictures: which files of a folder calibrate, which measure, and how they become inputs.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use mobilenet_core::base::file;
use mobilenet_core::error::Error;
use mobilenet_core::picture::decode::decode;
use mobilenet_core::picture::input::{InputSpec, preprocess};

/// Bytes from which a file's kind can be told.
const HEAD: usize = 64;

/// The pictures of a folder and its subfolders, in the order of their paths, and a note on every other file.
#[derive(Debug, Default)]
pub(super) struct Pictures {
    pub files: Vec<PathBuf>,
    pub notes: Vec<String>,
}

impl Pictures {
    /// Finds at most `limit` pictures, evenly spaced.
    ///
    /// # Errors
    /// [`Error::BadDataset`] when there is none, [`Error::Io`] when the folder cannot be read.
    pub fn find(folder: &Path, limit: Option<usize>) -> Result<Self, Error> {
        let mut found = Self::default();
        for entry in WalkDir::new(folder).follow_links(true).sort_by_file_name() {
            let entry = entry.map_err(|error| Error::io("read", folder)(error.into()))?;
            if entry.file_type().is_file() {
                found.sort_in(entry.into_path());
            }
        }
        if found.files.is_empty() {
            return Err(Error::BadDataset(format!(
                "{}: there is no picture in this folder",
                mobilenet_core::base::display_text::path(folder)
            )));
        }
        if let Some(limit) = limit {
            found.thin(limit);
        }
        Ok(found)
    }

    fn sort_in(&mut self, file: PathBuf) {
        match is_picture(&file) {
            Ok(()) => self.files.push(file),
            Err(error) => {
                self.notes.push(format!("{}: skipped: {error}", mobilenet_core::base::display_text::path(&file)))
            }
        }
    }

    fn thin(&mut self, limit: usize) {
        let (count, limit) = (self.files.len(), limit.max(1));
        if count > limit {
            self.files = (0..limit).map(|at| self.files[at * count / limit].clone()).collect();
        }
    }
}

/// Asks a file's first bytes, of which a picture is told to be cut short and anything else to be no picture.
fn is_picture(file: &Path) -> Result<(), Error> {
    use std::io::Read as _;
    let mut head = Vec::with_capacity(HEAD);
    let read = file::open(file)?.take(HEAD as u64).read_to_end(&mut head);
    read.map_err(Error::io("read", file))?;
    match decode(&head) {
        Err(error @ (Error::EmptyFile | Error::UnsupportedFormat { .. })) => Err(error),
        _ => Ok(()),
    }
}

/// Decodes a picture and makes it the network's input.
pub(super) fn input(file: &Path, spec: &InputSpec) -> Result<Vec<u8>, Error> {
    Ok(preprocess(&decode(&file::read(file)?)?, spec))
}

/// The pictures of all folders, by what they are for.
#[derive(Debug, Default)]
pub(super) struct Sets {
    pub calibrate: Vec<PathBuf>,
    /// By folder.
    pub measure: Vec<(PathBuf, Vec<PathBuf>)>,
    /// Which files were skipped and why.
    pub notes: Vec<String>,
}

impl Sets {
    /// Of each folder in `calibrate` at most `limit` pictures are taken, and every second of them measures; those in
    /// `check` only measure.
    ///
    /// # Errors
    /// As [`Pictures::find`]; [`Error::BadArgument`] without a folder to calibrate on.
    pub fn find(calibrate: &[PathBuf], check: &[PathBuf], limit: Option<usize>) -> Result<Self, Error> {
        if calibrate.is_empty() {
            return Err(Error::BadArgument("name a folder of varied pictures with --calibrate".into()));
        }
        let mut sets = Self::default();
        for folder in calibrate {
            let Pictures { files, notes } = Pictures::find(folder, limit)?;
            let (even, odd): (Vec<_>, Vec<_>) = files.into_iter().enumerate().partition(|(at, _)| at % 2 == 0);
            sets.calibrate.extend(even.into_iter().map(|(_, file)| file));
            sets.measure.push((folder.clone(), odd.into_iter().map(|(_, file)| file).collect()));
            sets.notes.extend(notes);
        }
        for folder in check {
            let Pictures { files, notes } = Pictures::find(folder, None)?;
            sets.measure.push((folder.clone(), files));
            sets.notes.extend(notes);
        }
        Ok(sets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(pictures: usize) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("inner")).unwrap();
        for at in 0..pictures {
            let place = if at % 2 == 0 { "" } else { "inner/" };
            let file = folder.path().join(format!("{place}{at:02}.png"));
            image::RgbImage::new(2, 2).save(file).unwrap();
        }
        std::fs::write(folder.path().join("notes.txt"), "no picture").unwrap();
        folder
    }

    #[test]
    fn every_second_picture_measures_and_none_does_both() {
        let (taught, checked) = (folder(10), folder(3));
        let sets = Sets::find(&[taught.path().into()], &[checked.path().into()], Some(6)).unwrap();
        assert_eq!((sets.calibrate.len(), sets.measure[0].1.len(), sets.measure[1].1.len()), (3, 3, 3));
        assert!(sets.calibrate.iter().all(|file| !sets.measure[0].1.contains(file)));
        assert_eq!(sets.notes.len(), 2, "{:?}", sets.notes);
    }

    #[test]
    fn a_folder_without_pictures_is_an_error() {
        assert_eq!(Sets::find(&[folder(0).path().into()], &[], None).unwrap_err().code(), "bad-dataset");
        assert_eq!(Sets::find(&["no/such/folder".into()], &[], None).unwrap_err().code(), "io");
        assert_eq!(Sets::find(&[], &[], None).unwrap_err().code(), "bad-argument");
    }
}

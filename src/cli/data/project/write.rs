//! Writing a project from class folders.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::{HEAD, MANIFEST, Manifest, PICTURE_LIMIT, Project, SAMPLE_LIMIT, Sample};
use crate::data::dataset::Dataset;
use crate::files::atomic::Draft;
use mobilenet_core::base::file;
use mobilenet_core::error::Error;
use mobilenet_core::fit::Settings;
use mobilenet_core::model::Model;

/// Writes the pictures of a dataset, which have to be readable, as a project: each a burst of its own, taught as by default. The same
/// pictures give the same bytes.
///
/// # Errors
/// [`Error::Io`] when a picture cannot be read or the project not be written, [`Error::BadDataset`] when the project could not be
/// read again, [`Error::BadModel`] when `head` is not of these classes.
pub fn write(path: &Path, dataset: &Dataset, head: Option<Model>) -> Result<(), Error> {
    let head = head.map(|model| head_alone(model, &dataset.labels)).transpose()?;
    let project = project(dataset)?;
    let manifest = serde_json::to_vec_pretty(&Manifest::from(&project)).expect("strings and numbers always serialise");
    let draft = Draft::new(path)?;
    let mut archive = Archive { zip: ZipWriter::new(BufWriter::new(draft.file())), path };
    archive.add(MANIFEST, &manifest, CompressionMethod::Deflated)?;
    for ((picture, _), sample) in dataset.pictures.iter().zip(&project.samples) {
        archive.add(&sample.file, &file::read(picture)?, CompressionMethod::Stored)?;
    }
    if let Some(head) = head {
        archive.add(HEAD, &head, CompressionMethod::Stored)?;
    }
    archive.finish()?;
    draft.finish()
}

/// The file of a head without its backbone.
fn head_alone(model: Model, labels: &[String]) -> Result<Vec<u8>, Error> {
    let bad = |reason: String| Err(Error::BadModel(reason));
    match &model.head {
        None => bad("it is a backbone without a head".into()),
        Some(head) if head.labels() != labels => {
            let (found, expected) = (head.labels().join(", "), labels.join(", "));
            bad(format!("its classes are {found}, and those of the pictures are {expected}"))
        }
        Some(_) => Ok(Model { backbone: None, ..model }.to_bytes()),
    }
}

fn project(dataset: &Dataset) -> Result<Project, Error> {
    let count = dataset.pictures.len();
    if count > SAMPLE_LIMIT {
        let reason =
            format!("{count} pictures are more than the {SAMPLE_LIMIT} of a project: train on the folder itself");
        return Err(Error::BadDataset(reason));
    }
    let sample = |(at, (picture, class)): (usize, &(std::path::PathBuf, usize))| {
        let length = fs::metadata(picture).map_err(Error::io("read", picture))?.len();
        if length > PICTURE_LIMIT {
            let reason = format!("its {length} bytes are more than the {PICTURE_LIMIT} of a picture: make it smaller");
            return Err(Error::in_file(picture)(Error::BadDataset(reason)));
        }
        let file = entry(&dataset.labels[*class], at, picture);
        let name = picture.file_name().and_then(|name| name.to_str()).map(String::from);
        Ok(Sample { file, label: *class, burst: at, name })
    };
    let samples = dataset.pictures.iter().enumerate().map(sample).collect::<Result<_, _>>()?;
    Ok(Project { labels: dataset.labels.clone(), settings: Settings::default(), samples })
}

/// A path that is plain whatever the picture and its class are called, and no other's.
fn entry(label: &str, at: usize, picture: &Path) -> String {
    let plain = |character: char| if character.is_alphanumeric() { character } else { '_' };
    let label: String = label.chars().take(40).map(plain).collect();
    let ending = picture.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    format!("samples/{label}/{:05}.{ending}", at + 1)
}

/// An archive in the making.
struct Archive<'a, W: Write + std::io::Seek> {
    zip: ZipWriter<W>,
    path: &'a Path,
}

impl<W: Write + std::io::Seek> Archive<'_, W> {
    fn add(&mut self, name: &str, bytes: &[u8], method: CompressionMethod) -> Result<(), Error> {
        let options = SimpleFileOptions::default().compression_method(method).last_modified_time(DateTime::default());
        let started = self.zip.start_file(name, options).map_err(std::io::Error::from);
        started.and_then(|()| self.zip.write_all(bytes)).map_err(Error::io("write", self.path))
    }

    fn finish(self) -> Result<(), Error> {
        let flushed = self.zip.finish().map_err(std::io::Error::from).and_then(|mut file| file.flush());
        flushed.map_err(Error::io("write", self.path))
    }
}

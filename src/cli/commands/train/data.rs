//! What a head is fitted on: two folders, looked at by the doctor, embedded; or what other machines embedded.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::data::cache::Cache;
use crate::data::dataset::Dataset;
use crate::data::doctor::{Examination, Finding, Side, findings, joined, scenes, scenes_across_splits};
use crate::data::shards::{Origin, Shards, find};
use mobilenet_core::base::display_text;
use mobilenet_core::fit::rows::Selected;
use mobilenet_core::fit::{Layout, Rows};
use mobilenet_core::{Embedder, Error};

use super::Args;
use crate::commands::bar::embedding;
use crate::commands::examination;
use crate::commands::terminal::say;
use crate::data::embed::{embed_augmented, embed_dataset};

/// Samples to fit a head on and to validate it with.
pub struct Data {
    /// One a class.
    pub labels: Vec<String>,
    /// The rows of all views of a picture follow one another, the plain one first.
    pub train: Box<dyn Rows>,
    /// What a row of `train` is of.
    pub layout: Layout,
    /// One row a picture.
    pub validation: Box<dyn Rows>,
    /// Views of a picture that a row of `validation` is the mean of.
    pub validation_views: usize,
    /// The pictures of `validation`, in the same order; none where only their embeddings are here.
    pub validation_files: Vec<PathBuf>,
    /// The burst of each picture of `train`; none where its pictures are not here.
    pub bursts: Vec<usize>,
    /// What the doctor found, where it saw the pictures.
    pub findings: Option<Vec<Finding>>,
    /// What the pictures and their labels are, where they are here.
    pub digest: Option<String>,
    /// Pictures that could not be read, and are in neither.
    pub skipped: usize,
}

impl Data {
    /// Embeds the pictures of a folder, or reads what was embedded.
    ///
    /// # Errors
    /// [`Error::BadDataset`] when no head can be fitted on them, or they are not clean and `--strict`.
    pub fn gather(args: &Args, embedder: &Embedder, cache: Option<&Cache>) -> Result<Self, Error> {
        match &args.dir {
            Some(dir) => Self::embed(args, dir, embedder, cache),
            None => Self::read(args, embedder),
        }
    }

    /// Looks at the pictures, warns of what is wrong with them, and embeds those that can be read.
    fn embed(args: &Args, dir: &Path, embedder: &Embedder, cache: Option<&Cache>) -> Result<Self, Error> {
        let Datasets { train, validation, examination, mut findings, digest } =
            Datasets::open(args, dir, embedder, cache)?;
        let pictures = train.pictures.len() + validation.pictures.len();
        let embed =
            |on_done: &(dyn Fn() + Sync)| embed_augmented(&train, embedder, cache, args.augment, args.vary, on_done);
        let embedded = embedding(&train, "embedding", embed)?;
        check_classes(&train.labels, &embedded.samples)?;
        let embed = |on_done: &(dyn Fn() + Sync)| embed_dataset(&validation, embedder, cache, args.views, on_done);
        let validation = embedding(&validation, "embedding", embed)?;
        let skipped = pictures - embedded.files.len() - validation.files.len();
        let layout = Layout { layers: embedder.layers(), views: args.augment as usize + 1 };
        let sides = [Side { rows: &plain(&embedded.samples, layout.views), files: &embedded.files }, validation.side()];
        let shared = scenes_across_splits(sides, layout.last(), &findings)?;
        examination::warn(&shared, args.strict)?;
        findings.extend(shared);
        findings.sort_by_key(|finding| finding.severity);
        Ok(Self {
            labels: train.labels,
            train: Box::new(embedded.samples),
            layout,
            validation: Box::new(validation.samples),
            validation_views: args.views.list().len(),
            validation_files: validation.files,
            bursts: examination.bursts(embedded.files.iter().map(PathBuf::as_path)),
            findings: Some(findings),
            digest: Some(digest),
            skipped,
        })
    }

    /// Reads embeddings into scratch files beside the cache: the folder for temporary files is memory on many machines.
    fn read(args: &Args, embedder: &Embedder) -> Result<Self, Error> {
        let folder = args.embedder.cache_folder().unwrap_or_else(std::env::temp_dir);
        let read = |patterns: &[OsString]| Shards::read(&find(patterns)?, &Origin::from(embedder), &folder);
        let shards = read(&args.embeddings)?;
        let (train, validation) = if args.val_embeddings.is_empty() {
            shards.split(args.val_split, args.recipe.seed)
        } else {
            let validation = read(&args.val_embeddings)?;
            check_labels(&shards.labels, &validation.labels)?;
            (shards.rows(), validation.plain())
        };
        check_classes(&shards.labels, &train)?;
        Ok(Self {
            labels: shards.labels,
            train: Box::new(train),
            layout: Layout { layers: embedder.layers(), views: shards.views },
            validation: Box::new(validation),
            validation_views: 1,
            validation_files: Vec::new(),
            bursts: Vec::new(),
            findings: None,
            digest: None,
            skipped: 0,
        })
    }

    /// Pictures to train on.
    pub fn train_pictures(&self) -> usize {
        self.train.rows() / self.layout.views
    }

    /// Which pictures of `train` belong together: those of a burst, and those of a scene.
    ///
    /// # Errors
    /// [`Error::Io`] when a row cannot be read.
    pub fn groups(&self) -> Result<Vec<usize>, Error> {
        let scenes = scenes(&[&plain(&*self.train, self.layout.views)], self.layout.last())?;
        Ok(joined(scenes.len(), &[&self.bursts, &scenes]))
    }
}

/// The plain view of each picture.
fn plain(rows: &dyn Rows, views: usize) -> Selected<&dyn Rows> {
    Selected::new(rows, (0..rows.rows()).step_by(views).collect())
}

/// The pictures to train on, those to validate on, and what the doctor says of them.
struct Datasets {
    train: Dataset,
    validation: Dataset,
    examination: Examination,
    findings: Vec<Finding>,
    digest: String,
}

impl Datasets {
    fn open(args: &Args, dir: &Path, embedder: &Embedder, cache: Option<&Cache>) -> Result<Self, Error> {
        let mut train = Dataset::scan(dir)?;
        train.check_trainable().map_err(Error::in_file(dir))?;
        let given = args.val.as_ref().map(|folder| Dataset::scan_as(folder, &train.labels)).transpose()?;
        let examination = examination::examine(&train, given.as_ref(), args.embedder.cache_folder().as_deref())?;
        let validation = match given {
            Some(validation) => validation,
            None => {
                let groups = groups(&train, &examination, embedder, cache)?;
                train.split_off(args.val_split, args.recipe.seed, &groups)
            }
        };
        let findings = findings(&examination, &train, Some(&validation));
        examination::warn(&findings, args.strict)?;
        for stray in train.strays.iter().chain(&validation.strays) {
            say(format_args!("not a picture, left out: {}", display_text::path(stray)));
        }
        let digest = examination.digest(&train, &validation);
        Ok(Self { train, validation, examination, findings, digest })
    }
}

/// Which pictures stay on one side of a split: those of a burst, and those of a scene. What cannot be embedded is of none.
fn groups(
    dataset: &Dataset,
    examination: &Examination,
    embedder: &Embedder,
    cache: Option<&Cache>,
) -> Result<Vec<usize>, Error> {
    let embedded = examination::embed_plain(dataset, embedder, cache)?;
    let files: HashMap<&PathBuf, usize> =
        embedded.files.iter().zip(scenes(&[&embedded.samples], embedder.layers()[0])?).collect();
    let count = dataset.pictures.len();
    let scene = |(place, (file, _)): (usize, &(PathBuf, usize))| files.get(file).copied().unwrap_or(count + place);
    let scenes: Vec<usize> = dataset.pictures.iter().enumerate().map(scene).collect();
    let bursts = examination.bursts(dataset.pictures.iter().map(|(file, _)| file.as_path()));
    Ok(joined(count, &[&bursts, &scenes]))
}

fn check_classes(labels: &[String], rows: &dyn Rows) -> Result<(), Error> {
    match (0..labels.len()).find(|class| !rows.classes().contains(class)) {
        None => Ok(()),
        Some(class) => Err(Error::BadDataset(format!("no picture of the class {:?} could be read", labels[class]))),
    }
}

/// Validation pictures of classes that the head does not know would be counted as others.
fn check_labels(train: &[String], validation: &[String]) -> Result<(), Error> {
    if train == validation {
        return Ok(());
    }
    let (train, validation) = (train.join(", "), validation.join(", "));
    Err(Error::BadDataset(format!(
        "the embeddings to train on have the classes {train}, and those to validate on {validation}: they have to be the same"
    )))
}

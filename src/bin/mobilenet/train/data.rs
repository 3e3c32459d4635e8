//! What a head is fitted on: two folders, looked at by the doctor, embedded.

use std::path::PathBuf;

use mobilenet_web::train::Samples;
use mobilenet_web::train::cache::Cache;
use mobilenet_web::train::dataset::Dataset;
use mobilenet_web::train::doctor::{Finding, findings};
use mobilenet_web::{Embedder, Error};

use super::Args;
use crate::doctor;
use crate::progress::{embed_augmented, embed_dataset};

/// Samples to fit a head on and to validate it with.
pub struct Data {
    /// One a class.
    pub labels: Vec<String>,
    /// The rows of all views of a picture follow one another, the plain one first.
    pub train: Samples,
    /// Rows a picture of `train`.
    pub views: usize,
    /// One row a picture.
    pub validation: Samples,
    /// The pictures of `validation`, in the same order.
    pub validation_files: Vec<PathBuf>,
    /// What the doctor found.
    pub findings: Vec<Finding>,
    /// What the pictures and their labels are.
    pub digest: String,
}

impl Data {
    /// Looks at the pictures, warns of what is wrong with them, and embeds those that can be read.
    ///
    /// # Errors
    /// [`Error::BadDataset`] when no head can be fitted on them, or they are not clean and `--strict`.
    pub fn gather(args: &Args, embedder: &Embedder, cache: Option<&Cache>) -> Result<Self, Error> {
        let Datasets { train, validation, findings, digest } = Datasets::open(args)?;
        let embedded = embed_augmented(&train, embedder, cache, args.augment, args.vary)?;
        check_readable(&train.labels, &embedded.samples)?;
        let validation = embed_dataset(&validation, embedder, cache, args.views, "embedding")?;
        Ok(Self {
            labels: train.labels,
            train: embedded.samples,
            views: args.augment as usize + 1,
            validation: validation.samples,
            validation_files: validation.files,
            findings,
            digest,
        })
    }

    /// Pictures to train on.
    pub fn train_pictures(&self) -> usize {
        self.train.len() / self.views
    }
}

/// The pictures to train on, those to validate on, and what the doctor says of them.
struct Datasets {
    train: Dataset,
    validation: Dataset,
    findings: Vec<Finding>,
    digest: String,
}

impl Datasets {
    fn open(args: &Args) -> Result<Self, Error> {
        let mut train = Dataset::scan(&args.dir)?;
        train.check_trainable().map_err(Error::in_file(&args.dir))?;
        let given = args.val.as_ref().map(|folder| Dataset::scan_as(folder, &train.labels)).transpose()?;
        let examination = doctor::examine(&train, given.as_ref(), args.cache_folder().as_deref())?;
        let set_aside =
            |train: &mut Dataset| train.split_off(args.val_split, args.recipe.seed, &examination.groups(train));
        let validation = given.unwrap_or_else(|| set_aside(&mut train));
        let findings = findings(&examination, &train, Some(&validation));
        doctor::warn(&findings, args.strict)?;
        for stray in train.strays.iter().chain(&validation.strays) {
            eprintln!("not a picture, left out: {}", stray.display());
        }
        let digest = examination.digest(&train, &validation);
        Ok(Self { train, validation, findings, digest })
    }
}

fn check_readable(labels: &[String], samples: &Samples) -> Result<(), Error> {
    match (0..labels.len()).find(|class| !samples.classes.contains(class)) {
        None => Ok(()),
        Some(class) => Err(Error::BadDataset(format!("no picture of the class {:?} could be read", labels[class]))),
    }
}

//! `mobilenet project`: class folders as a project that the page opens and `mobilenet train` takes.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::data::dataset::Dataset;
use crate::data::project;
use crate::files::atomic;
use mobilenet_core::base::{display_text, file};
use mobilenet_core::picture::decode::decode;
use mobilenet_core::{Error, Model};
use rayon::prelude::*;

use crate::commands::bar::bar;
use crate::commands::terminal::{print, say};

#[derive(clap::Args)]
pub struct Args {
    /// Folder with one folder of pictures a class.
    dir: PathBuf,
    /// Where the project goes.
    #[arg(long, value_name = "FILE", default_value = "project.zip")]
    out: PathBuf,
    /// A model of these classes, whose head goes into the project, so that the page answers at once.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result<ExitCode, Error> {
    atomic::check(&args.out)?;
    let head = args.model.as_deref().map(Model::open).transpose()?;
    let mut dataset = Dataset::scan(&args.dir)?;
    let found = dataset.pictures.len();
    leave_unreadable(&mut dataset);
    dataset.check_trainable().map_err(Error::in_file(&args.dir))?;
    let named = args.model.clone().unwrap_or_else(|| args.out.clone());
    project::write(&args.out, &dataset, head).map_err(|error| match error {
        Error::BadModel(_) => Error::in_file(named)(error),
        error => error,
    })?;
    let (classes, pictures) = (dataset.labels.len(), dataset.pictures.len());
    print(&format!("wrote {} ({classes} classes, {pictures} of {found} pictures)\n", display_text::path(&args.out)))?;
    Ok(if pictures == found { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Names pictures that cannot be decoded, and leaves them out: no page could show them.
fn leave_unreadable(dataset: &mut Dataset) {
    let bar = bar(dataset.pictures.len(), "decoding");
    let look = |(file, _): &(PathBuf, usize)| {
        let result = file::read(file).and_then(|bytes| decode(&bytes).map(drop).map_err(Error::in_file(file)));
        bar.inc(1);
        result
    };
    let results: Vec<Result<(), Error>> = dataset.pictures.par_iter().map(look).collect();
    bar.finish_and_clear();
    let mut results = results.into_iter();
    dataset.pictures.retain(|_| match results.next() {
        Some(Err(error)) => {
            say(format_args!("skipped: {error}"));
            false
        }
        _ => true,
    });
}

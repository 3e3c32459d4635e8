//! `mobilenet summary`: the layers of a model.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::report::layers::summary;
use mobilenet_core::classifier::embedded_backbone;
use mobilenet_core::{Error, Model};

use crate::commands::terminal::print;

#[derive(clap::Args)]
pub struct Args {
    /// Model file: a backbone, a head (its backbone is the one compiled in), or both.
    model: PathBuf,
}

pub fn run(args: &Args) -> Result<ExitCode, Error> {
    let model = Model::open(&args.model)?;
    let backbone = model.backbone.map_or_else(embedded_backbone, Ok)?;
    print(&summary(&backbone, model.head.as_ref()))?;
    Ok(ExitCode::SUCCESS)
}

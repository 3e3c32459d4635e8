//! `mobilenet train`: from folders of pictures to a model file. Data are gathered, a recipe is chosen, a head is fitted
//! and calibrated, artefacts are written; what is printed on the way is in [`printed`]. Pictures that cannot be read are left
//! out, and make the exit code 1. A [`project`] is one file, which says all of this by itself.

mod args;
mod artefacts;
mod data;
mod printed;
mod project;
mod report;

use std::process::ExitCode;

use crate::report::log::Log;
use crate::trials::folds::{Material, cross_validate};
use crate::trials::search::search;
pub use args::Args;
pub use artefacts::BESIDE;
use mobilenet_core::fit::{Epoch, Fitted, Recipe, calibrate, fit_chosen};
use mobilenet_core::{Embedder, Error};

use self::data::Data;
use crate::commands::embedding_args::warn_of_trouble;
use crate::commands::terminal::{print, say};

/// Runs the subcommand; `given` are the options that stand on the command line.
pub fn run(mut args: Args, given: &[String]) -> Result<ExitCode, Error> {
    let archive = args.dir.clone().filter(|path| path.is_file());
    if let Some(archive) = &archive {
        project::check_options(archive, given)?;
    }
    let recipe = args.recipe.recipe()?;
    artefacts::check(&args.out)?;
    let backbone = args.embedder.load_backbone()?;
    let embedder = Embedder::new(&backbone);
    let cache = args.embedder.open_cache(&embedder)?;
    let args = &args;
    if let Some(archive) = archive {
        return project::run(args, &archive, backbone, embedder, cache.as_ref());
    }
    let data = Data::gather(args, &embedder, cache.as_ref())?;
    warn_of_trouble(cache.as_ref());
    print(&printed::heading(&data))?;
    // Before a search, which may be long, and after what may show that there is nothing to fit.
    let log = args.logdir.as_deref().map(Log::start).transpose()?;
    let recipe = choose_recipe(args, &data, recipe)?;
    let mut fitted = fit_head(&data, &recipe, log)?;
    let calibration =
        calibrate(&mut fitted, &*data.train, &*data.validation, embedder.features(), args.false_rejections)?;
    let head = artefacts::head_of(&fitted, &data, embedder.digest(), recipe.ingredients(), calibration)?;
    artefacts::write(args, &data, recipe.ingredients(), &fitted, head, backbone, embedder)?;
    print(&printed::outcome(&fitted, data.validation.rows(), &args.out))?;
    if data.skipped == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    say(format_args!("{}", printed::skipped(data.skipped)));
    Ok(ExitCode::FAILURE)
}

/// The recipe to fit with: the one that was asked for or the best of a search, cross-validated if that was asked for.
fn choose_recipe(args: &Args, data: &Data, mut recipe: Recipe) -> Result<Recipe, Error> {
    if !args.auto && args.folds.is_none() {
        return Ok(recipe);
    }
    let material =
        Material { samples: &*data.train, layout: &data.layout, labels: &data.labels, groups: &data.groups()? };
    if args.auto {
        print(printed::TRIALS)?;
        let mut printed = Ok(());
        let best = search(&material, &recipe, |trial| {
            if printed.is_ok() {
                printed = print(&printed::trial(trial));
            }
        })?;
        printed?;
        print(&format!("chosen:\n{}", printed::trial(&best)))?;
        recipe = best.recipe;
    }
    if let Some(folds) = args.folds {
        print(&printed::folds(&cross_validate(&material, &recipe, folds)?, recipe.ingredients().seed))?;
    }
    Ok(recipe)
}

/// Fits, and prints and logs each epoch as it is made.
fn fit_head(data: &Data, recipe: &Recipe, log: Option<Log>) -> Result<Fitted, Error> {
    with_epochs(log, |tell| fit_chosen(&*data.train, &*data.validation, data.labels.len(), recipe, &data.layout, tell))
}

/// Gives `fit` what prints and logs an epoch; what fails in it fails once the fit is over.
fn with_epochs<T>(
    mut log: Option<Log>,
    fit: impl FnOnce(&mut dyn FnMut(&Epoch)) -> Result<T, Error>,
) -> Result<T, Error> {
    print(printed::EPOCHS)?;
    let mut told = Ok(());
    let mut tell = |row: &Epoch| {
        print(&printed::epoch(row))?;
        log.as_mut().map_or(Ok(()), |log| log.epoch(row))
    };
    let made = fit(&mut |row| {
        if told.is_ok() {
            told = tell(row);
        }
    })?;
    told.map(|()| made)
}

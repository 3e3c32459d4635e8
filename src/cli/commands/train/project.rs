//! `mobilenet train project.zip`: what was taught in a page is taught again, from its pictures, and gives the page's head.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use crate::data::cache::{Cache, embed_files};
use crate::data::project::Project;
use crate::files::scratch::ScratchFolder;
use crate::report::log::Log;
use mobilenet_core::fit::rows::Selected;
use mobilenet_core::fit::teach::sides;
use mobilenet_core::fit::{Layout, Samples, teach};
use mobilenet_core::network::Backbone;
use mobilenet_core::{Embedder, Error};

use super::{Args, artefacts, data::Data, printed, with_epochs};
use crate::commands::bar::bar;
use crate::commands::embedding_args::warn_of_trouble;
use crate::commands::terminal::print;

/// Options that change nothing of what is taught.
const ALLOWED: [&str; 7] = ["dir", "out", "logdir", "backbone", "cache", "no_cache", "with_backbone"];

/// Refuses what a project says by itself; `given` are the options on the command line.
pub fn check_options(archive: &Path, given: &[String]) -> Result<(), Error> {
    let refused = given.iter().filter(|option| !ALLOWED.contains(&option.as_str()));
    let refused: Vec<String> = refused.map(|option| format!("--{}", option.replace('_', "-"))).collect();
    if refused.is_empty() {
        return Ok(());
    }
    let reason = format!(
        "{} cannot be given for a project, which says by itself how it is taught: change it in the page, or train on a folder",
        refused.join(", ")
    );
    Err(Error::in_file(archive)(Error::BadArgument(reason)))
}

pub fn run(
    args: &Args,
    archive: &Path,
    backbone: Backbone,
    mut embedder: Embedder,
    cache: Option<&Cache>,
) -> Result<ExitCode, Error> {
    // Beside the cache: the folder for temporary files is memory on many machines.
    let beside = args.embedder.cache_folder().filter(|folder| folder.is_dir()).unwrap_or_else(std::env::temp_dir);
    let folder = ScratchFolder::new(&beside)?;
    let project = Project::unpack(archive, folder.path())?;
    let samples = Arc::new(embed(&project, archive, folder.path(), &embedder, cache)?);
    warn_of_trouble(cache);
    let data = data(&project, &samples, folder.path(), &embedder);
    print(&printed::heading(&data))?;
    let log = args.logdir.as_deref().map(Log::start).transpose()?;
    let Project { labels, settings, .. } = &project;
    let taught = with_epochs(log, |tell| {
        teach(&samples, &project.bursts(), labels, settings, &mut embedder, tell).map_err(Error::in_file(archive))
    })?;
    artefacts::write(args, &data, &settings.recipe, &taught.fitted, taught.head, backbone, embedder)?;
    print(&printed::outcome(&taught.fitted, data.validation.rows(), &args.out))?;
    Ok(ExitCode::SUCCESS)
}

/// Embeds every picture: the page had them all, so one that cannot be read is an error.
fn embed(
    project: &Project,
    archive: &Path,
    folder: &Path,
    embedder: &Embedder,
    cache: Option<&Cache>,
) -> Result<Samples, Error> {
    let files: Vec<_> = project.samples.iter().map(|sample| folder.join(&sample.file)).collect();
    let bar = bar(files.len(), "embedding");
    let results = embed_files(&files, embedder, cache, || bar.inc(1))?;
    bar.finish_and_clear();
    let named = |(result, sample): (Result<Vec<f32>, Error>, &crate::data::project::Sample)| {
        let inner = |error| if let Error::InFile { source, .. } = error { *source } else { error };
        result.map_err(inner).map_err(Error::in_file(archive.join(&sample.file)))
    };
    let embeddings = results.into_iter().zip(&project.samples).map(named).collect::<Result<_, _>>()?;
    Ok(Samples { embeddings, classes: project.classes() })
}

/// What the report and the printed rows are about.
fn data(project: &Project, samples: &Arc<Samples>, folder: &Path, embedder: &Embedder) -> Data {
    let [train, validation] = sides(&project.classes(), &project.bursts(), &project.settings);
    let files = validation.iter().map(|at| folder.join(&project.samples[*at].file)).collect();
    let select = |chosen| Box::new(Selected::new(Arc::clone(samples), chosen));
    Data {
        labels: project.labels.clone(),
        train: select(train),
        layout: Layout { layers: embedder.layers(), views: 1 },
        validation: select(validation),
        validation_views: 1,
        validation_files: files,
        bursts: Vec::new(),
        findings: None,
        digest: None,
        skipped: 0,
    }
}

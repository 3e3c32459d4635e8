//! The data doctor at the command line: an examination with a bar, and its warnings before training.

use std::path::Path;

use crate::data::cache::Cache;
use crate::data::dataset::Dataset;
use crate::data::doctor::{Examination, Finding, Severity};
use crate::data::embed::{Embedded, embed_dataset};
use crate::report::findings::{details, summary};
use mobilenet_core::picture::view::Views;
use mobilenet_core::{Embedder, Error};

use crate::commands::bar::bar;
use crate::commands::terminal::say;

/// Examines every picture; what was seen is kept in the folder `cache`.
pub fn examine(train: &Dataset, validation: Option<&Dataset>, cache: Option<&Path>) -> Result<Examination, Error> {
    let datasets: Vec<&Dataset> = [Some(train), validation].into_iter().flatten().collect();
    let bar = bar(datasets.iter().map(|dataset| dataset.pictures.len()).sum(), "examining");
    let examination = Examination::of(&datasets, cache, || bar.inc(1));
    bar.finish_and_clear();
    examination
}

/// Embeds every picture as it is, for the scenes to be told. What cannot be read was examined already, and is not named again.
pub fn embed_plain(dataset: &Dataset, embedder: &Embedder, cache: Option<&Cache>) -> Result<Embedded, Error> {
    let bar = bar(dataset.pictures.len(), "looking for scenes");
    let embedded = embed_dataset(dataset, embedder, cache, Views::One, || bar.inc(1));
    bar.finish_and_clear();
    embedded
}

/// Prints what is worse than a note to standard error, one line a kind.
///
/// # Errors
/// [`Error::BadDataset`] with all of it, when `strict` and there is any.
pub fn warn(findings: &[Finding], strict: bool) -> Result<(), Error> {
    let grave: Vec<Finding> = findings.iter().filter(|finding| finding.severity < Severity::Note).cloned().collect();
    if strict && !grave.is_empty() {
        let reason = format!("--strict refuses these pictures:\n{}", details(&grave));
        return Err(Error::BadDataset(reason));
    }
    if !grave.is_empty() {
        say(format_args!("{}`mobilenet inspect` tells more", summary(&grave)));
    }
    Ok(())
}

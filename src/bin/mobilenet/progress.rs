//! Progress on standard error: a bar in a terminal, nothing in a log.

use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressStyle};
use mobilenet_web::train::Samples;
use mobilenet_web::train::cache::{Cache, embed_files};
use mobilenet_web::train::dataset::Dataset;
use mobilenet_web::{Embedder, Error};

/// A bar that counts to `length`.
pub fn bar(length: usize, what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {per_sec} {eta}");
    let bar = ProgressBar::new(length as u64).with_message(what);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Embeds every picture of a dataset. A picture that cannot be read is named on standard error and left out;
/// the number of these comes back too.
pub fn embed_dataset(
    dataset: &Dataset,
    embedder: &Embedder,
    cache: Option<&Cache>,
    what: &'static str,
) -> Result<(Samples, usize), Error> {
    let files: Vec<PathBuf> = dataset.pictures.iter().map(|(file, _)| file.clone()).collect();
    let bar = bar(files.len(), what);
    let results = embed_files(&files, embedder, cache, || bar.inc(1))?;
    bar.finish_and_clear();
    let mut samples = Samples::default();
    let mut failed = 0;
    for (result, (_, class)) in results.into_iter().zip(&dataset.pictures) {
        match result {
            Ok(embedding) => {
                samples.embeddings.push(embedding);
                samples.classes.push(*class);
            }
            Err(error) => {
                eprintln!("skipped: {error}");
                failed += 1;
            }
        }
    }
    Ok((samples, failed))
}

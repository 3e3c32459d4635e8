//! Progress on standard error: a bar in a terminal, nothing in a log.

use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressStyle};
use mobilenet_web::embedder::mean;
use mobilenet_web::train::Samples;
use mobilenet_web::train::augment::{Vary, draw};
use mobilenet_web::train::cache::{Cache, Key, embed_views};
use mobilenet_web::train::dataset::Dataset;
use mobilenet_web::view::{View, Views};
use mobilenet_web::{Embedder, Error};

use crate::terminal::say;

/// A bar that counts to `length`.
pub fn bar(length: usize, what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {per_sec} {eta}");
    let bar = ProgressBar::new(length as u64).with_message(what);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Samples, and the pictures they were made from: those that could be read.
#[derive(Default)]
pub struct Embedded {
    pub samples: Samples,
    pub files: Vec<PathBuf>,
}

/// Embeds every picture of a dataset, each as the mean of its views. A picture that cannot be read is named on standard
/// error and left out.
pub fn embed_dataset(
    dataset: &Dataset,
    embedder: &Embedder,
    cache: Option<&Cache>,
    views: Views,
    what: &'static str,
) -> Result<Embedded, Error> {
    let list = views.list();
    let mut embedded = embed(dataset, embedder, cache, |_| list.clone(), what)?;
    let rows = embedded.samples.embeddings.chunks(list.len());
    embedded.samples.embeddings = rows.map(mean).collect();
    embedded.samples.classes = embedded.samples.classes.into_iter().step_by(list.len()).collect();
    Ok(embedded)
}

/// Views are the same whatever the seed of a fit, so that another seed has nothing to embed.
const VIEW_SEED: u32 = 0;

/// More views of one picture than this teach nothing new, and would fill memory.
pub const VIEW_LIMIT: i64 = 100;

/// Which views of a picture are embedded: the plain one and `augment` others, drawn by lot.
pub fn drawn(augment: u32, vary: Vary) -> impl Fn(&Key) -> Vec<View> + Sync {
    move |picture| (0..=augment).map(|number| draw(VIEW_SEED, picture, number, vary)).collect()
}

/// Embeds every picture of a dataset and `augment` other views of it, drawn by lot: rows of a picture follow one
/// another.
pub fn embed_augmented(
    dataset: &Dataset,
    embedder: &Embedder,
    cache: Option<&Cache>,
    augment: u32,
    vary: Vary,
) -> Result<Embedded, Error> {
    embed(dataset, embedder, cache, drawn(augment, vary), "embedding")
}

/// Embeds views of every picture that can be read: one row a view.
fn embed(
    dataset: &Dataset,
    embedder: &Embedder,
    cache: Option<&Cache>,
    views: impl Fn(&Key) -> Vec<View> + Sync,
    what: &'static str,
) -> Result<Embedded, Error> {
    let files: Vec<PathBuf> = dataset.pictures.iter().map(|(file, _)| file.clone()).collect();
    let bar = bar(files.len(), what);
    let results = embed_views(&files, views, embedder, cache, || bar.inc(1))?;
    bar.finish_and_clear();
    let mut embedded = Embedded::default();
    for (result, (file, class)) in results.into_iter().zip(&dataset.pictures) {
        match result {
            Ok(picture) => {
                let Samples { embeddings, classes } = &mut embedded.samples;
                classes.resize(classes.len() + picture.embeddings.len(), *class);
                embeddings.extend(picture.embeddings);
                embedded.files.push(file.clone());
            }
            Err(error) => say(format_args!("skipped: {error}")),
        }
    }
    Ok(embedded)
}

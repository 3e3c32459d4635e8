//! A dataset becomes samples: every picture that can be read, embedded as one view or several.

use std::path::PathBuf;

use mobilenet_core::fit::Samples;
use mobilenet_core::fit::augment::{Vary, draw};
use mobilenet_core::network::embedder::mean;
use mobilenet_core::picture::view::{View, Views};
use mobilenet_core::{Embedder, Error};

use super::cache::{Cache, Key, embed_views};
use super::dataset::Dataset;
use super::doctor::Side;

/// Views are the same whatever the seed of a fit, so that another seed has nothing to embed.
const VIEW_SEED: u32 = 0;

/// More views of one picture than this teach nothing new, and would fill memory.
pub const VIEW_LIMIT: i64 = 100;

/// Samples, and the pictures they were made from: those that could be read.
#[derive(Debug, Default)]
pub struct Embedded {
    /// One row a view: rows of a picture follow one another.
    pub samples: Samples,
    /// The pictures that they are of.
    pub files: Vec<PathBuf>,
    /// Why the others could not be read; each names its file.
    pub skipped: Vec<Error>,
}

impl Embedded {
    /// As one side of a split, where a picture has one row.
    pub fn side(&self) -> Side<'_> {
        Side { rows: &self.samples, files: &self.files }
    }
}

/// Embeds every picture of a dataset, each as the mean of its views. `on_done` is called once a picture.
///
/// # Errors
/// As [`embed_views`].
pub fn embed_dataset(
    dataset: &Dataset,
    embedder: &Embedder,
    cache: Option<&Cache>,
    views: Views,
    on_done: impl Fn() + Sync,
) -> Result<Embedded, Error> {
    let list = views.list();
    let mut embedded = embed(dataset, embedder, cache, |_| list.clone(), on_done)?;
    let rows = embedded.samples.embeddings.chunks(list.len());
    embedded.samples.embeddings = rows.map(mean).collect();
    embedded.samples.classes = embedded.samples.classes.into_iter().step_by(list.len()).collect();
    Ok(embedded)
}

/// Embeds every picture of a dataset and `augment` other views of it, which [`drawn`] chooses. `on_done` is called once a
/// picture.
///
/// # Errors
/// As [`embed_views`].
pub fn embed_augmented(
    dataset: &Dataset,
    embedder: &Embedder,
    cache: Option<&Cache>,
    augment: u32,
    vary: Vary,
    on_done: impl Fn() + Sync,
) -> Result<Embedded, Error> {
    embed(dataset, embedder, cache, drawn(augment, vary), on_done)
}

/// Which views of a picture are embedded: the plain one and `augment` others, chosen at random by its digest.
pub fn drawn(augment: u32, vary: Vary) -> impl Fn(&Key) -> Vec<View> + Sync {
    move |picture| (0..=augment).map(|number| draw(VIEW_SEED, picture, number, vary)).collect()
}

fn embed(
    dataset: &Dataset,
    embedder: &Embedder,
    cache: Option<&Cache>,
    views: impl Fn(&Key) -> Vec<View> + Sync,
    on_done: impl Fn() + Sync,
) -> Result<Embedded, Error> {
    let files: Vec<PathBuf> = dataset.pictures.iter().map(|(file, _)| file.clone()).collect();
    let results = embed_views(&files, views, embedder, cache, on_done)?;
    let mut embedded = Embedded::default();
    for (result, (file, class)) in results.into_iter().zip(&dataset.pictures) {
        match result {
            Ok(picture) => {
                let Samples { embeddings, classes } = &mut embedded.samples;
                classes.resize(classes.len() + picture.embeddings.len(), *class);
                embeddings.extend(picture.embeddings);
                embedded.files.push(file.clone());
            }
            Err(error) => embedded.skipped.push(error),
        }
    }
    Ok(embedded)
}

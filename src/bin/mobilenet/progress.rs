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

/// A bar that counts to `length`.
pub fn bar(length: usize, what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {per_sec} {eta}");
    let bar = ProgressBar::new(length as u64).with_message(what);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Embeds every picture of a dataset, each as the mean of its views. A picture that cannot be read is named on standard
/// error and left out; the number of these comes back too.
pub fn embed_dataset(
    dataset: &Dataset,
    embedder: &Embedder,
    cache: Option<&Cache>,
    views: Views,
    what: &'static str,
) -> Result<(Samples, usize), Error> {
    let list = views.list();
    let pictures = embed(dataset, embedder, cache, |_| list.clone(), what)?;
    let mut samples = Samples::default();
    for (views, class) in &pictures {
        samples.embeddings.push(mean(views));
        samples.classes.push(*class);
    }
    Ok((samples, dataset.pictures.len() - pictures.len()))
}

/// Views are the same whatever the seed of a fit, so that another seed has nothing to embed.
const VIEW_SEED: u32 = 0;

/// Embeds every picture of a dataset and `augment` other views of it, drawn by lot: rows of a picture follow one
/// another.
pub fn embed_augmented(
    dataset: &Dataset,
    embedder: &Embedder,
    cache: Option<&Cache>,
    augment: u32,
    vary: Vary,
) -> Result<Samples, Error> {
    let views = |picture: &Key| (0..=augment).map(|number| draw(VIEW_SEED, picture, number, vary)).collect();
    let mut samples = Samples::default();
    for (views, class) in embed(dataset, embedder, cache, views, "embedding")? {
        samples.classes.resize(samples.classes.len() + views.len(), class);
        samples.embeddings.extend(views);
    }
    Ok(samples)
}

/// The embeddings of a picture's views, and its class.
type Picture = (Vec<Vec<f32>>, usize);

/// Embeds views of every picture that can be read.
fn embed(
    dataset: &Dataset,
    embedder: &Embedder,
    cache: Option<&Cache>,
    views: impl Fn(&Key) -> Vec<View> + Sync,
    what: &'static str,
) -> Result<Vec<Picture>, Error> {
    let files: Vec<PathBuf> = dataset.pictures.iter().map(|(file, _)| file.clone()).collect();
    let bar = bar(files.len(), what);
    let results = embed_views(&files, views, embedder, cache, || bar.inc(1))?;
    bar.finish_and_clear();
    let readable = |(result, (_, class)): (Result<_, Error>, &(PathBuf, usize))| match result {
        Ok(embeddings) => Some((embeddings, *class)),
        Err(error) => {
            eprintln!("skipped: {error}");
            None
        }
    };
    Ok(results.into_iter().zip(&dataset.pictures).filter_map(readable).collect())
}

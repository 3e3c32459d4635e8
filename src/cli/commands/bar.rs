//! Progress on standard error: a bar in a terminal, nothing in a log.

use indicatif::{ProgressBar, ProgressStyle};
use mobilenet_core::Error;

use super::terminal::say;
use crate::data::dataset::Dataset;
use crate::data::embed::Embedded;

/// A bar that counts to `length`.
pub fn bar(length: usize, what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {per_sec} {eta}");
    let bar = ProgressBar::new(length as u64).with_message(what);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Embeds a dataset behind a bar; `embed` gets what moves it on. Pictures that cannot be read are named on standard error.
pub fn embedding(
    dataset: &Dataset,
    what: &'static str,
    embed: impl FnOnce(&(dyn Fn() + Sync)) -> Result<Embedded, Error>,
) -> Result<Embedded, Error> {
    let bar = bar(dataset.pictures.len(), what);
    let embedded = embed(&|| bar.inc(1))?;
    bar.finish_and_clear();
    embedded.skipped.iter().for_each(|error| say(format_args!("skipped: {error}")));
    Ok(embedded)
}

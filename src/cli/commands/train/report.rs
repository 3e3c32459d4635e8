//! The report of a run: its inputs gathered, and the time of a frame taken.

use std::time::Instant;

use crate::report::html::{Run, report};
use mobilenet_core::fit::{Fitted, Ingredients};
use mobilenet_core::model::test_card;
use mobilenet_core::{Embedder, Error, Head};

use super::data::Data;

/// Frames that are timed: some 50 ms of them.
const FRAMES: usize = 15;

/// The report of `head`, whose model file has `model_bytes` bytes.
pub fn of(
    data: &Data,
    recipe: &Ingredients,
    fitted: &Fitted,
    head: &Head,
    model_bytes: usize,
    embedder: &mut Embedder,
) -> Result<String, Error> {
    let command: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let mut train_pictures = vec![0; data.labels.len()];
    data.train.classes().iter().step_by(data.layout.views).for_each(|class| train_pictures[*class] += 1);
    let run = Run {
        command: &command,
        recipe,
        history: &fitted.history,
        best_epoch: fitted.best_epoch,
        head,
        train_pictures: &train_pictures,
        augment: data.layout.views - 1,
        validation: &*data.validation,
        validation_views: data.validation_views,
        validation_files: &data.validation_files,
        findings: data.findings.as_deref(),
        data_digest: data.digest.as_deref(),
        model_bytes,
        millis: millis(embedder),
    };
    report(&run, embedder)
}

/// What a frame of 320 x 200 pixels takes, from its pixels to its embedding: the least of several, since a frame can be held up
/// but not hurried.
fn millis(embedder: &mut Embedder) -> f64 {
    let card = test_card();
    let time = |_| {
        let begun = Instant::now();
        embedder.embed(&card);
        begun.elapsed().as_secs_f64() * 1e3
    };
    (0..FRAMES).map(time).fold(f64::INFINITY, f64::min)
}

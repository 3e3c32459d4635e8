//! What a run of `mobilenet train` leaves behind.

use std::path::{Path, PathBuf};

use crate::files::atomic;
use crate::report::plot;
use mobilenet_core::fit::{Fitted, Ingredients};
use mobilenet_core::model::SelfTest;
use mobilenet_core::network::Backbone;
use mobilenet_core::{Calibration, Embedder, Error, Head, Model};

use super::Args;
use super::data::Data;
use super::report;

/// The files beside a model.
pub const BESIDE: [&str; 5] = ["labels.txt", "history.json", "loss.svg", "accuracy.svg", "report.html"];

/// Checks that all of them can be written, before anything is computed.
pub fn check(out: &Path) -> Result<(), Error> {
    BESIDE.map(|name| out.with_file_name(name)).iter().map(PathBuf::as_path).chain([out]).try_for_each(atomic::check)
}

/// The head of a fit on `data`.
pub fn head_of(
    fitted: &Fitted,
    data: &Data,
    backbone: &str,
    recipe: &Ingredients,
    calibration: Calibration,
) -> Result<Head, Error> {
    let augment = data.layout.views as u32 - 1;
    let summary = fitted.summary(recipe, data.train_pictures(), augment, &*data.validation)?;
    fitted.head(&data.labels, backbone, summary, calibration)
}

/// The model comes last: where it is, the rest is too.
pub fn write(
    args: &Args,
    data: &Data,
    recipe: &Ingredients,
    fitted: &Fitted,
    head: Head,
    backbone: Backbone,
    mut embedder: Embedder,
) -> Result<(), Error> {
    let [labels, history, loss, accuracy, report] = BESIDE.map(|name| args.out.with_file_name(name));
    let epochs = serde_json::to_string_pretty(&fitted.history).expect("numbers always serialise");
    let self_test = SelfTest::record(&mut embedder, Some(&head));
    let model = Model { backbone: args.with_backbone.then_some(backbone), head: Some(head.clone()), self_test };
    let bytes = model.to_bytes();
    let html = report::of(data, recipe, fitted, &head, bytes.len(), &mut embedder)?;
    atomic::write_all(&[
        (labels, (head.labels().join("\n") + "\n").into_bytes()),
        (history, (epochs + "\n").into_bytes()),
        (loss, plot::loss(&fitted.history)?.into_bytes()),
        (accuracy, plot::accuracy(&fitted.history)?.into_bytes()),
        (report, html.into_bytes()),
        (args.out.clone(), bytes),
    ])
}

//! What `mobilenet train` prints: rows of epochs, folds and trials.

use std::path::Path;

use crate::trials::folds::Folds;
use crate::trials::search::Trial;
use mobilenet_core::base::display_text;
use mobilenet_core::fit::metrics::interval;
use mobilenet_core::fit::{Epoch, Fitted, Ingredients, Layout};

use super::data::Data;

const INTERVAL: &str = "95 % Wilson interval";

/// Above the rows of [`epoch`].
pub const EPOCHS: &str = "epoch | train loss | train acc | val loss | val acc\n";

/// Above the rows of [`trial`].
pub const TRIALS: &str = "tried on folds of the training pictures:\n\
                          learning rate | weight decay | dropout | smoothing |   loss |    acc\n";

pub fn heading(data: &Data) -> String {
    let Data { labels, layout: Layout { views, .. }, validation, .. } = data;
    let (classes, train, validation) = (labels.len(), data.train_pictures(), validation.rows());
    let each = if *views == 1 { String::new() } else { format!(", each with {} views more", views - 1) };
    format!("{classes} classes, {train} pictures to train on{each}, {validation} to validate on\n")
}

pub fn trial(trial: &Trial) -> String {
    let Ingredients { learning_rate, weight_decay, dropout, label_smoothing, .. } = trial.recipe.ingredients();
    let Trial { loss, accuracy, .. } = trial;
    format!("{learning_rate:13} | {weight_decay:12} | {dropout:7} | {label_smoothing:9} | {loss:.4} | {accuracy:.4}\n")
}

pub fn folds(folds: &Folds, seed: u32) -> String {
    let (accuracy, [low, high]) = folds.accuracy();
    let each: Vec<String> = folds.accuracies.iter().map(|accuracy| format!("{accuracy:.4}")).collect();
    format!(
        "{} folds of the training pictures, bursts and scenes kept together, seed {seed}: \
         acc {accuracy:.4} ({INTERVAL} for pictures like these {low:.4} to {high:.4}), loss {:.4}; each {}\n",
        folds.accuracies.len(),
        folds.loss,
        each.join(" ")
    )
}

pub fn epoch(row: &Epoch) -> String {
    let Epoch { epoch, loss, accuracy, validation_loss, validation_accuracy } = row;
    format!("{epoch:5} | {loss:10.4} | {accuracy:9.4} | {validation_loss:8.4} | {validation_accuracy:7.4}\n")
}

/// Said at the end too: of a long run, nobody sees what was said at its beginning.
pub fn skipped(pictures: usize) -> String {
    let what = if pictures == 1 { "picture" } else { "pictures" };
    format!("the model was made without {pictures} {what} that could not be read: mobilenet inspect names each")
}

/// The epoch that was kept, how good it is on `pictures` to validate on, and where the model is.
pub fn outcome(fitted: &Fitted, pictures: usize, out: &Path) -> String {
    let best = fitted.best();
    let right = (f64::from(best.validation_accuracy) * pictures as f64).round() as usize;
    let [low, high] = interval(right, pictures);
    format!(
        "kept epoch {}: val loss {:.4}, val acc {:.4}\n{INTERVAL} of it: {low:.4} to {high:.4}\nwrote {}\n",
        fitted.best_epoch,
        best.validation_loss,
        best.validation_accuracy,
        display_text::path(out)
    )
}

//! `mobilenet evaluate`: how good is a model on pictures whose class is known?

use std::path::PathBuf;
use std::process::ExitCode;

use crate::commands::choice::{self, one_of};
use crate::data::dataset::Dataset;
use crate::report::table::table;
use mobilenet_core::fit::metrics::{area_under_roc, calibration_error};
use mobilenet_core::fit::{Metrics, Samples};
use mobilenet_core::head::{argmax, softmax};
use mobilenet_core::picture::view::Views;
use mobilenet_core::{Classifier, Error, Head};
use serde::Serialize;

use crate::commands::bar::embedding;
use crate::commands::terminal::{print, print_json};
use crate::data::embed::{Embedded, embed_dataset};

#[derive(clap::Args)]
pub struct Args {
    /// Model file.
    model: PathBuf,
    /// Folder with one folder of pictures a class.
    dir: PathBuf,
    /// Folder of pictures that are none of the classes: how well are they told apart?
    #[arg(long, value_name = "DIR")]
    others: Option<PathBuf>,
    /// What an answer is the mean of: the picture, with its mirror image, or with the middle of both too.
    #[arg(long, value_parser = one_of(choice::VIEWS), default_value = "one")]
    views: Views,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// How good a model is, and how well it knows its limits.
#[derive(Serialize)]
struct Evaluation {
    #[serde(flatten)]
    metrics: Metrics,
    /// 0 to 1.
    calibration_error: f64,
    /// Share of the pictures that is taken for none of the classes, where the model can tell.
    rejected: Option<f64>,
    others: Option<Others>,
}

/// Pictures that are none of the classes.
#[derive(Serialize)]
struct Others {
    pictures: usize,
    /// Share that is taken for none of the classes.
    rejected: f64,
    /// How often a picture of a class is more like one than one of these.
    area_under_roc: f64,
}

pub fn run(args: &Args) -> Result<ExitCode, Error> {
    let mut classifier = Classifier::open(&args.model)?;
    let dataset = Dataset::scan_as(&args.dir, classifier.head().labels())?;
    let embedded = embed(&dataset, &mut classifier, args.views, "evaluating")?;
    let mut failed = dataset.pictures.len() - embedded.files.len();
    let samples = embedded.samples;
    let mut evaluation = evaluate(classifier.head(), &samples);
    if let Some(folder) = &args.others {
        // Before the pictures, which may be many.
        let reason = || Error::BadArgument("the model has no calibration, so it rejects nothing: train it anew".into());
        classifier.head().calibration().ok_or_else(reason)?;
        let others = Dataset::unsorted(folder)?;
        let embedded = embed(&others, &mut classifier, args.views, "others")?;
        failed += others.pictures.len() - embedded.files.len();
        evaluation.others = Some(tell_apart(classifier.head(), &samples, &embedded.samples));
    }
    if args.json {
        print_json(&format!("{}\n", serde_json::to_string(&evaluation).expect("numbers always serialise")))?;
    } else {
        print(&text(&evaluation))?;
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn embed(dataset: &Dataset, classifier: &mut Classifier, views: Views, what: &'static str) -> Result<Embedded, Error> {
    embedding(dataset, what, |on_done| embed_dataset(dataset, classifier.embedder(), None, views, on_done))
}

fn evaluate(head: &Head, samples: &Samples) -> Evaluation {
    let probabilities: Vec<_> = samples.embeddings.iter().map(|row| softmax(&head.logits(row))).collect();
    let answers: Vec<usize> = probabilities.iter().map(|row| argmax(row)).collect();
    let sure = probabilities.iter().zip(&answers).zip(&samples.classes);
    let sure: Vec<_> = sure.map(|((row, answer), class)| (row[*answer], answer == class)).collect();
    Evaluation {
        metrics: Metrics::count(head.labels(), samples.classes.iter().copied().zip(answers)),
        calibration_error: calibration_error(&sure),
        rejected: head.calibration().map(|_| share_rejected(head, samples)),
        others: None,
    }
}

fn share_rejected(head: &Head, samples: &Samples) -> f64 {
    let rejected = samples.embeddings.iter().filter(|embedding| head.rejects(embedding)).count();
    rejected as f64 / samples.len().max(1) as f64
}

fn tell_apart(head: &Head, samples: &Samples, others: &Samples) -> Others {
    let likeness =
        |samples: &Samples| samples.embeddings.iter().filter_map(|row| head.likeness(row)).collect::<Vec<_>>();
    Others {
        pictures: others.len(),
        rejected: share_rejected(head, others),
        area_under_roc: area_under_roc(&likeness(samples), &likeness(others)),
    }
}

fn text(evaluation: &Evaluation) -> String {
    let Evaluation { metrics, calibration_error, rejected, others } = evaluation;
    let mut classes = vec![["class", "precision", "recall", "F1", "pictures"].map(String::from).to_vec()];
    for class in &metrics.classes {
        let shares = [class.precision, class.recall, class.f1].map(|share| format!("{share:.3}"));
        classes.push([vec![class.label.clone()], shares.to_vec(), vec![class.pictures.to_string()]].concat());
    }
    let labels = || metrics.classes.iter().map(|class| class.label.clone());
    let mut confusion = vec![std::iter::once("truth \\ answer".to_owned()).chain(labels()).collect::<Vec<_>>()];
    for (label, row) in labels().zip(&metrics.confusion) {
        confusion.push(std::iter::once(label).chain(row.iter().map(usize::to_string)).collect());
    }
    let (accuracy, pictures) = (metrics.accuracy, metrics.pictures);
    let mut text = format!("accuracy {accuracy:.4} on {pictures} pictures, calibration error {calibration_error:.4}\n");
    if let Some(rejected) = rejected {
        text += &format!("taken for none of the classes: {:.1} %\n", rejected * 100.0);
    }
    if let Some(Others { pictures, rejected, area_under_roc }) = others {
        let rejected = rejected * 100.0;
        text += &format!("of {pictures} others: {rejected:.1} %, area under the ROC curve {area_under_roc:.4}\n");
    }
    format!("{text}\n{}\n{}", table(&classes), table(&confusion))
}

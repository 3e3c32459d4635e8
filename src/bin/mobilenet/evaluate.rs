//! `mobilenet evaluate`: how good is a model on pictures whose class is known?

use std::path::PathBuf;
use std::process::ExitCode;

use mobilenet_web::head::argmax;
use mobilenet_web::report::table::table;
use mobilenet_web::train::Metrics;
use mobilenet_web::train::dataset::Dataset;
use mobilenet_web::{Classifier, Error};

use crate::progress::embed_dataset;
use crate::terminal::print;

#[derive(clap::Args)]
pub struct Args {
    /// Model file.
    model: PathBuf,
    /// Folder with one folder of pictures a class.
    dir: PathBuf,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> Result<ExitCode, Error> {
    let mut classifier = Classifier::open(&args.model)?;
    let dataset = Dataset::scan_as(&args.dir, &classifier.head().labels)?;
    let (samples, failed) = embed_dataset(&dataset, classifier.embedder(), None, "evaluating")?;
    let head = classifier.head();
    let answers = samples.embeddings.iter().map(|embedding| argmax(&head.logits(embedding)));
    let metrics = Metrics::count(&head.labels, samples.classes.iter().copied().zip(answers));
    if args.json {
        print(&format!("{}\n", serde_json::to_string(&metrics).expect("numbers always serialise")))?;
    } else {
        print(&text(&metrics))?;
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn text(metrics: &Metrics) -> String {
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
    format!("accuracy {accuracy:.4} on {pictures} pictures\n\n{}\n{}", table(&classes), table(&confusion))
}

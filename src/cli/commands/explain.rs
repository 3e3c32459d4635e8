//! `mobilenet explain`: where in a picture is the evidence for a class?

use std::path::PathBuf;
use std::process::ExitCode;

use crate::files::atomic;
use crate::report::overlay::overlay;
use mobilenet_core::base::file;
use mobilenet_core::head::{argmax, softmax};
use mobilenet_core::picture::decode::decode;
use mobilenet_core::picture::resize::Region;
use mobilenet_core::{Classifier, Error, Frame, Head, Heatmap};
use serde_json::{Value, json};

use crate::commands::terminal::{print, print_json};

#[derive(clap::Args)]
pub struct Args {
    /// Model file.
    model: PathBuf,
    /// Picture.
    picture: PathBuf,
    /// Where the picture with the evidence laid over it goes: a PNG.
    #[arg(long, value_name = "FILE", required_unless_present = "json")]
    out: Option<PathBuf>,
    /// Label of the class to look for [default: the likeliest].
    #[arg(long, value_name = "LABEL")]
    class: Option<String>,
    /// Print one JSON object: probability, logit and bias of the class, and the evidence of each position, in logits.
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> Result<ExitCode, Error> {
    let mut classifier = Classifier::open(&args.model)?;
    let wanted = args.class.as_deref().map(|label| class_of(label, classifier.head().labels())).transpose()?;
    let bytes = file::read(&args.picture)?;
    let frame = decode(&bytes).map_err(Error::in_file(&args.picture))?;
    let logits = classifier.logits(&frame);
    let heatmap = classifier.heatmap(&frame, wanted.unwrap_or_else(|| argmax(&logits)))?;
    if let Some(out) = &args.out {
        atomic::write(out, &overlay(&frame, &heatmap))?;
    }
    if args.json {
        let object = json(classifier.head(), &logits, &heatmap);
        print_json(&format!("{object}\n"))?;
    } else {
        print(&text(classifier.head(), &logits, &heatmap, &frame))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn class_of(label: &str, labels: &[String]) -> Result<usize, Error> {
    labels.iter().position(|known| known == label).ok_or_else(|| {
        Error::BadArgument(format!("the model has no class {label:?}: choose one of {}", labels.join(", ")))
    })
}

fn text(head: &Head, logits: &[f32], heatmap: &Heatmap, frame: &Frame) -> String {
    let percent = 100.0 * softmax(logits)[heatmap.class];
    let place = match heatmap.core() {
        Some(core) => {
            let (right, bottom) = (core.x + core.width, core.y + core.height);
            format!(
                "half of the evidence is {}: x {} to {right}, y {} to {bottom} of {} x {} pixels",
                place(core, heatmap.region),
                core.x,
                core.y,
                frame.width(),
                frame.height()
            )
        }
        None => "no part of the picture speaks for it".into(),
    };
    format!("{} {percent:.1} %\n{place}\n", head.labels()[heatmap.class])
}

/// In words: the third that the middle of a rectangle is in, down and across.
fn place(part: Region, of: Region) -> &'static str {
    let third = |start: usize, length: usize, from: usize, whole: usize| {
        (3 * (2 * (start - from) + length) / (2 * whole)).min(2)
    };
    let down = third(part.y, part.height, of.y, of.height);
    let across = third(part.x, part.width, of.x, of.width);
    const WORDS: [[&str; 3]; 3] = [
        ["at the upper left", "at the top", "at the upper right"],
        ["on the left", "in the middle", "on the right"],
        ["at the lower left", "at the bottom", "at the lower right"],
    ];
    WORDS[down][across]
}

fn json(head: &Head, logits: &[f32], heatmap: &Heatmap) -> Value {
    let class = heatmap.class;
    let rectangle = |Region { x, y, width, height }| json!({ "x": x, "y": y, "width": width, "height": height });
    json!({
        "label": head.labels()[class],
        "probability": softmax(logits)[class],
        "logit": logits[class],
        "bias": head.unplaced_bias(class),
        "heatmap": heatmap.values.chunks_exact(heatmap.side).collect::<Vec<_>>(),
        "region": rectangle(heatmap.region),
        "core": heatmap.core().map(rectangle),
    })
}

//! The terminal's half of the benchmark: ours on each set of instructions that this machine has, tract and ONNX Runtime on one thread in
//! turn, then whole folders of photos.
//!
//! `cargo bench --bench native -- [--quick] [--models DIR]`, after `./build.sh bench` has exported the models and installed Python's
//! packages. Writes `target/bench/native.json`. As in the browser, an engine takes two runs that do not count and five that do,
//! then it is the next one's turn, so that whatever else the machine does falls on all alike.

mod engine;
mod onnxruntime;
mod ours;
mod photos;
mod tract;

use std::path::PathBuf;

use mobilenet::files::atomic;
use mobilenet_core::base::file;
use mobilenet_core::picture::decode::decode;
use mobilenet_core::picture::input::preprocess;
use mobilenet_core::{Classifier, Frame};
use serde_json::{Value, json};

use engine::{Engine, Failure, percentile};

const DISCARDED: usize = 2;
const TIMED: usize = 5;
const SAMPLES: [&str; 5] = ["bed", "chair", "sofa", "swivelchair", "table"];
/// How far a probability may be from ours on the same input; `tests/bench/answers.mjs` says why.
const TOLERANCE: f32 = 0.005;
const OUT: &str = "target/bench/native.json";

struct Amounts {
    turns: usize,
    chunk: usize,
    chunks: usize,
}

const FULL: Amounts = Amounts { turns: 12, chunk: 300, chunks: usize::MAX };
const QUICK: Amounts = Amounts { turns: 3, chunk: 100, chunks: 2 };

fn main() -> Result<(), Failure> {
    // Cargo starts it in the folder of the package; every path here is from the root of the project.
    std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let amounts = if arguments.iter().any(|one| one == "--quick") { QUICK } else { FULL };
    let models = arguments.iter().position(|one| one == "--models").and_then(|at| arguments.get(at + 1));
    let models = PathBuf::from(models.map_or("target/bench/models", String::as_str));

    let mut classifier = Classifier::embedded()?;
    let inputs = SAMPLES.iter().map(|label| input(&mut classifier, label)).collect::<Result<Vec<_>, _>>()?;
    let python = onnxruntime::Child::start()?;
    let ours = ours::Ours::all(&classifier, &inputs)?;
    let others: [Box<dyn Engine>; 3] = [
        Box::new(tract::Tract::open(&models, &inputs)?),
        Box::new(onnxruntime::OnnxRuntime::open(&python, &models, "f32", &inputs)?),
        Box::new(onnxruntime::OnnxRuntime::open(&python, &models, "int8", &inputs)?),
    ];
    let mut engines: Vec<Box<dyn Engine>> = Vec::new();
    engines.extend(ours.into_iter().map(|one| Box::new(one) as Box<dyn Engine>));
    engines.extend(others);
    let mut rows = engines.iter().map(|engine| engine.describe()).collect::<Vec<Value>>();
    time(&mut engines, &mut rows, amounts.turns)?;
    photos::measure(&mut engines, &mut rows, amounts.chunk, amounts.chunks)?;
    let wrong = check(&mut engines, &mut rows)?;
    atomic::write(OUT.as_ref(), format!("{:#}\n", json!(rows)).as_bytes())?;
    if wrong.is_empty() { Ok(()) } else { Err(format!("wrong answers: {}", wrong.join("; ")).into()) }
}

fn input(classifier: &mut Classifier, label: &str) -> Result<Vec<u8>, Failure> {
    let path = PathBuf::from(format!("www/samples/{label}.jpg"));
    let frame: Frame = decode(&file::read(&path)?)?;
    Ok(preprocess(&frame, classifier.embedder().input()))
}

/// The network alone.
fn time(engines: &mut [Box<dyn Engine>], rows: &mut [Value], turns: usize) -> Result<(), Failure> {
    let mut millis = vec![Vec::new(); engines.len()];
    for turn in 1..=turns {
        eprintln!("turn {turn} of {turns}");
        for (engine, millis) in engines.iter_mut().zip(&mut millis) {
            millis.extend(engine.run(DISCARDED, TIMED)?);
        }
    }
    for (row, mut millis) in rows.iter_mut().zip(millis) {
        millis.sort_by(f64::total_cmp);
        for (name, share) in [("p10_ms", 0.1), ("median_ms", 0.5), ("p90_ms", 0.9)] {
            row[name] = json!(percentile(&millis, share));
        }
        row["runs"] = json!(millis.len());
    }
    Ok(())
}

/// Whose probabilities differ from ours; what is no number is not within any tolerance.
fn check(engines: &mut [Box<dyn Engine>], rows: &mut [Value]) -> Result<Vec<String>, Failure> {
    let answers = engines.iter_mut().map(|engine| engine.answers()).collect::<Result<Vec<_>, _>>()?;
    let mut complaints = Vec::new();
    for (row, theirs) in rows.iter_mut().zip(&answers) {
        let differs = |at: &usize| !alike(&answers[0][*at], &theirs[*at]);
        let wrong: Vec<&str> = (0..SAMPLES.len()).filter(differs).map(|at| SAMPLES[at]).collect();
        if !wrong.is_empty() {
            complaints.push(format!("{} {} on {}", row["engine"], row["precision"], wrong.join(", ")));
        }
        row["wrong"] = json!(wrong);
    }
    Ok(complaints)
}

fn alike(ours: &[f32], theirs: &[f32]) -> bool {
    ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| (ours - theirs).abs() <= TOLERANCE)
}

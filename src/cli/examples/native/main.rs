//! Names what is in every picture below a folder, on all cores, as CSV: `cargo run --release --example folder -- DIR`.
//!
//! A picture that cannot be read costs none of the others: it is told on stderr, and the program fails in the end.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use mobilenet::data::dataset::pictures_in;
use mobilenet_core::base::file;
use mobilenet_core::{Answer, Classifier, Error};
use rayon::prelude::*;

/// Below it the likeliest class is a guess.
const SURE: f32 = 0.6;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: folder DIR");
        return ExitCode::from(2);
    };
    match run(&folder) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints a line a picture; how many could not be read.
fn run(folder: &Path) -> Result<usize, Box<dyn std::error::Error>> {
    let files = pictures_in(folder)?;
    let classifier = Classifier::embedded()?;
    // A classifier has memory of its own to work in, so each thread has one.
    let answers: Vec<_> =
        files.par_iter().map_init(|| classifier.clone(), |classifier, file| classify(classifier, file)).collect();
    let mut out = io::stdout().lock();
    writeln!(out, "file,answer,probability")?;
    for (file, answer) in files.iter().zip(&answers) {
        match answer {
            Ok(answer) => writeln!(out, "{},{}", quoted(file), cells(answer))?,
            Err(error) => eprintln!("error: {error}"),
        }
    }
    Ok(answers.iter().filter(|answer| answer.is_err()).count())
}

fn classify(classifier: &mut Classifier, file: &Path) -> Result<Answer, Error> {
    classifier.classify_bytes(&file::read(file)?, 1).map_err(Error::in_file(file))
}

/// Label and probability of the likeliest class; no label where it is not sure.
fn cells(answer: &Answer) -> String {
    let Some(best) = answer.predictions.first() else { return ",".into() };
    let sure = !answer.rejected && best.probability >= SURE;
    format!("{},{:.4}", if sure { &best.label } else { "" }, best.probability)
}

fn quoted(file: &Path) -> String {
    format!("\"{}\"", file.to_string_lossy().replace('"', "\"\""))
}

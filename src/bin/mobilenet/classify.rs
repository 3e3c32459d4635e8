//! `mobilenet classify`: what is in these pictures?

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use mobilenet_web::decode::decode;
use mobilenet_web::train::dataset::pictures_in;
use mobilenet_web::view::Views;
use mobilenet_web::{Answer, Classifier, Error, Prediction, artefact};
use rayon::prelude::*;
use serde_json::json;

use crate::terminal::print;

/// Pictures that are worked on before their answers are printed: enough for all cores, few enough to see them come.
const CHUNK: usize = 64;

#[derive(clap::Args)]
pub struct Args {
    /// Model file.
    model: PathBuf,
    /// Pictures, and folders of pictures.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Labels to print for each picture.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    top_k: u32,
    /// What an answer is the mean of: the picture, with its mirror image, or with the middle of both too (1, 2 or 4
    /// times the work).
    #[arg(long, value_enum, default_value_t)]
    views: Views,
    /// One JSON object a line: {"file", "predictions": [{"label", "probability"}], "rejected"} or {"file", "error"}; what is
    /// rejected is none of the classes.
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> Result<ExitCode, Error> {
    let classifier = Classifier::open(&args.model)?;
    let mut failed = false;
    for path in &args.paths {
        let found = if path.is_dir() { pictures_in(path) } else { Ok(vec![path.clone()]) };
        let files = match found {
            Ok(files) => files,
            Err(error) => {
                failed = true;
                print(&line(path, &Err(error), args.json))?;
                continue;
            }
        };
        for chunk in files.chunks(CHUNK) {
            let answer = |classifier: &mut Classifier, file: &PathBuf| answer(classifier, file, args);
            let answers: Vec<_> = chunk.par_iter().map_init(|| classifier.clone(), answer).collect();
            failed |= answers.iter().any(Result::is_err);
            let lines: String =
                chunk.iter().zip(&answers).map(|(file, answer)| line(file, answer, args.json)).collect();
            print(&lines)?;
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn answer(classifier: &mut Classifier, file: &Path, args: &Args) -> Result<Answer, Error> {
    let frame = decode(&artefact::read(file)?).map_err(Error::in_file(file))?;
    Ok(classifier.classify_views(&frame, args.views, args.top_k as usize))
}

fn line(file: &Path, answer: &Result<Answer, Error>, json: bool) -> String {
    let name = file.to_string_lossy();
    match answer {
        Ok(Answer { predictions, rejected }) if json => {
            format!("{}\n", json!({ "file": name, "predictions": predictions, "rejected": rejected }))
        }
        Err(error) if json => format!("{}\n", json!({ "file": name, "error": error.to_string() })),
        Ok(Answer { predictions, rejected }) => {
            let percent = |p: &Prediction| format!("{} {:.1} %", p.label, p.probability * 100.0);
            let listed = predictions.iter().map(percent).collect::<Vec<_>>().join(", ");
            if *rejected { format!("{name}: none of these ({listed})\n") } else { format!("{name}: {listed}\n") }
        }
        Err(error) => format!("error: {error}\n"),
    }
}

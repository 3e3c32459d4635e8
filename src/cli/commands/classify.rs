//! `mobilenet classify`: what is in these pictures, says a model of ours or a classifier in an ONNX file.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::commands::choice::{self, one_of};
use crate::data::dataset::pictures_in;
use mobilenet_core::base::{display_text, file};
use mobilenet_core::picture::decode::decode;
use mobilenet_core::picture::view::Views;
use mobilenet_core::{Answer, Classifier, Error, Frame, Prediction};
use mobilenet_onnx::{Labels, OnnxClassifier, OnnxOptions};
use rayon::prelude::*;
use serde_json::json;

use crate::commands::onnx_args::InputArgs;
use crate::commands::terminal::{is_unread, print, print_json, say};

/// Pictures that are worked on before their answers are printed: enough for all cores, few enough to see them come.
const CHUNK: usize = 64;

#[derive(clap::Args)]
pub struct Args {
    /// Model file, or any classifier of pictures as FILE.onnx, which is run in float.
    model: PathBuf,
    /// Pictures, and folders of pictures.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Labels to print for each picture.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    top_k: u32,
    /// What an answer is the mean of: the picture, with its mirror image, or with the middle of both too (1, 2 or 4
    /// times the work). Of models of ours alone.
    #[arg(long, value_parser = one_of(choice::VIEWS), default_value = "one")]
    views: Views,
    /// Names of an ONNX file's classes, one a line; without them those in the file, or numbers.
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    #[command(flatten)]
    input: InputArgs,
    /// One JSON object a line: {"file", "predictions": [{"label", "probability"}], "rejected"} or {"file", "error"}; what is
    /// rejected is none of the classes.
    #[arg(long)]
    json: bool,
}

/// Whoever answers.
#[derive(Clone)]
enum Model {
    Ours(Box<Classifier>, Views),
    Onnx(OnnxClassifier),
}

pub fn run(args: &Args) -> Result<ExitCode, Error> {
    let model = Model::open(args)?;
    let mut failed = false;
    let show = if args.json { print_json } else { print };
    for path in &args.paths {
        let found = if path.is_dir() { pictures_in(path) } else { Ok(vec![path.clone()]) };
        let files = match found {
            Ok(files) => files,
            Err(error) => {
                failed = true;
                show(&line(path, &Err(error), args.json))?;
                continue;
            }
        };
        for chunk in files.chunks(CHUNK) {
            let answer = |model: &mut Model, file: &PathBuf| answer(model, file, args);
            let answers: Vec<_> = chunk.par_iter().map_init(|| model.clone(), answer).collect();
            failed |= answers.iter().any(Result::is_err);
            let lines: String =
                chunk.iter().zip(&answers).map(|(file, answer)| line(file, answer, args.json)).collect();
            show(&lines)?;
            if is_unread() {
                break;
            }
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

impl Model {
    fn open(args: &Args) -> Result<Self, Error> {
        let Args { model, labels, input, views, .. } = args;
        if model.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("onnx")) {
            if *views != Views::One {
                return Err(Error::BadArgument(
                    "--views is for models of ours: an ONNX file answers to one view".into(),
                ));
            }
            return Self::open_onnx(args);
        }
        if labels.is_some() || input.any() {
            let reason =
                format!("{}: a model of ours says itself what it expects and knows", display_text::path(model));
            return Err(Error::BadArgument(reason + ": leave out the options that are for ONNX files"));
        }
        Ok(Self::Ours(Box::new(Classifier::open(model)?), *views))
    }

    fn open_onnx(Args { model, labels, input, .. }: &Args) -> Result<Self, Error> {
        let labels = labels.as_ref().map(|path| Labels::read(&file::read(path)?).map_err(Error::in_file(path)));
        let options =
            OnnxOptions { labels: labels.transpose()?, levels: input.levels(), fit: input.fit(), side: input.side };
        let opened = OnnxClassifier::from_bytes(&file::read(model)?, &options).map_err(Error::in_file(model))?;
        if options.levels.is_none() {
            let guess = opened.levels().name().unwrap_or_default();
            say(format_args!("{}: taken for a file whose input expects --input {guess}", display_text::path(model)));
        }
        Ok(Self::Onnx(opened))
    }

    fn classify(&mut self, frame: &Frame, top_k: usize) -> Result<Answer, Error> {
        match self {
            Self::Ours(classifier, views) => Ok(classifier.classify_views(frame, *views, top_k)),
            Self::Onnx(classifier) => classifier.classify(frame, top_k),
        }
    }
}

fn answer(model: &mut Model, file: &Path, args: &Args) -> Result<Answer, Error> {
    let frame = decode(&file::read(file)?).map_err(Error::in_file(file))?;
    model.classify(&frame, args.top_k as usize)
}

fn line(file: &Path, answer: &Result<Answer, Error>, json: bool) -> String {
    let name = if json { file.to_string_lossy() } else { display_text::path(file).into() };
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

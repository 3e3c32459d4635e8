//! `mobilenet verify`: the tutorial's conversion test, on every picture and to the last bit.
//!
//! Two programs answer for every photo: this one, whose kernels the head was fitted with, and the wasm file that a page
//! loads, run by Node in the same engine that Chromium has. They must give the same probabilities bit for bit.

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};

use crate::data::dataset::Dataset;
use crate::site::{missing, packed_site};
use mobilenet_core::base::{display_text, file};
use mobilenet_core::{Answer, Classifier, Error};
use rayon::prelude::*;
use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

use crate::commands::bar::bar;
use crate::commands::terminal::{print, say};

const SCRIPT: &str = include_str!("verify.mjs");
/// The engine: its wasm, and the script that starts it.
const ENGINE: [&str; 2] = ["mobilenet_web.js", "mobilenet_web_bg.wasm"];

#[derive(clap::Args)]
pub struct Args {
    /// Model file.
    model: PathBuf,
    /// Folder with one folder of pictures a class.
    dir: PathBuf,
    /// Folder of the wasm to compare with [default: the wasm in this program].
    #[arg(long, value_name = "DIR")]
    wasm: Option<PathBuf>,
}

/// What one program says of one picture: every class, likeliest first, or why not.
type Outcome = Result<Answer, String>;

#[derive(Default)]
struct Counts {
    pictures: usize,
    agree: usize,
    identical: usize,
    native_right: usize,
    wasm_right: usize,
}

pub fn run(args: &Args) -> Result<ExitCode, Error> {
    let classifier = Classifier::open(&args.model)?;
    let labels = classifier.head().labels().to_vec();
    let dataset = Dataset::scan_as(&args.dir, &labels)?;
    let files: Vec<&Path> = dataset.pictures.iter().map(|(file, _)| file.as_path()).collect();
    let engine = Engine::open(args.wasm.as_deref())?;
    let wasm = wasm_answers(engine.folder(), &args.model, &files)?;
    let native = native_answers(&classifier, &files);
    let mut counts = Counts::default();
    for (((file, class), native), wasm) in dataset.pictures.iter().zip(&native).zip(&wasm) {
        counts.add(file, &labels[*class], native, wasm);
    }
    let Counts { pictures, agree, identical, native_right, wasm_right } = counts;
    print(&format!(
        "answers that agree, trained and exported   {agree} of {pictures}\n\
         probabilities equal bit for bit            {identical} of {pictures}\n\
         right against the folders, trained         {native_right} of {pictures}\n\
         right against the folders, exported        {wasm_right} of {pictures}\n"
    ))?;
    let passed = pictures > 0 && identical == pictures;
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The folder that Node runs the wasm from.
enum Engine {
    Named(PathBuf),
    Unpacked(TempDir),
}

impl Engine {
    fn open(wasm: Option<&Path>) -> Result<Self, Error> {
        let Some(folder) = wasm else { return unpack().map(Self::Unpacked) };
        if let Some(missing) = ENGINE.iter().find(|name| !folder.join(name).is_file()) {
            let folder = display_text::path(folder);
            return Err(Error::BadArgument(format!(
                "{folder} holds no {missing}: `./build.sh build` makes it in pkg/wasm"
            )));
        }
        folder.canonicalize().map(Self::Named).map_err(Error::io("read", folder))
    }

    fn folder(&self) -> &Path {
        match self {
            Self::Named(folder) => folder,
            Self::Unpacked(folder) => folder.path(),
        }
    }
}

/// The wasm in this program, as files.
fn unpack() -> Result<TempDir, Error> {
    let site = packed_site().ok_or_else(|| missing(", or name a folder of the wasm with --wasm"))?;
    let folder = tempfile::tempdir().map_err(Error::io("make a folder in", std::env::temp_dir()))?;
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).map_err(Error::io("write", &path))
    };
    // Node takes a script for a module by this alone.
    write("package.json", br#"{"type":"module"}"#)?;
    for name in ENGINE {
        let bytes = site.wasm(name).ok_or_else(|| missing(", or name a folder of the wasm with --wasm"))?;
        write(name, bytes)?;
    }
    Ok(folder)
}

impl Counts {
    fn add(&mut self, file: &Path, truth: &str, native: &Outcome, wasm: &Outcome) {
        self.pictures += 1;
        let top = |answer: &Outcome| {
            answer.as_ref().ok().and_then(|answer| answer.predictions.first()).map(|p| p.label.clone())
        };
        let (native_top, wasm_top) = (top(native), top(wasm));
        self.agree += usize::from(native_top.is_some() && native_top == wasm_top);
        self.native_right += usize::from(native_top.as_deref() == Some(truth));
        self.wasm_right += usize::from(wasm_top.as_deref() == Some(truth));
        match (native, wasm) {
            (Ok(native), Ok(wasm)) if native == wasm => self.identical += 1,
            (Ok(native), Ok(wasm)) => {
                say(format_args!("{}: trained {native:?}, exported {wasm:?}", display_text::path(file)))
            }
            (Err(error), _) | (_, Err(error)) => say(format_args!("{}: {error}", display_text::path(file))),
        }
    }
}

fn native_answers(classifier: &Classifier, files: &[&Path]) -> Vec<Outcome> {
    let bar = bar(files.len(), "trained model ");
    let answer = |classifier: &mut Classifier, file: &&Path| {
        bar.inc(1);
        let bytes = file::read(file).map_err(|error| error.to_string())?;
        classifier.classify_bytes(&bytes, usize::MAX).map_err(|error| error.to_string())
    };
    let answers = files.par_iter().map_init(|| classifier.clone(), answer).collect();
    bar.finish_and_clear();
    answers
}

/// Starts Node on the wasm file and reads one line of JSON a picture.
fn wasm_answers(package: &Path, model: &Path, files: &[&Path]) -> Result<Vec<Outcome>, Error> {
    let mut node = Command::new("node")
        .args(["--input-type=module", "--eval", SCRIPT])
        .arg(package)
        .arg(model)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(no_node)?;
    let bar = bar(files.len(), "exported model");
    let answers = exchange(&mut node, files, || bar.inc(1)).map_err(Error::io("talk to", "node"))?;
    bar.finish_and_clear();
    let status = node.wait().map_err(Error::io("wait for", "node"))?;
    if answers.len() == files.len() && status.success() {
        return Ok(answers);
    }
    Err(Error::GateFailed(format!(
        "the wasm answered {} of {} pictures and ended with {status}",
        answers.len(),
        files.len()
    )))
}

fn no_node(error: std::io::Error) -> Error {
    match error.kind() {
        ErrorKind::NotFound => Error::BadArgument(
            "`node` was not found, which runs the wasm: install Node 20 or newer, and try again".into(),
        ),
        _ => Error::io("run the wasm in", "node")(error),
    }
}

/// A path as the script takes it: text, or bytes where it is none.
fn name(file: &Path) -> Value {
    file.to_str().map_or_else(|| file.as_os_str().as_encoded_bytes().into(), Value::from)
}

/// One line of the script's output.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Answer { answer: Answer },
    Error { error: String },
}

fn exchange(node: &mut Child, files: &[&Path], on_answer: impl Fn()) -> std::io::Result<Vec<Outcome>> {
    let (Some(mut input), Some(output)) = (node.stdin.take(), node.stdout.take()) else {
        return Err(std::io::Error::other("it has no pipes"));
    };
    let names: Vec<Value> = files.iter().map(|file| name(file)).collect();
    let writer = std::thread::spawn(move || -> std::io::Result<()> {
        for name in names {
            writeln!(input, "{name}")?;
        }
        Ok(())
    });
    let mut answers = Vec::new();
    for line in BufReader::new(output).lines() {
        answers.push(match serde_json::from_str(&line?)? {
            Line::Answer { answer } => Ok(answer),
            Line::Error { error } => Err(error),
        });
        on_answer();
    }
    // When Node ended early the pipe is broken; the number of answers tells.
    let _ = writer.join();
    Ok(answers)
}

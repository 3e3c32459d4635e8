//! ONNX Runtime: a Python child that answers a line for each line, so that it takes its turn like the others.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::rc::Rc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::engine::{Classified, Engine, Failure, Model};

const PYTHON: &str = "target/bench/venv/bin/python";
const SCRIPT: &str = "tests/bench/native/child.py";

/// The child; it ends when its input does.
pub struct Child {
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Child {
    pub fn start() -> Result<Rc<RefCell<Self>>, Failure> {
        let spawned = Command::new(PYTHON).arg(SCRIPT).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child =
            spawned.map_err(|error| format!("{PYTHON}: {error}; run ./build.sh bench native, which installs it"))?;
        let (requests, answers) = child.stdin.take().zip(child.stdout.take()).ok_or("the child has no pipes")?;
        Ok(Rc::new(RefCell::new(Self { requests, answers: BufReader::new(answers) })))
    }

    fn ask<T: DeserializeOwned>(&mut self, request: &Value) -> Result<T, Failure> {
        writeln!(self.requests, "{request}")?;
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            return Err(format!("{SCRIPT} ended; its complaint is above").into());
        }
        Ok(serde_json::from_str(&line)?)
    }
}

pub struct OnnxRuntime {
    child: Rc<RefCell<Child>>,
    precision: &'static str,
    version: String,
}

#[derive(Deserialize)]
struct Opened {
    version: String,
}

#[derive(Deserialize)]
struct Ran {
    millis: Vec<f64>,
}

#[derive(Deserialize)]
struct Answered {
    answers: Vec<Vec<f32>>,
}

#[derive(Deserialize)]
struct Photos {
    seconds: f64,
    classes: Vec<usize>,
}

impl OnnxRuntime {
    pub fn open(
        child: &Rc<RefCell<Child>>,
        models: &Path,
        precision: &'static str,
        inputs: &[Vec<u8>],
    ) -> Result<Self, Failure> {
        let Model { file, number } = Model::of(&format!("onnx {precision}"))?;
        let request = json!({ "verb": "open", "network": precision, "model": models.join(file), "type": number, "inputs": inputs });
        let Opened { version } = child.borrow_mut().ask(&request)?;
        Ok(Self { child: Rc::clone(child), precision, version })
    }
}

impl Engine for OnnxRuntime {
    fn describe(&self) -> Value {
        json!({ "engine": "ONNX Runtime", "threads": 1, "precision": self.precision, "version": self.version })
    }

    fn run(&mut self, discarded: usize, timed: usize) -> Result<Vec<f64>, Failure> {
        let request = json!({ "verb": "run", "network": self.precision, "discarded": discarded, "timed": timed });
        Ok(self.child.borrow_mut().ask::<Ran>(&request)?.millis)
    }

    fn answers(&mut self) -> Result<Vec<Vec<f32>>, Failure> {
        Ok(self.child.borrow_mut().ask::<Answered>(&json!({ "verb": "answer", "network": self.precision }))?.answers)
    }

    fn photos(&mut self, files: &[PathBuf]) -> Result<Option<Classified>, Failure> {
        if self.precision != "f32" {
            return Ok(None);
        }
        let Photos { seconds, classes } =
            self.child.borrow_mut().ask(&json!({ "verb": "photos", "network": self.precision, "files": files }))?;
        Ok(Some(Classified { seconds, classes }))
    }
}

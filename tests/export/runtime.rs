//! The runtimes, and how one is run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mobilenet::files::atomic;
use mobilenet_core::Head;
use mobilenet_core::export::{Content, Format, Precision, export};
use mobilenet_core::network::Backbone;

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/export");

/// One runtime with one kind of file.
pub struct Runtime {
    pub name: &'static str,
    /// Which function of `run.py`, if it is one.
    python: Option<&'static str>,
    pub format: Format,
    pub precision: Precision,
    /// Whether it takes any backbone, also one without a head.
    pub takes_backbones: bool,
}

const fn python(
    name: &'static str,
    function: &'static str,
    format: Format,
    precision: Precision,
    takes_backbones: bool,
) -> Runtime {
    Runtime { name, python: Some(function), format, precision, takes_backbones }
}

pub const RUNTIMES: [Runtime; 8] = [
    python("ONNX Runtime, int8", "onnxruntime", Format::Onnx, Precision::Int8, true),
    python("ONNX Runtime, float", "onnxruntime", Format::Onnx, Precision::Float, true),
    python("LiteRT, int8", "litert", Format::Tflite, Precision::Int8, true),
    python("LiteRT, float", "litert", Format::Tflite, Precision::Float, true),
    python("MediaPipe, int8", "mediapipe", Format::Tflite, Precision::Int8, false),
    python("MediaPipe, float", "mediapipe", Format::Tflite, Precision::Float, false),
    Runtime {
        name: "TensorFlow.js, float",
        python: None,
        format: Format::Tfjs,
        precision: Precision::Float,
        takes_backbones: true,
    },
    python("numpy, safetensors", "numpy", Format::Safetensors, Precision::Float, false),
];

/// What came out of a runtime.
pub struct Outcome {
    /// The labels that it found in the file.
    pub labels: Vec<String>,
    /// One row a picture.
    pub answers: Vec<Vec<f32>>,
}

impl Runtime {
    /// The program to start and the arguments before the model; `None` where it is not installed.
    fn program(&self) -> Option<Command> {
        if let Some(function) = self.python {
            let mut command = Command::new(std::env::var_os("MOBILENET_PYTHON")?);
            command.arg(format!("{SCRIPTS}/run.py")).arg(function);
            return Some(command);
        }
        let installed = Path::new(SCRIPTS).join("node_modules/@tensorflow/tfjs-core").is_dir();
        let mut command = Command::new("node");
        command.arg(format!("{SCRIPTS}/run.mjs"));
        installed.then_some(command)
    }

    /// Why it can't run here.
    pub fn missing(&self) -> Option<String> {
        let missing = if self.python.is_some() {
            "MOBILENET_PYTHON names no Python"
        } else {
            "tests/export/node_modules has no TensorFlow.js"
        };
        self.program().is_none().then(|| missing.into())
    }

    /// Exports a model and runs it on inputs, `side * side * 3` bytes each.
    pub fn run(&self, backbone: &Backbone, head: Option<&Head>, inputs: &[Vec<u8>]) -> Result<Outcome, String> {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).map_err(|error| error.to_string())?;
        let model = write(self, backbone, head, folder.path()).map_err(|error| error.to_string())?;
        let (pictures, answers) = (folder.path().join("inputs"), folder.path().join("answers"));
        fs::write(&pictures, inputs.concat()).map_err(|error| error.to_string())?;
        let mut command = self.program().ok_or("not installed")?;
        command.arg(model).arg(backbone.input().side.to_string()).arg(&pictures).arg(&answers);
        let output = command.output().map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(format!(
                "{}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            ));
        }
        let labels = serde_json::from_slice(&output.stdout).map_err(|error| format!("its labels: {error}"))?;
        let numbers = fs::read(&answers).map_err(|error| error.to_string())?;
        let (words, _) = numbers.as_chunks::<4>();
        let numbers: Vec<f32> = words.iter().map(|word| f32::from_le_bytes(*word)).collect();
        let answers = numbers.chunks(numbers.len() / inputs.len()).map(<[f32]>::to_vec).collect();
        Ok(Outcome { labels, answers })
    }
}

fn write(
    runtime: &Runtime,
    backbone: &Backbone,
    head: Option<&Head>,
    folder: &Path,
) -> Result<PathBuf, mobilenet_core::Error> {
    let model = folder.join(format!("model.{}", runtime.format.name()));
    match export(backbone, head, runtime.format, runtime.precision)?.content {
        Content::File(bytes) => atomic::write(&model, &bytes)?,
        Content::Folder(files) => {
            files.iter().try_for_each(|(name, bytes)| atomic::write(&model.join(name), bytes))?;
        }
    }
    Ok(model)
}

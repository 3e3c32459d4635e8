//! `mobilenet export`: a model as a file for other runtimes.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use mobilenet_web::classifier::complete;
use mobilenet_web::export::{Content, Exported, Format, Precision, export};
use mobilenet_web::{Error, Model, artefact};

use crate::terminal::print;

#[derive(clap::Args)]
pub struct Args {
    /// Model file: a backbone, a head (its backbone is the one compiled in), or both.
    model: PathBuf,
    /// For which runtimes: onnx (ONNX Runtime and others), tflite (LiteRT, MediaPipe), tfjs (TensorFlow.js), safetensors (Python).
    #[arg(long)]
    format: Format,
    /// In which numbers it computes: int8 or float [default: int8 for onnx and tflite, float for tfjs and safetensors].
    #[arg(long)]
    precision: Option<Precision>,
    /// Where it goes, for tfjs a folder [default: MODEL.PRECISION.FORMAT in this folder].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result<ExitCode, Error> {
    let in_file = || Error::in_file(&args.model);
    let Model { backbone, head, self_test } = Model::open(&args.model)?;
    let (backbone, _) = complete(backbone, head.as_ref(), &self_test).map_err(in_file())?;
    let precision = args.precision.unwrap_or(args.format.precision());
    let Exported { content, about } = export(&backbone, head.as_ref(), args.format, precision).map_err(in_file())?;
    let out = args.out.clone().unwrap_or_else(|| args.default_out(precision));
    let written = match content {
        Content::File(bytes) => write(&out, &bytes)?,
        Content::Folder(files) => {
            files.iter().map(|(name, bytes)| write(&out.join(name), bytes)).collect::<Result<_, _>>()?
        }
    };
    print(&format!("{written}{about}\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// Writes a file and says so.
fn write(path: &Path, bytes: &[u8]) -> Result<String, Error> {
    artefact::write(path, bytes)?;
    Ok(format!("wrote {} ({} bytes)\n", path.display(), bytes.len()))
}

impl Args {
    fn default_out(&self, precision: Precision) -> PathBuf {
        let stem = self.model.file_stem().unwrap_or(self.model.as_os_str()).to_string_lossy();
        format!("{stem}.{}.{}", precision.name(), self.format.name()).into()
    }
}

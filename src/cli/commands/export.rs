//! `mobilenet export`: a model as a file for other runtimes, or as a page.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;

use crate::files::atomic;
use mobilenet_core::base::{display_text, file};
use mobilenet_core::classifier::complete;
use mobilenet_core::export;
use mobilenet_core::export::{Content, Exported, Format, Page, Precision};
use mobilenet_core::network::Backbone;
use mobilenet_core::{Error, Head, Model};

use crate::commands::terminal::print;
use crate::site;

/// The word for a page, beside those of the formats.
pub const PAGE: &str = "html";

#[derive(clap::Args)]
pub struct Args {
    /// Model file: a backbone, a head (its backbone is the one compiled in), or both.
    model: PathBuf,
    /// For whom: html (a page in one file, for anybody with a browser), onnx (ONNX Runtime and others), tflite (LiteRT, MediaPipe),
    /// tfjs (TensorFlow.js), safetensors (Python).
    #[arg(long)]
    format: Target,
    /// In which numbers it computes: int8 or float [default: int8 for html, onnx and tflite, float for tfjs and safetensors].
    #[arg(long)]
    precision: Option<Precision>,
    /// Page to put the model into, for html [default: the one in this program].
    #[arg(long, value_name = "FILE")]
    page: Option<PathBuf>,
    /// Where it goes, for tfjs a folder [default: MODEL.html or MODEL.PRECISION.FORMAT in this folder].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// For whom a model is exported.
#[derive(Clone, Copy)]
enum Target {
    /// Anybody with a browser.
    Page,
    /// A runtime of one's own.
    Runtime(Format),
}

impl FromStr for Target {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        if name == PAGE {
            return Ok(Self::Page);
        }
        let unknown = |_| Error::BadArgument("a format is html, onnx, tflite, tfjs or safetensors".into());
        name.parse().map(Self::Runtime).map_err(unknown)
    }
}

pub fn run(args: &Args) -> Result<ExitCode, Error> {
    let model = Model::open(&args.model)?;
    let own = model.backbone.clone();
    // The self-test is run before anything is written.
    let (backbone, _) = complete(own, model.head.as_ref(), &model.self_test).map_err(Error::in_file(&args.model))?;
    let text = match args.format {
        Target::Page => args.export_page(&model)?,
        Target::Runtime(format) => args.export_file(&backbone, model.head.as_ref(), format)?,
    };
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

impl Args {
    fn export_page(&self, model: &Model) -> Result<String, Error> {
        if self.precision == Some(Precision::Float) {
            return Err(Error::BadArgument("a page computes in int8: leave out --precision".into()));
        }
        let (name, html) = match &self.page {
            Some(page) => (page.as_path(), file::read(page)?),
            None => (Path::new("the page in this program"), site::packed_page().ok_or_else(no_page)?),
        };
        let html = String::from_utf8_lossy(&html);
        let page = Page::read(&html).map_err(Error::in_file(name))?;
        let filled = page.with(model).map_err(Error::in_file(&self.model))?;
        let out = self.out.clone().unwrap_or_else(|| format!("{}.html", self.stem()).into());
        let written = write(&out, filled.as_bytes())?;
        Ok(format!("{written}It opens by a double click, and asks no network for anything.\n"))
    }

    fn export_file(&self, backbone: &Backbone, head: Option<&Head>, format: Format) -> Result<String, Error> {
        if self.page.is_some() {
            return Err(Error::BadArgument("--page goes with --format html".into()));
        }
        let precision = self.precision.unwrap_or(format.precision());
        let exported = export::export(backbone, head, format, precision).map_err(Error::in_file(&self.model))?;
        let Exported { content, about } = exported;
        let default_out = || export::name(&self.stem(), format, precision).into();
        let out = self.out.clone().unwrap_or_else(default_out);
        let written = match content {
            Content::File(bytes) => write(&out, &bytes)?,
            Content::Folder(files) => {
                let files: Vec<_> = files.into_iter().map(|(name, bytes)| (out.join(name), bytes)).collect();
                atomic::write_all(&files)?;
                files.iter().map(|(path, bytes)| wrote(path, bytes)).collect()
            }
        };
        Ok(written + &about + "\n")
    }

    fn stem(&self) -> String {
        self.model.file_stem().unwrap_or(self.model.as_os_str()).to_string_lossy().into_owned()
    }
}

fn no_page() -> Error {
    site::missing(", or name a page with --page")
}

/// Writes a file and says so.
fn write(path: &Path, bytes: &[u8]) -> Result<String, Error> {
    atomic::write(path, bytes)?;
    Ok(wrote(path, bytes))
}

fn wrote(path: &Path, bytes: &[u8]) -> String {
    format!("wrote {} ({} bytes)\n", display_text::path(path), bytes.len())
}

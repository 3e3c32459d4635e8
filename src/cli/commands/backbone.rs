//! `mobilenet backbone import`: a float MobileNetV2 in ONNX becomes an int8 backbone.

use std::path::PathBuf;

use crate::files::atomic;
use indicatif::ProgressBar;
use mobilenet_core::base::display_text;
use mobilenet_core::model::SelfTest;
use mobilenet_core::{Embedder, Error, Model};
use mobilenet_onnx::convert::{Fidelity, GATE, ImportOptions, Stated, import};

use crate::commands::bar::bar;
use crate::commands::onnx_args::InputArgs;
use crate::commands::terminal::{print, say};

#[derive(clap::Args)]
pub struct BackboneArgs {
    #[command(subcommand)]
    command: BackboneCommand,
}

#[derive(clap::Subcommand)]
enum BackboneCommand {
    /// Quantise a float MobileNetV2 to int8 and measure how close that is.
    ///
    /// Every second picture of --calibrate sets the ranges of activations, the others and those of --check measure.
    /// Nothing is written when the median cosine similarity of embeddings in any folder is under 0.98.
    Import(ImportArgs),
}

#[derive(clap::Args)]
struct ImportArgs {
    /// A float32 MobileNetV2 of any width: batch norm folded or not, with or without a classifier, NCHW or NHWC.
    #[arg(value_name = "FILE.onnx")]
    file: PathBuf,
    /// Folder of varied pictures, searched with its subfolders; may be given again.
    #[arg(long, value_name = "DIR", required = true)]
    calibrate: Vec<PathBuf>,
    /// Folder of pictures that only measure; may be given again.
    #[arg(long, value_name = "DIR")]
    check: Vec<PathBuf>,
    /// Take at most this many pictures from each folder of --calibrate, evenly spaced.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    #[command(flatten)]
    input: InputArgs,
    /// Where the backbone goes.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Runs `mobilenet backbone`.
pub fn run(args: BackboneArgs) -> Result<(), Error> {
    let BackboneCommand::Import(args) = args.command;
    atomic::check(&args.out)?;
    let bar = bar(0, "");
    let progress = |what: &str, done: usize, total: usize| show(&bar, what, done, total);
    let imported = import(&args.file, &args.options(), &progress);
    bar.finish_and_clear();
    let (backbone, fidelity) = imported?;
    report(&fidelity)?;
    let mut embedder = Embedder::new(&backbone);
    let self_test = SelfTest::record(&mut embedder, None);
    let bytes = Model { backbone: Some(backbone), head: None, self_test }.to_bytes();
    atomic::write(&args.out, &bytes)?;
    print(&format!(
        "wrote {} ({} bytes, backbone {:.16})\n",
        display_text::path(&args.out),
        bytes.len(),
        embedder.digest()
    ))
}

fn show(bar: &ProgressBar, what: &str, done: usize, total: usize) {
    if done == 0 {
        bar.reset();
        bar.set_length(total as u64);
        bar.set_message(what.to_owned());
    }
    bar.set_position(done as u64);
}

fn report(fidelity: &Fidelity) -> Result<(), Error> {
    fidelity.notes.iter().for_each(say);
    let folders: String = fidelity.folders.iter().map(|folder| format!("{folder}\n")).collect();
    print(&format!(
        "calibrated on {} pictures\n{folders}gate passed: every median is at least {GATE}\n",
        fidelity.calibration
    ))
}

impl ImportArgs {
    fn options(&self) -> ImportOptions {
        ImportOptions {
            calibrate: self.calibrate.clone(),
            check: self.check.clone(),
            limit: self.limit.map(|limit| limit as usize),
            stated: Stated { levels: self.input.levels(), fit: self.input.fit(), side: self.input.side },
        }
    }
}

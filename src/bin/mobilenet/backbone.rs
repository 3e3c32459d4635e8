//! `mobilenet backbone import`: a float MobileNetV2 in ONNX becomes an int8 backbone.

use std::path::PathBuf;

use clap::ValueEnum;
use indicatif::ProgressBar;
use mobilenet_web::convert::{Fidelity, GATE, ImportOptions, Levels, import};
use mobilenet_web::model::SelfTest;
use mobilenet_web::preprocess::Fit;
use mobilenet_web::{Embedder, Error, Model, artefact};

use crate::progress::bar;
use crate::terminal::print;

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
    /// What the file's input expects [default: keras].
    #[arg(long, value_enum, conflicts_with_all = ["mean", "std"])]
    input: Option<Input>,
    /// The bytes that become zero: red, green, blue, say 123.675,116.28,103.53.
    #[arg(long, value_name = "R,G,B", value_parser = three_numbers, requires = "std")]
    mean: Option<[f32; 3]>,
    /// How many levels become one: red, green, blue.
    #[arg(long, value_name = "R,G,B", value_parser = three_numbers, requires = "mean")]
    std: Option<[f32; 3]>,
    /// How pictures that are not square are made so.
    #[arg(long, value_enum, default_value = "squash")]
    fit: FitName,
    /// Side of the input, for a file that leaves it open.
    #[arg(long, value_name = "PIXELS")]
    side: Option<usize>,
    /// Where the backbone goes.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum Input {
    /// -1 to 1.
    Keras,
    /// ImageNet's mean and deviation taken out, as torchvision and timm do.
    Torch,
    /// 0 to 1.
    Unit,
    /// 0 to 255.
    Bytes,
}

#[derive(Clone, Copy, ValueEnum)]
enum FitName {
    /// The whole picture, its sides scaled apart.
    Squash,
    /// The largest square in its middle.
    Crop,
}

/// Runs `mobilenet backbone`.
pub fn run(args: BackboneArgs) -> Result<(), Error> {
    let BackboneCommand::Import(args) = args.command;
    let bar = bar(0, "");
    let progress = |what: &str, done: usize, total: usize| show(&bar, what, done, total);
    let imported = import(&args.file, &args.options(), &progress);
    bar.finish_and_clear();
    let (backbone, fidelity) = imported?;
    report(&fidelity)?;
    let mut embedder = Embedder::new(&backbone)?;
    let self_test = SelfTest::record(&mut embedder, None);
    let bytes = Model { backbone: Some(backbone), head: None, self_test }.to_bytes();
    artefact::write(&args.out, &bytes)?;
    print(&format!("wrote {} ({} bytes, backbone {:.16})\n", args.out.display(), bytes.len(), embedder.digest()))
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
    fidelity.notes.iter().for_each(|note| eprintln!("{note}"));
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
            levels: self.levels(),
            fit: match self.fit {
                FitName::Squash => Fit::Squash,
                FitName::Crop => Fit::Crop,
            },
            side: self.side,
        }
    }

    fn levels(&self) -> Option<Levels> {
        if let (Some(mean), Some(std)) = (self.mean, self.std) {
            return Some(Levels { mean, std });
        }
        Some(match self.input? {
            Input::Keras => Levels::KERAS,
            Input::Torch => Levels::TORCH,
            Input::Unit => Levels::UNIT,
            Input::Bytes => Levels::BYTES,
        })
    }
}

fn three_numbers(text: &str) -> Result<[f32; 3], String> {
    let numbers: Result<Vec<f32>, _> = text.split(',').map(|number| number.trim().parse()).collect();
    numbers
        .ok()
        .and_then(|numbers| numbers.try_into().ok())
        .ok_or_else(|| "three numbers with commas between them".into())
}

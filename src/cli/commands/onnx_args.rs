//! The options that say what an ONNX file expects, which it does not say itself.

use mobilenet_onnx::convert::Levels;

use crate::commands::choice::{FITS, INPUTS, one_of};
use mobilenet_core::picture::input::Fit;

#[derive(clap::Args)]
pub struct InputArgs {
    /// What an ONNX file's input expects.
    #[arg(long, value_parser = one_of(INPUTS), conflicts_with_all = ["mean", "std"])]
    input: Option<Levels>,
    /// The bytes that become zero: red, green, blue, say 123.675,116.28,103.53.
    #[arg(long, value_name = "R,G,B", value_parser = three_numbers, requires = "std")]
    mean: Option<[f32; 3]>,
    /// How many levels become one: red, green, blue.
    #[arg(long, value_name = "R,G,B", value_parser = three_numbers, requires = "mean")]
    std: Option<[f32; 3]>,
    /// How pictures that are not square are made so [default: squash].
    #[arg(long, value_parser = one_of(FITS))]
    fit: Option<Fit>,
    /// Side of the input, for an ONNX file that leaves it open.
    #[arg(long, value_name = "PIXELS")]
    pub side: Option<usize>,
}

impl InputArgs {
    /// Whether any of them was given.
    pub fn any(&self) -> bool {
        self.levels().is_some() || self.fit.is_some() || self.side.is_some()
    }

    pub fn fit(&self) -> Fit {
        self.fit.unwrap_or(Fit::Squash)
    }

    pub fn levels(&self) -> Option<Levels> {
        if let (Some(mean), Some(std)) = (self.mean, self.std) {
            return Some(Levels { mean, std });
        }
        self.input
    }
}

fn three_numbers(text: &str) -> Result<[f32; 3], String> {
    let numbers: Result<Vec<f32>, _> = text.split(',').map(|number| number.trim().parse()).collect();
    numbers
        .ok()
        .and_then(|numbers| numbers.try_into().ok())
        .ok_or_else(|| "three numbers with commas between them".into())
}

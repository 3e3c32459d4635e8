//! What the benchmark asks of every engine, and the arithmetic that they share.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

pub type Failure = Box<dyn std::error::Error>;

/// Classes of photo files, and the seconds that all of them took.
pub struct Classified {
    pub seconds: f64,
    pub classes: Vec<usize>,
}

pub trait Engine {
    /// Its name, threads and precision, as a row of the results begins.
    fn describe(&self) -> Value;

    /// Milliseconds of `timed` runs of the network alone on one thread, after `discarded` that do not count.
    fn run(&mut self, discarded: usize, timed: usize) -> Result<Vec<f64>, Failure>;

    /// One probability a class for each input.
    fn answers(&mut self) -> Result<Vec<Vec<f32>>, Failure>;

    /// Files to classes on all cores, decoding included; `None` for an engine that is not asked to.
    fn photos(&mut self, files: &[PathBuf]) -> Result<Option<Classified>, Failure>;
}

/// A model file of one input, 1 x 224 x 224 x 3 bytes as numbers of this type.
#[derive(Clone, Deserialize)]
pub struct Model {
    pub file: String,
    #[serde(rename = "type")]
    pub number: String,
}

impl Model {
    /// The file that the browser's half takes too.
    pub fn of(name: &str) -> Result<Self, Failure> {
        let all: std::collections::HashMap<String, Self> = serde_json::from_str(include_str!("../models.json"))?;
        all.get(name).cloned().ok_or_else(|| format!("tests/bench/models.json has no {name:?}").into())
    }
}

/// `millis`, which is sorted, at this share of its length; linear between the two nearest.
pub fn percentile(sorted: &[f64], share: f64) -> f64 {
    let at = (sorted.len() - 1) as f64 * share;
    let (below, above) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    below + (above - below) * at.fract()
}

/// Milliseconds of each timed run, the inputs taken in turn.
pub fn times<T>(inputs: &[T], discarded: usize, timed: usize, mut run: impl FnMut(&T)) -> Vec<f64> {
    let one = |at: usize| {
        let start = std::time::Instant::now();
        run(&inputs[at % inputs.len()]);
        start.elapsed().as_secs_f64() * 1e3
    };
    (0..discarded + timed).map(one).skip(discarded).collect()
}

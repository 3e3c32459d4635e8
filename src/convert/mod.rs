//! Convert: a float MobileNetV2 in ONNX becomes the int8 backbone.
//!
//! The story, a file a step: `onnx` opens the file, `constant` computes what does not depend on the picture, `walk` finds
//! the chain of convolutions (`graph`, `fold`), `lower` compares it with the table of a MobileNetV2. `reference` runs
//! the float file over `pictures`, `calibrate` takes the ranges of its activations, `quantize` rounds, and `fidelity` says
//! how close the result is to the file on pictures that calibration has not seen.
//!
//! Every second picture calibrates and the others measure, so that no number in the report comes from a picture that
//! the ranges were fitted to.

mod calibrate;
mod constant;
mod fidelity;
mod fold;
mod graph;
mod levels;
mod lower;
mod onnx;
mod pictures;
mod quantize;
mod reference;
#[cfg(test)]
mod synthetic;
#[cfg(test)]
mod tests;
mod walk;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use tract_onnx::pb::ModelProto;

pub use fidelity::{Fidelity, FolderFidelity, GATE};
pub use levels::Levels;

use crate::error::Error;
use crate::network::{Architecture, Backbone, Network};
use crate::preprocess::{Fit, InputSpec};
use calibrate::Observation;
use constant::Constants;
use fidelity::{Measured, cosine};
use graph::Graph;
use lower::FloatNetwork;
use pictures::Sets;
use reference::{Classifier, Reference};

/// What the file does not say by itself.
#[derive(Clone, Debug)]
pub struct ImportOptions {
    /// Folders of pictures, half of which calibrate and half of which measure.
    pub calibrate: Vec<PathBuf>,
    /// Folders of pictures that only measure.
    pub check: Vec<PathBuf>,
    /// The most pictures to take from each folder to calibrate on, evenly spaced.
    pub limit: Option<usize>,
    /// What the file's input expects; `None` is Keras' -1 to 1, unless the file normalises its input itself.
    pub levels: Option<Levels>,
    /// How a frame that is not square is made so.
    pub fit: Fit,
    /// The input's side, for a file that leaves it open.
    pub side: Option<usize>,
}

/// Is told what is being done, how many pictures of how many are through.
pub type Progress<'a> = dyn Fn(&str, usize, usize) + Sync + 'a;

/// Imports a backbone and says how close it is to the file.
///
/// # Errors
/// [`Error::NotMobileNet`] names the first layer of a file that is none; [`Error::BadDataset`] a folder without pictures;
/// [`Error::GateFailed`] when int8 is further from float than [`GATE`] allows.
pub fn import(file: &Path, options: &ImportOptions, progress: &Progress) -> Result<(Backbone, Fidelity), Error> {
    let job = Job::open(file, options).map_err(Error::in_file(file))?;
    job.import(options, progress)
}

/// A file that has turned out to be a MobileNetV2, ready to run in float.
struct Job {
    network: FloatNetwork,
    input: InputSpec,
    reference: Reference,
    classifier: Option<Classifier>,
}

impl Job {
    fn open(file: &Path, options: &ImportOptions) -> Result<Self, Error> {
        let folder = file.parent().unwrap_or(Path::new("."));
        Self::prepare(&onnx::open(file)?, folder, options)
    }

    fn prepare(model: &ModelProto, folder: &Path, options: &ImportOptions) -> Result<Self, Error> {
        let graph = model.graph.as_ref().ok_or_else(|| onnx::not_mobilenet("the file", "there is no graph in it"))?;
        let constants = Constants::load(model, graph, folder)?;
        let chain = walk::walk(graph, &constants)?;
        let side = side(&chain, options.side)?;
        let network = lower::lower(&chain, side)?;
        let levels = match (options.levels, &chain.normalise) {
            (Some(levels), _) => levels,
            (None, None) => Levels::KERAS,
            (None, Some(_)) => return Err(Error::BadArgument(NORMALISES.into())),
        };
        let input = levels.input_spec(chain.normalise.as_ref(), side, options.fit)?;
        let reference = Reference::new(model, folder, &chain, &network, levels)?;
        let classifier = Classifier::new(model, folder, &chain, side).transpose()?;
        Ok(Self { network, input, reference, classifier })
    }

    fn import(&self, options: &ImportOptions, progress: &Progress) -> Result<(Backbone, Fidelity), Error> {
        let Sets { calibrate, measure, mut notes } = Sets::find(&options.calibrate, &options.check, options.limit)?;
        let run = Run { job: self, progress };
        let (observation, unreadable) = run.calibrate(&calibrate)?;
        let calibration = calibrate.len() - unreadable.len();
        notes.extend(unreadable);
        let backbone = quantize::quantize(&self.network, self.input, &observation);
        let network = Network::new(&backbone)?;
        let mut folders = Vec::new();
        for (folder, files) in &measure {
            let (measured, unreadable) = run.measure(&network, files)?;
            folders.extend(FolderFidelity::of(folder, measured));
            notes.extend(unreadable);
        }
        let fidelity = Fidelity { calibration, folders, notes };
        fidelity.check()?;
        Ok((backbone, fidelity))
    }
}

const NORMALISES: &str =
    "the file normalises its input itself: say with --input what it expects (bytes: 0 to 255, unit: 0 to 1)";

fn side(chain: &Graph, wanted: Option<usize>) -> Result<usize, Error> {
    let side = match (chain.input.side, wanted) {
        (Some(side), Some(wanted)) if side != wanted => {
            return Err(Error::BadArgument(format!("the file's input is {side} pixels wide and cannot be {wanted}")));
        }
        (side, wanted) => side.or(wanted),
    };
    let side =
        side.ok_or_else(|| Error::BadArgument("the file leaves its input's size open: give --side, say 224".into()))?;
    // The table is computed from the side, so that is checked first.
    Architecture { side, ..Architecture::KERAS }.validate().map(|()| side)
}

/// What comes of the pictures that could be read, and a note on each that could not.
type Outcome<T> = Result<(Vec<T>, Vec<String>), Error>;

/// A job at work on many pictures at once.
struct Run<'a> {
    job: &'a Job,
    progress: &'a Progress<'a>,
}

impl Run<'_> {
    /// What all of these pictures show of the float network.
    fn calibrate(&self, files: &[PathBuf]) -> Result<(Observation, Vec<String>), Error> {
        let (job, architecture) = (self.job, self.job.network.architecture);
        let (observations, notes) = self.each(
            "calibrating",
            files,
            || (),
            |(), input, _| {
                let observation = Observation::of(architecture, input, &job.reference.run(input)?);
                observation.ok_or_else(|| onnx::not_mobilenet("the file", "its layers have other shapes when it runs"))
            },
        )?;
        let all = observations.into_iter().reduce(|all, next| all.and(&next));
        let all = all.ok_or_else(|| Error::BadDataset("not one picture could be read to calibrate on".into()))?;
        Ok((all, notes))
    }

    /// Compares int8 with float on each picture.
    fn measure(&self, network: &Network, files: &[PathBuf]) -> Outcome<Measured> {
        self.each(
            "measuring",
            files,
            || network.arena(),
            |arena, input, file| {
                let float = self.job.reference.embed(input)?;
                let int8 = network.embed(input, arena);
                let classifier = self.job.classifier.as_ref();
                let same_class =
                    classifier.map(|c| Ok::<_, Error>(c.answer(&float)? == c.answer(&int8)?)).transpose()?;
                Ok(Measured { file: file.to_owned(), cosine: cosine(&float, &int8), same_class })
            },
        )
    }

    /// Runs `work` on the input of every picture, on all cores; results keep the order of the files.
    fn each<A, T: Send>(
        &self,
        what: &str,
        files: &[PathBuf],
        memory: impl Fn() -> A + Sync + Send,
        work: impl Fn(&mut A, &[u8], &Path) -> Result<T, Error> + Sync + Send,
    ) -> Outcome<T> {
        let done = AtomicUsize::new(0);
        (self.progress)(what, 0, files.len());
        let one = |memory: &mut A, file: &PathBuf| {
            let result = match pictures::input(file, &self.job.input) {
                Ok(input) => work(memory, &input, file).map(Ok),
                Err(error) => Ok(Err(format!("{}: skipped: {error}", file.display()))),
            };
            (self.progress)(what, done.fetch_add(1, Ordering::Relaxed) + 1, files.len());
            result
        };
        let results: Vec<Result<T, String>> = files.par_iter().map_init(memory, one).collect::<Result<_, Error>>()?;
        let (mut made, mut notes) = (Vec::new(), Vec::new());
        for result in results {
            match result {
                Ok(result) => made.push(result),
                Err(note) => notes.push(note),
            }
        }
        Ok((made, notes))
    }
}

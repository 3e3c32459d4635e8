//! Import: folders of pictures calibrate a backbone and measure how close it is.
//!
//! Every second picture calibrates and the others measure, so that no number in the report comes from a picture that
//! the ranges were fitted to.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::calibrate::Observation;
use super::fidelity::{Fidelity, FolderFidelity, Measured};
use super::folders::{self, Sets};
use super::{Job, Stated, file as onnx_file};
use mobilenet_core::base::file;
use mobilenet_core::error::Error;
use mobilenet_core::network::{Backbone, Network};

/// What to import with.
#[derive(Clone, Debug)]
pub struct ImportOptions {
    /// Folders of pictures, half of which calibrate and half of which measure.
    pub calibrate: Vec<PathBuf>,
    /// Folders of pictures that only measure.
    pub check: Vec<PathBuf>,
    /// The most pictures to take from each folder to calibrate on, evenly spaced.
    pub limit: Option<usize>,
    /// What the file does not say by itself.
    pub stated: Stated,
}

/// Is told what is being done, how many pictures of how many are through.
pub type Progress<'a> = dyn Fn(&str, usize, usize) + Sync + 'a;

/// Imports a backbone and says how close it is to the file.
///
/// # Errors
/// [`Error::BadOnnx`] for a file that is no network, [`Error::NotMobileNet`] names the first layer of one that is another;
/// [`Error::BadDataset`] a folder without pictures; [`Error::GateFailed`] when int8 is further from float than
/// [`GATE`](super::GATE) allows.
pub fn import(file: &Path, options: &ImportOptions, progress: &Progress) -> Result<(Backbone, Fidelity), Error> {
    let open = || {
        let folder = file.parent().unwrap_or(Path::new("."));
        Job::prepare(&onnx_file::read(&file::read(file)?)?, folder, &options.stated)
    };
    open().map_err(Error::in_file(file))?.import(options, progress)
}

impl Job {
    pub(super) fn import(&self, options: &ImportOptions, progress: &Progress) -> Result<(Backbone, Fidelity), Error> {
        let Sets { calibrate, measure, mut notes } = Sets::find(&options.calibrate, &options.check, options.limit)?;
        let run = Run { job: self, progress };
        let (observation, unreadable) = run.calibrate(&calibrate)?;
        let calibration = calibrate.len() - unreadable.len();
        notes.extend(unreadable);
        let backbone = self.quantize(&observation)?;
        let network = Network::new(&backbone);
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
        let (observations, notes) = self.each("calibrating", files, || (), |(), input, _| self.job.observe(input))?;
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
                let (cosine, same_class) = self.job.compare(input, &network.embed(input, arena))?;
                Ok(Measured { file: file.to_owned(), cosine, same_class })
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
            let result = match folders::input(file, &self.job.input) {
                Ok(input) => work(memory, &input, file).map(Ok),
                Err(error) => Ok(Err(format!("{}: skipped: {error}", mobilenet_core::base::display_text::path(file)))),
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

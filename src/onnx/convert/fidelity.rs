//! Fidelity: how close int8 is to float, on pictures that calibration has not seen.

use std::fmt;
use std::path::PathBuf;

use mobilenet_core::error::Error;

/// The least median cosine similarity of embeddings, in every folder, with which a backbone is written.
pub const GATE: f64 = 0.98;

/// How close an int8 backbone is to its float network.
#[derive(Clone, Debug, PartialEq)]
pub struct Fidelity {
    /// How many pictures calibrated it.
    pub calibration: usize,
    /// What was measured, by folder.
    pub folders: Vec<FolderFidelity>,
    /// Files that were skipped and why, and other things worth knowing.
    pub notes: Vec<String>,
}

/// How close int8 is to float on the pictures of one folder.
#[derive(Clone, Debug, PartialEq)]
pub struct FolderFidelity {
    /// The folder.
    pub folder: PathBuf,
    /// How many pictures were measured.
    pub pictures: usize,
    /// Median cosine similarity of the embeddings.
    pub median: f64,
    /// The lowest.
    pub worst: f64,
    /// The picture that has it.
    pub worst_picture: PathBuf,
    /// The share of pictures that the file's own classifier puts in the same class, where it has one.
    pub agreement: Option<f64>,
}

/// One picture's result.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Debug)]
pub(super) struct Measured {
    pub file: PathBuf,
    pub cosine: f64,
    pub same_class: Option<bool>,
}

#[cfg(not(target_arch = "wasm32"))]
impl FolderFidelity {
    /// Sums up a folder's results; `None` where there are none.
    pub(super) fn of(folder: &std::path::Path, mut measured: Vec<Measured>) -> Option<Self> {
        measured.sort_by(|a, b| a.cosine.total_cmp(&b.cosine));
        let (worst, pictures) = (measured.first()?, measured.len());
        let median = (measured[(pictures - 1) / 2].cosine + measured[pictures / 2].cosine) / 2.0;
        let answers: Vec<bool> = measured.iter().filter_map(|one| one.same_class).collect();
        let same = answers.iter().filter(|same| **same).count() as f64;
        Some(Self {
            folder: folder.to_owned(),
            pictures,
            median,
            worst: worst.cosine,
            worst_picture: worst.file.clone(),
            agreement: (!answers.is_empty()).then(|| same / answers.len() as f64),
        })
    }
}

impl Fidelity {
    /// Checks that the median of every folder reaches [`GATE`].
    ///
    /// # Errors
    /// [`Error::GateFailed`] with the numbers of the first folder that does not; [`Error::BadDataset`] without any.
    pub fn check(&self) -> Result<(), Error> {
        if self.folders.is_empty() {
            return Err(Error::BadDataset("no picture is left to measure on: give at least two to --calibrate".into()));
        }
        // A median that is no number fails too.
        match self.folders.iter().find(|folder| folder.median.is_nan() || folder.median < GATE) {
            None => Ok(()),
            Some(folder) => Err(Error::GateFailed(format!(
                "int8 is too far from float, nothing was written: on {folder} where a median of {GATE} is required; \
                 calibrate on more and more varied pictures"
            ))),
        }
    }
}

impl fmt::Display for FolderFidelity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { folder, pictures, median, worst, worst_picture, agreement } = self;
        write!(
            f,
            "{}: {pictures} pictures, cosine similarity median {median:.4}, worst {worst:.4}",
            mobilenet_core::base::display_text::path(folder)
        )?;
        write!(f, " ({})", mobilenet_core::base::display_text::path(worst_picture))?;
        agreement.map_or(Ok(()), |share| write!(f, ", same class {:.1} %", share * 100.0))
    }
}

/// Cosine of the angle between two embeddings; two of zeros are alike, one of zeros is like no other.
pub(super) fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 { a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum() };
    let lengths = (dot(a, a) * dot(b, b)).sqrt();
    if lengths > 0.0 { dot(a, b) / lengths } else { f64::from(u8::from(a == b)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(cosines: &[f64]) -> FolderFidelity {
        let one = |(at, cosine): (usize, &f64)| Measured {
            file: format!("{at}.png").into(),
            cosine: *cosine,
            same_class: Some(at % 4 != 0),
        };
        FolderFidelity::of(std::path::Path::new("photos"), cosines.iter().enumerate().map(one).collect()).unwrap()
    }

    #[test]
    fn median_worst_and_agreement() {
        let odd = folder(&[0.9, 0.7, 0.8]);
        assert_eq!((odd.median, odd.worst, odd.worst_picture), (0.8, 0.7, "1.png".into()));
        let even = folder(&[1.0, 0.5, 0.75, 0.25]);
        assert_eq!((even.median, even.agreement), (0.625, Some(0.75)));
        assert_eq!(FolderFidelity::of(std::path::Path::new("photos"), Vec::new()), None);
    }

    #[test]
    fn every_folder_has_to_pass() {
        let check = |medians: &[f64]| {
            let folders = medians.iter().map(|median| folder(&[*median])).collect();
            Fidelity { calibration: 1, folders, notes: Vec::new() }.check().map_err(|error| error.code())
        };
        assert_eq!(check(&[0.99, GATE]), Ok(()));
        assert_eq!(check(&[0.99, 0.9799]), Err("gate-failed"));
        assert_eq!(check(&[f64::NAN]), Err("gate-failed"));
        assert_eq!(check(&[0.99, f64::NAN]), Err("gate-failed"));
        assert_eq!(check(&[]), Err("bad-dataset"));
    }

    #[test]
    fn cosine_of_extremes() {
        assert_eq!(cosine(&[3.0, 4.0], &[6.0, 8.0]), 1.0);
        assert_eq!(cosine(&[1.0, 0.0], &[0.0, 1.0]), 0.0);
        assert_eq!(cosine(&[0.0, 0.0], &[0.0, 1.0]), 0.0);
        assert_eq!(cosine(&[0.0, 0.0], &[0.0, 0.0]), 1.0);
    }
}

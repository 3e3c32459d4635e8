//! Projects: what was taught in a page as one file, so that a terminal goes on where the page was left, and the other way
//! round.
//!
//! A project is a ZIP archive of pictures and of `project.json`, which says what they are. Its pictures are in the order in which
//! they were taught, since that order decides the bits of the head.
//!
//! ```json
//! { "format": 1, "labels": ["mug", "phone"], "recipe": { "seed": 1 }, "validation_share": 0.2, "false_rejections": 0.05,
//!   "samples": [ { "file": "samples/mug/00001.jpg", "label": 0, "burst": 0, "name": "IMG_1.jpg" } ] }
//! ```
//!
//! `recipe`, the two shares and `name` may be missing. A label without samples is a class that was only named so far, and is left
//! out. `model.safetensors`, the head that was taught, may be there and is not read:
//! it comes out again.
//!
//! An archive comes from anywhere: nothing that it says is trusted before it is checked.

mod metered;
mod read;
mod write;

use serde::{Deserialize, Serialize};

use mobilenet_core::base::fields::fields_of;
use mobilenet_core::fit::Ingredients;
use mobilenet_core::fit::Settings;
pub use write::write;

/// The version this program writes and reads.
pub const FORMAT: u32 = 1;
/// The entry that says what the others are.
const MANIFEST: &str = "project.json";
/// The entry of the head that was taught.
const HEAD: &str = "model.safetensors";
/// Pictures of a project.
const SAMPLE_LIMIT: usize = 100_000;
/// Bytes of a picture file.
const PICTURE_LIMIT: u64 = 128 << 20;

/// What is taught, without the pictures themselves.
#[derive(Clone, Debug, PartialEq)]
pub struct Project {
    /// One a class.
    pub labels: Vec<String>,
    /// How.
    pub settings: Settings,
    /// In the order in which they were taught.
    pub samples: Vec<Sample>,
}

/// A picture of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// Its entry in the archive: a path below the archive's root, with slashes.
    pub file: String,
    /// Its class: a position among the labels.
    pub label: usize,
    /// Its burst, one number for the whole project: pictures of one are alike.
    pub burst: usize,
    /// What the picture was called where it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Project {
    /// The class of each sample.
    pub fn classes(&self) -> Vec<usize> {
        self.samples.iter().map(|sample| sample.label).collect()
    }

    /// The burst of each sample.
    pub fn bursts(&self) -> Vec<usize> {
        self.samples.iter().map(|sample| sample.burst).collect()
    }
}

/// `project.json`. What a later page adds to it and is not known here changes no head.
#[derive(Serialize, Deserialize)]
struct Manifest {
    format: u32,
    labels: Vec<String>,
    #[serde(default)]
    recipe: Ingredients,
    #[serde(default = "validation_share")]
    validation_share: f64,
    #[serde(default = "false_rejections")]
    false_rejections: f64,
    samples: Vec<Sample>,
}

fn validation_share() -> f64 {
    Settings::default().validation_share
}

fn false_rejections() -> f64 {
    Settings::default().false_rejections
}

/// The limits of a project, by the names that the documentation has for them.
pub fn limits() -> Vec<(&'static str, u64)> {
    let of_archive = read::limits();
    [&[("project.pictures", SAMPLE_LIMIT as u64), ("project.picture.bytes", PICTURE_LIMIT)], &of_archive[..]].concat()
}

/// The fields of `project.json`.
pub fn fields() -> &'static [&'static str] {
    fields_of::<Manifest>()
}

impl From<Manifest> for Project {
    fn from(manifest: Manifest) -> Self {
        let Manifest { labels, recipe, validation_share, false_rejections, samples, .. } = manifest;
        Self { labels, settings: Settings { recipe, validation_share, false_rejections }, samples }
    }
}

impl From<&Project> for Manifest {
    fn from(project: &Project) -> Self {
        let Project { labels, settings, samples } = project.clone();
        let Settings { recipe, validation_share, false_rejections } = settings;
        Self { format: FORMAT, labels, recipe, validation_share, false_rejections, samples }
    }
}

//! Findings: what is wrong, in which files, and what to do about it, in the order of the files.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};

use super::examine::{Examination, Seen};
use super::kinds::{self, Kind, Severity};
use super::scenes::scenes;
use super::twins::{FLAT, Level};
use crate::data::dataset::Dataset;
use mobilenet_core::error::Error;
use mobilenet_core::fit::rows::Rows;

/// A class may have this many times the pictures of another. The furniture photos have 2.1 times, without harm.
pub const IMBALANCE: usize = 4;
/// A shorter side, in pixels, is blown up to more than three times its size for a network that sees 224 x 224 pixels.
pub const TINY: u32 = 64;
/// A side that is more than this many times the other is squashed beyond recognition, or cropped to less than a
/// quarter.
pub const ASPECT: u32 = 4;

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// A word for programs, the same in every version: `duplicate-across-splits`.
    pub kind: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The files it is about; none when it is about a class.
    #[serde(serialize_with = "as_text")]
    pub files: Vec<PathBuf>,
    /// What is the matter with them.
    pub detail: String,
    /// What to do about it.
    pub remedy: &'static str,
}

impl Finding {
    fn new(kind: &Kind, files: Vec<PathBuf>, detail: String) -> Self {
        Self { kind: kind.name, severity: kind.severity, files, detail, remedy: kind.remedy }
    }

    /// Whether it is about a file that cannot be read.
    pub fn is_unreadable(&self) -> bool {
        self.kind == kinds::UNREADABLE.name
    }
}

/// Not every path is text, and a finding about one that is none has to be told as well.
fn as_text<S: Serializer>(files: &[PathBuf], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(files.iter().map(|file| file.to_string_lossy()))
}

/// A picture where it was found.
struct Picture<'a> {
    file: &'a Path,
    label: &'a str,
    is_validation: bool,
}

/// All that is wrong with pictures to train on and, if there are any yet, those to validate on: errors first, then
/// warnings. Classes of the two are compared by their labels.
pub fn findings(examination: &Examination, train: &Dataset, validation: Option<&Dataset>) -> Vec<Finding> {
    let mut pictures = pictures_of(train, false);
    let validation_pictures = validation.map(|dataset| pictures_of(dataset, true)).unwrap_or_default();
    let mut findings = Vec::new();
    of_classes(examination, train, &pictures, &mut findings);
    if let Some(validation) = validation {
        of_validation_classes(examination, [train, validation], &validation_pictures, &mut findings);
    }
    pictures.extend(validation_pictures);
    of_pictures(examination, &pictures, &mut findings);
    of_twins(examination, &pictures, &mut findings);
    for dataset in [Some(train), validation].into_iter().flatten() {
        findings.extend(dataset.outside.iter().map(|file| of_file(&kinds::OUTSIDE, file, "beside the class folders")));
        findings.extend(dataset.strays.iter().map(|file| of_file(&kinds::STRAY, file, "not a picture")));
    }
    findings.sort_by_key(|finding| finding.severity);
    findings
}

fn pictures_of(dataset: &Dataset, is_validation: bool) -> Vec<Picture<'_>> {
    let pictures = dataset.pictures.iter();
    pictures.map(|(file, class)| Picture { file, label: &dataset.labels[*class], is_validation }).collect()
}

fn of_file(kind: &Kind, file: &Path, detail: impl Into<String>) -> Finding {
    Finding::new(kind, vec![file.into()], detail.into())
}

/// Pictures of a class that can be read.
fn count(examination: &Examination, pictures: &[Picture], label: &str) -> usize {
    let is_read = |file| matches!(examination.seen(file), Some(Ok(_)));
    pictures.iter().filter(|picture| picture.label == label && is_read(picture.file)).count()
}

fn of_classes(examination: &Examination, train: &Dataset, pictures: &[Picture], findings: &mut Vec<Finding>) {
    if let [label] = train.labels.as_slice() {
        findings.push(Finding::new(&kinds::ONE_CLASS, vec![], format!("{label:?} is the only class")));
    }
    let counts: Vec<_> = train.labels.iter().map(|label| (count(examination, pictures, label), label)).collect();
    for (_, label) in counts.iter().filter(|(count, _)| *count == 0) {
        let detail = format!("the class {label:?} has no pictures that can be read");
        findings.push(Finding::new(&kinds::EMPTY_CLASS, vec![], detail));
    }
    let filled = || counts.iter().filter(|(count, _)| *count > 0);
    let (Some((least, small)), Some((most, large))) = (filled().min(), filled().max()) else { return };
    if *most > IMBALANCE * least {
        let ratio = *most as f64 / *least as f64;
        let detail = format!(
            "{large:?} has {most} pictures and {small:?} {least}: {ratio:.1} times as many; up to {IMBALANCE} are fine"
        );
        findings.push(Finding::new(&kinds::IMBALANCE, vec![], detail));
    }
}

fn of_validation_classes(
    examination: &Examination,
    [train, validation]: [&Dataset; 2],
    pictures: &[Picture],
    findings: &mut Vec<Finding>,
) {
    for label in validation.labels.iter().filter(|label| !train.labels.contains(label)) {
        let detail = format!("the class {label:?} is there to validate on, but not to train on");
        findings.push(Finding::new(&kinds::UNKNOWN_CLASS, vec![], detail));
    }
    for label in train.labels.iter().filter(|label| count(examination, pictures, label) == 0) {
        let detail = format!("the class {label:?} has no pictures to validate on");
        findings.push(Finding::new(&kinds::MISSING_CLASS, vec![], detail));
    }
}

fn of_pictures(examination: &Examination, pictures: &[Picture], findings: &mut Vec<Finding>) {
    for Picture { file, .. } in pictures {
        match examination.seen(file) {
            Some(Ok(seen)) => of_picture(file, seen, findings),
            Some(Err(error)) => findings.push(of_file(&kinds::UNREADABLE, file, reason(error))),
            None => {}
        }
    }
}

/// The error without the file's name, which stands beside it.
fn reason(error: &Error) -> String {
    match error {
        Error::InFile { source, .. } => source.to_string(),
        error => error.to_string(),
    }
}

fn of_picture(file: &Path, seen: &Seen, findings: &mut Vec<Finding>) {
    let (width, height) = (seen.fingerprint.width, seen.fingerprint.height);
    let size = || format!("{width} x {height} pixels");
    if width.min(height) < TINY {
        findings.push(of_file(&kinds::TINY, file, size()));
    }
    if u64::from(width.max(height)) > u64::from(ASPECT) * u64::from(width.min(height)) {
        findings.push(of_file(&kinds::EXTREME_ASPECT, file, size()));
    }
    if seen.fingerprint.spread <= FLAT {
        findings.push(of_file(&kinds::BLANK, file, "one colour all over"));
    }
    if format_of_ending(file) != seen.format {
        findings.push(of_file(&kinds::WRONG_ENDING, file, format!("the file is {}", seen.format)));
    }
}

fn format_of_ending(file: &Path) -> &'static str {
    let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    match ending.as_str() {
        "jpg" | "jpeg" | "jpe" | "jfif" => "JPEG",
        "png" => "PNG",
        "webp" => "WebP",
        "gif" => "GIF",
        "bmp" => "BMP",
        _ => "something that cannot be read",
    }
}

fn of_twins(examination: &Examination, pictures: &[Picture], findings: &mut Vec<Finding>) {
    let twins = examination.twins(pictures.iter().map(|picture| picture.file));
    for level in Level::ALL {
        for group in twins.new_groups(level) {
            let members: Vec<&Picture> = group.iter().map(|place| &pictures[*place]).collect();
            let labels: HashSet<&str> = members.iter().map(|picture| picture.label).collect();
            let splits: HashSet<bool> = members.iter().map(|picture| picture.is_validation).collect();
            let kind = kinds::of_twins(level, splits.len() > 1, labels.len() > 1);
            let files = members.iter().map(|picture| picture.file.to_owned()).collect();
            findings.push(Finding::new(kind, files, detail(examination, level, &members).into()));
        }
    }
}

/// Pictures of one side of a split, embedded: one row a picture.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// Their embeddings.
    pub rows: &'a dyn Rows,
    /// Where they are.
    pub files: &'a [PathBuf],
}

/// Scenes of which there are pictures to train on and pictures to validate on, but for those that `known` says as much of. The first
/// `last` numbers of a row are the last layer.
///
/// # Errors
/// [`Error::Io`] when a row cannot be read.
pub fn scenes_across_splits(
    [train, validation]: [Side; 2],
    last: usize,
    known: &[Finding],
) -> Result<Vec<Finding>, Error> {
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (place, scene) in scenes(&[train.rows, validation.rows], last)?.into_iter().enumerate() {
        members.entry(scene).or_default().push(place);
    }
    let file =
        |place: usize| train.files.get(place).unwrap_or_else(|| &validation.files[place - train.files.len()]).clone();
    let spans = |scene: &&Vec<usize>| {
        scene.iter().any(|place| *place < train.files.len()) && scene.iter().any(|place| *place >= train.files.len())
    };
    let is_known =
        |files: &[PathBuf]| known.iter().any(|finding| files.iter().all(|file| finding.files.contains(file)));
    let scenes = members.values().filter(spans).map(|scene| scene.iter().map(|place| file(*place)).collect::<Vec<_>>());
    let finding =
        |files| Finding::new(&kinds::SCENE_ACROSS_SPLITS, files, "one thing or place, or two that look alike".into());
    Ok(scenes.filter(|files| !is_known(files)).map(finding).collect())
}

fn detail(examination: &Examination, level: Level, members: &[&Picture]) -> &'static str {
    let file = |picture: &&Picture| Some(examination.seen(picture.file)?.as_ref().ok()?.file);
    let files: HashSet<_> = members.iter().map(file).collect();
    match level {
        Level::Same if files.len() == 1 => "the same file, byte for byte",
        Level::Same => "the same pixels",
        Level::Near => "nearly the same picture",
        Level::Mirrored => "the same picture, mirrored",
    }
}

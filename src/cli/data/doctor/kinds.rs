//! The kinds of findings: what each is called, how bad it is, and its remedy.
//!
//! Only what makes training impossible is an error. What makes its result worse, or its accuracy look better than it
//! is, is a warning; what may well be meant is a note.

use serde::Serialize;

use super::twins::Level;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Training cannot work.
    Error,
    /// The result would be worse, or look better than it is.
    Warning,
    /// Worth a look.
    Note,
}

/// A kind of finding.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// A word for programs, the same in every version.
    pub name: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What to do about it.
    pub remedy: &'static str,
}

const fn kind(name: &'static str, severity: Severity, remedy: &'static str) -> Kind {
    Kind { name, severity, remedy }
}

use Severity::{Error, Note, Warning};

pub(super) const ONE_CLASS: Kind = kind("one-class", Error, "add a folder of pictures for another class");
pub(super) const EMPTY_CLASS: Kind = kind("empty-class", Error, "add pictures, or remove the folder");
pub(super) const UNKNOWN_CLASS: Kind =
    kind("unknown-class", Error, "rename or remove the folder, or add one of the same name to train on");
pub(super) const UNREADABLE: Kind =
    kind("unreadable", Warning, "copy or export the picture again; until then it is left out");
pub(super) const MISSING_CLASS: Kind =
    kind("missing-class", Warning, "add pictures of the class to validate on: its accuracy is unknown without");
pub(super) const IMBALANCE: Kind =
    kind("imbalance", Warning, "add pictures of the small class: the classifier leans towards the large one");
pub(super) const OUTSIDE: Kind =
    kind("outside-classes", Warning, "move the picture into the folder of its class: it is not used where it is");
pub(super) const BLANK: Kind = kind("blank", Warning, "remove the picture: there is nothing to see on it");
pub(super) const TINY: Kind =
    kind("tiny", Warning, "replace the picture by a larger one: it is blown up to be looked at");
pub(super) const EXTREME_ASPECT: Kind =
    kind("extreme-aspect", Warning, "crop the picture to what it shows: it is squashed to a square to be looked at");
pub(super) const WRONG_ENDING: Kind =
    kind("wrong-ending", Note, "rename the file: it is read by its content, but other programs may not do so");
pub(super) const STRAY: Kind = kind("stray", Note, "nothing need be done: the file is no picture and is left out");

pub(super) const SCENE_ACROSS_SPLITS: Kind = kind(
    "scene-across-splits",
    Warning,
    "keep all pictures of one thing or place on one side: an accuracy on what was trained on is flattered",
);

const WITHIN: &str = "keep one of them: copies count more than other pictures and teach nothing new";
const VARIANTS: &str = "keep them if that is meant: a share that is set aside for validation takes all of them or none";
const SPLITS: &str = "remove it from one side: an accuracy on pictures that were trained on is flattered";
const CLASSES: &str = "decide on one class and remove the rest: contradicting labels cannot be learned";

/// For each level: within a class, across training and validation, across classes.
const TWINS: [[Kind; 3]; 3] = [
    [
        kind("duplicate", Warning, WITHIN),
        kind("duplicate-across-splits", Warning, SPLITS),
        kind("duplicate-across-classes", Warning, CLASSES),
    ],
    [
        kind("near-duplicate", Note, VARIANTS),
        kind("near-duplicate-across-splits", Warning, SPLITS),
        kind("near-duplicate-across-classes", Warning, CLASSES),
    ],
    [
        kind("mirrored", Note, VARIANTS),
        kind("mirrored-across-splits", Warning, SPLITS),
        kind("mirrored-across-classes", Warning, CLASSES),
    ],
];

/// The kind of a group of twins.
pub(super) fn of_twins(level: Level, across_splits: bool, across_classes: bool) -> &'static Kind {
    let kinds = &TWINS[level as usize];
    match (across_classes, across_splits) {
        (true, _) => &kinds[2],
        (_, true) => &kinds[1],
        _ => &kinds[0],
    }
}

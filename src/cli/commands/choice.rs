//! A word of the command line for each value of a type that knows nothing of command lines.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use mobilenet_core::fit::augment::Vary;
use mobilenet_core::fit::{ClassWeights, Layers, Schedule};
use mobilenet_core::picture::input::Fit;
use mobilenet_core::picture::view::Views;
use mobilenet_onnx::convert::Levels;

/// A word, what it stands for, and what `--help` says of it.
pub type Choice<T> = (&'static str, T, &'static str);

pub const VARY: &[Choice<Vary>] = &[
    ("part", Vary::Part, "Which part is seen, and which way round"),
    ("all", Vary::All, "Also a small turn, brightness, contrast and saturation"),
];

pub const VIEWS: &[Choice<Views>] = &[
    ("one", Views::One, "The frame as it is"),
    ("flip", Views::Flip, "The frame and its mirror image"),
    ("flip-crop", Views::FlipCrop, "Both, and the same of its middle"),
];

pub const LAYERS: &[Choice<Layers>] = &[
    ("auto", Layers::Auto, "The tail from 16 training pictures a class on, on average; with fewer, the last layer"),
    ("last", Layers::Last, "All that the last layer gives, as in the tutorial"),
    ("tail", Layers::Tail, "The 1024 best numbers of the last layer and of the filters of the last four blocks"),
];

pub const SCHEDULES: &[Choice<Schedule>] = &[
    ("constant", Schedule::Constant, "It stays"),
    ("cosine", Schedule::Cosine, "It falls to nothing over all epochs, along half a wave (Loshchilov and Hutter 2017)"),
    ("plateau", Schedule::Plateau, "It is halved after each epoch without a lower validation loss"),
];

pub const CLASS_WEIGHTS: &[Choice<ClassWeights>] = &[
    ("none", ClassWeights::None, "Every sample counts the same, so a class counts by its size"),
    ("balanced", ClassWeights::Balanced, "Every class counts the same, however many samples it has"),
];

pub const FITS: &[Choice<Fit>] = &[
    ("squash", Fit::Squash, "The whole picture, its sides scaled apart"),
    ("crop", Fit::Crop, "The largest square in its middle"),
];

pub const INPUTS: &[Choice<Levels>] = &[
    ("keras", Levels::KERAS, "-1 to 1"),
    ("torch", Levels::TORCH, "ImageNet's mean and deviation taken out, as torchvision and timm do"),
    ("unit", Levels::UNIT, "0 to 1"),
    ("bytes", Levels::BYTES, "0 to 255"),
];

/// Takes one of the words.
pub fn one_of<T: Copy + Send + Sync>(choices: &'static [Choice<T>]) -> impl TypedValueParser<Value = T> {
    let words = choices.iter().map(|(word, _, help)| PossibleValue::new(*word).help(*help));
    let value = |word: String| choices.iter().find(|(known, ..)| *known == word).expect("clap lets no other through").1;
    PossibleValuesParser::new(words.collect::<Vec<_>>()).map(value)
}

/// The word of a value.
pub fn word<T: PartialEq>(choices: &'static [Choice<T>], value: &T) -> &'static str {
    choices.iter().find(|(_, known, _)| known == value).expect("every value has a word").0
}

//! What is run in every runtime.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use mobilenet::data::dataset::pictures_in;
use mobilenet_core::base::file;
use mobilenet_core::classifier::embedded_backbone;
use mobilenet_core::network::{Architecture, Backbone, Kind, Padding, QuantizedLayer};
use mobilenet_core::picture::decode::decode;
use mobilenet_core::picture::input::{InputSpec, preprocess};
use mobilenet_core::{Classifier, Embedder, Error, Head, Model};
use rayon::prelude::*;

use crate::answers::{Expected, compare, compare_embeddings};
use crate::harness::{ROOT, Result, ensure, shared};
use crate::runtime::Runtime;

/// Below the shared folder.
pub const PHOTO_FOLDER: &str = "data/furniture/val";

/// Computed once, by the first test that needs them; all runtimes are compared with them.
static FURNITURE: LazyLock<Subject> = LazyLock::new(|| Subject::furniture().expect("the embedded model opens"));
static PICTURES: LazyLock<Known> = LazyLock::new(|| Known::of(&picture_folder()));
static PHOTOS: LazyLock<Known> = LazyLock::new(|| Known::of(&shared(PHOTO_FOLDER)));

/// Pictures, and what our engine says about them.
struct Known {
    inputs: Vec<Vec<u8>>,
    expected: Expected<'static>,
}

impl Known {
    fn of(folder: &Path) -> Self {
        let known = || -> std::result::Result<Self, Error> {
            let inputs = inputs(&pictures_in(folder)?, &FURNITURE.backbone.input())?;
            let expected = FURNITURE.expected(&inputs);
            Ok(Self { inputs, expected })
        };
        known().unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
    }
}

fn picture_folder() -> PathBuf {
    Path::new(ROOT).join("tests/pictures")
}

pub fn pictures(runtime: &Runtime) -> Result {
    ensure(PICTURES.inputs.len() == 31, || format!("{} pictures", PICTURES.inputs.len()))?;
    agrees(runtime, &PICTURES)
}

pub fn photos(runtime: &Runtime) -> Result {
    ensure(PHOTOS.inputs.len() == 423, || format!("{} photos", PHOTOS.inputs.len()))?;
    agrees(runtime, &PHOTOS)
}

/// A head of few samples, or of an earlier version, whose files average the last layer alone.
pub fn last_layer(runtime: &Runtime) -> Result {
    let model = Model::from_bytes(include_bytes!("../core/last-layer.safetensors"))?;
    let head = model.head.ok_or("it has a head")?;
    let subject = Subject { backbone: FURNITURE.backbone.clone(), head };
    agreement(runtime, &subject, &PICTURES.inputs, &subject.expected(&PICTURES.inputs))
}

fn agrees(runtime: &Runtime, Known { inputs, expected }: &Known) -> Result {
    agreement(runtime, &FURNITURE, inputs, expected)
}

fn agreement(runtime: &Runtime, subject: &Subject, inputs: &[Vec<u8>], expected: &Expected) -> Result {
    let outcome = runtime.run(&subject.backbone, Some(&subject.head), inputs)?;
    println!("{}: {}", runtime.name, compare(expected, &outcome, runtime.precision)?);
    Ok(())
}

/// Files that are made of a slightly wrong model must not pass for the right one.
pub fn rejects_faults(runtime: &Runtime) -> Result {
    let inputs = &PICTURES.inputs[..8];
    let expected = FURNITURE.expected(inputs);
    for (name, fault) in FAULTS {
        let model = fault(&FURNITURE);
        let outcome = runtime.run(&model.backbone, Some(&model.head), inputs)?;
        ensure(compare(&expected, &outcome, runtime.precision).is_err(), || format!("{name} was not noticed"))?;
    }
    Ok(())
}

/// Pictures as the network sees them.
fn inputs(files: &[PathBuf], spec: &InputSpec) -> std::result::Result<Vec<Vec<u8>>, Error> {
    files.par_iter().map(|file| Ok(preprocess(&decode(&file::read(file)?)?, spec))).collect()
}

/// A backbone with a head.
struct Subject {
    backbone: Backbone,
    head: Head,
}

impl Subject {
    fn furniture() -> std::result::Result<Self, Error> {
        Ok(Self { backbone: embedded_backbone()?, head: Classifier::embedded()?.head().clone() })
    }

    /// What our engine says.
    fn expected(&self, inputs: &[Vec<u8>]) -> Expected<'_> {
        Expected::of(&self.head, &embed(&self.backbone, inputs))
    }

    /// With other convolutions.
    fn with_layers(&self, change: impl FnOnce(&mut [QuantizedLayer])) -> Self {
        let mut layers = self.backbone.layers().to_vec();
        change(&mut layers);
        let backbone = Backbone::new(self.backbone.architecture(), self.backbone.input(), layers);
        Self { backbone: backbone.expect("a fault that could be deployed"), head: self.head.clone() }
    }

    /// With another head: labels, weights and biases.
    fn with_head(&self, change: impl FnOnce(&mut [String], &mut [f32], &mut [f32])) -> Self {
        let (mut labels, mut weight) = (self.head.labels().to_vec(), self.head.weight().to_vec());
        let mut bias = self.head.bias().to_vec();
        change(&mut labels, &mut weight, &mut bias);
        let head = Head::new(labels, weight, bias, self.head.backbone().into());
        let head = head.and_then(|head| head.reading(self.head.features().clone()));
        Self { backbone: self.backbone.clone(), head: head.expect("a fault that could be deployed") }
    }
}

type Fault = (&'static str, fn(&Subject) -> Subject);
const FAULTS: [Fault; 4] = [
    ("a layer of twice its scale", |model| {
        model.with_layers(|layers| layers[20].weight_scale.iter_mut().for_each(|scale| *scale *= 2.0))
    }),
    ("blue for red", |model| {
        model.with_layers(|layers| layers[0].weight.chunks_exact_mut(3).for_each(|rgb| rgb.swap(0, 2)))
    }),
    ("two labels in each other's place", |model| model.with_head(|labels, _, _| labels.swap(0, 1))),
    ("two classes in each other's place", |model| {
        let features = model.head.features().count();
        model.with_head(|_, weight, bias| {
            let (first, second) = weight.split_at_mut(features);
            first.swap_with_slice(&mut second[..features]);
            bias.swap(0, 1);
        })
    }),
];

fn embed(backbone: &Backbone, inputs: &[Vec<u8>]) -> Vec<Vec<f32>> {
    let embedder = Embedder::new(backbone);
    inputs.par_iter().map_init(|| embedder.clone(), |embedder, input| embedder.embed_input(input)).collect()
}

/// What the last layer gives, which is the embedding that a backbone alone is exported with.
fn last_layers(backbone: &Backbone, inputs: &[Vec<u8>]) -> Vec<Vec<f32>> {
    let mut embeddings = embed(backbone, inputs);
    embeddings.iter_mut().for_each(|embedding| embedding.truncate(backbone.architecture().features()));
    embeddings
}

/// Backbones alone, with other sides, padding and colours: the embedded one's weights fit all of them.
pub fn other_shapes(runtime: &Runtime) -> Result {
    let mut measured = Vec::new();
    for (side, padding, levels) in [
        (97, Padding::Same, KERAS),
        (96, Padding::Symmetric, KERAS),
        (97, Padding::Same, TORCH),
        (96, Padding::Symmetric, TORCH),
    ] {
        let backbone = shaped(side, padding, levels)?;
        let inputs = photographs(&backbone.input())?;
        let embeddings = last_layers(&backbone, &inputs);
        let outcome = runtime.run(&backbone, None, &inputs)?;
        measured.push(compare_embeddings(&embeddings, &outcome, runtime.precision)?);
    }
    let expected = shaped(96, Padding::Symmetric, TORCH)?;
    let inputs = photographs(&expected.input())?;
    let embeddings = last_layers(&expected, &inputs);
    // Of the means, an int8 file has nothing left but the colour of the border.
    let black = Levels { mean: [0.0; 3], ..TORCH };
    for (name, fault) in [("other padding", (Padding::Same, TORCH)), ("a black border", (Padding::Symmetric, black))] {
        let outcome = runtime.run(&shaped(96, fault.0, fault.1)?, None, &inputs)?;
        let passed = compare_embeddings(&embeddings, &outcome, runtime.precision);
        ensure(passed.is_err(), || format!("{name} was not noticed: {passed:?}"))?;
    }
    println!("{}: largest relative differences {measured:.3?}", runtime.name);
    Ok(())
}

/// What zero and one are in a picture.
#[derive(Clone, Copy)]
struct Levels {
    mean: [f32; 3],
    std: [f32; 3],
}

const KERAS: Levels = Levels { mean: [127.5; 3], std: [127.5; 3] };
/// Each colour has its own, and so its own colour of the border.
const TORCH: Levels = Levels { mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] };

fn shaped(side: usize, padding: Padding, levels: Levels) -> Result<Backbone> {
    let backbone = embedded_backbone()?;
    let architecture = Architecture { side, padding, ..backbone.architecture() };
    let input = InputSpec { side, mean: levels.mean, std: levels.std, ..backbone.input() };
    let mut layers = backbone.layers().to_vec();
    silence(&architecture, &mut layers);
    Ok(Backbone::new(architecture, input, layers)?)
}

/// The pictures that show anything.
fn photographs(spec: &InputSpec) -> Result<Vec<Vec<u8>>> {
    let mut files = pictures_in(&picture_folder())?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "jpg"));
    Ok(inputs(&files, spec)?)
}

/// Gives some layers a channel without weights, at the smallest scale that quantisation gives to one: some networks have
/// them, and a runtime may find the scale too small.
fn silence(architecture: &Architecture, layers: &mut [QuantizedLayer]) {
    for (row, layer) in architecture.layers().iter().zip(layers).skip(3).step_by(10) {
        layer.weight_scale[1] = 1.0e-9;
        let reads = row.weight_len() / row.outputs;
        for at in 0..reads {
            layer.weight[if row.kind == Kind::Depthwise { at * row.outputs + 1 } else { reads + at }] = 0;
        }
    }
}

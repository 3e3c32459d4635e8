//! What is run in every runtime.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use mobilenet::data::dataset::pictures_in;
use mobilenet_core::base::file;
use mobilenet_core::classifier::embedded_backbone;
use mobilenet_core::network::{Architecture, Backbone, Kind, Padding, QuantizedLayer};
use mobilenet_core::picture::decode::decode;
use mobilenet_core::picture::input::{InputSpec, preprocess};
use mobilenet_core::{Classifier, Embedder, Error, Head};
use rayon::prelude::*;

use super::answers::{Expected, compare, compare_embeddings, ensure};
use super::runtime::{RUNTIMES, Runtime};

const PICTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/pictures");
const PHOTOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/furniture/val");

/// Passed, with what was measured; or failed, and how.
type Result<T = String> = std::result::Result<T, String>;

pub fn run() -> ExitCode {
    // `cargo test FILTER` hands its filter to every test program.
    let filter = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    let mut tally = Tally { filter, ..Tally::default() };
    tally.all().unwrap_or_else(|error| tally.judge("preparation", Err(error)));
    println!("\n{} passed, {} failed, {} skipped", tally.passed, tally.failed, tally.skipped);
    if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[derive(Default)]
struct Tally {
    filter: String,
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Tally {
    fn all(&mut self) -> Result<()> {
        let every = |_: &Runtime| true;
        let model = Subject::furniture().map_err(|error| error.to_string())?;
        let pictures = model.inputs(PICTURES)?;
        ensure(pictures.len() == 31, || format!("{} pictures", pictures.len()))?;
        let expected = model.expected(&pictures)?;
        self.each("pictures", every, |runtime| model.agrees(runtime, &pictures, &expected));
        self.each("planted faults", every, |runtime| model.rejects_faults(runtime, &pictures[..8]));
        self.each("other shapes", |runtime| runtime.takes_backbones, other_shapes);
        if Path::new(PHOTOS).is_dir() {
            let photos = model.inputs(PHOTOS)?;
            ensure(photos.len() == 423, || format!("{} photos", photos.len()))?;
            let expected = model.expected(&photos)?;
            self.each("photos", every, |runtime| model.agrees(runtime, &photos, &expected));
        } else {
            self.skip("photos", "they are not here");
        }
        Ok(())
    }

    /// Runs a test in every runtime that fits it, side by side: most of them keep one core busy.
    fn each(&mut self, test: &str, fits: fn(&Runtime) -> bool, run: impl Fn(&Runtime) -> Result + Sync) {
        let name = |runtime: &Runtime| format!("{}: {test}", runtime.name);
        let wanted = |runtime: &&Runtime| fits(runtime) && name(runtime).contains(&self.filter);
        let wanted: Vec<&Runtime> = RUNTIMES.iter().filter(wanted).collect();
        let results: Vec<Option<Result>> =
            wanted.par_iter().map(|runtime| runtime.is_installed().then(|| run(runtime))).collect();
        for (runtime, result) in wanted.into_iter().zip(results) {
            match result {
                Some(result) => self.judge(&name(runtime), result),
                None => self.skip(&name(runtime), "it is not installed"),
            }
        }
    }

    fn judge(&mut self, name: &str, result: Result) {
        match result {
            Ok(measured) => {
                println!("test {name} ... ok: {measured}");
                self.passed += 1;
            }
            Err(reason) => {
                println!("test {name} ... FAILED\n{reason}");
                self.failed += 1;
            }
        }
    }

    fn skip(&mut self, name: &str, reason: &str) {
        println!("test {name} ... skipped: {reason}");
        self.skipped += 1;
    }
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

    /// Every picture of a folder.
    fn inputs(&self, folder: &str) -> Result<Vec<Vec<u8>>> {
        let files = pictures_in(Path::new(folder)).map_err(|error| error.to_string())?;
        inputs(&files, &self.backbone.input()).map_err(|error| error.to_string())
    }

    /// What our engine says.
    fn expected(&self, inputs: &[Vec<u8>]) -> Result<Expected<'_>> {
        Ok(Expected::of(&self.head, &embed(&self.backbone, inputs)?))
    }

    fn agrees(&self, runtime: &Runtime, inputs: &[Vec<u8>], expected: &Expected) -> Result {
        let outcome = runtime.run(&self.backbone, Some(&self.head), inputs)?;
        Ok(compare(expected, &outcome, runtime.precision)?.to_string())
    }

    /// Files that are made of a slightly wrong model must not pass for the right one.
    fn rejects_faults(&self, runtime: &Runtime, inputs: &[Vec<u8>]) -> Result {
        let expected = self.expected(inputs)?;
        for (name, fault) in FAULTS {
            let model = fault(self);
            let outcome = runtime.run(&model.backbone, Some(&model.head), inputs)?;
            ensure(compare(&expected, &outcome, runtime.precision).is_err(), || format!("{name} was not noticed"))?;
        }
        Ok(format!("{} rejected", FAULTS.len()))
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
        let features = model.head.features();
        model.with_head(|_, weight, bias| {
            let (first, second) = weight.split_at_mut(features);
            first.swap_with_slice(&mut second[..features]);
            bias.swap(0, 1);
        })
    }),
];

fn embed(backbone: &Backbone, inputs: &[Vec<u8>]) -> Result<Vec<Vec<f32>>> {
    let embedder = Embedder::new(backbone);
    Ok(inputs.par_iter().map_init(|| embedder.clone(), |embedder, input| embedder.embed_input(input)).collect())
}

/// Backbones alone, with other sides, padding and colours: the embedded one's weights fit all of them.
fn other_shapes(runtime: &Runtime) -> Result {
    let mut measured = Vec::new();
    for (side, padding, levels) in [
        (97, Padding::Same, KERAS),
        (96, Padding::Symmetric, KERAS),
        (97, Padding::Same, TORCH),
        (96, Padding::Symmetric, TORCH),
    ] {
        let backbone = shaped(side, padding, levels)?;
        let inputs = photographs(&backbone.input())?;
        let embeddings = embed(&backbone, &inputs)?;
        let outcome = runtime.run(&backbone, None, &inputs)?;
        measured.push(compare_embeddings(&embeddings, &outcome, runtime.precision)?);
    }
    let expected = shaped(96, Padding::Symmetric, TORCH)?;
    let inputs = photographs(&expected.input())?;
    let embeddings = embed(&expected, &inputs)?;
    // Of the means, an int8 file has nothing left but the colour of the border.
    let black = Levels { mean: [0.0; 3], ..TORCH };
    for (name, fault) in [("other padding", (Padding::Same, TORCH)), ("a black border", (Padding::Symmetric, black))] {
        let outcome = runtime.run(&shaped(96, fault.0, fault.1)?, None, &inputs)?;
        let passed = compare_embeddings(&embeddings, &outcome, runtime.precision);
        ensure(passed.is_err(), || format!("{name} was not noticed: {passed:?}"))?;
    }
    Ok(format!("largest relative differences {measured:.3?}, 2 faults rejected"))
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
    let backbone = embedded_backbone().map_err(|error| error.to_string())?;
    let architecture = Architecture { side, padding, ..backbone.architecture() };
    let input = InputSpec { side, mean: levels.mean, std: levels.std, ..backbone.input() };
    let mut layers = backbone.layers().to_vec();
    silence(&architecture, &mut layers);
    Backbone::new(architecture, input, layers).map_err(|error| error.to_string())
}

/// The pictures that show anything.
fn photographs(spec: &InputSpec) -> Result<Vec<Vec<u8>>> {
    let mut files = pictures_in(Path::new(PICTURES)).map_err(|error| error.to_string())?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "jpg"));
    inputs(&files, spec).map_err(|error| error.to_string())
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

//! ONNX classifiers from elsewhere, in float and as int8: against our own engine, and against ONNX Runtime.
//!
//! A file that we exported ourselves comes back, which needs nothing from elsewhere. The other tests need photos, a MobileNetV2
//! with ImageNet's classes, and ONNX Runtime in the Python that `MOBILENET_PYTHON` names; without them they are skipped.

#[path = "../harness/mod.rs"]
mod harness;

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Output};

use harness::{ROOT, Result, Suite, ensure, missing, missing_python, shared};
use mobilenet::data::dataset::pictures_in;
use mobilenet_core::export::{Content, Format, Precision, export};
use mobilenet_core::head::argmax;
use mobilenet_core::picture::decode::decode;
use mobilenet_core::picture::input::{Fit, InputSpec, preprocess};
use mobilenet_core::{Classifier, Frame, Model, classifier};
use mobilenet_onnx::convert::Levels;
use mobilenet_onnx::{Labels, Lowered, OnnxClassifier, OnnxOptions, lower};
use rayon::prelude::*;
use serde_json::Value;

const PHOTOS: &str = "data/furniture/val";
const IMAGENET_PHOTOS: &str = "data/imagenet_sample";
const IMAGENET: &str = "models/google_mobilenet_v2_1.0_224_1001_f32.onnx";
/// Photos of 200 that may be named right less often than by ONNX Runtime: 1.5 points.
const LOST: usize = 3;

fn main() -> ExitCode {
    let mut suite = Suite::default();
    suite.add("what was exported comes back with the same answers", comes_back);
    suite.add("the terminal runs any classifier and names its classes", terminal);
    suite.add("the terminal says what is wrong with a file and its options", refusals);
    suite.add_unless(missing(PHOTOS), "exported files agree with our engine on furniture photos", furniture);
    let missing = missing(IMAGENET).or_else(|| missing(IMAGENET_PHOTOS)).or_else(missing_python);
    suite.add_unless(missing, "a thousand classes, in float and int8, against ONNX Runtime", imagenet);
    suite.run()
}

/// The furniture model as an ONNX file in float.
fn exported() -> Result<Vec<u8>> {
    let file = fs::read(Path::new(ROOT).join("src/core/models/furniture.safetensors"))?;
    let model = Model::from_bytes(&file)?;
    let backbone = classifier::embedded_backbone()?;
    match export(&backbone, model.head.as_ref(), Format::Onnx, Precision::Float)?.content {
        Content::File(file) => Ok(file),
        Content::Folder(_) => Err("ONNX is one file".into()),
    }
}

fn frames(folder: &Path) -> Result<Vec<Frame>> {
    let files = pictures_in(folder)?;
    files.par_iter().map(|file| Ok(decode(&fs::read(file)?)?)).collect()
}

/// How many frames our engine, the file in float and the file as int8 agree on, all three.
fn agreement(frames: &[Frame]) -> Result<usize> {
    let file = exported()?;
    let options = OnnxOptions::default();
    let float = OnnxClassifier::from_bytes(&file, &options)?;
    ensure(float.levels() == Levels::BYTES, || format!("it was taken for {:?}", float.levels()))?;
    let ours = Classifier::embedded()?;
    ensure(float.labels() == ours.head().labels(), || format!("{:?}", float.labels()))?;
    let Lowered { model, closeness, .. } = lower(&file, "furniture.onnx", &options, &mut |_, _| ())?;
    println!("{closeness:?}");
    let int8 = Classifier::from_bytes(&model)?;
    let one = |frame: &Frame| -> Result<usize> {
        let expected = argmax(&ours.clone().logits(frame));
        let same = argmax(&float.outputs(frame)?) == expected && argmax(&int8.clone().logits(frame)) == expected;
        Ok(usize::from(same))
    };
    let agreed: Vec<usize> = frames.par_iter().map(one).collect::<Result<_>>()?;
    Ok(agreed.iter().sum())
}

fn comes_back() -> Result {
    let frames = frames(&Path::new(ROOT).join("www/samples"))?;
    let agreed = agreement(&frames)?;
    ensure(agreed == frames.len(), || format!("{agreed} of {}", frames.len()))
}

/// The int8 network went through float and was rounded anew: what is on the edge may change sides.
fn furniture() -> Result {
    let frames = frames(&shared(PHOTOS))?;
    let agreed = agreement(&frames)?;
    println!("{agreed} of {} furniture photos have the same answer", frames.len());
    ensure(agreed * 100 >= frames.len() * 98, || format!("{agreed} of {}", frames.len()))
}

fn classify(arguments: &[&Path]) -> Result<Output> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mobilenet"));
    Ok(command.arg("classify").args(arguments).output()?)
}

fn terminal() -> Result {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let [file, labels] = ["mine.onnx", "labels.txt"].map(|name| folder.path().join(name));
    fs::write(&file, exported()?)?;
    fs::write(&labels, "a\nb\nc\nd\na\n")?;
    let sofa = Path::new(ROOT).join("www/samples/sofa.jpg");
    let output = classify(&[&file, &sofa, Path::new("--json")])?;
    let answer: Value = serde_json::from_slice(&output.stdout)?;
    let named = |answer: &Value| answer["predictions"][0]["label"].as_str().map(str::to_owned);
    ensure(named(&answer).as_deref() == Some("sofa"), || answer.to_string())?;
    let notes = String::from_utf8_lossy(&output.stderr);
    ensure(notes.contains("--input bytes"), || notes.to_string())?;
    let stated = ["--labels", "--input", "bytes", "--fit", "crop", "--top-k", "5"].map(Path::new);
    let [first, rest @ ..] = stated;
    let output = classify(&[&[file.as_path(), &sofa, first, &labels][..], &rest].concat())?;
    let printed = String::from_utf8_lossy(&output.stdout);
    ensure(printed.contains("a (2)") && output.stderr.is_empty(), || format!("{output:?}"))
}

fn refusals() -> Result {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let [file, text, labels] = ["mine.onnx", "text.onnx", "labels.txt"].map(|name| folder.path().join(name));
    fs::write(&file, exported()?)?;
    fs::write(&text, "no network")?;
    fs::write(&labels, "only\ntwo\n")?;
    let sofa = Path::new(ROOT).join("www/samples/sofa.jpg");
    let ours = Path::new(ROOT).join("src/core/models/furniture.safetensors");
    let with = |file: &Path, more: &[&Path]| classify(&[&[file, sofa.as_path()][..], more].concat());
    let cases = [
        (with(&text, &[])?, "text.onnx: this is no usable ONNX classifier"),
        (with(&file, &[Path::new("--labels"), &labels])?, "has 2 lines, and the network 5 classes"),
        (with(&file, &[Path::new("--side"), Path::new("96")])?, "224 pixels wide and cannot be 96"),
        (with(&file, &[Path::new("--views"), Path::new("flip")])?, "--views is for models of ours"),
        (with(&ours, &[Path::new("--labels"), &labels])?, "leave out the options that are for ONNX files"),
    ];
    for (output, reason) in cases {
        let said = String::from_utf8_lossy(&output.stderr);
        ensure(output.status.code() == Some(1) && said.contains(reason), || format!("{reason}: {said}"))?;
    }
    Ok(())
}

/// What the photos show, by the model's outputs: the first is the background.
fn photos() -> Result<(Vec<Frame>, Vec<usize>)> {
    let folder = shared(IMAGENET_PHOTOS);
    let list = fs::read_to_string(folder.join("labels.csv"))?;
    let rows: Vec<Vec<&str>> = list.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let frame = |row: &Vec<&str>| -> Result<Frame> { Ok(decode(&fs::read(folder.join(row[0]))?)?) };
    let classes = rows.iter().map(|row| -> Result<usize> { Ok(row[1].parse::<usize>()? + 1) });
    Ok((rows.par_iter().map(frame).collect::<Result<_>>()?, classes.collect::<Result<_>>()?))
}

fn imagenet() -> Result {
    let path = shared(IMAGENET);
    let file = fs::read(&path)?;
    let labels = fs::read(shared("models/imagenet_labels.txt"))?;
    let labels = Labels::read(&labels)?;
    let (frames, classes) = photos()?;
    for fit in [Fit::Squash, Fit::Crop] {
        let options = OnnxOptions { labels: Some(labels.clone()), fit, ..OnnxOptions::default() };
        let float = OnnxClassifier::from_bytes(&file, &options)?;
        ensure(float.levels() == Levels::KERAS, || format!("it was taken for {:?}", float.levels()))?;
        let lowered = lower(&file, IMAGENET, &options, &mut |_, _| ())?;
        let int8 = Classifier::from_bytes(&lowered.model)?;
        let reference = onnxruntime(&path, &frames, float.input())?;
        let floats: Vec<usize> = frames.par_iter().map(|frame| argmax(&float.outputs(frame).unwrap())).collect();
        let int8s: Vec<usize> = frames.par_iter().map(|frame| argmax(&int8.clone().logits(frame))).collect();
        let right = |answers: &[usize]| answers.iter().zip(&classes).filter(|(a, b)| a == b).count();
        let same = |answers: &[usize]| answers.iter().zip(&reference).filter(|(a, b)| a == b).count();
        println!(
            "{fit:?}: right of {}: ONNX Runtime {}, float {}, int8 {}; the same as ONNX Runtime: float {}, int8 {}; {:?}",
            frames.len(),
            right(&reference),
            right(&floats),
            right(&int8s),
            same(&floats),
            same(&int8s),
            lowered.closeness
        );
        for answers in [&floats, &int8s] {
            let (found, expected) = (right(answers), right(&reference));
            ensure(found + LOST >= expected, || format!("{fit:?}: {found} right, {expected} by ONNX Runtime"))?;
        }
        ensure(floats == reference, || format!("{fit:?}: float has other answers than ONNX Runtime"))?;
    }
    Ok(())
}

/// The classes that ONNX Runtime finds in the very same numbers.
fn onnxruntime(model: &Path, frames: &[Frame], spec: &InputSpec) -> Result<Vec<usize>> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let [inputs, answers] = ["inputs", "answers"].map(|name| folder.path().join(name));
    let numbers = |frame: &Frame| -> Vec<u8> {
        let input = preprocess(frame, spec);
        let real = |channel: usize, pixel: usize| {
            (f32::from(input[pixel * 3 + channel]) - spec.mean[channel]) / spec.std[channel]
        };
        let pixels = spec.side * spec.side;
        (0..3 * pixels).flat_map(|at| real(at / pixels, at % pixels).to_le_bytes()).collect()
    };
    fs::write(&inputs, frames.iter().flat_map(numbers).collect::<Vec<u8>>())?;
    let python = std::env::var_os("MOBILENET_PYTHON").ok_or("there is no Python")?;
    let mut command = Command::new(python);
    command.arg(format!("{ROOT}/tests/onnx/run.py")).arg(model).args(["logits", &spec.side.to_string()]);
    let output = command.arg(&inputs).arg(&answers).output()?;
    ensure(output.status.success(), || String::from_utf8_lossy(&output.stderr).into_owned())?;
    let bytes = fs::read(&answers)?;
    let numbers: Vec<f32> = bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    Ok(numbers.chunks(numbers.len() / frames.len()).map(argmax).collect())
}

//! Projects: what the terminal makes of one is what a page makes of the same samples, and no archive is trusted.

#![cfg(feature = "embedded")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use mobilenet_core::Classifier;
use mobilenet_core::fit::{Ingredients, Samples, Settings, teach};
use mobilenet_core::picture::decode::decode;
use serde_json::{Value, json};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;

const LABELS: [&str; 2] = ["bright", "dark"];

/// Six pictures of each class, as PNG files: class and bytes.
fn pictures() -> Vec<(usize, Vec<u8>)> {
    let picture = |at: u8| {
        let base = [200u8, 10][usize::from(at / 6)];
        let pixel =
            |x: u32, y: u32| image::Rgb([base + at, base.wrapping_add((x % 7) as u8 * 5), base + (y % 5) as u8]);
        let mut file = std::io::Cursor::new(Vec::new());
        image::RgbImage::from_fn(40 + u32::from(at), 30, pixel).write_to(&mut file, image::ImageFormat::Png).unwrap();
        (usize::from(at / 6), file.into_inner())
    };
    (0..12).map(picture).collect()
}

fn folders() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for (at, (class, picture)) in pictures().iter().enumerate() {
        let folder = root.path().join(LABELS[*class]);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{at:02}.png")), picture).unwrap();
    }
    root
}

/// What the page would teach from these.
fn taught(bursts: &[usize], settings: &Settings) -> Vec<u8> {
    let mut classifier = Classifier::embedded().unwrap();
    let mut samples = Samples::default();
    for (class, picture) in pictures() {
        samples.embeddings.push(classifier.embedder().embed(&decode(&picture).unwrap()));
        samples.classes.push(class);
    }
    teach(&samples, bursts, &LABELS.map(String::from), settings, classifier.embedder(), |_| ()).unwrap().model
}

fn mobilenet() -> Command {
    let mut command = Command::cargo_bin("mobilenet").unwrap();
    command.env("XDG_CACHE_HOME", concat!(env!("CARGO_TARGET_TMPDIR"), "/cache"));
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    command
}

/// Trains on a project; the bytes of the model, or what was said.
fn train(project: &Path, out: &str, extra: &[&str]) -> Result<Vec<u8>, String> {
    let out = project.with_file_name(out);
    let output = mobilenet().arg("train").arg(project).args(extra).arg("--out").arg(&out).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(!message.contains("panicked"), "{message}");
    if output.status.success() { Ok(fs::read(out).unwrap()) } else { Err(message) }
}

/// A project as a page saves it: two bursts a class, of two and four frames.
fn manifest() -> Value {
    let sample = |at: usize| {
        let burst = at / 6 * 2 + usize::from(at % 6 >= 2);
        json!({ "file": format!("samples/{}/{at:05}.png", LABELS[at / 6]), "label": at / 6, "burst": burst })
    };
    json!({
        "format": 1, "labels": LABELS, "recipe": { "seed": 3, "epochs": 9 }, "validation_share": 0.25, "name": "unknown here",
        "samples": (0..12).map(sample).collect::<Vec<_>>()
    })
}

fn archive(folder: &Path, manifest: &str) -> PathBuf {
    let path = folder.join("project.zip");
    let mut zip = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    let mut add = |name: &str, bytes: &[u8]| {
        let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        let options = if name.ends_with(".json") { SimpleFileOptions::default() } else { stored };
        zip.start_file(name, options).unwrap();
        zip.write_all(bytes).unwrap();
    };
    add("project.json", manifest.as_bytes());
    for (at, (class, picture)) in pictures().iter().enumerate() {
        add(&format!("samples/{}/{at:05}.png", LABELS[*class]), picture);
    }
    add("samples/broken.png", b"<html>");
    add("model.safetensors", b"what the page taught");
    zip.finish().unwrap();
    path
}

#[test]
fn folders_become_a_project_and_a_project_a_head() {
    let (root, out) = (folders(), tempfile::tempdir().unwrap());
    let project = |name: &str, extra: &[&str]| {
        let path = out.path().join(name);
        mobilenet().arg("project").arg(root.path()).args(extra).arg("--out").arg(&path).assert().success();
        path
    };
    let first = project("first.zip", &[]);
    assert_eq!(fs::read(&first).unwrap(), fs::read(project("second.zip", &[])).unwrap(), "same folders, same bytes");
    let model = train(&first, "one/model.safetensors", &[]).unwrap();
    let again = train(&first, "two/model.safetensors", &["--no-cache"]).unwrap();
    assert_eq!(model, again);
    assert_eq!(model, taught(&(0..12).collect::<Vec<_>>(), &Settings::default()));
    let beside = |name: &str| fs::read_to_string(out.path().join("one").join(name)).unwrap();
    assert_eq!(beside("labels.txt"), "bright\ndark\n");
    assert!(beside("report.html").ends_with("</html>\n") && beside("history.json").contains("\"epoch\": 1"));
    let head = out.path().join("one/model.safetensors");
    let with_head = project("third.zip", &["--model", head.to_str().unwrap()]);
    let mut zip = zip::ZipArchive::new(fs::File::open(with_head).unwrap()).unwrap();
    let mut inside = Vec::new();
    std::io::Read::read_to_end(&mut zip.by_name("model.safetensors").unwrap(), &mut inside).unwrap();
    assert_eq!(inside, model);
    let mut refused = mobilenet();
    refused.arg("project").arg(root.path()).args(["--model", "src/core/models/furniture.safetensors", "--out"]);
    let output = refused.arg(out.path().join("no.zip")).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && message.contains("furniture.safetensors"), "{message}");
    assert!(!out.path().join("no.zip").exists());
}

#[test]
fn bursts_and_settings_of_a_page_count() {
    let out = tempfile::tempdir().unwrap();
    let project = archive(out.path(), &manifest().to_string());
    let recipe = Ingredients { seed: 3, epochs: 9, ..Ingredients::default() };
    let settings = Settings { recipe, validation_share: 0.25, ..Settings::default() };
    let bursts: Vec<usize> = (0..12).map(|at| at / 6 * 2 + usize::from(at % 6 >= 2)).collect();
    let model = train(&project, "model", &[]).unwrap();
    assert_eq!(model, taught(&bursts, &settings));
    assert_ne!(model, taught(&bursts, &Settings::default()), "the settings matter");
    for option in ["--seed=1", "--augment=0", "--val-split=0.2", "--auto", "--false-rejections=0.05", "--strict"] {
        let message = train(&project, "refused", &[option]).unwrap_err();
        let name = option.split('=').next().unwrap();
        assert!(message.contains(name) && message.contains("project.zip"), "{message}");
    }
    assert!(!out.path().join("refused").exists());
}

/// A page leaves them out when it fits.
#[test]
fn labels_without_pictures_are_left_out() {
    let out = tempfile::tempdir().unwrap();
    let expected = train(&archive(out.path(), &manifest().to_string()), "model", &[]).unwrap();
    let mut manifest = manifest();
    manifest["labels"] = json!(["", "bright", "grey", "dark", "grey"]);
    for sample in manifest["samples"].as_array_mut().unwrap() {
        sample["label"] = json!(sample["label"].as_u64().unwrap() * 2 + 1);
    }
    let model = train(&archive(out.path(), &manifest.to_string()), "others/model", &[]).unwrap();
    assert_eq!(model, expected);
    assert_eq!(fs::read_to_string(out.path().join("others/labels.txt")).unwrap(), "bright\ndark\n");
}

#[test]
fn bad_archives_are_refused_by_name() {
    let out = tempfile::tempdir().unwrap();
    let refused = |manifest: &str, words: &[&str]| {
        let message = train(&archive(out.path(), manifest), "model", &[]).unwrap_err();
        for word in words.iter().chain(&["project.zip"]) {
            assert!(message.contains(word), "{word:?} is missing in {message}");
        }
    };
    let changed = |pointer: &str, value: Value| {
        let mut manifest = manifest();
        *manifest.pointer_mut(pointer).unwrap() = value;
        manifest.to_string()
    };
    refused("{", &["project.json", "damaged", "mobilenet project"]);
    refused(&changed("/format", json!(2)), &["project.json", "format is 2"]);
    refused(&changed("/labels", json!(["bright"])), &["sample 6", "label 1"]);
    refused(&changed("/recipe", json!({ "speed": 1 })), &["project.json", "speed"]);
    refused(&changed("/recipe", json!({ "dropout": 1 })), &["dropout"]);
    refused(&changed("/recipe", json!({ "epochs": 4_000_000_000u32 })), &["epochs", "10000"]);
    refused(&changed("/validation_share", json!(0)), &["share to validate on"]);
    refused(&changed("/samples", json!([])), &["it has no pictures"]);
    for path in ["../x.png", "/x.png", "a//x.png", "C:/x.png", "a\\x.png", ".hidden", "a/..", ""] {
        refused(&changed("/samples/3/file", json!(path)), &["sample 3", "no plain path"]);
    }
    refused(&changed("/samples/3/file", json!("samples/BRIGHT/00002.png")), &["sample 3", "another one"]);
    refused(&changed("/samples/3/file", json!("samples/bright/00002.png/x")), &["x", "folder that is a file"]);
    refused(&changed("/samples/3/file", json!("samples/absent.png")), &["samples/absent.png", "no such entry"]);
    refused(&changed("/samples/3/file", json!("samples/broken.png")), &["samples/broken.png", "cannot be read"]);
    let path = archive(out.path(), &manifest().to_string());
    let whole = fs::read(&path).unwrap();
    let at = whole.windows(4).position(|window| window == b"IDAT").unwrap();
    let mut damaged = whole.clone();
    damaged[at + 9] ^= 1;
    for bytes in [&b"no archive"[..], b"", &whole[..whole.len() / 2], &damaged] {
        fs::write(&path, bytes).unwrap();
        let message = train(&path, "model", &[]).unwrap_err();
        assert!(message.contains("project.zip") && message.contains("cannot be read"), "{message}");
    }
    assert!(!out.path().join("model").exists(), "nothing half done stays behind");
}

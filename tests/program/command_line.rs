//! The program as a process: what a person types, what comes out, what stays behind.

#![cfg(feature = "embedded")]

#[path = "../pictures/mod.rs"]
mod pictures;

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// Two classes that even a person with bad eyes can tell apart: bright and dark, six pictures each.
fn dataset() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for (label, base) in [("bright", 200u8), ("dark", 10)] {
        let folder = root.path().join(label);
        fs::create_dir(&folder).unwrap();
        for at in 0..6u8 {
            let picture = image::RgbImage::from_fn(40 + u32::from(at), 30, |x, y| {
                image::Rgb([base + at, base.wrapping_add((x % 7) as u8 * 5), base + (y % 5) as u8])
            });
            picture.save(folder.join(format!("{at}.png"))).unwrap();
        }
    }
    root
}

/// What the repository holds is named from here.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn mobilenet() -> Command {
    let mut command = Command::cargo_bin("mobilenet").unwrap();
    command.env("XDG_CACHE_HOME", concat!(env!("CARGO_TARGET_TMPDIR"), "/cache")).current_dir(ROOT);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn train(dataset: &Path, out: &Path) -> String {
    let output = mobilenet().arg("train").arg(dataset).arg("--val-split=0.34").arg("--out").arg(out).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn train_writes_everything_and_repeats_itself() {
    let dataset = dataset();
    let out = tempfile::tempdir().unwrap();
    let first = out.path().join("first/model.safetensors");
    let printed = train(dataset.path(), &first);
    assert!(printed.contains("epoch | train loss | train acc | val loss | val acc"), "{printed}");
    let read = |name: &str| fs::read_to_string(out.path().join("first").join(name)).unwrap();
    assert_eq!(read("labels.txt"), "bright\ndark\n");
    let history: Value = serde_json::from_str(&read("history.json")).unwrap();
    assert_eq!(history[0]["epoch"], 1);
    assert!(read("loss.svg").contains("</svg>") && read("accuracy.svg").contains("</svg>"));
    assert_eq!(fs::read_dir(out.path().join("first")).unwrap().count(), 6, "and nothing else");
    let report = read("report.html");
    assert!(report.starts_with("<!DOCTYPE html>") && report.ends_with("</html>\n"));
    for id in ["classes", "confusion", "mistakes", "roc", "calibration", "threshold", "learning", "data", "run", "card"]
    {
        assert!(report.contains(&format!("<section id=\"{id}\"")), "{id} is missing");
    }
    assert!(report.contains("--val-split=0.34") && report.contains("data:image/jpeg;base64,"));
    assert!(!report.contains("http:") && !report.contains("https:") && !report.contains("<script"), "it asks nobody");
    let second = out.path().join("second/model.safetensors");
    assert_eq!(train(dataset.path(), &second).lines().next(), printed.lines().next());
    assert_eq!(fs::read(first).unwrap(), fs::read(second).unwrap(), "same seed, same bytes");
}

#[test]
fn classify_answers_every_file_and_tells_of_failures() {
    let dataset = dataset();
    let out = tempfile::tempdir().unwrap();
    let model = out.path().join("model.safetensors");
    train(dataset.path(), &model);
    fs::write(dataset.path().join("dark/broken.jpg"), "<html>").unwrap();
    fs::write(dataset.path().join("dark/Thumbs.db"), "x").unwrap();
    let output =
        mobilenet().arg("classify").arg(&model).arg(dataset.path()).args(["--json", "--top-k=1"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "one file is no picture");
    let lines: Vec<Value> = text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 13);
    for line in lines {
        let file = line["file"].as_str().unwrap();
        if file.ends_with("broken.jpg") {
            assert!(line["error"].as_str().unwrap().contains("broken.jpg"), "{line}");
        } else {
            let label = line["predictions"][0]["label"].as_str().unwrap();
            assert!(file.contains(&format!("/{label}/")), "{line}");
        }
    }
    let output = mobilenet().arg("classify").arg(&model).arg(dataset.path().join("bright/0.png")).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).contains("bright"));
}

#[test]
fn explain_draws_and_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("made/overlay.png");
    let explain = |arguments: &[&str]| {
        let mut command = mobilenet();
        command.args(["explain", "src/core/models/furniture.safetensors", "www/samples/sofa.jpg"]).args(arguments);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let printed = explain(&["--out", out.to_str().unwrap()]);
    assert!(printed.starts_with("sofa ") && printed.contains("half of the evidence is in the middle"), "{printed}");
    let overlay = image::load_from_memory_with_format(&fs::read(&out).unwrap(), image::ImageFormat::Png).unwrap();
    assert_eq!((overlay.width(), overlay.height()), (640, 480));
    let another = folder.path().join("bed.png");
    let answer: Value =
        serde_json::from_str(&explain(&["--json", "--class=bed", "--out", another.to_str().unwrap()])).unwrap();
    assert_ne!(fs::read(another).unwrap(), fs::read(out).unwrap(), "another class has another overlay");
    assert_eq!(answer["label"], "bed");
    assert!(answer["probability"].as_f64().unwrap() < 0.1, "{answer}");
    let rows = answer["heatmap"].as_array().unwrap();
    assert!(rows.len() == 7 && rows.iter().all(|row| row.as_array().unwrap().len() == 7), "{answer}");
    let values = rows.iter().flat_map(|row| row.as_array().unwrap()).map(|value| value.as_f64().unwrap());
    let number = |name: &str| answer[name].as_f64().unwrap();
    let error = values.sum::<f64>() / 49.0 + number("bias") - number("logit");
    // The bound of tests/core/heatmap.rs.
    assert!(error.abs() < 3e-4, "{error}");
    assert_eq!(answer["region"], serde_json::json!({ "x": 0, "y": 0, "width": 640, "height": 480 }));
}

#[test]
fn a_head_becomes_a_link_and_a_head_again() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("head.safetensors");
    let run = |arguments: &[&str]| mobilenet().arg("share").args(arguments).output().unwrap();
    let shared = run(&["src/core/models/furniture.safetensors", "--page", "https://example.org/"]);
    let link = text(&shared.stdout);
    assert!(link.starts_with("https://example.org/#head="), "{link}");
    assert!(run(&[link.trim(), "--out", out.to_str().unwrap()]).status.success());
    assert_eq!(
        fs::read(out).unwrap(),
        fs::read(Path::new(ROOT).join("src/core/models/furniture.safetensors")).unwrap()
    );
    let refused = run(&[&link[..link.len() - 20]]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("cut short"), "{}", text(&refused.stderr));
    let refused = run(&["src/core/models/mobilenet_v2_1.0_224.safetensors"]);
    assert!(text(&refused.stderr).contains("holds no head"), "{}", text(&refused.stderr));
}

#[test]
fn evaluate_counts() {
    let dataset = dataset();
    let out = tempfile::tempdir().unwrap();
    let model = out.path().join("model.safetensors");
    train(dataset.path(), &model);
    let output = mobilenet().arg("evaluate").arg(&model).arg(dataset.path()).arg("--json").output().unwrap();
    assert!(output.status.success());
    let metrics: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(metrics["accuracy"], 1.0);
    assert_eq!(metrics["confusion"], serde_json::json!([[6, 0], [0, 6]]));
    let output = mobilenet().arg("evaluate").arg(&model).arg(dataset.path()).output().unwrap();
    assert!(text(&output.stdout).starts_with("accuracy 1.0000 on 12 pictures"));
}

#[test]
fn inspect_counts_and_draws() {
    let dataset = dataset();
    let sheet = dataset.path().join("sheet.svg");
    let output = mobilenet().arg("inspect").arg(dataset.path()).arg("--out").arg(&sheet).output().unwrap();
    assert!(output.status.success());
    let counts = text(&output.stdout);
    let words: Vec<&str> = counts.split_whitespace().collect();
    assert!(
        words.windows(2).any(|pair| pair == ["dark", "6"]) && words.windows(2).any(|pair| pair == ["total", "12"]),
        "{counts}"
    );
    assert_eq!(fs::read_to_string(sheet).unwrap().matches("<image").count(), 12);
}

#[test]
fn summary_explains_the_parameters() {
    let output = mobilenet().args(["summary", "src/core/models/furniture.safetensors"]).output().unwrap();
    let summary = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    for number in ["2,257,984", "2,206,816", "5,125", "2,211,941"] {
        assert!(summary.contains(number), "{number} is missing in\n{summary}");
    }
    assert_eq!(summary.matches("112 x 112 x").count(), 4, "stem, first block, first expansion");
}

#[test]
fn a_cache_gives_the_same_model_and_survives_damage() {
    let dataset = dataset();
    let out = tempfile::tempdir().unwrap();
    let cache = out.path().join("cache");
    let model = |name: &str, extra: &[&str]| {
        let path = out.path().join(name);
        let cache = cache.to_str().unwrap();
        let cache: &[&str] = if extra.is_empty() { &["--cache", cache] } else { extra };
        mobilenet().arg("train").arg(dataset.path()).args(cache).arg("--out").arg(&path).assert().success();
        fs::read(path).unwrap()
    };
    let without = model("without", &["--no-cache"]);
    assert_eq!(model("first", &[]), without);
    assert_eq!(model("second", &[]), without);
    let files: Vec<_> = fs::read_dir(&cache).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 2, "embeddings and fingerprints");
    for file in files {
        let mut bytes = fs::read(&file).unwrap();
        bytes.truncate(bytes.len() - 100);
        bytes[5000] ^= 0x40;
        fs::write(&file, bytes).unwrap();
    }
    assert_eq!(model("third", &[]), without);
}

#[test]
fn views_are_cached_one_by_one_and_change_the_head() {
    let dataset = dataset();
    let out = tempfile::tempdir().unwrap();
    let cache = out.path().join("cache");
    let model = |extra: &[&str]| {
        let path = out.path().join("model");
        let mut command = mobilenet();
        command.arg("train").arg(dataset.path()).arg("--cache").arg(&cache).arg("--out").arg(&path).args(extra);
        command.assert().success();
        let is_embeddings = |file: &fs::DirEntry| file.file_name().to_string_lossy().starts_with("embeddings");
        let file = fs::read_dir(&cache).unwrap().map(Result::unwrap).find(is_embeddings).unwrap();
        (fs::read(path).unwrap(), file.metadata().unwrap().len())
    };
    // Ten pictures to train on, two to validate on.
    const RECORD: u64 = 32 + 4736 * 2 + 4;
    let (one, length) = model(&["--augment=0"]);
    assert_eq!(length, 12 * RECORD);
    let (four, length) = model(&["--augment=3"]);
    assert_eq!(length, (12 + 10 * 3) * RECORD);
    assert_ne!(one, four);
    assert_eq!(model(&["--augment=3"]), (four, length), "the second run embeds nothing");
    let (_, longer) = model(&["--augment=3", "--seed=1", "--views=flip"]);
    assert_eq!(longer, length + 2 * RECORD, "mirror images of the validation pictures");
}

#[test]
fn folds_and_search_say_what_they_did() {
    let dataset = dataset();
    let out = tempfile::tempdir().unwrap();
    let run = |extra: &[&str]| {
        let mut command = mobilenet();
        command.arg("train").arg(dataset.path()).arg("--out").arg(out.path().join("model")).args(extra);
        command.output().unwrap()
    };
    let printed = text(&run(&["--augment=1", "--folds=5"]).stdout);
    assert!(
        printed.contains(
            "5 folds of the training pictures, bursts and scenes kept together, seed 1: acc 1.0000 (95 % Wilson interval for pictures like these 0.7"
        ),
        "{printed}"
    );
    let printed = text(&run(&["--augment=0", "--auto"]).stdout);
    let (_, chosen) = printed.split_once("chosen:\n").unwrap();
    let row = chosen.lines().next().unwrap();
    assert!(printed.matches(row).count() >= 2, "what was chosen was tried: {printed}");
    assert!(printed.lines().filter(|line| line.matches(" | ").count() == 5).count() > 8, "{printed}");
    let refused = run(&["--folds=2"]);
    assert!(!refused.status.success() && text(&refused.stderr).contains("2 folds"), "{refused:?}");
    let refused = run(&["--weight-decay=-1"]);
    assert!(!refused.status.success() && text(&refused.stderr).contains("weight"), "{refused:?}");
}

#[test]
fn the_answer_to_several_views_is_the_mean_of_theirs() {
    use mobilenet_core::picture::view::Views;
    let frame = mobilenet_core::picture::decode::decode(pictures::PICTURES[5].1).unwrap();
    let mut classifier = mobilenet_core::Classifier::embedded().unwrap();
    let embedder = classifier.embedder();
    let views: Vec<Vec<f32>> = Views::FlipCrop.list().iter().map(|view| embedder.embed_view(&frame, view)).collect();
    let mean = embedder.embed_views(&frame, Views::FlipCrop);
    let head = classifier.head();
    let logits: Vec<Vec<f32>> = views.iter().map(|embedding| head.logits(embedding)).collect();
    assert!(logits.iter().any(|other| *other != logits[0]), "the views differ");
    for (class, logit) in head.logits(&mean).into_iter().enumerate() {
        let expected: f32 = logits.iter().map(|logits| logits[class]).sum::<f32>() / 4.0;
        // Sums of 1280 products of at most 6 times 4, rounded one by one.
        assert!((logit - expected).abs() <= 1280.0 * 24.0 * f32::EPSILON, "{logit} and {expected}");
    }
    assert_eq!(classifier.embedder().embed_views(&frame, Views::One), classifier.embedder().embed(&frame));
}

#[test]
fn mistakes_get_an_answer_that_helps() {
    let dataset = dataset();
    let root = dataset.path();
    let fails = |arguments: &[&str], words: &[&str]| {
        let output = mobilenet().args(arguments).current_dir(root).output().unwrap();
        let message = text(&output.stderr);
        assert!(!output.status.success(), "{arguments:?} should fail");
        assert!(!message.contains("panicked"), "{message}");
        for word in words {
            assert!(message.contains(word), "{arguments:?} should name {word:?}: {message}");
        }
    };
    fails(&["train", "nowhere"], &["nowhere"]);
    fails(&["train", "bright"], &["class folders"]);
    fails(&["train", ".", "--out=x/report.html"], &["x/report.html", "another name"]);
    fs::create_dir(root.join("empty")).unwrap();
    fails(&["train", "."], &["empty", "no pictures"]);
    fs::write(root.join("empty/bad.jpg"), "not a picture").unwrap();
    fails(&["train", "."], &["empty", "could be read", "bad.jpg"]);
    fails(&["classify", "dark/0.png", "dark"], &["dark/0.png", "no usable model"]);
    fails(&["evaluate", "missing.safetensors", "."], &["missing.safetensors"]);
    let furniture = Path::new(ROOT).join("src/core/models/furniture.safetensors");
    let explain = ["explain", furniture.to_str().unwrap()];
    fails(&[&explain[..], &["dark/0.png"]].concat(), &["--out"]);
    fails(&[&explain[..], &["dark/0.png", "--out=x", "--class=lamp"]].concat(), &["\"lamp\"", "bed, chair, sofa"]);
    fails(&[&explain[..], &["empty/bad.jpg", "--out=x"]].concat(), &["empty/bad.jpg", "cannot be read"]);
    fails(&[&explain[..], &["absent.jpg", "--out=x"]].concat(), &["absent.jpg"]);
    fails(&[&explain[..], &["dark/0.png", "--out=dark/1.png/x"]].concat(), &["dark/1.png"]);
    fails(&[&explain[..], &["dark/0.png", "--out=dark"]].concat(), &["dark", "directory"]);
    fails(&["backbone", "import", "dark/0.png", "--calibrate", "dark", "--out", "x"], &["dark/0.png"]);
    assert!(!root.join("x").exists() && !root.join("model.safetensors").exists(), "nothing half done stays behind");
}

#[test]
fn every_kind_of_picture_is_classified() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in pictures::PICTURES {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let output = mobilenet()
        .args(["classify", "src/core/models/furniture.safetensors", "--json"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    assert_eq!(text(&output.stdout).lines().count(), pictures::PICTURES.len());
}

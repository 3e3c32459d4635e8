//! The data doctor on sets that the tests make: every planted fault is found as what it is, and where nothing is wrong
//! it says so.

#![cfg(feature = "embedded")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{FilterType, crop_imm, flip_horizontal, resize};
use image::{ImageFormat, Rgb, RgbImage};
use mobilenet_core::base::rng::Rng;
use serde_json::Value;
use tempfile::TempDir;

/// A scene of rectangles over a slope of colour; another one for every seed.
fn scene(seed: u64) -> RgbImage {
    let mut rng = Rng::new(seed);
    let color = |rng: &mut Rng| Rgb(std::array::from_fn(|_| rng.below(256) as u8));
    let sky = color(&mut rng);
    let mut scene =
        RgbImage::from_fn(160, 120, |x, y| Rgb([sky[0] / 2 + x as u8 / 2, sky[1] / 2 + y as u8 / 2, sky[2]]));
    for _ in 0..12 {
        let (left, top, paint) = (rng.below(150), rng.below(110), color(&mut rng));
        let (width, height) = (10 + rng.below(60), 10 + rng.below(50));
        for y in top..(top + height).min(120) {
            (left..(left + width).min(160)).for_each(|x| scene.put_pixel(x as u32, y as u32, paint));
        }
    }
    scene
}

fn jpeg(picture: &RgbImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(picture).unwrap();
    bytes
}

fn png(picture: &RgbImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// What a messenger makes of a picture.
fn smaller(picture: &RgbImage) -> Vec<u8> {
    jpeg(&resize(picture, 100, 75, FilterType::CatmullRom), 40)
}

fn mirrored(picture: &RgbImage) -> Vec<u8> {
    jpeg(&flip_horizontal(picture), 85)
}

fn write(root: &Path, file: &str, bytes: impl AsRef<[u8]>) {
    let path = root.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Two classes of twelve scenes to train on and four to validate on. Class `a` has the seeds from 0, `b` from 100.
fn clean() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for (class, seed) in [("a", 0), ("b", 100)] {
        for at in 0..12 {
            write(root.path(), &format!("train/{class}/{at}.jpg"), jpeg(&scene(seed + at), 90));
        }
        for at in 0..4 {
            write(root.path(), &format!("val/{class}/v{at}.jpg"), jpeg(&scene(seed + 50 + at), 90));
        }
    }
    root
}

fn plant(root: &Path) {
    let write = |file: &str, bytes: Vec<u8>| write(root, file, bytes);
    let photo = jpeg(&scene(900), 90);
    write("train/a/page.jpg", b"<html>not found</html>".into());
    write("train/a/cut.jpg", photo[..photo.len() / 2].into());
    write("train/a/nothing.jpg", Vec::new());
    write("train/a/copy.jpg", jpeg(&scene(0), 90));
    let decoded = image::load_from_memory(&jpeg(&scene(1), 90)).unwrap().to_rgb8();
    write("train/a/pixels.png", png(&decoded));
    write("train/b/copy_of_a.jpg", jpeg(&scene(2), 90));
    write("val/b/copy_of_train.jpg", jpeg(&scene(100), 90));
    write("train/a/smaller.jpg", smaller(&scene(3)));
    write("train/a/mirrored.jpg", mirrored(&scene(4)));
    write("val/a/smaller.jpg", smaller(&scene(5)));
    write("train/b/smaller_of_a.jpg", smaller(&scene(6)));
    write("val/b/mirrored.jpg", mirrored(&scene(101)));
    write("train/b/mirrored_of_a.jpg", mirrored(&scene(7)));
    write("train/b/tiny.png", png(&resize(&scene(901), 60, 80, FilterType::Triangle)));
    write("train/b/long.jpg", jpeg(&resize(&scene(902), 600, 100, FilterType::Triangle), 90));
    write("train/b/blank.jpg", jpeg(&RgbImage::from_pixel(160, 120, Rgb([240, 240, 235])), 50));
    write("train/b/Thumbs.db", b"x".into());
    write("train/b/really_png.jpg", png(&scene(903)));
    write("train/loose.jpg", photo);
    (0..2).for_each(|at| write(&format!("train/c/{at}.jpg"), jpeg(&scene(200 + at), 90)));
    write("val/e/0.jpg", jpeg(&scene(904), 90));
    fs::create_dir(root.join("train/d")).unwrap();
}

/// The arguments that follow name a folder in `root`.
fn mobilenet(root: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::cargo_bin("mobilenet").unwrap();
    command.env("XDG_CACHE_HOME", concat!(env!("CARGO_TARGET_TMPDIR"), "/cache"));
    command.args(arguments).current_dir(root).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The names of the files of each finding, by kind.
fn found(report: &Value) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for finding in report["findings"].as_array().unwrap() {
        let files = finding["files"].as_array().unwrap().iter().map(|file| file.as_str().unwrap());
        let files: Vec<&str> = files.collect();
        assert!(!finding["remedy"].as_str().unwrap().is_empty() && !finding["detail"].as_str().unwrap().is_empty());
        found.entry(finding["kind"].as_str().unwrap().into()).or_default().push(files.join(" "));
    }
    found
}

#[test]
fn every_planted_fault_is_found_as_what_it_is_and_nothing_else() {
    let root = clean();
    plant(root.path());
    let output = mobilenet(root.path(), &["inspect", "train", "--val", "val", "--json"]);
    assert_eq!(output.status.code(), Some(1), "there are errors: {}", text(&output.stderr));
    let again = mobilenet(root.path(), &["inspect", "train", "--val", "val", "--json"]);
    assert_eq!(text(&output.stdout), text(&again.stdout), "in the same order every time");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let expected: &[(&str, &[&str])] = &[
        ("blank", &["train/b/blank.jpg"]),
        ("duplicate", &["train/a/0.jpg train/a/copy.jpg", "train/a/1.jpg train/a/pixels.png"]),
        ("duplicate-across-classes", &["train/a/2.jpg train/b/copy_of_a.jpg"]),
        ("duplicate-across-splits", &["train/b/0.jpg val/b/copy_of_train.jpg"]),
        ("empty-class", &[""]),
        ("extreme-aspect", &["train/b/long.jpg"]),
        ("imbalance", &[""]),
        ("mirrored", &["train/a/4.jpg train/a/mirrored.jpg"]),
        ("mirrored-across-classes", &["train/a/7.jpg train/b/mirrored_of_a.jpg"]),
        ("mirrored-across-splits", &["train/b/1.jpg val/b/mirrored.jpg"]),
        ("missing-class", &["", ""]),
        ("near-duplicate", &["train/a/3.jpg train/a/smaller.jpg"]),
        ("near-duplicate-across-classes", &["train/a/6.jpg train/b/smaller_of_a.jpg"]),
        ("near-duplicate-across-splits", &["train/a/5.jpg val/a/smaller.jpg"]),
        ("outside-classes", &["train/loose.jpg"]),
        ("stray", &["train/b/Thumbs.db"]),
        ("tiny", &["train/b/tiny.png"]),
        ("unknown-class", &[""]),
        ("unreadable", &["train/a/cut.jpg", "train/a/nothing.jpg", "train/a/page.jpg"]),
        ("wrong-ending", &["train/b/really_png.jpg"]),
    ];
    let expected = expected.iter().map(|(kind, files)| ((*kind).into(), files.iter().map(|f| (*f).into()).collect()));
    assert_eq!(found(&report), expected.collect());
    let a = &report["classes"][0];
    assert_eq!((&a["label"], &a["train"], &a["validation"]), (&"a".into(), &19.into(), &5.into()));
}

#[test]
fn a_scene_on_both_sides_is_told_and_no_share_that_is_set_aside_has_one() {
    let root = clean();
    // The same from nearer by, which no pixel and no fingerprint shows.
    for (seed, side) in [(3, "val/a"), (103, "train/b")] {
        let nearer = crop_imm(&scene(seed), 14, 10, 132, 100).to_image();
        write(root.path(), &format!("{side}/nearer.jpg"), jpeg(&nearer, 90));
    }
    let output = mobilenet(root.path(), &["inspect", "train", "--val", "val", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let expected = ("scene-across-splits".into(), vec!["train/a/3.jpg val/a/nearer.jpg".into()]);
    assert_eq!(found(&report), [expected].into(), "the other one is on one side");

    let output = mobilenet(root.path(), &["train", "train", "--val", "val", "--augment", "0", "--out", "out"]);
    assert!(text(&output.stderr).contains("warning: scene-across-splits (1): train/a/3.jpg = val/a/nearer.jpg\n"));
    for seed in 1..6 {
        let seed = format!("--seed={seed}");
        let output = mobilenet(root.path(), &["train", "train", "--val-split=0.5", "--augment=0", &seed, "--out=out"]);
        assert!(output.status.success() && !text(&output.stderr).contains("scene"), "{}", text(&output.stderr));
    }
}

#[test]
fn details_and_severities_say_what_is_the_matter() {
    let root = clean();
    plant(root.path());
    let output = mobilenet(root.path(), &["inspect", "train", "--val", "val"]);
    let printed = text(&output.stdout);
    for line in [
        "error: empty-class (1)",
        "the class \"d\" has no pictures",
        "the class \"e\" is there to validate on, but not to train on",
        "warning: unreadable (3)",
        "cut.jpg: the JPEG data is damaged or cut short",
        "nothing.jpg: the file is empty",
        "page.jpg: a web page cannot be read",
        "train/a/0.jpg = train/a/copy.jpg: the same file, byte for byte",
        "train/a/1.jpg = train/a/pixels.png: the same pixels",
        "\"b\" has 19 pictures and \"c\" 2: 9.5 times as many",
        "train/b/long.jpg: 600 x 100 pixels",
        "note: wrong-ending (1)",
        "train/b/really_png.jpg: the file is PNG",
        "wrote contact-sheet.svg",
    ] {
        assert!(printed.contains(line), "{line:?} is missing in\n{printed}");
    }
    let order = ["error: ", "warning: ", "note: "].map(|word| (printed.find(word), printed.rfind(word)));
    assert!(order[0].1 < order[1].0 && order[1].1 < order[2].0, "{printed}");
}

#[test]
fn a_clean_set_gives_no_finding_and_passes_strict() {
    let root = clean();
    let output = mobilenet(root.path(), &["inspect", "train", "--val", "val", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["findings"], serde_json::json!([]));
    assert!(text(&mobilenet(root.path(), &["inspect", "train"]).stdout).contains("nothing is wrong"));
    let output = mobilenet(root.path(), &["train", "train", "--val", "val", "--strict", "--epochs=1"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn one_class_is_an_error() {
    let root = clean();
    fs::remove_dir_all(root.path().join("train/b")).unwrap();
    let output = mobilenet(root.path(), &["inspect", "train", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found(&report).keys().collect::<Vec<_>>(), ["one-class"]);
    assert_eq!(report["findings"][0]["severity"], "error");
}

#[test]
fn train_warns_and_strict_refuses() {
    let root = clean();
    let copies = [("train/a/copy.jpg", 0), ("val/a/copy.jpg", 3)];
    copies.iter().for_each(|(file, seed)| write(root.path(), file, jpeg(&scene(*seed), 90)));
    let output = mobilenet(root.path(), &["inspect", "train", "--val", "val"]);
    assert_eq!(output.status.code(), Some(0), "warnings alone are no failure");
    let arguments = ["train", "train", "--val", "val", "--epochs=1"];
    // The second time the fingerprints come from the cache.
    for _ in 0..2 {
        let output = mobilenet(root.path(), &arguments);
        let warnings = text(&output.stderr);
        assert!(output.status.success(), "{warnings}");
        assert!(warnings.contains("warning: duplicate (1): train/a/0.jpg = train/a/copy.jpg"), "{warnings}");
        assert!(warnings.contains("duplicate-across-splits (1): train/a/3.jpg = val/a/copy.jpg"), "{warnings}");
        assert_eq!(warnings.lines().count(), 3, "{warnings}");
    }
    fs::remove_file(root.path().join("model.safetensors")).unwrap();
    let output = mobilenet(root.path(), &[arguments.as_slice(), &["--strict"]].concat());
    assert!(!output.status.success() && text(&output.stderr).contains("keep one of them"), "{}", text(&output.stderr));
    assert!(!root.path().join("model.safetensors").exists());
}

#[test]
fn a_share_set_aside_has_nothing_like_it_among_the_rest() {
    let root = clean();
    for at in 0..12 {
        write(root.path(), &format!("train/a/again{at}.jpg"), smaller(&scene(at)));
        write(root.path(), &format!("train/b/again{at}.jpg"), mirrored(&scene(100 + at)));
    }
    for seed in ["1", "2", "3"] {
        let arguments = ["train", "train", "--strict", "--epochs=1", "--augment=0", "--seed", seed];
        let output = mobilenet(root.path(), &arguments);
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert!(text(&output.stdout).contains("40 pictures to train on, 8 to validate on"), "{}", text(&output.stdout));
    }
}

#[test]
fn a_digest_names_pictures_and_labels_wherever_they_lie() {
    use mobilenet::data::dataset::Dataset;
    use mobilenet::data::doctor::Examination;
    use mobilenet_core::base::digest::sha256;
    let digest = |root: &Path| {
        let [train, validation] = ["train", "val"].map(|part| Dataset::scan(&root.join(part)).unwrap());
        Examination::of(&[&train, &validation], None, || ()).unwrap().digest(&train, &validation)
    };
    let [first, second] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let pictures = [1, 2, 3].map(|seed| png(&scene(seed)));
    for (root, names) in [(first.path(), ["a", "b"]), (second.path(), ["z", "deeper/a"])] {
        for (name, picture) in names.iter().zip(&pictures) {
            write(root, &format!("train/bed/{name}.png"), picture);
        }
        write(root, "val/bed/c.png", &pictures[2]);
        write(root, "val/bed/broken.png", "no picture");
    }
    let line = |split, picture: &Vec<u8>| format!("{split}\tbed\t{}\n", sha256(picture));
    let mut lines = [line("train", &pictures[0]), line("train", &pictures[1]), line("validation", &pictures[2])];
    lines.sort();
    assert_eq!(digest(first.path()), sha256(lines.concat().as_bytes()));
    assert_eq!(digest(first.path()), digest(second.path()));
    fs::rename(second.path().join("val/bed"), second.path().join("val/sofa")).unwrap();
    assert_ne!(digest(first.path()), digest(second.path()), "another label");
}

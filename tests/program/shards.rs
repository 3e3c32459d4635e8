//! Past one machine: however a dataset is sharded, the head has the same bits; what does not belong together is refused.

#![cfg(feature = "embedded")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use assert_cmd::Command;
use mobilenet::data::shards::{Origin, Row, Shards, Writer, find};
use mobilenet_core::Error;
use mobilenet_core::base::rng::Rng;
use mobilenet_core::fit::{Fitted, Ingredients, Layers, Layout, Recipe, Rows, Samples, calibrate, fit, fit_chosen};
use mobilenet_core::head::Features;
use mobilenet_core::head::calibration::Calibration;

/// Bright and dark, in folders in which a path and its text sort differently.
fn pictures(root: &Path, seed: u8) {
    for (label, base) in [("bright", 180u8), ("dark", 10)] {
        for at in 0..7u8 {
            let folder = root.join(label).join(["a", "a-b", "c"][usize::from(at % 3)]);
            fs::create_dir_all(&folder).unwrap();
            let picture = image::RgbImage::from_fn(40 + u32::from(at), 30, |x, y| {
                image::Rgb([base + at, base + seed + (x % 7) as u8 * 5, base + (y % 5) as u8 * seed])
            });
            picture.save(folder.join(format!("{at}.png"))).unwrap();
        }
    }
}

fn mobilenet(folder: &Path, arguments: &[&str]) -> std::process::Output {
    let mut command = Command::cargo_bin("mobilenet").unwrap();
    command.env("XDG_CACHE_HOME", concat!(env!("CARGO_TARGET_TMPDIR"), "/cache"));
    command.current_dir(folder).args(arguments).output().unwrap()
}

fn run(folder: &Path, arguments: &[&str]) {
    let output = mobilenet(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The model that `mobilenet train` makes.
fn model(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    run(folder, &[&["train", "--out=model"], arguments].concat());
    fs::read(folder.join("model")).unwrap()
}

fn refused(folder: &Path, arguments: &[&str], words: &[&str]) {
    let output = mobilenet(folder, arguments);
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && !message.contains("panicked"), "{arguments:?}: {message}");
    for word in words {
        assert!(message.contains(word), "{arguments:?} should name {word:?}: {message}");
    }
}

#[test]
fn shards_change_no_bit() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    pictures(&root.join("train"), 1);
    pictures(&root.join("val"), 2);
    run(root, &["embed", "val", "--augment=2", "--out=val.parquet"]);
    for augment in ["--augment=0", "--augment=2"] {
        run(root, &["embed", "train", augment, "--out=whole.parquet"]);
        for shard in ["0/3", "1/3", "2/3"] {
            let out = format!("--out=shards/{}.parquet", &shard[..1]);
            run(root, &["embed", "train", augment, "--shard", shard, &out]);
        }
        let folders = model(root, &["train", "--val=val", augment, "--folds=3"]);
        let whole = ["--embeddings=whole.parquet", "--val-embeddings=val.parquet", "--folds=3"];
        assert_eq!(model(root, &whole), folders);
        let shards = ["--embeddings=shards/*.parquet", "--val-embeddings", "val.parquet"];
        assert_eq!(model(root, &shards), folders);
        let backwards = ["--val-embeddings=val.parquet", "--embeddings"];
        let files = ["shards/2.parquet", "shards/0.parquet", "shards/1.parquet"];
        assert_eq!(model(root, &[&backwards[..], &files].concat()), folders);
        let aside = model(root, &["--embeddings=whole.parquet", "--seed=3"]);
        assert_eq!(model(root, &["--embeddings=shards/*", "--no-cache", "--seed=3"]), aside);
        assert_ne!(aside, folders);
    }
}

#[test]
fn a_picture_that_cannot_be_read_is_named_and_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    pictures(&root.join("train"), 1);
    let whole = |out: &str| {
        run(root, &["embed", "train", "--no-cache", out]);
        model(root, &["--embeddings=x.parquet"])
    };
    let sound = whole("--out=x.parquet");
    fs::write(root.join("train/dark/broken.jpg"), "not a picture").unwrap();
    fs::remove_file(root.join("x.parquet")).unwrap();
    refused(root, &["embed", "train", "--out=x.parquet"], &["dark/broken.jpg", "cannot be read"]);
    assert_eq!(model(root, &["--embeddings=x.parquet"]), sound);
    // More shards than pictures: some are empty, and that is no mistake.
    run(root, &["embed", "train", "--shard=17/18", "--out=empty.parquet"]);
    assert_eq!(model(root, &["--embeddings", "x.parquet", "empty.parquet"]), sound);
    refused(root, &["train", "--embeddings=empty.parquet"], &["no picture", "bright"]);
}

#[test]
fn files_that_do_not_belong_together_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    pictures(&root.join("train"), 1);
    run(root, &["embed", "train", "--shard=0/2", "--out=a.parquet"]);
    run(root, &["embed", "train", "--shard=1/2", "--augment=1", "--out=b.parquet"]);
    fs::copy(root.join("a.parquet"), root.join("twin.parquet")).unwrap();
    fs::create_dir(root.join("train/grey")).unwrap();
    run(root, &["embed", "train", "--shard=1/2", "--out=grey.parquet"]);
    fs::write(root.join("text.parquet"), "label,path").unwrap();
    let bytes = fs::read(root.join("a.parquet")).unwrap();
    fs::write(root.join("cut.parquet"), &bytes[..bytes.len() / 2]).unwrap();
    let train = |files: &[&str], words: &[&str]| {
        refused(root, &[&["train", "--out=none", "--embeddings"], files].concat(), words);
    };
    train(&["nowhere/*.parquet"], &["nowhere/*.parquet", "names no file"]);
    train(&["***"], &["***", "no pattern"]);
    train(&["a.parquet", "text.parquet"], &["text.parquet", "no Parquet"]);
    train(&["cut.parquet"], &["cut.parquet", "no Parquet"]);
    train(&["a.parquet", "twin.parquet"], &["twin.parquet", "a.parquet", "view 0 of bright/", "once"]);
    train(&["a.parquet", "b.parquet"], &["b.parquet", "other views"]);
    train(&["a.parquet", "grey.parquet"], &["grey.parquet", "bright, dark, grey"]);
    train(&["a.parquet", "--val-embeddings", "grey.parquet"], &["bright, dark, grey", "the same"]);
    train(&["a.parquet", "--augment=1"], &["--augment"]);
    refused(root, &["train", "train", "--val-embeddings=a.parquet"], &["--val-embeddings", "cannot be used with"]);
    refused(root, &["train"], &["DIR"]);
    refused(root, &["embed", "train", "--shard=2/2", "--out=none"], &["2/2", "0/3"]);
    refused(root, &["embed", "nowhere", "--out=none"], &["nowhere"]);
    assert!(!root.join("none").exists(), "nothing half done stays behind");
}

fn origin(features: usize) -> Origin {
    Origin { backbone: "b".repeat(64), features, last: features }
}

fn labels(classes: usize) -> Vec<String> {
    (0..classes).map(|class| format!("class {class}")).collect()
}

/// Row `at` of a dataset of `classes`, whose rows are sorted: noise about a mean for each class.
fn row(at: usize, count: usize, classes: usize, features: usize) -> Row {
    let class = at * classes / count;
    let mut rng = Rng::new(at as u64);
    let number = |feature| rng.uniform() + f32::from(u8::from(feature % classes == class)) * 0.2;
    Row {
        label: format!("class {class}"),
        path: format!("class {class}/{at:08}.jpg"),
        digest: std::array::from_fn(|byte| (at >> (byte % 4 * 8)) as u8),
        view: 0,
        embedding: (0..features).map(number).collect(),
    }
}

/// Files of every `count`th row, as machines would make them.
fn write_shards(folder: &Path, rows: usize, shards: usize, classes: usize, features: usize) -> Vec<PathBuf> {
    let write = |shard: usize| {
        let path = folder.join(format!("{shard}.parquet"));
        let mut writer = Writer::new(&path, &origin(features), &labels(classes)).unwrap();
        let of_shard: Vec<usize> = (shard..rows).step_by(shards).collect();
        for chunk in of_shard.chunks(1000) {
            writer.write(&chunk.iter().map(|at| row(*at, rows, classes, features)).collect::<Vec<_>>()).unwrap();
        }
        writer.finish().unwrap();
        path
    };
    (0..shards).map(write).collect()
}

/// A head on the tail of two layers, fitted in two epochs.
fn fitted(train: &dyn Rows, validation: &dyn Rows, classes: usize, layers: [usize; 2]) -> (Fitted, Calibration) {
    let recipe = Recipe::new(Ingredients { epochs: 2, features: Layers::Tail, ..Ingredients::default() }).unwrap();
    let layout = Layout { layers: layers.to_vec(), views: 1 };
    let mut fitted = fit_chosen(train, validation, classes, &recipe, &layout, |_| ()).unwrap();
    let calibration = calibrate(&mut fitted, train, validation, layout.last(), 0.05).unwrap();
    (fitted, calibration)
}

#[test]
fn a_fit_from_disk_equals_one_in_memory() {
    const ROWS: usize = 40_000;
    let folder = tempfile::tempdir().unwrap();
    write_shards(folder.path(), ROWS, 7, 3, 64);
    let files = find(&[folder.path().join("*.parquet").to_str().unwrap().into()]).unwrap();
    let shards = Shards::read(&files, &origin(64), folder.path()).unwrap();
    assert_eq!((shards.labels.clone(), shards.views), (labels(3), 1));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 7, "the scratch file has no name");
    let memory = |rows: Vec<usize>| {
        let rows = rows.into_iter().map(|at| row(at, ROWS, 3, 64).embedding);
        rows.collect::<Vec<_>>()
    };
    let all = Samples { embeddings: memory((0..ROWS).collect()), classes: shards.rows().classes().into() };
    assert_eq!(all.classes, (0..ROWS).map(|at| at * 3 / ROWS).collect::<Vec<_>>());
    assert_eq!(fitted(&shards.rows(), &shards.plain(), 3, [16, 48]), fitted(&all, &all, 3, [16, 48]));
    let (train, validation) = shards.split(0.25, 1);
    assert_eq!((train.rows(), validation.rows()), (30_000, 10_000));
    assert!(fitted(&train, &validation, 3, [16, 48]).0.best().validation_accuracy > 0.9);
}

/// As versions wrote them before embeddings had a tail.
#[test]
fn files_that_end_after_the_last_layer_train_a_head_on_it() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let origin = Origin { last: 16, ..origin(64) };
    let files = write_shards(folder.path(), 120, 2, 3, 16);
    let shards = Shards::read(&files, &origin, folder.path()).unwrap();
    let layout = Layout { layers: vec![16, 48], views: 1 };
    let fitted = fit_chosen(&shards.rows(), &shards.plain(), 3, &Recipe::default(), &layout, |_| ()).unwrap();
    assert_eq!(fitted.features, Features::First(16));
    let mixed = [files[0].clone(), write_shards(other.path(), 120, 2, 3, 64).remove(1)];
    let message = Shards::read(&mixed, &origin, folder.path()).unwrap_err().to_string();
    assert!(message.contains("64 numbers") && message.contains("16") && message.contains("embed again"), "{message}");
}

/// A disk that fails once it was read `left` times.
struct Failing {
    samples: Samples,
    left: AtomicUsize,
}

impl Rows for Failing {
    fn rows(&self) -> usize {
        self.samples.rows()
    }

    fn classes(&self) -> &[usize] {
        self.samples.classes()
    }

    fn embedding<'a>(&'a self, at: usize, buffer: &'a mut Vec<f32>) -> Result<&'a [f32], Error> {
        let counted = self.left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1));
        counted.map_err(|_| Error::io("read", "the disk")(std::io::ErrorKind::UnexpectedEof.into()))?;
        self.samples.embedding(at, buffer)
    }
}

#[test]
fn a_disk_that_fails_in_the_middle_of_a_fit_is_an_error() {
    let embeddings = (0..20).map(|at| row(at, 20, 2, 8).embedding).collect();
    let samples = Samples { embeddings, classes: (0..20).map(|at| at / 10).collect() };
    let recipe = Recipe::new(Ingredients { epochs: 2, ..Ingredients::default() }).unwrap();
    // Checked and measured, then seen twice.
    let enough = 4 * 20;
    for left in 0..=enough {
        let failing = Failing { samples: samples.clone(), left: left.into() };
        let result = fit(&failing, &samples, 2, &recipe, |_| ());
        assert_eq!(result.is_ok(), left == enough, "{left}");
    }
}

#[test]
fn copies_of_a_picture_stay_on_one_side_with_all_their_views() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.parquet");
    let mut writer = Writer::new(&path, &origin(2), &labels(2)).unwrap();
    // Forty files of each class, of which four and four are copies; the first number of an embedding says of what.
    for at in 0..80u8 {
        let class = at / 40;
        let views = (0..3).map(|view| Row {
            label: format!("class {class}"),
            path: format!("class {class}/{at}.jpg"),
            digest: [at / 4; 32],
            view,
            embedding: vec![f32::from(at / 4), view as f32],
        });
        writer.write(&views.collect::<Vec<_>>()).unwrap();
    }
    writer.finish().unwrap();
    let shards = Shards::read(&[path], &origin(2), folder.path()).unwrap();
    for seed in 0..20 {
        let (train, validation) = shards.split(0.2, seed);
        assert_eq!((train.rows(), validation.rows()), (64 * 3, 16));
        let numbers = |rows: &dyn Rows| {
            let of_row = |at| rows.embedding(at, &mut Vec::new()).unwrap().to_vec();
            (0..rows.rows()).map(of_row).collect::<Vec<_>>()
        };
        let (train, validation) = (numbers(&train), numbers(&validation));
        assert!(validation.iter().all(|row| row[1] == 0.0 && train.iter().all(|other| other[0] != row[0])));
        assert!(train.chunks(3).all(|views| views.iter().map(|row| row[1]).eq([0.0, 1.0, 2.0])));
    }
}

#[test]
fn a_shard_of_another_origin_or_with_numbers_that_are_none_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let files = write_shards(folder.path(), 100, 2, 2, 8);
    let refused = |files: &[PathBuf], origin: &Origin, words: &[&str]| {
        let message = Shards::read(files, origin, folder.path()).unwrap_err().to_string();
        assert!(words.iter().all(|word| message.contains(word)), "{message} should name {words:?}");
    };
    let other = Origin { backbone: "c".repeat(64), features: 8, last: 8 };
    refused(&files, &other, &["0.parquet", "backbone bbbbbbbbbbbbbbbb", "cccccccccccccccc"]);
    refused(&files, &origin(9), &["0.parquet", "embedding"]);
    let write = |labels: &[String], row: Row| {
        let path = folder.path().join("bad.parquet");
        let mut writer = Writer::new(&path, &origin(8), labels)?;
        writer.write(&[row])?;
        writer.finish().map(|()| path)
    };
    let good = row(0, 100, 2, 8);
    let bad = write(&labels(2), Row { embedding: vec![f32::NAN; 8], path: "class 0/x.jpg".into(), ..good.clone() });
    refused(&[&files[..], &[bad.unwrap()]].concat(), &origin(8), &["bad.parquet", "class 0/x.jpg", "none"]);
    let bad = write(&labels(2), Row { label: "lamp".into(), ..good.clone() });
    refused(&[bad.unwrap()], &origin(8), &["bad.parquet", "lamp"]);
    refused(&[write(&labels(1), good.clone()).unwrap()], &origin(8), &["at least 2 classes"]);
    let error: Error = write(&labels(2), Row { embedding: vec![0.0; 7], ..good }).unwrap_err();
    assert!(error.to_string().contains("bad.parquet"), "{error}");
}

/// Found by `./build.sh fuzz shards`.
#[test]
fn files_on_which_the_reader_of_parquet_panics_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let origin = Origin { backbone: "backbone".into(), features: 4, last: 4 };
    for seed in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fuzz/seeds/shards")).unwrap() {
        let file = seed.unwrap().path();
        let error = Shards::read(std::slice::from_ref(&file), &origin, folder.path()).unwrap_err();
        assert!(error.code() == "bad-dataset" && error.to_string().starts_with(file.to_str().unwrap()), "{error}");
    }
}

/// `ROWS=250000 cargo test --release --test shards -- --ignored`: 10 GB of disk. The bound is the promise.
#[cfg(target_os = "linux")]
#[test]
#[ignore = "takes minutes and 10 GB of disk"]
fn memory_does_not_grow_with_the_embeddings() {
    let rows = std::env::var("ROWS").map_or(250_000, |rows| rows.parse().unwrap());
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let files = write_shards(folder.path(), rows, 16, 10, 4736);
    let shards = Shards::read(&files, &origin(4736), folder.path()).unwrap();
    let (train, validation) = shards.split(0.2, 1);
    fitted(&train, &validation, 10, [1280, 3456]);
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kib: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(kib <= 1536 * 1024, "{kib} KiB");
}

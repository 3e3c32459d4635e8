//! Folders as they come: pipes, devices, links to nowhere and in circles, names that are no text, files that change
//! under the program's hands, and very many of them.

#![cfg(all(feature = "embedded", target_os = "linux"))]

mod program;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use mobilenet_core::base::rng::Rng;
use program::{FURNITURE, Program, assert_ends, assert_fails, assert_success, noise, stderr, stdout};
use serde_json::Value;

/// Longer than any run here takes on a busy machine: what takes so long hangs.
const PATIENCE: u32 = 120;

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Files that a finding of this kind is about, by name.
fn files_of(inspected: &Output, kind: &str) -> Vec<String> {
    let found: Value = serde_json::from_slice(&inspected.stdout).unwrap();
    let findings = found["findings"].as_array().unwrap().iter().filter(|finding| finding["kind"] == kind);
    let mut names: Vec<String> = findings
        .flat_map(|finding| finding["files"].as_array().unwrap())
        .map(|file| file.as_str().unwrap().rsplit('/').next().unwrap().into())
        .collect();
    names.sort();
    names
}

#[test]
fn what_is_no_picture_file_is_named_and_never_waited_for() {
    let program = Program::new();
    program.pictures("photos", 6);
    let at = |name: &str| program.path(Path::new("photos/dark").join(name));
    pipe(&at("pipe.jpg"));
    symlink("/dev/null", at("null.png")).unwrap();
    symlink("/dev/zero", at("zero.jpg")).unwrap();
    symlink("nowhere", at("gone.jpg")).unwrap();
    symlink("itself.jpg", at("itself.jpg")).unwrap();
    symlink("../dark", at("loop")).unwrap();
    let mut rng = Rng::new(1);
    let mut picture = |path: PathBuf| drop(program.write(path, noise(&mut rng, 0.0)));
    picture("photos/dark/folder.jpg/inside.png".into());
    picture(Path::new("photos/dark").join("d/".repeat(500)).join("deep.png"));
    picture(Path::new("photos/dark").join("n".repeat(251) + ".png"));
    symlink("../elsewhere", program.path("photos/dark/linked")).unwrap();
    picture("photos/elsewhere/linked.png".into());
    fs::rename(program.path("photos/elsewhere"), program.path("elsewhere")).unwrap();
    symlink(program.path("elsewhere"), program.path("photos/dark/far")).unwrap();
    fs::remove_file(program.path("photos/dark/linked")).unwrap();
    let run = |words: &str| program.run_within(4000, PATIENCE, &words.split(' ').collect::<Vec<_>>());
    let inspected = run("inspect photos --json");
    assert_eq!(inspected.status.code(), Some(1), "{}", stderr(&inspected));
    assert_eq!(files_of(&inspected, "unreadable"), ["gone.jpg", "itself.jpg"]);
    assert_eq!(files_of(&inspected, "stray"), ["loop", "null.png", "pipe.jpg", "zero.jpg"]);
    let found: Value = serde_json::from_slice(&inspected.stdout).unwrap();
    assert_eq!(found["classes"][1]["train"], 12, "six, two that cannot be read, and four in odd places");
    let trained = run("train photos --augment=0 --out=model");
    let stray = "not a picture, left out: photos/dark/pipe.jpg";
    assert_fails(&trained, &[stray, "skipped: read photos/dark/gone.jpg", "made without 2 pictures"]);
    assert_fails(&run("embed photos --out=x.parquet"), &["gone.jpg"]);
    assert_fails(&run("project photos --out=x.zip"), &["gone.jpg"]);
    assert_fails(&run("evaluate model photos"), &["gone.jpg"]);
    let classified = run("classify model photos/dark --json");
    assert_eq!((classified.status.code(), stdout(&classified).lines().count()), (Some(1), 12));
    // In a folder's place, a link that leads nowhere would be a class too few.
    symlink("nowhere", program.path("photos/third")).unwrap();
    assert_fails(&run("train photos --out=model"), &["photos/third"]);
}

#[test]
fn pipes_and_devices_are_refused_wherever_a_file_is_wanted() {
    let program = Program::new();
    program.pictures("photos", 3);
    for name in ["pipe", "pipe.jpg", "pipe.onnx", "pipe.parquet", "pipe.zip"] {
        pipe(&program.path(name));
    }
    let commands = [
        "classify MODEL pipe.jpg",
        "classify MODEL /dev/zero",
        "classify MODEL /dev/null",
        "classify pipe photos",
        "classify pipe.onnx photos",
        "classify MODEL.onnx photos --labels=pipe",
        "explain MODEL pipe.jpg --out=x.png",
        "evaluate pipe photos",
        "summary pipe",
        "summary /dev/zero",
        "profile pipe",
        "share pipe",
        "export pipe --format=onnx",
        "export MODEL --format=html --page=pipe",
        "train photos --backbone=pipe",
        "project photos --model=pipe",
        "backbone import pipe.onnx --calibrate=photos --out=x",
    ];
    for command in commands {
        let words: Vec<String> = command.split(' ').map(|word| word.replace("MODEL", FURNITURE)).collect();
        let output = program.run_within(4000, PATIENCE, &words);
        let said = stderr(&output) + &stdout(&output);
        assert!(output.status.code() == Some(1) && said.contains("a pipe or a device"), "{command}: {said}");
    }
    for command in ["train pipe.zip", "train --embeddings=pipe.parquet", "train --embeddings=*.parquet", "inspect pipe"]
    {
        let words: Vec<&str> = command.split(' ').collect();
        assert_fails(&program.run_within(4000, PATIENCE, &words), &["pipe"]);
    }
    eprintln!("{} commands", commands.len() + 4);
}

/// Makes of a picture what may become of a file while it is used.
fn change(rng: &mut Rng, path: &Path) {
    let _ = fs::remove_file(path);
    let _ = fs::remove_dir_all(path);
    match rng.below(6) {
        0 => {}
        1 => fs::create_dir(path).unwrap(),
        2 => pipe(path),
        3 => symlink("/dev/zero", path).unwrap(),
        4 => fs::write(path, noise(rng, 30.0)).unwrap(),
        _ => {
            let picture = noise(rng, 60.0);
            fs::write(path, &picture[..rng.below(picture.len())]).unwrap();
        }
    }
}

/// `CHANGES=50 cargo test --release --test folders` for a campaign: runs of each of six commands.
#[test]
fn files_may_change_while_they_are_read() {
    let runs = std::env::var("CHANGES").map_or(1, |runs| runs.parse().unwrap());
    let program = Program::new();
    let mut rng = Rng::new(7);
    let (mut changes, mut failed) = (0, 0);
    for run in 0..runs {
        for command in [
            "train photos --augment=1 --out=out/m",
            "embed photos --out=out/e",
            "project photos --out=out/p",
            "inspect photos --out=out/s",
            "evaluate MODEL photos",
            "classify MODEL photos",
        ] {
            let _ = fs::remove_dir_all(program.path("photos"));
            program.pictures("photos", 24);
            if command.contains("MODEL") {
                let base = fs::read_dir(program.path("photos")).unwrap().map(|entry| entry.unwrap().path());
                // Classes that the model knows.
                for (folder, label) in base.collect::<Vec<_>>().iter().zip(["bed", "sofa"]) {
                    fs::rename(folder, folder.with_file_name(label)).unwrap();
                }
            }
            let words: Vec<String> = command.split(' ').map(|word| word.replace("MODEL", FURNITURE)).collect();
            let mut child = program.command(&words);
            let mut child = child.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
            let begun = Instant::now();
            let labels: Vec<PathBuf> =
                fs::read_dir(program.path("photos")).unwrap().map(|e| e.unwrap().path()).collect();
            while child.try_wait().unwrap().is_none() {
                if begun.elapsed() > Duration::from_secs(PATIENCE.into()) {
                    child.kill().unwrap();
                    panic!("run {run} of {command} hangs");
                }
                // The first pictures of a class stay, so that there is something to fit.
                let picture = labels[rng.below(2)].join(format!("{}.png", 2 + rng.below(22)));
                change(&mut rng, &picture);
                changes += 1;
                std::thread::sleep(Duration::from_millis(2));
            }
            let output = child.wait_with_output().unwrap();
            assert_ends(&output, command);
            failed += u32::from(!output.status.success());
            let partial = |entry: fs::DirEntry| entry.file_name().to_string_lossy().ends_with(".partial");
            assert!(!fs::read_dir(program.path("out")).unwrap().any(|entry| partial(entry.unwrap())), "{command}");
        }
    }
    eprintln!("{changes} changes under {} runs, {failed} of which told of an error", 6 * runs);
}

#[test]
fn without_a_home_nothing_is_kept_and_nothing_is_made() {
    let program = Program::new();
    program.pictures("photos", 5);
    program.write("nowhere.txt", "");
    let homes = [None, Some("/nonexistent"), Some(""), Some("relative"), Some("/dev/null")];
    for (at, home) in homes.into_iter().enumerate() {
        let mut command = program.command(&["train", "photos", "--augment=0", &format!("--out={at}/model")]);
        command.env_remove("XDG_CACHE_HOME").env_remove("HOME");
        home.map(|home| command.env("HOME", home));
        assert_success(&command.output().unwrap());
        assert!(!Path::new("/nonexistent").exists() && !program.path("relative").exists());
        assert_eq!(fs::read(program.path(format!("{at}/model"))).unwrap(), fs::read(program.path("0/model")).unwrap());
    }
}

#[test]
fn names_that_are_no_text_work_or_are_named() {
    let program = Program::new();
    program.pictures("photos", 6);
    let bytes = |text: &[u8]| OsStr::from_bytes(text).to_owned();
    let folder = bytes(b"ph\xffotos");
    fs::rename(program.path("photos"), program.path(&folder)).unwrap();
    let file = Path::new(&folder).join("dark").join(bytes(b"p\xfe\xff.png"));
    let picture = noise(&mut Rng::new(5), 0.0);
    program.write(&file, &picture);
    let run = |before: &[&str], paths: &[&OsStr], after: &[(&str, &[u8])]| {
        let mut words: Vec<OsString> = before.iter().map(OsString::from).collect();
        words.extend(paths.iter().map(|path| (*path).to_owned()));
        for (option, value) in after {
            words.push((*option).into());
            words.extend((!value.is_empty()).then(|| bytes(value)));
        }
        program.run(&words)
    };
    let photos = folder.as_os_str();
    let inspected = run(&["inspect"], &[photos], &[("--out", b"sh\xffeet.svg"), ("--json", b"")]);
    assert_success(&inspected);
    let found: Value = serde_json::from_slice(&inspected.stdout).unwrap();
    assert_eq!(found["classes"][1]["train"], 7);
    assert!(program.path(bytes(b"sh\xffeet.svg")).is_file());
    // One pixel: a finding about a file whose name is no text.
    program.write(Path::new(&folder).join("dark").join(bytes(b"t\xff.png")), tiny());
    assert_eq!(
        files_of(&run(&["inspect", "--json"], &[photos], &[]), "tiny")
            .iter()
            .filter(|n| n.contains('\u{FFFD}'))
            .count(),
        2
    );
    assert_success(&run(
        &["train"],
        &[photos],
        &[("--augment", b"0"), ("--out", b"o\xffut/m\xffodel"), ("--cache", b"c\xff")],
    ));
    let model = Path::new(&bytes(b"o\xffut")).join(bytes(b"m\xffodel"));
    let report = fs::read_to_string(program.path(&model).with_file_name("report.html")).unwrap();
    assert!(report.ends_with("</html>\n"));
    let model = model.as_os_str();
    assert_success(&run(&["evaluate"], &[model, photos], &[]));
    assert_success(&run(&["explain"], &[model, file.as_os_str()], &[("--out", b"w\xff.png")]));
    let classified = run(&["classify", "--json"], &[model, photos], &[]);
    assert_success(&classified);
    let lines: Vec<Value> = stdout(&classified).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 14);
    assert!(lines.iter().any(|line| line["file"].as_str().unwrap().ends_with("p\u{FFFD}\u{FFFD}.png")));
    for command in ["summary", "share"] {
        assert_success(&run(&[command], &[model], &[]));
    }
    assert_success(&run(&["profile", "--frames=1"], &[model], &[]));
    for format in ["onnx", "tflite", "tfjs", "safetensors"] {
        assert_success(&run(&["export", "--format", format], &[model], &[]));
    }
    assert_success(&run(&["project"], &[photos], &[("--model", model.as_bytes()), ("--out", b"p\xff.zip")]));
    assert_success(&run(&["train"], &[&bytes(b"p\xff.zip")], &[("--out", b"again/m")]));
    // A shard is for programs of all kinds, so its paths are text: the two files are named, and left out.
    let embedded = run(&["embed"], &[photos], &[("--out", b"s\xff[1].parquet")]);
    assert_fails(&embedded, &["not Unicode", "rename"]);
    assert_eq!(stderr(&embedded).matches("skipped: ").count(), 2, "{}", stderr(&embedded));
    fs::rename(program.path(&folder), program.path("photos")).unwrap();
    let embedded = run(&["embed", "photos"], &[], &[("--out", b"s\xff[1].parquet")]);
    assert!(stdout(&embedded).contains("12 of 14 pictures"), "{}{}", stdout(&embedded), stderr(&embedded));
    assert_success(&run(&["train"], &[], &[("--embeddings", b"s\xff[1].parquet"), ("--out", b"m")]));
    fs::create_dir(program.path("photos").join(bytes(b"cl\xffass"))).unwrap();
    assert_fails(&run(&["train", "photos"], &[], &[]), &["cl\u{FFFD}ass", "not Unicode"]);
}

fn tiny() -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(1, 1, image::Rgb([1, 2, 3])).write_to(&mut file, image::ImageFormat::Png).unwrap();
    file.into_inner()
}

/// `cargo test --release --test folders -- --ignored` makes 100,000 files, and 5 GB of pictures as links to one.
#[test]
#[ignore = "a minute and 100,000 files"]
fn very_many_and_very_large_pictures_fit_into_little_memory() {
    let program = Program::new();
    for label in ["bright", "dark"] {
        let first = program.write(format!("many/{label}/0.png"), tiny());
        (1..50_000).for_each(|at| fs::hard_link(&first, first.with_file_name(format!("{at}.png"))).unwrap());
    }
    assert_success(&program.run_within(2000, 600, &["inspect", "many"]));
    let picture = image::RgbImage::from_fn(4000, 3000, |x, y| image::Rgb([x as u8, y as u8, (x ^ y) as u8]));
    let first = program.path("large/dark/0.bmp");
    for label in ["bright", "dark"] {
        fs::create_dir_all(program.path("large").join(label)).unwrap();
    }
    picture.save(&first).unwrap();
    for at in 0..140 {
        let label = ["bright", "dark"][at % 2];
        fs::hard_link(&first, program.path(format!("large/{label}/{}.bmp", at + 1))).unwrap();
    }
    let bytes = 141 * fs::metadata(&first).unwrap().len();
    assert!(bytes > 5_000_000_000);
    assert_success(&program.run_within(2000, 600, &["train", "large", "--augment=0", "--out=model"]));
}

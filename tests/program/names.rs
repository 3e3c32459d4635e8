//! Names that somebody gave to classes and files in order to be obeyed: by a terminal, a browser, a spreadsheet, or a
//! reader who takes one name for another.

#![cfg(all(feature = "embedded", target_os = "linux"))]

mod program;

use std::fs;

use mobilenet_core::base::display_text::escape_lines;
use mobilenet_core::base::rng::Rng;
use program::{Program, assert_fails, assert_success, noise, stderr, stdout};
use serde_json::Value;

/// Labels that are odd and possible.
const LABELS: [&str; 9] = [
    "\"quoted\" 'twice'",
    "+1",
    "-1",
    "<img src=x onerror=alert(1)>",
    "=HYPERLINK(\"http:x\")",
    "@SUM(A1)",
    "gpj.\u{202E}exe",
    "pony\u{200B}",
    "椅子 كرسي 👩\u{200D}🔬",
];

/// Names of files that are odd and possible.
const FILES: [&str; 8] = [
    "\u{1b}[2J\u{1b}]0;owned\u{7}.png",
    "line\nerror: forged.png",
    "tab\tand\rreturn.png",
    "c1\u{9b}31m.png",
    "\u{202E}gpj.png",
    "=cmd|' !A0'.png",
    "-rf.png",
    "<script>alert(1)<!--.png",
];

/// What a terminal would obey, or a reader not see, is not in it.
#[track_caller]
fn assert_harmless(text: &str, about: &str) {
    assert_eq!(escape_lines(text), text, "{about}");
}

#[test]
fn odd_names_are_shown_and_never_obeyed() {
    let program = Program::new();
    let mut rng = Rng::new(3);
    for (at, label) in LABELS.iter().enumerate() {
        for picture in 0..3 {
            program.write(format!("photos/{label}/{picture}.png"), noise(&mut rng, 20.0 * at as f64));
        }
    }
    for name in FILES {
        program.write(format!("photos/{}/{name}", LABELS[0]), noise(&mut rng, 0.0));
        program.write(format!("photos/{}/broken {name}", LABELS[3]), "no picture");
    }
    let mut sorted = LABELS;
    sorted.sort_unstable();
    let run = |words: &str, code: i32| {
        let output = program.run(&words.split(' ').collect::<Vec<_>>());
        assert_eq!(output.status.code(), Some(code), "{words}: {}", stderr(&output));
        assert_harmless(&stdout(&output), words);
        assert_harmless(&stderr(&output), words);
        output
    };
    run("inspect photos --out=sheet.svg", 1);
    let found: Value = serde_json::from_slice(&run("inspect photos --json", 1).stdout).unwrap();
    let labels: Vec<&str> = found["classes"].as_array().unwrap().iter().map(|c| c["label"].as_str().unwrap()).collect();
    assert_eq!(labels, sorted);
    run("train photos --augment=0 --out=out/model", 1);
    assert_eq!(fs::read_to_string(program.path("out/labels.txt")).unwrap(), sorted.join("\n") + "\n");
    run("evaluate out/model photos", 1);
    run("evaluate out/model photos --json", 1);
    let text = stdout(&run("classify out/model photos", 1));
    assert_eq!(text.lines().count(), 27 + 2 * FILES.len(), "one line a file: {text}");
    let json = stdout(&run("classify out/model photos --json", 1));
    let names: Vec<Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for name in FILES {
        assert!(names.iter().any(|line| line["file"].as_str().unwrap().ends_with(&format!("/{name}"))), "{name:?}");
    }
    for words in ["summary out/model", "embed photos --out=x.parquet", "project photos --out=x.zip", "share out/model"]
    {
        run(words, i32::from(words.contains("photos")));
    }
    assert_fails(&run("train nothing\u{1b}[2J", 1), &["nothing\\u{1b}[2J"]);
    for page in ["sheet.svg", "out/report.html", "out/loss.svg"] {
        let page = fs::read_to_string(program.path(page)).unwrap();
        assert!(!page.contains("<img src=x") && !page.contains("<script") && !page.contains('\u{1b}'), "{page:.300}");
        assert!(!page.contains('\u{202E}') && !page.contains('\u{9b}'));
    }
    exports_keep_labels(&program, &sorted);
}

fn exports_keep_labels(program: &Program, labels: &[&str]) {
    for format in ["onnx", "tflite", "tfjs", "safetensors"] {
        let out = format!("exported/{format}");
        assert_success(&program.run(&["export", "out/model", "--format", format, "--out", &out]));
        let path = program.path(&out);
        let files = if path.is_dir() {
            fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect()
        } else {
            vec![path]
        };
        let bytes: Vec<u8> = files.iter().flat_map(|file| fs::read(file).unwrap()).collect();
        let is_there = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        for label in labels {
            let json = serde_json::to_string(label).unwrap();
            let twice = serde_json::to_string(&json).unwrap();
            assert!([*label, &json, twice.trim_matches('"')].into_iter().any(is_there), "{label:?} in {format}");
        }
    }
}

#[test]
fn labels_that_would_be_two_lines_are_refused_at_once() {
    let program = Program::new();
    for (at, label) in
        ["two\nlines", "tab\tbed", "\u{1b}[31mred", "para\u{2029}graph", "c1\u{85}"].into_iter().enumerate()
    {
        let folder = format!("photos{at}");
        program.pictures(&folder, 2);
        program.write(format!("{folder}/{label}/0.png"), "");
        for command in ["train", "inspect", "project"] {
            let output = program.run(&[command, &folder]);
            assert_fails(&output, &[&folder, "a line break or another control character", "rename"]);
            assert_harmless(&stderr(&output), command);
        }
        let manifest = serde_json::json!({ "format": 1, "labels": ["a", label], "samples": [
            { "file": "a.png", "label": 0, "burst": 0 }, { "file": "b.png", "label": 1, "burst": 1 } ] });
        let archive = program.path("project.zip");
        let mut zip = zip::ZipWriter::new(fs::File::create(&archive).unwrap());
        for (name, bytes) in [
            ("project.json", manifest.to_string().into_bytes()),
            ("a.png", noise(&mut Rng::new(1), 0.0)),
            ("b.png", noise(&mut Rng::new(2), 100.0)),
        ] {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            std::io::Write::write_all(&mut zip, &bytes).unwrap();
        }
        zip.finish().unwrap();
        let output = program.run(&["train", "project.zip", "--out=out/model"]);
        assert_fails(&output, &["project.zip", "a line break or another control character"]);
        assert_harmless(&stderr(&output), label);
        assert!(!program.path("out").exists());
    }
}

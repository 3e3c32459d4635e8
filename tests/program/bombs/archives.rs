//! Archives that are not what they say: `project.zip` comes from anywhere.

use std::fs;
use std::io::Write;
use std::path::Path;

use mobilenet_core::base::rng::Rng;
use serde_json::{Value, json};
use zip::CompressionMethod::{self, Deflated, Stored};
use zip::write::SimpleFileOptions;

use crate::program::{Program, assert_ends, assert_fails, noise};
use crate::{MEMORY, TIME, nested};

const FILES: [&str; 4] = ["a/1.png", "a/2.png", "b/1.png", "b/2.png"];

fn manifest(files: &[&str]) -> Value {
    let sample = |(at, file): (usize, &&str)| json!({ "file": file, "label": at * 2 / files.len(), "burst": at });
    json!({ "format": 1, "labels": ["a", "b"], "samples": files.iter().enumerate().map(sample).collect::<Vec<_>>() })
}

fn archive(entries: &[(&str, Vec<u8>, CompressionMethod)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes, method) in entries {
        zip.start_file(*name, SimpleFileOptions::default().compression_method(*method)).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn pictures() -> Vec<(&'static str, Vec<u8>, CompressionMethod)> {
    let mut rng = Rng::new(5);
    FILES.iter().enumerate().map(|(at, file)| (*file, noise(&mut rng, 60.0 * at as f64), Stored)).collect()
}

fn with(json: &str, more: &[(&str, Vec<u8>, CompressionMethod)]) -> Vec<u8> {
    archive(&[&[("project.json", json.as_bytes().to_vec(), Deflated)], more, &pictures()[..]].concat())
}

/// A list of a million entries, all of which are one of a byte, as large archives (ZIP64) have it.
fn long_list() -> Vec<u8> {
    const ENTRIES: u64 = 1_000_000;
    let local = [&b"PK\x03\x04\x14\0\0\0\0\0\0\0\x21\0"[..], &[0; 12], &[1, 0, 0, 0], b"a"].concat();
    let entry = |at: u64| {
        [&b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\x21\0"[..], &[0; 12], &[7, 0], &[0; 16], format!("{at:07}").as_bytes()]
            .concat()
    };
    let list: Vec<u8> = (0..ENTRIES).flat_map(entry).collect();
    let (length, begin) = (list.len() as u64, local.len() as u64);
    let numbers = [ENTRIES, ENTRIES, length, begin].map(u64::to_le_bytes).concat();
    let end = [&b"PK\x06\x06"[..], &44u64.to_le_bytes(), &[45, 0, 45, 0], &[0; 8], &numbers].concat();
    let locator = [&b"PK\x06\x07"[..], &[0; 4], &(begin + length).to_le_bytes(), &1u32.to_le_bytes()].concat();
    [local, list, end, locator, [&b"PK\x05\x06\0\0\0\0"[..], &[0xff; 12], &[0, 0]].concat()].concat()
}

/// Puts bytes in the place of others, wherever these are.
fn replaced(mut bytes: Vec<u8>, old: &[u8], new: &[u8]) -> Vec<u8> {
    let places: Vec<usize> = (0..=bytes.len() - old.len()).filter(|at| bytes[*at..].starts_with(old)).collect();
    assert!(!places.is_empty());
    places.iter().for_each(|at| bytes[*at..at + new.len()].copy_from_slice(new));
    bytes
}

#[test]
fn projects_that_lie_are_refused_and_write_nowhere_else() {
    let program = Program::new();
    let usual = manifest(&FILES).to_string();
    let first = |file: &str| manifest(&[file, "a/2.png", "b/1.png", "b/2.png"]).to_string();
    let bomb = || vec![0; 200 << 20];
    let central = b"PK\x01\x02";
    let mut cases: Vec<(String, Vec<u8>)> = vec![
        ("inflates".into(), with(&first("bomb.png"), &[("bomb.png", bomb(), Deflated)])),
        ("manifest inflates".into(), archive(&[("project.json", bomb(), Deflated)])),
        ("nested manifest".into(), with(&nested(100_000), &[])),
        ("nested recipe".into(), with(&format!("{{\"format\":1,\"recipe\":{}}}", nested(100_000)), &[])),
        ("archive in it".into(), with(&first("inner.zip"), &[("inner.zip", with(&usual, &[]), Deflated)])),
        ("link".into(), {
            let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
            zip.add_symlink("a/1.png", "/etc/passwd", SimpleFileOptions::default()).unwrap();
            zip.start_file("project.json", SimpleFileOptions::default()).unwrap();
            zip.write_all(usual.as_bytes()).unwrap();
            zip.finish().unwrap().into_inner()
        }),
        // Sizes of the central directory: compressed at 20, plain at 24, of 30 bytes before the name's length.
        ("central sizes".into(), {
            let mut bytes = with(&usual, &[]);
            let places: Vec<usize> = (0..bytes.len() - 4).filter(|at| bytes[*at..].starts_with(central)).collect();
            places.iter().for_each(|at| bytes[at + 20..at + 28].fill(0xff));
            bytes
        }),
        ("overlapping".into(), {
            let mut bytes = with(&usual, &[]);
            let places: Vec<usize> = (0..bytes.len() - 4).filter(|at| bytes[*at..].starts_with(central)).collect();
            // All entries begin where the first does.
            places.iter().for_each(|at| bytes[at + 42..at + 46].fill(0));
            bytes
        }),
        ("many entries".into(), {
            let mut bytes = with(&usual, &[]);
            let end = bytes.len() - 22;
            bytes[end + 8..end + 12].fill(0xff);
            bytes
        }),
        ("directory elsewhere".into(), {
            let mut bytes = with(&usual, &[]);
            let end = bytes.len() - 22;
            bytes[end + 12..end + 20].fill(0xff);
            bytes
        }),
        ("list".into(), long_list()),
        ("empty".into(), archive(&[])),
    ];
    for path in [
        "../../escaped.png",
        "/tmp/escaped.png",
        "a/../../escaped.png",
        "..\\escaped.png",
        "C:\\escaped.png",
        "a/./escaped.png",
        "con\u{0}.png",
    ] {
        let entry = [(path, b"x".to_vec(), Stored)];
        cases.push((format!("escapes by {path:?}"), with(&first(path), &entry)));
    }
    let beside = || fs::read_dir(program.path("")).unwrap().count();
    let runs = cases.len();
    for (name, bytes) in cases {
        program.write("project.zip", bytes);
        let output = program.run_within(MEMORY, TIME, &["train", "project.zip", "--out=out/model"]);
        assert_fails(&output, &["project.zip"]);
        assert!(!program.path("out").exists() && beside() <= 2, "{name}: only the archive and the cache");
        let left = fs::read_dir(program.path("cache/mobilenet-web")).unwrap().map(|entry| entry.unwrap().file_name());
        let left: Vec<_> = left.filter(|file| file.to_string_lossy().starts_with('.')).collect();
        assert!(left.is_empty() && !Path::new("/tmp/escaped.png").exists(), "{name}: {left:?}");
    }
    eprintln!("{runs} archives");
}

/// Of two entries of one name, one is taken, and the same one in every run.
#[test]
fn an_entry_that_is_there_twice_is_one_picture() {
    let program = Program::new();
    let other = [("c/1.png", noise(&mut Rng::new(9), 0.0), Stored)];
    let bytes = replaced(with(&manifest(&FILES).to_string(), &other), b"c/1.png", b"a/1.png");
    program.write("project.zip", bytes);
    let models: Vec<_> = ["x", "y"]
        .map(|out| {
            let output = program.run_within(MEMORY, TIME, &["train", "project.zip", &format!("--out={out}/model")]);
            assert_ends(&output, "twice");
            fs::read(program.path(out).join("model")).ok()
        })
        .into();
    assert_eq!(models[0], models[1]);
}

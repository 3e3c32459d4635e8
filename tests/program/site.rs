//! `mobilenet site`: the page as a folder, whole or not at all, with any model in it.

#![cfg(feature = "embedded")]

mod fake_page;
mod program;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;

use fake_page::UNLISTED;
use mobilenet_core::Model;
use mobilenet_core::base::digest::sha256;
use mobilenet_core::classifier::embedded_backbone;
use program::{FURNITURE, Program, assert_fails, assert_success, stdout};

const BACKBONE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../src/core/models/mobilenet_v2_1.0_224.safetensors");

/// The files of a folder by their paths.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files =
        walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file());
    let path = |file: &Path| file.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
    files.map(|entry| (path(entry.path()), fs::read(entry.path()).unwrap())).collect()
}

fn text(files: &BTreeMap<String, Vec<u8>>, path: &str) -> String {
    String::from_utf8(files[path].clone()).unwrap()
}

/// What the service worker keeps: digests by path.
fn listed(files: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, String> {
    let worker = text(files, "sw.js");
    let (_, rest) = worker.split_once("const FILES = {\n").unwrap();
    let lines = rest.split_once("\n};").unwrap().0.lines();
    lines
        .map(|line| line.trim_matches([' ', '\'', ',']).split_once("': '").unwrap())
        .map(|(path, digest)| (path.into(), digest.into()))
        .collect()
}

fn version(files: &BTreeMap<String, Vec<u8>>) -> String {
    let worker = text(files, "sw.js");
    worker.split_once("const VERSION = '").unwrap().1.split_once('\'').unwrap().0.into()
}

/// A folder with a page in it, and the program that knows no other.
fn with_page() -> Program {
    let program = Program::new();
    program.page("page");
    program
}

fn make(program: &Program, arguments: &[&str]) -> Output {
    program.run(&[&["site", "--site", "page"], arguments].concat())
}

/// What is in the program's folder: nothing may be left there that was not asked for.
fn names(program: &Program) -> Vec<String> {
    let names = fs::read_dir(program.path("")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn without_a_model_it_is_the_page_as_it_was_built() {
    let program = with_page();
    let output = make(&program, &["new/public"]);
    assert_success(&output);
    assert!(stdout(&output).starts_with("wrote new/public (8 files, "), "{}", stdout(&output));
    assert_eq!(files(&program.path("new/public")), files(&program.path("page")));
    assert_eq!(fs::read_dir(program.path("new")).unwrap().count(), 1);
}

#[test]
fn a_model_is_a_file_of_it_that_is_kept_on_the_device() {
    let program = with_page();
    assert_success(&make(&program, &["public", FURNITURE]));
    let (page, site) = (files(&program.path("page")), files(&program.path("public")));
    assert_eq!(site["model.safetensors"], fs::read(FURNITURE).unwrap());
    assert!(text(&site, "built-in.js").contains("'./model.safetensors'"));
    for path in ["index.html", "manifest.webmanifest"] {
        assert!(text(&page, path).contains("furniture") && !text(&site, path).contains("furniture"), "{path}");
    }
    assert!(!site.contains_key("samples/bed.jpg") && !text(&site, "index.html").contains("samples/"));
    let kept = listed(&site);
    for (path, bytes) in &site {
        let is_listed = path != "sw.js" && !UNLISTED.contains(&path.as_str());
        assert_eq!(kept.get(path), is_listed.then(|| sha256(bytes)).as_ref(), "{path}");
    }
    assert_eq!(kept.len(), site.len() - 1 - UNLISTED.len());
    assert!(version(&site).len() == 16 && version(&site) != version(&page));
}

#[test]
fn the_version_is_that_of_the_files() {
    let program = with_page();
    let version_of = |name: &str, model: &Path| {
        assert_success(&make(&program, &[name, model.to_str().unwrap()]));
        version(&files(&program.path(name)))
    };
    let mut model = Model::open(Path::new(FURNITURE)).unwrap();
    let first = version_of("first", Path::new(FURNITURE));
    assert_eq!(version_of("again", Path::new(FURNITURE)), first);
    let labels = ["a", "b", "c", "d", "e"].map(String::from).to_vec();
    model.head = Some(model.head.unwrap().renamed(labels).unwrap());
    let other = program.write("other.safetensors", model.to_bytes());
    assert_ne!(version_of("other", &other), first);
}

#[test]
fn a_model_with_its_backbone_goes_into_a_site_as_it_is() {
    let program = with_page();
    let mut model = Model::open(Path::new(FURNITURE)).unwrap();
    model.backbone = Some(embedded_backbone().unwrap());
    let whole = program.write("whole.safetensors", model.to_bytes());
    assert_success(&make(&program, &["public", "whole.safetensors"]));
    assert_eq!(files(&program.path("public"))["model.safetensors"], fs::read(whole).unwrap());
}

#[test]
fn an_older_site_is_replaced_completely() {
    let program = with_page();
    fs::create_dir(program.path("public")).unwrap();
    assert_success(&make(&program, &["public", FURNITURE]));
    program.write("public/old.js", "old");
    assert_success(&make(&program, &["public"]));
    assert_eq!(files(&program.path("public")), files(&program.path("page")));
    assert_eq!(names(&program), ["page", "public"]);
}

#[cfg(unix)]
#[test]
fn the_folder_behind_a_link_is_replaced_and_the_link_stays() {
    let program = with_page();
    fs::create_dir_all(program.path("disk/public")).unwrap();
    std::os::unix::fs::symlink("disk/public", program.path("public")).unwrap();
    assert_success(&make(&program, &["public"]));
    assert!(program.path("public").is_symlink());
    assert_eq!(files(&program.path("disk/public")), files(&program.path("page")));
}

#[test]
fn what_is_not_a_site_stays_as_it_is() {
    let program = with_page();
    program.write("photos/chair.jpg", "photo");
    program.write("file", "text");
    for name in ["photos", "file", "."] {
        assert_fails(&make(&program, &[name]), &[name, "not one of our sites"]);
    }
    assert_eq!(names(&program), ["file", "page", "photos"]);
    assert_eq!(files(&program.path("photos")).len(), 1);
}

#[test]
fn a_model_that_does_not_work_changes_nothing() {
    let program = with_page();
    let mut damaged = fs::read(FURNITURE).unwrap();
    *damaged.last_mut().unwrap() ^= 1;
    program.write("damaged.safetensors", damaged);
    let mut liar = Model::open(Path::new(FURNITURE)).unwrap();
    liar.self_test.logits[0] += 1.0;
    program.write("liar.safetensors", liar.to_bytes());
    assert_success(&make(&program, &["public"]));
    let before = files(&program.path("public"));
    for (model, reason) in [
        ("damaged.safetensors", "no usable model"),
        ("liar.safetensors", "self-test failed"),
        ("missing.safetensors", "No such file"),
        (BACKBONE, "head"),
    ] {
        assert_fails(&make(&program, &["public", model]), &[model, reason]);
        assert_fails(&make(&program, &["new", model]), &[model, reason]);
    }
    assert_eq!(files(&program.path("public")), before);
    assert!(!program.path("new").exists());
}

#[test]
fn a_page_without_a_list_takes_no_model() {
    let program = with_page();
    program.write("page/sw.js", "self.onfetch = null;");
    assert_fails(&make(&program, &["public", FURNITURE]), &["sw.js", "./build.sh build"]);
    assert!(!program.path("public").exists());
}

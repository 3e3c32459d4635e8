//! Folders of any names and links: an input is a path a line, which ends in `>` and a second path where it is a link.
#![no_main]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use libfuzzer_sys::fuzz_target;
use mobilenet_fuzz::{expect_code, scratch, seeds};
use mobilenet::data::dataset::Dataset;

/// More take too long here to learn much from them.
const FILES: usize = 32;

fuzz_target!(init: seeds(examples), |data: &[u8]| {
    let folder = scratch();
    let root = folder.path().join("root");
    std::fs::create_dir(&root).unwrap();
    data.split(|byte| *byte == b'\n').take(FILES).for_each(|line| make(&root, line));
    match Dataset::scan(&root) {
        Ok(dataset) => check(&dataset, &root),
        // A link may go round in circles, or to nothing.
        Err(error) => expect_code(&error, &["bad-dataset", "io"]),
    }
});

/// What cannot be made is left out.
fn make(root: &Path, line: &[u8]) {
    let mut paths = line.splitn(2, |byte| *byte == b'>').map(|path| plain(root, path));
    let Some(path) = paths.next().filter(|path| path != root) else { return };
    let _ = std::fs::create_dir_all(path.parent().unwrap());
    let _ = match paths.next() {
        Some(target) => symlink(target, path),
        None => std::fs::write(path, b"x"),
    };
}

/// A path inside the root.
fn plain(root: &Path, path: &[u8]) -> PathBuf {
    let parts = path.split(|byte| *byte == b'/').filter(|part| ![&b""[..], b".", b".."].contains(part));
    root.join(parts.map(OsStr::from_bytes).collect::<PathBuf>())
}

fn check(dataset: &Dataset, root: &Path) {
    let Dataset { labels, pictures, strays, outside } = dataset;
    assert!(labels.is_sorted_by(|a, b| a < b) && !labels.is_empty());
    for (path, class) in pictures {
        // A link that leads to nothing is one that cannot be read, and is named when it is.
        assert!(path.starts_with(root.join(&labels[*class])) && (path.is_file() || path.is_symlink()), "{path:?}");
    }
    assert!(pictures.is_sorted_by_key(|(path, class)| (*class, path.clone())));
    assert!(strays.iter().chain(outside).all(|path| path.starts_with(root)));
    assert_eq!(dataset.counts().iter().sum::<usize>(), pictures.len());
    if let Err(error) = dataset.check_trainable() {
        expect_code(&error, &["bad-dataset"]);
    }
    assert_eq!(Dataset::scan_as(root, labels).expect("its own labels"), *dataset);
}

fn examples() -> Vec<Vec<u8>> {
    let trees = [
        "a/1.jpg\na/deep/2.PNG\nb/1.gif\nb/note.txt\n.git/x\n3.jpg",
        "a/1.jpg\nb>a\na/c>a\nd/e>nothing\nf.jpg>a/1.jpg",
    ];
    trees.map(|tree| tree.as_bytes().to_vec()).into()
}

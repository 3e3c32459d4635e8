//! Cache files, as a crash, a full disk or another program left them.
#![no_main]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use mobilenet_fuzz::{backbone, scratch, seeds};
use mobilenet_core::Embedder;
use mobilenet::data::cache::{Cache, embed_files};
use tempfile::TempDir;

static EMBEDDER: LazyLock<Embedder> = LazyLock::new(|| Embedder::new(&backbone()));
/// A cache of one picture.
static FOLDER: LazyLock<TempDir> = LazyLock::new(scratch);

fuzz_target!(init: seeds(|| vec![sound(), Vec::new()]), |data: &[u8]| {
    static RECORD: LazyLock<usize> = LazyLock::new(|| sound().len());
    let file = file();
    fs::write(&file, data).unwrap();
    let first = embed();
    assert!(first.len() == EMBEDDER.embedding_len() && first.iter().all(|number| !number.is_infinite()));
    let kept = fs::metadata(&file).unwrap().len() as usize;
    assert!(kept % *RECORD == 0 && kept <= data.len() + *RECORD, "{kept} bytes");
    assert_eq!(bits(&embed()), bits(&first), "what was kept is found again");
    assert_eq!(fs::metadata(&file).unwrap().len() as usize, kept, "nothing is kept twice");
});

fn picture() -> PathBuf {
    concat!(env!("CARGO_MANIFEST_DIR"), "/../pictures/png_1x1.png").into()
}

fn embed() -> Vec<f32> {
    let cache = Cache::open(FOLDER.path(), &EMBEDDER).unwrap();
    let mut results = embed_files(&[picture()], &EMBEDDER, Some(&cache), || ()).unwrap();
    assert!(cache.trouble().is_none());
    results.remove(0).unwrap()
}

fn bits(embedding: &[f32]) -> Vec<u32> {
    embedding.iter().map(|number| number.to_bits()).collect()
}

/// The only file in the folder.
fn file() -> PathBuf {
    let only = |folder: &Path| fs::read_dir(folder).unwrap().next().map(|entry| entry.unwrap().path());
    only(FOLDER.path()).unwrap_or_else(|| {
        embed();
        only(FOLDER.path()).unwrap()
    })
}

fn sound() -> Vec<u8> {
    let file = file();
    fs::remove_file(&file).unwrap();
    embed();
    fs::read(file).unwrap()
}

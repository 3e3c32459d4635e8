//! Packs the page into the program: the site and the page as one file, where `./build.sh build` has made them already.
//! Without them the archive is empty, and the commands that need a page say what to do.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// What is packed, below the workspace's `target`, and its name in the archive.
const PARTS: [(&str, &str); 2] = [("site", "site"), ("mobilenet.html", "page.html")];

fn main() -> io::Result<()> {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("Cargo names the folder"));
    println!("cargo::rerun-if-changed=build.rs");
    watch(&target, &out.join("watched"))?;
    pack(&target, &out.join("page.zip"))
}

/// Has Cargo run this again when the page changes, or once it is there. Named directly, a page that is missing would make Cargo build
/// the package at every call; in a folder of links it overlooks those that lead nowhere.
#[cfg(unix)]
fn watch(target: &Path, links: &Path) -> io::Result<()> {
    fs::create_dir_all(links)?;
    for (part, _) in PARTS {
        let link = links.join(part);
        if fs::symlink_metadata(&link).is_err() {
            std::os::unix::fs::symlink(target.join(part), link)?;
        }
    }
    println!("cargo::rerun-if-changed={}", links.display());
    Ok(())
}

/// Where links need privileges, a page that was missing is noticed with the next change of this file.
#[cfg(not(unix))]
fn watch(target: &Path, _: &Path) -> io::Result<()> {
    for (part, _) in PARTS {
        if target.join(part).exists() {
            println!("cargo::rerun-if-changed={}", target.join(part).display());
        }
    }
    Ok(())
}

/// In one order and without times: the same page gives the same program.
fn pack(target: &Path, archive: &Path) -> io::Result<()> {
    let mut zip = ZipWriter::new(File::create(archive)?);
    let options =
        SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).compression_level(Some(9));
    for (part, name) in PARTS {
        let root = target.join(part);
        for file in
            WalkDir::new(&root).sort_by_file_name().into_iter().flatten().filter(|entry| entry.file_type().is_file())
        {
            let below = file.path().strip_prefix(&root).expect("it was found there");
            let path = Path::new(name).join(below);
            zip.start_file_from_path(path.components().as_path(), options)?;
            io::copy(&mut File::open(file.path())?, &mut zip)?;
        }
    }
    zip.finish()?;
    Ok(())
}

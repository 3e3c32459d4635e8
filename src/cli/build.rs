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
    for (part, _) in PARTS {
        watch(&target.join(part), &out.join("watched"))?;
    }
    pack(&target, &out.join("page.zip"))
}

/// Has Cargo run this again when something changes in `part`, or once it is there. A path that does not exist would make Cargo
/// build the package at every call; a link that leads nowhere yet does not.
#[cfg(unix)]
fn watch(part: &Path, links: &Path) -> io::Result<()> {
    fs::create_dir_all(links)?;
    let link = links.join(part.file_name().expect("parts have names"));
    if fs::read_link(&link).is_ok_and(|old| old != part) {
        fs::remove_file(&link)?;
    }
    if fs::symlink_metadata(&link).is_err() {
        std::os::unix::fs::symlink(part, &link)?;
    }
    println!("cargo::rerun-if-changed={}", links.display());
    Ok(())
}

/// Where links need privileges, a page that was not there is noticed with the next change of this file.
#[cfg(not(unix))]
fn watch(part: &Path, _: &Path) -> io::Result<()> {
    if part.exists() {
        println!("cargo::rerun-if-changed={}", part.display());
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

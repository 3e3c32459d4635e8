//! A site on disk. It is complete or absent, and replaces an older site only once it is complete.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use mobilenet_core::Error;
use mobilenet_core::base::{display_text, file};
use walkdir::WalkDir;

use crate::files::scratch::ScratchFolder;

use super::{Files, Site, worker};

impl Site {
    /// Reads the site in a folder.
    ///
    /// # Errors
    /// [`Error::Io`] names the file and what the system said.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let mut files = Files::new();
        for entry in WalkDir::new(folder) {
            let entry = entry.map_err(|error| Error::io("read", folder)(error.into()))?;
            if entry.file_type().is_file() {
                let below = entry.path().strip_prefix(folder).expect("it was found there");
                let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
                files.insert(parts.join("/"), file::read(entry.path())?);
            }
        }
        Ok(Self { files })
    }
}

/// Checks that a site may be written to `target`. Nothing is made.
///
/// # Errors
/// [`Error::BadArgument`] when something else than a site of ours is there.
pub fn check(target: &Path) -> Result<(), Error> {
    let is_free = !target.exists() || fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_none());
    if is_free || is_site(target) {
        return Ok(());
    }
    let path = display_text::path(target);
    Err(Error::BadArgument(format!("{path} exists and is not one of our sites: name an empty folder, or a new one")))
}

/// What no other site has: a service worker with our list of files.
fn is_site(folder: &Path) -> bool {
    fs::read_to_string(folder.join(worker::SCRIPT)).is_ok_and(|script| worker::lists_files(&script))
}

/// Writes a site beside its place first, then gives it that place.
///
/// # Errors
/// As [`check`], or [`Error::Io`] with the file and what the system said; what was at `target` is there again then.
pub fn write(site: &Site, target: &Path) -> Result<(), Error> {
    check(target)?;
    let (parent, target) = place(target)?;
    let scratch = ScratchFolder::new(&parent)?;
    let fresh = scratch.path().join("fresh");
    for (path, bytes) in site.files() {
        write_file(&fresh.join(path), bytes)?;
    }
    replace(&target, &fresh, &scratch.path().join("old")).map_err(Error::io("write", &target))
}

/// The folder that a site goes into, which is made, and the site's own path. Of a link, what it names is replaced.
fn place(target: &Path) -> Result<(PathBuf, PathBuf), Error> {
    let target = target.canonicalize().unwrap_or_else(|_| target.into());
    let parent = match target.parent() {
        None => return Err(Error::BadArgument("a site cannot replace the root folder: name another one".into())),
        Some(parent) if parent.as_os_str().is_empty() => PathBuf::from("."),
        Some(parent) => parent.into(),
    };
    fs::create_dir_all(&parent).map_err(Error::io("make the folder", &parent))?;
    Ok((parent, target))
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(Error::io("make the folder", folder))?;
    let write = || {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(Error::io("write", path))
}

fn replace(target: &Path, fresh: &Path, old: &Path) -> std::io::Result<()> {
    let is_there = target.exists();
    if is_there {
        fs::rename(target, old)?;
    }
    fs::rename(fresh, target).inspect_err(|_| {
        if is_there {
            // Nothing more can be done where that fails too, and the first error is the one that helps.
            let _ = fs::rename(old, target);
        }
    })
}

//! Where the files are that a server gives away.

use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use hyper::body::Bytes;
use mobilenet_core::Error;
use mobilenet_core::base::digest::sha256;
use mobilenet_core::base::{display_text, file};

use crate::site::Site;

/// Hexadecimal digits of a tag.
const TAG_LENGTH: usize = 32;

/// A site in memory, or a folder, whose files may change meanwhile.
#[derive(Debug)]
pub enum Source {
    /// Each file with its tag.
    Memory(BTreeMap<String, (Bytes, String)>),
    /// Its path without links.
    Folder(PathBuf),
}

/// A file of a source.
#[derive(Debug)]
pub struct Found {
    /// Differs once the file does.
    pub tag: String,
    /// In bytes.
    pub length: u64,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Kept(Bytes),
    OnDisk(File),
}

impl Source {
    /// A site in memory.
    pub fn memory(site: Site) -> Self {
        let tagged = |(path, bytes): (String, Vec<u8>)| {
            let tag = format!("\"{}\"", &sha256(&bytes)[..TAG_LENGTH]);
            (path, (Bytes::from(bytes), tag))
        };
        Self::Memory(site.into_files().into_iter().map(tagged).collect())
    }

    /// A folder with a page in it.
    ///
    /// # Errors
    /// [`Error::BadArgument`] when it has none.
    pub fn folder(folder: &Path) -> Result<Self, Error> {
        if !folder.join("index.html").is_file() {
            let path = display_text::path(folder);
            return Err(Error::BadArgument(format!(
                "{path} holds no index.html: name a folder that does, as `mobilenet site` makes it"
            )));
        }
        folder.canonicalize().map(Self::Folder).map_err(Error::io("read", folder))
    }

    /// The file at a path below the root.
    pub fn find(&self, path: &str) -> Option<Found> {
        match self {
            Self::Memory(files) => {
                let (bytes, tag) = files.get(path)?;
                Some(Found { tag: tag.clone(), length: bytes.len() as u64, content: Content::Kept(bytes.clone()) })
            }
            Self::Folder(root) => find_in(root, path),
        }
    }
}

/// Links must stay inside the folder, and only regular files are opened.
fn find_in(root: &Path, path: &str) -> Option<Found> {
    let real = root.join(path).canonicalize().ok().filter(|real| real.starts_with(root))?;
    let file = file::open(&real).ok()?;
    let metadata = file.metadata().ok()?;
    let modified = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?.as_nanos();
    let length = metadata.len();
    let tag = format!("\"{}-{length}-{modified}\"", number(&metadata));
    Some(Found { tag, length, content: Content::OnDisk(file) })
}

/// Tells files apart that were made at the same time, as those of a reproducible build are.
#[cfg(unix)]
fn number(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn number(_: &Metadata) -> u64 {
    0
}

impl Found {
    /// All of it; none where the disk fails.
    pub fn read(&self) -> Option<Bytes> {
        match &self.content {
            Content::Kept(bytes) => Some(bytes.clone()),
            Content::OnDisk(file) => {
                let mut bytes = Vec::new();
                (&mut &*file).read_to_end(&mut bytes).ok()?;
                Some(bytes.into())
            }
        }
    }
}

//! The page as a folder of files: packed into this program, with another model in it, and on disk.

mod folder;
mod model;
mod packed;
mod worker;

use std::collections::BTreeMap;

pub use folder::{check, write};
pub use packed::{missing, packed_page, packed_site};

/// Files by their paths, which have slashes everywhere.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The page and everything that it fetches.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    files: Files,
}

impl Site {
    /// Its files.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// A file that lies in `wasm/` with a digest behind its stem: `mobilenet_web.js` as `mobilenet_web-01234567.js`.
    pub fn wasm(&self, name: &str) -> Option<&[u8]> {
        let ending = if name.ends_with("_bg.wasm") { "_bg.wasm" } else { ".js" };
        let start = format!("wasm/{}-", name.strip_suffix(ending)?);
        let found = self.files.iter().find(|(path, _)| path.starts_with(&start) && path.ends_with(ending));
        found.map(|(_, bytes)| bytes.as_slice())
    }

    /// Its files, to keep.
    pub fn into_files(self) -> Files {
        self.files
    }
}

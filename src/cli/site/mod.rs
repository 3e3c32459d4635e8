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

    /// Its files, to keep.
    pub fn into_files(self) -> Files {
        self.files
    }
}

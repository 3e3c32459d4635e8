//! What `build.rs` packed into this program: nothing where it was built before its page.

use std::io::{Cursor, Read};

use mobilenet_core::Error;
use zip::ZipArchive;

use super::{Files, Site};

const ARCHIVE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/page.zip"));

/// The site in this program.
pub fn packed_site() -> Option<Site> {
    let files = unpack("site/");
    (!files.is_empty()).then_some(Site { files })
}

/// The page as one file, which has a place for a model.
pub fn packed_page() -> Option<Vec<u8>> {
    unpack("page.html").remove("")
}

/// Why there is nothing in this program, and what to do; `otherwise` is what else helps, as in ", or name a page with --page".
pub fn missing(otherwise: &str) -> Error {
    Error::BadArgument(format!("this program was built without its page: run `./build.sh build`{otherwise}"))
}

/// Whatever begins with `prefix`, by the rest of its path.
fn unpack(prefix: &str) -> Files {
    let mut archive = ZipArchive::new(Cursor::new(ARCHIVE)).expect("the archive is a part of this program");
    let mut files = Files::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).expect("the archive lists its own entries");
        let Some(path) = entry.name().strip_prefix(prefix).map(String::from) else { continue };
        let mut bytes = Vec::with_capacity(entry.size() as usize);
        entry.read_to_end(&mut bytes).expect("the archive is a part of this program");
        files.insert(path, bytes);
    }
    files
}

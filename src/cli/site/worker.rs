//! The list of the service worker: which files are kept on a visitor's device, each by its digest. A browser takes no file
//! that differs from its digest, and notices a new version by the script alone.

use mobilenet_core::Error;
use mobilenet_core::base::digest::sha256;

use super::Files;

/// The script with the list in it.
pub const SCRIPT: &str = "sw.js";
const VERSION: &str = "const VERSION = '";
const LIST: &str = "const FILES = {\n";
const LIST_END: &str = "};";
/// Hexadecimal digits of a version.
const VERSION_LENGTH: usize = 16;

/// Writes the list again after files were changed, removed or added. Of the old ones those stay listed that were, so which files
/// are kept is decided where the page is built.
///
/// # Errors
/// [`Error::BadArgument`] when the site has no such list.
pub fn list_again(files: &mut Files, added: &[&str]) -> Result<(), Error> {
    let script = files.get(SCRIPT).map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default();
    let parts = Parts::of(&script).ok_or_else(|| {
        Error::BadArgument("the site's sw.js lists no files, so it was not made by `./build.sh build`".into())
    })?;
    let mut paths: Vec<&str> = parts.list.lines().filter_map(path_of).chain(added.iter().copied()).collect();
    paths.sort_unstable();
    paths.dedup();
    let lines = paths.iter().filter_map(|path| Some(format!("  '{path}': '{}',\n", sha256(files.get(*path)?))));
    let script = parts.with(&lines.collect::<String>());
    files.insert(SCRIPT.into(), script.into_bytes());
    Ok(())
}

/// Whether a script is one of our service workers.
pub fn lists_files(script: &str) -> bool {
    Parts::of(script).is_some()
}

/// The path in a line such as `  'index.html': 'e3b0…',`.
fn path_of(line: &str) -> Option<&str> {
    Some(line.trim_start().strip_prefix('\'')?.split_once("': '")?.0)
}

/// The script around its version and its list.
struct Parts<'a> {
    start: &'a str,
    middle: &'a str,
    list: &'a str,
    end: &'a str,
}

impl<'a> Parts<'a> {
    fn of(script: &'a str) -> Option<Self> {
        let (start, rest) = script.split_once(VERSION)?;
        let (_, rest) = rest.split_once('\'')?;
        let (middle, rest) = rest.split_once(LIST)?;
        let at = rest.find(LIST_END)?;
        Some(Self { start, middle, list: &rest[..at], end: &rest[at..] })
    }

    fn with(&self, list: &str) -> String {
        let write =
            |version: &str, list: &str| [self.start, VERSION, version, "'", self.middle, LIST, list, self.end].concat();
        // As in `build.sh`: the digest of the script without both, and of the list, each without its last line feed.
        let named = sha256((write("", "").trim_end().to_owned() + list.trim_end()).as_bytes());
        write(&named[..VERSION_LENGTH], list)
    }
}

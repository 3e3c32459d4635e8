//! What `./build.sh` made for this program.

use std::path::PathBuf;

/// Where it may be: below this folder, or beside the program's build folder.
pub fn places(path: &str) -> impl Iterator<Item = PathBuf> {
    let beside = std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.parent()?.parent()?.join(path)));
    [Some(PathBuf::from(path)), beside].into_iter().flatten()
}

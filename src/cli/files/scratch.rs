//! Scratch folders: gone when they are dropped. One whose program was killed is removed by the next one made beside it.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use crate::files::atomic::older;
use mobilenet_core::error::Error;

const PREFIX: &str = ".scratch.";
/// A folder is locked at once when it is made: one that is older and free is nobody's.
const ABANDONED: Duration = Duration::from_secs(60);

/// A folder for files that only this run needs.
#[derive(Debug)]
pub struct ScratchFolder {
    folder: TempDir,
    /// Held as long as the folder is used: the system lets go of it however the program ends.
    _lock: Option<File>,
}

impl ScratchFolder {
    /// A folder in `place`, which has to be there.
    ///
    /// # Errors
    /// [`Error::Io`] names `place` and what the system said.
    pub fn new(place: &Path) -> Result<Self, Error> {
        remove_abandoned(place);
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(place);
        let folder = folder.map_err(Error::io("make a folder in", place))?;
        let lock = lock(folder.path());
        Ok(Self { folder, _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// The lock of a folder, unless another process holds it or the system has none for folders.
fn lock(folder: &Path) -> Option<File> {
    let file = File::open(folder).ok()?;
    match file.try_lock() {
        Ok(()) => Some(file),
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => None,
    }
}

/// That some of it cannot be removed is no reason not to work.
fn remove_abandoned(place: &Path) {
    for folder in older(place, PREFIX, ABANDONED) {
        if lock(&folder).is_some() {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn folders_of_killed_programs_are_removed_and_used_ones_stay() {
        let place = tempfile::tempdir().unwrap();
        let age = |folder: &Path| File::open(folder).unwrap().set_modified(SystemTime::now() - 2 * ABANDONED).unwrap();
        let used = ScratchFolder::new(place.path()).unwrap();
        age(used.path());
        let killed = place.path().join(".scratch.killed");
        std::fs::create_dir(&killed).unwrap();
        std::fs::write(killed.join("picture"), "x").unwrap();
        age(&killed);
        std::fs::create_dir(place.path().join(".scratch.young")).unwrap();
        drop(ScratchFolder::new(place.path()).unwrap());
        assert!(!killed.exists() && used.path().exists() && place.path().join(".scratch.young").exists());
    }
}

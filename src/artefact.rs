//! Artefacts: files that are whole or not there at all.
//!
//! The bytes go into `.NAME.XXXXXX.partial` beside the file, which takes the file's name once it is on disk. A process
//! that is killed in the midst leaves it behind, hidden; the next one to write the same file removes it when it is too
//! old to be that of another process that still writes.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::Error;

/// Files of a few megabytes are written in seconds, even onto a slow disk.
const ABANDONED: Duration = Duration::from_secs(3600);
const PARTIAL: &str = ".partial";

/// Writes a file under its final name only once all its bytes are on disk; missing folders are made.
///
/// # Errors
/// [`Error::Io`] names the file and what the system said.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let draft = Draft::new(path)?;
    draft.file().write_all(bytes).map_err(Error::io("write", path))?;
    draft.finish()
}

/// An artefact in the making, for one that is written piece by piece; dropped, it leaves nothing behind.
#[derive(Debug)]
pub struct Draft {
    file: tempfile::NamedTempFile,
    path: PathBuf,
}

impl Draft {
    /// Begins the file that will be at `path`; missing folders are made.
    ///
    /// # Errors
    /// [`Error::Io`] names the folder and what the system said.
    pub fn new(path: &Path) -> Result<Self, Error> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        std::fs::create_dir_all(folder).map_err(Error::io("make the folder", folder))?;
        let prefix = [OsStr::new("."), path.file_name().unwrap_or_default(), OsStr::new(".")];
        let prefix: OsString = prefix.into_iter().collect();
        remove_abandoned(folder, &prefix);
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(PARTIAL);
        let file = builder.tempfile_in(folder).map_err(Error::io("write into", folder))?;
        Ok(Self { file, path: path.into() })
    }

    /// Where its bytes go.
    pub fn file(&self) -> &File {
        self.file.as_file()
    }

    /// Gives the file its name, once all its bytes are on disk.
    ///
    /// # Errors
    /// [`Error::Io`] names the file and what the system said.
    pub fn finish(self) -> Result<(), Error> {
        let Self { file, path } = self;
        file.as_file().sync_all().and_then(|()| make_readable(&file)).map_err(Error::io("write", &path))?;
        file.persist(&path).map_err(|error| Error::io("write", &path)(error.error))?;
        Ok(())
    }
}

/// Removes what interrupted writes left. That some of it cannot be removed is no reason not to write.
fn remove_abandoned(folder: &Path, prefix: &OsStr) {
    let partial = |name: &OsStr| {
        let name = name.as_encoded_bytes();
        name.starts_with(prefix.as_encoded_bytes()) && name.ends_with(PARTIAL.as_bytes())
    };
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten().filter(|entry| partial(&entry.file_name())) {
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        if modified.is_ok_and(|time| time.elapsed().is_ok_and(|age| age > ABANDONED)) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Temporary files are private to their user; an artefact is an ordinary file.
#[cfg(unix)]
fn make_readable(file: &tempfile::NamedTempFile) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_: &tempfile::NamedTempFile) -> std::io::Result<()> {
    Ok(())
}

/// Reads a whole file.
///
/// # Errors
/// [`Error::Io`] names the file and what the system said.
pub fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(Error::io("read", path))
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn what_interrupted_writes_left_is_removed_once_nobody_writes_it() {
        let folder = tempfile::tempdir().unwrap();
        let leave = |name: &str, age: Duration| {
            let file = std::fs::File::create(folder.path().join(name)).unwrap();
            file.set_modified(SystemTime::now() - age).unwrap();
        };
        leave(".model.abc123.partial", ABANDONED * 2);
        leave(".model.def456.partial", Duration::ZERO);
        leave(".labels.abc123.partial", ABANDONED * 2);
        leave(".model.mine", ABANDONED * 2);
        write(&folder.path().join("model"), b"whole").unwrap();
        let names = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names, [".labels.abc123.partial", ".model.def456.partial", ".model.mine", "model"]);
        assert_eq!(read(&folder.path().join("model")).unwrap(), b"whole");
    }
}

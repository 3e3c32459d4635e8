//! Artefacts: files that are whole or not there at all.
//!
//! The bytes go into `.NAME.XXXXXX.partial` beside the file, which takes the file's name once it is on disk. A process
//! that is killed in the midst leaves it behind, hidden; the next one to write the same file removes it when it is too
//! old to be that of another process that still writes.

use std::fs::File;
use std::io::{Error as IoError, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use mobilenet_core::error::Error;

/// Files of a few megabytes are written in seconds, even onto a slow disk.
const ABANDONED: Duration = Duration::from_secs(3600);
const PARTIAL: &str = ".partial";
/// Letters of a file's name that the name of its draft starts with: with four bytes each, there is room for the rest.
const PREFIX: usize = 50;

/// Writes a file under its final name only once all its bytes are on disk; missing folders are made.
///
/// # Errors
/// [`Error::Io`] names the file and what the system said.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    Draft::of(path, bytes)?.take_name()
}

/// Writes files that belong together: none gets its name before the bytes of all are on disk.
///
/// # Errors
/// As [`write()`].
pub fn write_all<B: AsRef<[u8]>>(files: &[(PathBuf, B)]) -> Result<(), Error> {
    let drafts: Vec<Draft> =
        files.iter().map(|(path, bytes)| Draft::of(path, bytes.as_ref())).collect::<Result<_, _>>()?;
    drafts.into_iter().try_for_each(Draft::take_name)
}

/// Checks that an artefact can be written to `path`, before work is done that would be lost. Nothing is made.
///
/// # Errors
/// As [`write()`].
pub fn check(path: &Path) -> Result<(), Error> {
    check_place(path)?;
    let is_there = |folder: &&Path| folder.as_os_str().is_empty() || folder.exists();
    let folder = path.ancestors().skip(1).find(is_there).filter(|folder| !folder.as_os_str().is_empty());
    let made = tempfile::tempfile_in(folder.unwrap_or(Path::new(".")));
    made.map(drop).map_err(Error::io("write", path))
}

/// A file takes the place of a file: of a folder it cannot, and of a device, say `/dev/null`, it must not.
fn check_place(path: &Path) -> Result<(), Error> {
    let refused = match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => ErrorKind::IsADirectory.into(),
        Ok(metadata) if !metadata.is_file() => IoError::other("it is a pipe or a device and no file: name another one"),
        _ => return Ok(()),
    };
    Err(Error::io("write", path)(refused))
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
        check_place(path)?;
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        std::fs::create_dir_all(folder).map_err(Error::io("make the folder", folder))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let prefix = format!(".{}.", name.chars().take(PREFIX).collect::<String>());
        remove_abandoned(folder, &prefix);
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(PARTIAL);
        let file = builder.tempfile_in(folder).map_err(Error::io("write", path))?;
        Ok(Self { file, path: path.into() })
    }

    /// One whose bytes are all on disk.
    fn of(path: &Path, bytes: &[u8]) -> Result<Self, Error> {
        let draft = Self::new(path)?;
        draft.file().write_all(bytes).map_err(Error::io("write", path))?;
        draft.sync()?;
        Ok(draft)
    }

    /// Where its bytes go.
    pub fn file(&self) -> &File {
        self.file.as_file()
    }

    fn sync(&self) -> Result<(), Error> {
        self.file().sync_all().map_err(Error::io("write", &self.path))
    }

    /// Gives the file its name, once all its bytes are on disk.
    ///
    /// # Errors
    /// [`Error::Io`] names the file and what the system said.
    pub fn finish(self) -> Result<(), Error> {
        self.sync()?;
        self.take_name()
    }

    fn take_name(self) -> Result<(), Error> {
        let Self { file, path } = self;
        make_readable(&file).map_err(Error::io("write", &path))?;
        file.persist(&path).map_err(|error| Error::io("write", &path)(error.error))?;
        Ok(())
    }
}

/// Removes what interrupted writes left. That some of it cannot be removed is no reason not to write.
fn remove_abandoned(folder: &Path, prefix: &str) {
    for path in older(folder, prefix, ABANDONED) {
        if path.as_os_str().as_encoded_bytes().ends_with(PARTIAL.as_bytes()) {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// What is in a folder, has a name that starts with `prefix`, and was not changed for so long.
pub(crate) fn older(folder: &Path, prefix: &str, age: Duration) -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let ours = entries.filter(move |entry| entry.file_name().as_encoded_bytes().starts_with(prefix.as_bytes()));
    let old = ours.filter(move |entry| {
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        modified.is_ok_and(|time| time.elapsed().is_ok_and(|passed| passed > age))
    });
    old.map(|entry| entry.path())
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

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use mobilenet_core::base::file::read;

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

    #[test]
    fn files_that_belong_together_are_there_together_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        std::fs::create_dir(place("taken")).unwrap();
        let error = write_all(&[(place("a"), "1"), (place("taken"), "2")]).unwrap_err();
        assert!(error.to_string().contains("taken: is a directory"), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        write_all(&[(place("a"), "1"), (place("b"), "2")]).unwrap();
        assert_eq!([read(&place("a")).unwrap(), read(&place("b")).unwrap()], [b"1", b"2"]);
    }

    #[test]
    fn a_check_makes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        check(&folder.path().join("new/folder/model")).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        write(&folder.path().join("file"), b"").unwrap();
        assert!(check(&folder.path().join("file/model")).is_err() && check(folder.path()).is_err());
    }

    #[test]
    fn the_longest_names_are_written() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["x".repeat(255), "椅".repeat(85)] {
            write(&folder.path().join(&name), b"whole").unwrap();
            assert!(folder.path().join(name).is_file());
        }
    }

    #[cfg(unix)]
    #[test]
    fn pipes_and_devices_are_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        for path in [pipe.as_path(), Path::new("/dev/null"), Path::new("/dev/zero")] {
            for error in [write(path, b"x").unwrap_err(), check(path).unwrap_err()] {
                assert!(error.to_string().contains("a pipe or a device"), "{error}");
            }
        }
    }
}

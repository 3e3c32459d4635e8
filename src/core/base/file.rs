//! Reading a file whose name anybody may have given: pipes and devices are refused at once, and files that are too large before
//! memory is taken.

use std::fs::{File, OpenOptions};
use std::io::{Error as IoError, ErrorKind, Read};
use std::path::Path;

use crate::error::Error;

/// The largest file that [`read`] takes, in bytes: the size of the largest picture that is decoded, uncompressed.
///
/// ```
/// use mobilenet_core::base::file::READ_LIMIT;
/// assert_eq!(READ_LIMIT, 256 * 1024 * 1024);
/// ```
pub const READ_LIMIT: u64 = 256 << 20;

/// Opens a regular file for reading. Anything else is refused: a pipe may never send anything, and a device may never end.
///
/// # Errors
/// [`Error::Io`] with the path and what the system said.
///
/// ```
/// use mobilenet_core::base::file;
/// let manifest = file::open("Cargo.toml".as_ref())?;
/// assert!(manifest.metadata().unwrap().len() > 0);
/// assert_eq!(file::open("missing.jpg".as_ref()).unwrap_err().code(), "io");
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
pub fn open(path: &Path) -> Result<File, Error> {
    let mut options = OpenOptions::new();
    options.read(true);
    // A pipe that nobody writes into is opened at once, so that it can be refused.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    let file = options.open(path).map_err(Error::io("read", path))?;
    let metadata = file.metadata().map_err(Error::io("read", path))?;
    match () {
        () if metadata.is_file() => Ok(file),
        () if metadata.is_dir() => Err(Error::io("read", path)(ErrorKind::IsADirectory.into())),
        () => {
            Err(Error::io("read", path)(IoError::other("it is a pipe or a device and no file: save its bytes in one")))
        }
    }
}

/// Reads a whole file of up to [`READ_LIMIT`] bytes.
///
/// # Errors
/// As [`open`], or [`Error::Io`] when the file is larger.
///
/// ```
/// use mobilenet_core::base::file;
/// let manifest = file::read("Cargo.toml".as_ref())?;
/// assert!(manifest.starts_with(b"#"));
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
pub fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let file = open(path)?;
    let length = file.metadata().map_err(Error::io("read", path))?.len();
    let too_large = || {
        let reason = format!("it is larger than {} MB, the most that is read: is it the right file?", READ_LIMIT >> 20);
        Error::io("read", path)(IoError::new(ErrorKind::FileTooLarge, reason))
    };
    if length > READ_LIMIT {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(length as usize);
    // It may have grown since.
    file.take(READ_LIMIT + 1).read_to_end(&mut bytes).map_err(Error::io("read", path))?;
    if bytes.len() as u64 > READ_LIMIT { Err(too_large()) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_larger_than_a_file_should_be_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sparse");
        File::create(&path).unwrap().set_len(READ_LIMIT + 1).unwrap();
        let error = read(&path).unwrap_err().to_string();
        assert!(error.contains("sparse") && error.contains("larger than 256 MB"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn pipes_and_devices_are_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        for path in [pipe.as_path(), Path::new("/dev/null"), Path::new("/dev/zero")] {
            let error = read(path).unwrap_err();
            assert!(error.to_string().contains("a pipe or a device"), "{error}");
        }
    }
}

//! A scratch file of embeddings: rows by position, in as little memory as a row takes.
//!
//! The file has no name from the start, so nothing is left behind however the program ends. It is read by position and
//! not mapped: a page fault that fails ends a program, a read that fails says why.

use std::fs::File;
use std::path::{Path, PathBuf};

use mobilenet_core::error::Error;
use mobilenet_core::fit::Rows;

/// Embeddings on disk, their classes in memory.
#[derive(Debug)]
pub struct Scratch {
    file: File,
    folder: PathBuf,
    features: usize,
    classes: Vec<usize>,
}

impl Scratch {
    /// A file in `folder`, which is made if need be, for one row a class in `classes`: zeros as yet.
    pub(super) fn new(folder: &Path, features: usize, classes: Vec<usize>) -> Result<Self, Error> {
        std::fs::create_dir_all(folder).map_err(Error::io("make the folder", folder))?;
        let file = tempfile::tempfile_in(folder).map_err(Error::io("make a scratch file in", folder))?;
        Ok(Self { file, folder: folder.into(), features, classes })
    }

    pub(super) fn write(&self, at: usize, embedding: &[f32]) -> Result<(), Error> {
        let bytes: Vec<u8> = embedding.iter().flat_map(|number| number.to_le_bytes()).collect();
        write_at(&self.file, &bytes, self.offset(at)).map_err(Error::io("write the scratch file in", &self.folder))
    }

    fn offset(&self, at: usize) -> u64 {
        at as u64 * (self.features * size_of::<f32>()) as u64
    }
}

impl Rows for Scratch {
    fn rows(&self) -> usize {
        self.classes.len()
    }

    fn classes(&self) -> &[usize] {
        &self.classes
    }

    fn embedding<'a>(&'a self, at: usize, buffer: &'a mut Vec<f32>) -> Result<&'a [f32], Error> {
        let mut bytes = vec![0; self.features * size_of::<f32>()];
        read_at(&self.file, &mut bytes, self.offset(at))
            .map_err(Error::io("read the scratch file in", &self.folder))?;
        buffer.clear();
        buffer.extend(bytes.as_chunks().0.iter().map(|word| f32::from_le_bytes(*word)));
        Ok(buffer)
    }
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8], offset: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> std::io::Result<()> {
    let mut done = 0;
    while done < bytes.len() {
        match std::os::windows::fs::FileExt::seek_read(file, &mut bytes[done..], offset + done as u64)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            read => done += read,
        }
    }
    Ok(())
}

#[cfg(windows)]
fn write_at(file: &File, bytes: &[u8], offset: u64) -> std::io::Result<()> {
    let mut done = 0;
    while done < bytes.len() {
        match std::os::windows::fs::FileExt::seek_write(file, &bytes[done..], offset + done as u64)? {
            0 => return Err(std::io::ErrorKind::WriteZero.into()),
            written => done += written,
        }
    }
    Ok(())
}

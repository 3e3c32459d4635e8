//! A reader that gives out so many bytes and no more, until it is told that any number will do.
//!
//! The list of an archive's entries is read before anybody knows how long it is, and what is kept of it takes ten times as much
//! memory.

use std::cell::Cell;
use std::io::{ErrorKind, Read, Result, Seek, SeekFrom};
use std::rc::Rc;

/// Bytes that may be read.
#[derive(Clone)]
pub(super) struct Meter(Rc<Cell<u64>>);

impl Meter {
    pub fn new(limit: u64) -> Self {
        Self(Rc::new(Cell::new(limit)))
    }

    pub fn lift(&self) {
        self.0.set(u64::MAX);
    }
}

pub(super) struct Metered<R> {
    pub reader: R,
    pub meter: Meter,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let left = self.meter.0.get();
        if left == 0 {
            return Err(ErrorKind::FileTooLarge.into());
        }
        let read = self.reader.read(buffer)?;
        self.meter.0.set(left.saturating_sub(read as u64));
        Ok(read)
    }
}

impl<R: Seek> Seek for Metered<R> {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        self.reader.seek(to)
    }
}

//! JPEG: the decoder behind the picture library, asked directly.
//!
//! The library hands it a file as a stream that is read by copies of any length, four bytes and one most of all, and wasm calls out of
//! itself for every one of them. [`Bytes`] has those two lengths written out.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

use image::metadata::Orientation;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::error::Error;
use crate::picture::decode::{SEGMENT_LIMIT, check_size, to_frame};
use crate::picture::frame::Frame;
use crate::picture::orientation::upright;

const FORMAT: &str = "JPEG";

/// Decodes a JPEG that is whole.
pub(super) fn decode(bytes: &[u8]) -> Result<Frame, Error> {
    if let Some(fault) = fault(bytes) {
        return Err(Error::CorruptPicture { format: FORMAT, reason: fault.into() });
    }
    let damaged = |error: DecodeErrors| Error::CorruptPicture { format: FORMAT, reason: error.to_string() };
    let options = DecoderOptions::default().set_strict_mode(false).set_max_width(usize::MAX).set_max_height(usize::MAX);
    let mut decoder = JpegDecoder::new_with_options(Bytes { bytes, at: 0 }, options);
    decoder.decode_headers().map_err(damaged)?;
    let (width, height) = decoder.dimensions().expect("the header is read");
    check_size(FORMAT, width as u32, height as u32)?;
    let (colors, channels) = match decoder.input_colorspace() {
        Some(ColorSpace::Luma) => (ColorSpace::Luma, 1),
        _ => (ColorSpace::RGB, 3),
    };
    decoder.set_options(decoder.options().jpeg_set_out_colorspace(colors));
    let orientation = decoder.exif().and_then(|exif| Orientation::from_exif_chunk(exif));
    let mut samples = vec![0; width * height * usize::from(channels)];
    decoder.decode_into(&mut samples).map_err(damaged)?;
    let frame = to_frame(width, height, channels, samples)?;
    Ok(upright(frame, orientation.unwrap_or(Orientation::NoTransforms)))
}

/// What keeps a JPEG from being decoded, if anything does, which the decoder does not say: that its end is missing, since it fills
/// what is missing with grey without a word, and a classifier that answers for half a photo is worse than one that says so.
fn fault(bytes: &[u8]) -> Option<&'static str> {
    const END: u8 = 0xD9;
    const SCAN: u8 = 0xDA;
    let (mut at, mut segments) = (2, 0);
    // Segments up to the first scan say their length; a thumbnail inside one has an end marker of its own.
    while let Some(&[0xFF, marker, high, low]) = bytes.get(at..at + 4) {
        match marker {
            0xFF => at += 1,
            SCAN => break,
            _ => {
                at += 2 + usize::from(u16::from_be_bytes([high, low]));
                segments += 1;
            }
        }
    }
    let scans = bytes.get(at..).unwrap_or_default();
    if !scans.starts_with(&[0xFF, SCAN]) {
        // No scan at all: the decoder says what is wrong better than we could.
        return None;
    }
    // In a scan 0xFF is followed by 0, unless it starts a marker: that of a restart, of a segment, or of the end.
    let markers = scans.windows(2).filter(|pair| pair[0] == 0xFF && !matches!(pair[1], 0 | 0xFF | 0xD0..=0xD7));
    for marker in markers {
        match marker[1] {
            END if segments > SEGMENT_LIMIT => break,
            END => return None,
            _ => segments += 1,
        }
    }
    Some(if segments > SEGMENT_LIMIT { "it has more parts than any photo" } else { "its end is missing" })
}

/// A file in memory, and how far it is read.
struct Bytes<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bytes<'_> {
    #[inline(always)]
    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }
}

impl Read for Bytes<'_> {
    #[inline(always)]
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = match (&mut *buffer, self.rest()) {
            ([only], [byte, ..]) => {
                *only = *byte;
                1
            }
            ([a, b, c, d], [first, second, third, fourth, ..]) => {
                (*a, *b, *c, *d) = (*first, *second, *third, *fourth);
                4
            }
            (buffer, rest) => copy(rest, buffer),
        };
        self.at += length;
        Ok(length)
    }
}

/// Any other length, which is left where it is: the decoder reads in fifty places.
#[inline(never)]
fn copy(from: &[u8], to: &mut [u8]) -> usize {
    let length = from.len().min(to.len());
    to[..length].copy_from_slice(&from[..length]);
    length
}

impl BufRead for Bytes<'_> {
    #[inline(always)]
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        Ok(self.rest())
    }

    #[inline(always)]
    fn consume(&mut self, length: usize) {
        self.at += length;
    }
}

impl Seek for Bytes<'_> {
    #[inline(always)]
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (from, by) = match to {
            SeekFrom::Start(at) => (0, at as i64),
            SeekFrom::End(by) => (self.bytes.len(), by),
            SeekFrom::Current(by) => (self.at, by),
        };
        self.at = from.checked_add_signed(by as isize).ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_what_the_standard_librarys_cursor_reads() {
        let bytes: Vec<u8> = (0..23).collect();
        let (mut ours, mut theirs) = (Bytes { bytes: &bytes, at: 0 }, io::Cursor::new(&bytes));
        for length in [1, 4, 0, 3, 4, 9, 1, 4, 1, 4, 5] {
            let (mut one, mut other) = ([0; 9], [0; 9]);
            assert_eq!(ours.read(&mut one[..length]).unwrap(), theirs.read(&mut other[..length]).unwrap());
            assert_eq!(one, other);
            assert_eq!(ours.fill_buf().unwrap(), theirs.fill_buf().unwrap());
        }
        for to in [SeekFrom::Start(7), SeekFrom::Current(-3), SeekFrom::End(-1), SeekFrom::End(5), SeekFrom::Start(90)]
        {
            assert_eq!(ours.seek(to).unwrap(), theirs.seek(to).unwrap());
            assert_eq!(ours.fill_buf().unwrap(), theirs.fill_buf().unwrap());
        }
        assert!(ours.seek(SeekFrom::Current(-91)).is_err() && ours.stream_position().unwrap() == 90);
    }
}

//! Thumbnails: small JPEGs as data URIs, so that what shows them is one file.

use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::codecs::jpeg::JpegEncoder;

use mobilenet_core::picture::frame::Frame;
use mobilenet_core::picture::resize::{Region, resize};

/// The middle square of a frame.
pub(super) fn square(frame: &Frame, side: usize, quality: u8) -> String {
    let cut = frame.width().min(frame.height());
    let region = Region { x: (frame.width() - cut) / 2, y: (frame.height() - cut) / 2, width: cut, height: cut };
    jpeg(&resize(frame, region, side, side), [side, side], quality)
}

/// Pixels of RGB as they are.
pub(super) fn jpeg(rgb: &[u8], [width, height]: [usize; 2], quality: u8) -> String {
    let mut bytes = Cursor::new(Vec::new());
    JpegEncoder::new_with_quality(&mut bytes, quality)
        .encode(rgb, width as u32, height as u32, image::ExtendedColorType::Rgb8)
        .expect("a small JPEG in memory cannot fail");
    format!("data:image/jpeg;base64,{}", STANDARD.encode(bytes.into_inner()))
}

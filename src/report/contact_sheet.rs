//! The contact sheet: five rows of five labelled pictures, to see at a glance what a dataset holds.
//!
//! An SVG with the thumbnails inside it: it shows labels in any script, needs no font here, and is one file.

use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::codecs::jpeg::JpegEncoder;

use crate::frame::Frame;
use crate::resize::{Region, resize};

/// Pictures on a sheet.
pub const CELLS: usize = 25;
const COLUMNS: usize = 5;
const THUMBNAIL: usize = 160;
const GAP: usize = 12;
const CAPTION: usize = 26;
const QUALITY: u8 = 85;

/// Draws the first [`CELLS`] of the labelled frames.
pub fn contact_sheet(cells: &[(String, Frame)]) -> String {
    let cells = &cells[..cells.len().min(CELLS)];
    let rows = cells.len().div_ceil(COLUMNS);
    let width = GAP + COLUMNS * (THUMBNAIL + GAP);
    let height = GAP + rows * (THUMBNAIL + CAPTION + GAP);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\" font-size=\"15\" text-anchor=\"middle\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    for (at, (label, frame)) in cells.iter().enumerate() {
        let x = GAP + at % COLUMNS * (THUMBNAIL + GAP);
        let y = GAP + at / COLUMNS * (THUMBNAIL + CAPTION + GAP);
        let picture = STANDARD.encode(thumbnail(frame));
        let (middle, baseline) = (x + THUMBNAIL / 2, y + THUMBNAIL + 18);
        svg.push_str(&format!(
            "<image x=\"{x}\" y=\"{y}\" width=\"{THUMBNAIL}\" height=\"{THUMBNAIL}\" href=\"data:image/jpeg;base64,{picture}\"/>\n\
             <text x=\"{middle}\" y=\"{baseline}\">{}</text>\n",
            escape(label)
        ));
    }
    svg.push_str("</svg>\n");
    svg
}

/// The middle square of a frame as a small JPEG.
fn thumbnail(frame: &Frame) -> Vec<u8> {
    let side = frame.width().min(frame.height());
    let region = Region { x: (frame.width() - side) / 2, y: (frame.height() - side) / 2, width: side, height: side };
    let rgb = resize(frame, region, THUMBNAIL, THUMBNAIL);
    let mut bytes = Cursor::new(Vec::new());
    JpegEncoder::new_with_quality(&mut bytes, QUALITY)
        .encode(&rgb, THUMBNAIL as u32, THUMBNAIL as u32, image::ExtendedColorType::Rgb8)
        .expect("a small JPEG in memory cannot fail");
    bytes.into_inner()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace(|c: char| c.is_control(), "\u{FFFD}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_cannot_break_the_drawing() {
        let frame = Frame::from_rgb(3, 2, vec![90; 18]).unwrap();
        let svg = contact_sheet(&vec![("<b>&\u{7}".to_owned(), frame); 30]);
        assert_eq!(svg.matches("<image").count(), CELLS);
        assert!(svg.contains("&lt;b&gt;&amp;\u{FFFD}</text>"));
    }
}

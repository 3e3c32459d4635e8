//! The contact sheet: five rows of five labelled pictures, to see at a glance what a dataset holds.
//!
//! An SVG with the thumbnails inside it: it shows labels in any script, needs no font here, and is one file.

use super::escape::escape;
use super::thumbnail::square;
use mobilenet_core::picture::frame::Frame;

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
        let picture = square(frame, THUMBNAIL, QUALITY);
        let (middle, baseline) = (x + THUMBNAIL / 2, y + THUMBNAIL + 18);
        svg.push_str(&format!(
            "<image x=\"{x}\" y=\"{y}\" width=\"{THUMBNAIL}\" height=\"{THUMBNAIL}\" href=\"{picture}\"/>\n\
             <text x=\"{middle}\" y=\"{baseline}\">{}</text>\n",
            escape(label)
        ));
    }
    svg.push_str("</svg>\n");
    svg
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

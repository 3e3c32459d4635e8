//! Orientation: how a camera was held, undone.
//!
//! Turns eight-bit RGB only, after everything else; the picture library can do it for every kind of pixel, and that alone would
//! be a tenth of what a visitor downloads.

use image::metadata::Orientation;

use crate::picture::frame::Frame;

/// Pixels a side of the squares that a picture is turned in: a row of the one picture is a column of the other, and a column of
/// a whole photo is more pages of memory than a machine keeps at hand.
const SQUARE: usize = 32;

/// The frame as people see it.
pub(crate) fn upright(frame: Frame, orientation: Orientation) -> Frame {
    let (width, height) = (frame.width() as isize, frame.height() as isize);
    let (right, bottom) = (width - 1, (height - 1) * width);
    // Where the first pixel of the upright frame comes from, and how far on from there the next one of its row and of its column do.
    let (first, along, down) = match orientation {
        Orientation::NoTransforms => return frame,
        Orientation::FlipHorizontal => (right, -1, width),
        Orientation::FlipVertical => (bottom, 1, -width),
        Orientation::Rotate180 => (right + bottom, -1, -width),
        Orientation::Rotate90 => (bottom, -width, 1),
        Orientation::Rotate270 => (right, width, -1),
        Orientation::Rotate90FlipH => (0, width, 1),
        Orientation::Rotate270FlipH => (right + bottom, -width, -1),
    };
    let lies_down = matches!(
        orientation,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    );
    let (width, height) = if lies_down { (frame.height(), frame.width()) } else { (frame.width(), frame.height()) };
    let source = frame.rgb().as_chunks::<3>().0;
    let mut pixels = vec![[0; 3]; source.len()];
    for (band, rows) in pixels.chunks_mut(SQUARE * width).enumerate() {
        for left in (0..width).step_by(SQUARE) {
            for (y, row) in rows.chunks_mut(width).enumerate() {
                let mut from = first + left as isize * along + (band * SQUARE + y) as isize * down;
                for pixel in row.iter_mut().skip(left).take(SQUARE) {
                    *pixel = source[from as usize];
                    from += along;
                }
            }
        }
    }
    Frame::from_rgb(width, height, pixels.into_flattened()).expect("as many pixels as before")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_orientation_equals_the_libraries() {
        // Smaller than a square that it is turned in, and of several that are not whole.
        for (width, height) in [(5, 3), (1, 40), (70, 65)] {
            let rgb: Vec<u8> = (0..width * height * 3).map(|at| (at * 37 + at / 256) as u8).collect();
            for exif in 1..=8 {
                let orientation = Orientation::from_exif(exif).unwrap();
                let picture = image::RgbImage::from_raw(width as u32, height as u32, rgb.clone()).unwrap();
                let mut expected: image::DynamicImage = picture.into();
                expected.apply_orientation(orientation);
                let frame = upright(Frame::from_rgb(width, height, rgb.clone()).unwrap(), orientation);
                assert_eq!(
                    (frame.width() as u32, frame.height() as u32),
                    (expected.width(), expected.height()),
                    "{exif}"
                );
                assert!(frame.rgb() == expected.as_bytes(), "{width} x {height}, orientation {exif}");
            }
        }
    }
}

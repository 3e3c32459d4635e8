//! Orientation: how a camera was held, undone.
//!
//! Turns eight-bit RGB only, after everything else; the picture library can do it for every kind of pixel, and that alone would
//! be a tenth of what a visitor downloads.

use image::metadata::Orientation;

use crate::picture::frame::Frame;

/// The frame as people see it.
pub(crate) fn upright(frame: Frame, orientation: Orientation) -> Frame {
    let (width, height) = (frame.width(), frame.height());
    let (right, bottom) = (width - 1, height - 1);
    // Where the pixel at (x, y) of the upright frame comes from.
    let source: fn(usize, usize, usize, usize) -> (usize, usize) = match orientation {
        Orientation::NoTransforms => return frame,
        Orientation::FlipHorizontal => |x, y, right, _| (right - x, y),
        Orientation::FlipVertical => |x, y, _, bottom| (x, bottom - y),
        Orientation::Rotate180 => |x, y, right, bottom| (right - x, bottom - y),
        Orientation::Rotate90 => |x, y, _, bottom| (y, bottom - x),
        Orientation::Rotate270 => |x, y, right, _| (right - y, x),
        Orientation::Rotate90FlipH => |x, y, _, _| (y, x),
        Orientation::Rotate270FlipH => |x, y, right, bottom| (right - y, bottom - x),
    };
    let lies_down = matches!(
        orientation,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    );
    let (width, height) = if lies_down { (height, width) } else { (width, height) };
    let pixels = frame.rgb().as_chunks::<3>().0;
    let mut rgb = Vec::with_capacity(frame.rgb().len());
    for y in 0..height {
        for x in 0..width {
            let (from_x, from_y) = source(x, y, right, bottom);
            rgb.extend(pixels[from_y * frame.width() + from_x]);
        }
    }
    Frame::from_rgb(width, height, rgb).expect("as many pixels as before")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_orientation_equals_the_libraries() {
        let byte = |at: usize| (at * 37) as u8;
        let rgb: Vec<u8> = (0..5 * 3 * 3).map(byte).collect();
        for exif in 1..=8 {
            let orientation = Orientation::from_exif(exif).unwrap();
            let mut expected: image::DynamicImage = image::RgbImage::from_raw(5, 3, rgb.clone()).unwrap().into();
            expected.apply_orientation(orientation);
            let frame = upright(Frame::from_rgb(5, 3, rgb.clone()).unwrap(), orientation);
            assert_eq!((frame.width() as u32, frame.height() as u32), (expected.width(), expected.height()), "{exif}");
            assert_eq!(frame.rgb(), expected.as_bytes(), "{exif}");
        }
    }
}

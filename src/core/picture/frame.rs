//! The frame: an upright picture, eight bits a channel, red green blue.
//!
//! Everything the engine does starts from this one type. It carries its own validity (at least one
//! pixel, exactly `width * height * 3` bytes), so the code below it has no error paths for shape.

use crate::error::Error;

/// An upright RGB8 picture, rows top to bottom, pixels left to right, channels red, green, blue.
///
/// ```
/// use mobilenet_core::Frame;
/// let frame = Frame::from_rgb(1, 2, vec![255, 0, 0, 0, 0, 255])?;
/// assert_eq!((frame.width(), frame.height()), (1, 2));
/// assert_eq!(frame.rgb()[3..], [0, 0, 255], "the lower pixel is blue");
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

impl Frame {
    /// Takes `width * height * 3` bytes of RGB.
    ///
    /// # Errors
    /// [`Error::BadArgument`] when a side is zero or the length does not fit the sides.
    ///
    /// ```
    /// use mobilenet_core::Frame;
    /// let red = Frame::from_rgb(2, 1, vec![255, 0, 0, 255, 0, 0])?;
    /// assert_eq!((red.width(), red.height()), (2, 1));
    /// assert!(Frame::from_rgb(2, 2, vec![0; 3]).is_err());
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn from_rgb(width: usize, height: usize, rgb: Vec<u8>) -> Result<Self, Error> {
        check_length(width, height, 3, rgb.len())?;
        Ok(Self { width, height, rgb })
    }

    /// Takes `width * height * 4` bytes of RGBA with straight alpha, as a canvas gives them, and lays the
    /// picture over white: what people see on a page, and never the hidden colour under a transparent pixel.
    ///
    /// # Errors
    /// [`Error::BadArgument`] when a side is zero or the length does not fit the sides.
    ///
    /// ```
    /// use mobilenet_core::Frame;
    /// let frame = Frame::from_rgba(2, 1, &[10, 20, 30, 255, 10, 20, 30, 0])?;
    /// assert_eq!(frame.rgb(), [10, 20, 30, 255, 255, 255]);
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn from_rgba(width: usize, height: usize, rgba: &[u8]) -> Result<Self, Error> {
        check_length(width, height, 4, rgba.len())?;
        let rgb = rgba.chunks_exact(4).flat_map(|pixel| over_white([pixel[0], pixel[1], pixel[2]], pixel[3])).collect();
        Ok(Self { width, height, rgb })
    }

    /// The same in the memory that is there already: a large picture is not held twice.
    pub(crate) fn from_owned_rgba(width: usize, height: usize, mut bytes: Vec<u8>) -> Result<Self, Error> {
        check_length(width, height, 4, bytes.len())?;
        for at in 0..width * height {
            let [red, green, blue, alpha] = [0, 1, 2, 3].map(|channel| bytes[4 * at + channel]);
            bytes[3 * at..3 * at + 3].copy_from_slice(&over_white([red, green, blue], alpha));
        }
        bytes.truncate(width * height * 3);
        bytes.shrink_to_fit();
        Ok(Self { width, height, rgb: bytes })
    }

    /// Width in pixels, at least 1.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels, at least 1.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The bytes, `width * height * 3` of them.
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }
}

/// The pixels of a frame where they lie, so that a camera's need not be copied: three bytes each, or four with straight alpha.
///
/// ```
/// use mobilenet_core::{Frame, FrameRef};
/// let rgba = [0; 3 * 2 * 4];
/// let borrowed = FrameRef::from_rgba(3, 2, &rgba)?;
/// assert_eq!((borrowed.width(), borrowed.height()), (3, 2));
/// let frame = Frame::from_rgb(1, 1, vec![0; 3])?;
/// assert_eq!(FrameRef::from(&frame).width(), 1);
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct FrameRef<'a> {
    width: usize,
    height: usize,
    channels: usize,
    bytes: &'a [u8],
}

impl<'a> FrameRef<'a> {
    /// Borrows what [`Frame::from_rgba`] takes, and stands for the same picture.
    ///
    /// # Errors
    /// [`Error::BadArgument`] when a side is zero or the length does not fit the sides.
    ///
    /// ```
    /// use mobilenet_core::{Frame, FrameRef};
    /// use mobilenet_core::picture::input::{InputSpec, preprocess};
    /// let rgba = [0, 0, 0, 255, 10, 20, 30, 0];
    /// let (borrowed, owned) = (FrameRef::from_rgba(2, 1, &rgba)?, Frame::from_rgba(2, 1, &rgba)?);
    /// assert_eq!(preprocess(borrowed, &InputSpec::KERAS), preprocess(&owned, &InputSpec::KERAS));
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn from_rgba(width: usize, height: usize, bytes: &'a [u8]) -> Result<Self, Error> {
        check_length(width, height, 4, bytes.len())?;
        Ok(Self { width, height, channels: 4, bytes })
    }

    /// Width in pixels, at least 1.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels, at least 1.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Bytes of a pixel, 3 or 4.
    pub(crate) fn channels(&self) -> usize {
        self.channels
    }

    /// Copies pixels of row `y` from `x` on, as many as `row` has room for, over white; the fourth byte is left as it is.
    pub(crate) fn copy_row(&self, x: usize, y: usize, row: &mut [u8]) {
        row.copy_from_slice(&self.bytes[(y * self.width + x) * self.channels..][..row.len()]);
        let is_opaque =
            |row: &[u8]| row.as_chunks::<4>().0.iter().fold(u8::MAX, |all, pixel| all & pixel[3]) == u8::MAX;
        if self.channels == 4 && !is_opaque(row) {
            for pixel in row.as_chunks_mut::<4>().0 {
                [pixel[0], pixel[1], pixel[2]] = over_white([pixel[0], pixel[1], pixel[2]], pixel[3]);
            }
        }
    }
}

impl<'a> From<&'a Frame> for FrameRef<'a> {
    fn from(frame: &'a Frame) -> Self {
        Self { width: frame.width, height: frame.height, channels: 3, bytes: &frame.rgb }
    }
}

fn check_length(width: usize, height: usize, channels: usize, length: usize) -> Result<(), Error> {
    let expected = width.checked_mul(height).and_then(|pixels| pixels.checked_mul(channels));
    if width == 0 || height == 0 || expected != Some(length) {
        return Err(Error::BadArgument(format!(
            "{length} bytes are no {width} x {height} picture of {channels} bytes a pixel"
        )));
    }
    Ok(())
}

fn over_white(color: [u8; 3], alpha: u8) -> [u8; 3] {
    let alpha = u32::from(alpha);
    color.map(|channel| ((u32::from(channel) * alpha + 255 * (255 - alpha) + 127) / 255) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opaque_pixels_stay_and_clear_pixels_turn_white() {
        for value in 0..=255 {
            assert_eq!(over_white([value; 3], 255), [value; 3]);
            assert_eq!(over_white([value; 3], 0), [255; 3]);
        }
        assert_eq!(over_white([0; 3], 128), [127; 3]);
    }

    #[test]
    fn wrong_lengths_are_refused() {
        for (width, height, length) in [(0, 1, 0), (1, 0, 0), (2, 2, 11), (2, 2, 13), (usize::MAX, 2, 6)] {
            assert!(Frame::from_rgb(width, height, vec![0; length]).is_err(), "{width} x {height}, {length} bytes");
        }
        assert!(Frame::from_rgba(1, 1, &[0; 3]).is_err());
    }
}

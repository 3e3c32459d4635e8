//! Resize: a triangle filter in 22-bit integers, rows first, then columns; it equals Pillow 11.3.0's `BILINEAR` byte for
//! byte (`tests/core/resize.rs`).
//!
//! When a picture is made smaller the filter widens with it, which is what keeps a 12-megapixel photo and its thumbnail looking
//! alike to the network. A [`Resizer`] keeps the filter and the memory, because the frames of a camera are all of one size.

use crate::picture::frame::{Frame, FrameRef};
use mobilenet_kernel::Resize;
use mobilenet_kernel::lanes::{Lanes, WithLanes, with_pairs};

/// A rectangle of a frame, in pixels from the top left.
///
/// ```
/// use mobilenet_core::Frame;
/// use mobilenet_core::picture::resize::Region;
/// let frame = Frame::from_rgb(2, 1, vec![0; 6])?;
/// assert_eq!(Region::whole(&frame), Region { x: 0, y: 0, width: 2, height: 1 });
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Left edge.
    pub x: usize,
    /// Top edge.
    pub y: usize,
    /// Width, at least 1.
    pub width: usize,
    /// Height, at least 1.
    pub height: usize,
}

impl Region {
    /// All of a frame.
    pub fn whole(frame: &Frame) -> Self {
        Self { x: 0, y: 0, width: frame.width(), height: frame.height() }
    }
}

/// Resizes frames, and allocates nothing for one that is like the last.
///
/// ```
/// use mobilenet_core::Frame;
/// use mobilenet_core::picture::resize::{Region, Resizer};
/// let frame = Frame::from_rgb(2, 1, vec![0, 0, 0, 200, 200, 200])?;
/// let (mut resizer, mut output) = (Resizer::default(), [0; 3]);
/// resizer.resize((&frame).into(), Region::whole(&frame), [1, 1], &mut output);
/// assert_eq!(output, [100; 3]);
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
#[derive(Default)]
pub struct Resizer(Option<(Sizes, Box<dyn Passes>)>);

/// What a filter is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sizes {
    /// Bytes of a source pixel.
    channels: usize,
    /// Width and height.
    from: [usize; 2],
    to: [usize; 2],
}

/// A kernel, whatever its lanes.
trait Passes: Send + Sync {
    fn run(&mut self, read: &dyn Fn(usize, &mut [u8]), output: &mut [u8]);
}

impl<L: Lanes> Passes for Resize<L> {
    fn run(&mut self, read: &dyn Fn(usize, &mut [u8]), output: &mut [u8]) {
        Resize::run(self, read, output);
    }
}

impl WithLanes for Sizes {
    type Output = Box<dyn Passes>;

    fn with<L: Lanes>(self, lanes: L) -> Box<dyn Passes> {
        Box::new(Resize::new(lanes, self.channels, self.from, self.to))
    }
}

impl Resizer {
    /// Resizes a region of `frame` to `width` x `height` pixels of RGB in `output`.
    ///
    /// # Panics
    /// When the region is empty or leaves the frame, a target side is zero, or `output` has not `width * height * 3` bytes.
    pub fn resize(&mut self, frame: FrameRef, region: Region, [width, height]: [usize; 2], output: &mut [u8]) {
        assert!(region.width > 0 && region.height > 0 && width > 0 && height > 0, "an empty region or target");
        assert!(region.x + region.width <= frame.width() && region.y + region.height <= frame.height());
        assert_eq!(output.len(), width * height * 3, "three bytes for every pixel of the target");
        let sizes = Sizes { channels: frame.channels(), from: [region.width, region.height], to: [width, height] };
        let (_, kernel) = match self.0.take_if(|(packed, _)| *packed == sizes) {
            Some(packed) => self.0.insert(packed),
            None => self.0.insert((sizes, with_pairs(sizes))),
        };
        kernel.run(&|y, row| frame.copy_row(region.x, region.y + y, row), output);
    }
}

impl std::fmt::Debug for Resizer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        formatter.debug_tuple("Resizer").field(&self.0.as_ref().map(|(sizes, _)| sizes)).finish()
    }
}

/// Resizes a region of `frame` to `width` x `height` pixels of RGB.
///
/// # Panics
/// When the region is empty or leaves the frame, or a target side is zero.
///
/// ```
/// use mobilenet_core::picture::resize::{Region, resize};
/// use mobilenet_core::Frame;
/// let frame = Frame::from_rgb(2, 1, vec![0, 0, 0, 200, 200, 200])?;
/// let whole = Region { x: 0, y: 0, width: 2, height: 1 };
/// assert_eq!(resize(&frame, whole, 1, 1), [100, 100, 100]);
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
pub fn resize<'a>(frame: impl Into<FrameRef<'a>>, region: Region, width: usize, height: usize) -> Vec<u8> {
    let mut output = vec![0; width * height * 3];
    Resizer::default().resize(frame.into(), region, [width, height], &mut output);
    output
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_size_gives_the_same_bytes() {
        let frame = Frame::from_rgb(5, 3, (0..45).collect()).unwrap();
        assert_eq!(resize(&frame, Region::whole(&frame), 5, 3), frame.rgb());
    }

    #[test]
    fn a_flat_picture_stays_flat_at_every_size() {
        for value in [0, 1, 127, 254, 255] {
            for (width, height) in [(1, 1), (1, 9), (7, 2), (300, 200)] {
                let frame = Frame::from_rgb(width, height, vec![value; width * height * 3]).unwrap();
                assert!(resize(&frame, Region::whole(&frame), 16, 5).iter().all(|byte| *byte == value));
            }
        }
    }

    #[test]
    fn only_the_region_is_seen() {
        let mut rgb = vec![9; 6 * 4 * 3];
        for y in 1..3 {
            for x in 2..5 {
                rgb[(y * 6 + x) * 3..][..3].fill(77);
            }
        }
        let frame = Frame::from_rgb(6, 4, rgb).unwrap();
        let region = Region { x: 2, y: 1, width: 3, height: 2 };
        assert!(resize(&frame, region, 8, 8).iter().all(|byte| *byte == 77));
    }

    #[test]
    fn one_resizer_serves_frames_of_any_size_in_any_order() {
        let frame = |width: usize, height: usize| {
            let byte = |at: usize| ((at * 7919) >> 4) as u8;
            Frame::from_rgb(width, height, (0..width * height * 3).map(byte).collect()).unwrap()
        };
        let frames = [frame(9, 4), frame(9, 4), frame(3, 20), frame(9, 4)];
        let mut resizer = Resizer::default();
        for frame in &frames {
            let mut output = [0; 8 * 8 * 3];
            resizer.resize(frame.into(), Region::whole(frame), [8, 8], &mut output);
            assert_eq!(output.to_vec(), resize(frame, Region::whole(frame), 8, 8));
        }
    }
}

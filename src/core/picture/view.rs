//! Views: ways to look at a frame that leave its class what it is. A part of it, mirrored, turned a little, in another
//! light.
//!
//! A view is drawn on the network's input and not on the frame: the part is resized first, by the filter that serves
//! every picture, so a view of a 12-megapixel photo costs what a view of its thumbnail does, and the whole, unaltered
//! view gives the very bytes of [`preprocess`](fn@crate::picture::input::preprocess). All of it is integer arithmetic: the
//! same bits on every machine. [`crate::fit::augment`] draws views by lot to train on; [`Views`] are those to answer
//! with.

use std::fmt;

use crate::picture::frame::FrameRef;
use crate::picture::input::InputSpec;
use crate::picture::resize::{Region, Resizer};

/// What [`View::part`] counts as the whole.
///
/// ```
/// use mobilenet_core::picture::view::{View, WHOLE};
/// let left_half = View { part: [0, 0, WHOLE / 2, WHOLE], ..View::PLAIN };
/// assert_eq!(left_half.part, [0, 0, 512, 1024]);
/// ```
pub const WHOLE: u32 = 1024;
/// What [`View::brightness`], [`View::contrast`] and [`View::saturation`] count as unaltered.
///
/// ```
/// use mobilenet_core::picture::view::{UNALTERED, View};
/// let brighter_by_a_quarter = View { brightness: UNALTERED * 5 / 4, ..View::PLAIN };
/// assert_eq!(brighter_by_a_quarter.brightness, 320);
/// ```
pub const UNALTERED: i32 = 256;
/// The sine that is one.
const ONE: i32 = 1 << 16;

/// A way to look at a frame.
///
/// ```
/// use mobilenet_core::picture::view::View;
/// let view = View { part: [128, 128, 768, 768], flip: true, ..View::PLAIN };
/// assert!(view.to_string().starts_with("part 128 128 768 768 flip true turn 0 "));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// Left, top, width and height of the part that is seen, in 1024ths of what the network sees of the whole frame.
    pub part: [u32; 4],
    /// Whether left and right change places.
    pub flip: bool,
    /// Sine of the angle by which it is turned clockwise about its middle, in 65536ths: -32768 to 32768. Corners that
    /// turn in are filled with the pixels of the edge.
    pub turn: i32,
    /// How much lighter, in 256ths: 0 to 1024.
    pub brightness: i32,
    /// How much further from the mean grey, in 256ths: 0 to 1024.
    pub contrast: i32,
    /// How much further from its own grey each pixel, in 256ths: 0 to 1024.
    pub saturation: i32,
}

/// The name of a view in a cache: every number that decides its pixels.
impl fmt::Display for View {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let Self { part: [x, y, width, height], flip, turn, brightness, contrast, saturation } = self;
        write!(formatter, "part {x} {y} {width} {height} flip {flip} turn {turn} ")?;
        write!(formatter, "brightness {brightness} contrast {contrast} saturation {saturation}")
    }
}

impl View {
    /// The whole frame as it is.
    pub const PLAIN: Self = Self {
        part: [0, 0, WHOLE, WHOLE],
        flip: false,
        turn: 0,
        brightness: UNALTERED,
        contrast: UNALTERED,
        saturation: UNALTERED,
    };

    /// The network's input for this view of a frame: `side * side * 3` bytes in `input`.
    ///
    /// # Panics
    /// When a number of the view is out of its range, or `input` has another length.
    ///
    /// ```
    /// use mobilenet_core::picture::input::InputSpec;
    /// use mobilenet_core::picture::resize::Resizer;
    /// use mobilenet_core::picture::view::View;
    /// use mobilenet_core::Frame;
    /// let frame = Frame::from_rgb(2, 1, vec![0, 0, 0, 200, 200, 200])?;
    /// let mut input = vec![0; 224 * 224 * 3];
    /// let mirrored = View { flip: true, ..View::PLAIN };
    /// mirrored.draw((&frame).into(), &InputSpec::KERAS, &mut Resizer::default(), &mut input);
    /// assert_eq!(input[..3], [200, 200, 200]);
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn draw(&self, frame: FrameRef, spec: &InputSpec, resizer: &mut Resizer, input: &mut [u8]) {
        let region = self.region(spec.region(frame.width(), frame.height()));
        resizer.resize(frame, region, [spec.side; 2], input);
        let pixels = input.as_chunks_mut::<3>().0;
        if self.turn != 0 {
            turn(pixels, spec.side, self.turn);
        }
        if self.flip {
            pixels.chunks_exact_mut(spec.side).for_each(<[_]>::reverse);
        }
        if [self.brightness, self.contrast, self.saturation] != [UNALTERED; 3] {
            self.recolor(pixels);
        }
    }

    fn region(&self, whole: Region) -> Region {
        let [x, y, width, height] = self.part.map(|number| number as usize);
        let whole_part = WHOLE as usize;
        assert!(x + width <= whole_part && y + height <= whole_part, "a part outside the frame: {self}");
        let scaled = |length: usize, share: usize| length * share / whole_part;
        let (left, top) = (scaled(whole.width, x), scaled(whole.height, y));
        // A part of a small frame is still a pixel.
        let width = scaled(whole.width, width).clamp(1, whole.width - left);
        let height = scaled(whole.height, height).clamp(1, whole.height - top);
        Region { x: whole.x + left, y: whole.y + top, width, height }
    }

    /// Brightness, then contrast about the mean grey, then saturation about each pixel's grey.
    fn recolor(&self, pixels: &mut [[u8; 3]]) {
        let Self { brightness, contrast, saturation, .. } = *self;
        assert!([brightness, contrast, saturation].iter().all(|factor| (0..=1024).contains(factor)), "{self}");
        let total: u64 = pixels.iter().map(|pixel| grey(pixel.map(i32::from)) as u64).sum();
        let mean = scale(total.checked_div(pixels.len() as u64).unwrap_or(0) as i32, brightness);
        let level = |level: usize| (mean + scale(scale(level as i32, brightness) - mean, contrast)).clamp(0, 255);
        let levels: [i32; 256] = std::array::from_fn(level);
        for pixel in pixels {
            let lit = pixel.map(|channel| levels[usize::from(channel)]);
            let grey = grey(lit);
            *pixel = lit.map(|channel| (grey + scale(channel - grey, saturation)).clamp(0, 255) as u8);
        }
    }
}

fn scale(number: i32, factor: i32) -> i32 {
    (number * factor + UNALTERED / 2) >> 8
}

/// Luma of Rec. 601 in 256ths.
fn grey([red, green, blue]: [i32; 3]) -> i32 {
    (77 * red + 150 * green + 29 * blue + 128) >> 8
}

/// Turns a square picture about its middle, each pixel from its four neighbours.
fn turn(pixels: &mut [[u8; 3]], side: usize, sine: i32) {
    assert!(sine.abs() <= ONE / 2, "it is turned by more than 30 degrees: {sine}");
    let source = pixels.to_vec();
    let square = u64::from(ONE.unsigned_abs()).pow(2) - u64::from(sine.unsigned_abs()).pow(2);
    let cosine = square.isqrt() as i32;
    let last = side as i32 - 1;
    // Places in 256ths of a pixel; those of the middle, and so the sums, count in halves.
    let place = |sum: i32| ((sum + last * ONE) >> 9).clamp(0, last << 8);
    for y in 0..side {
        let down = 2 * y as i32 - last;
        for x in 0..side {
            let right = 2 * x as i32 - last;
            let (from_x, from_y) = (place(cosine * right + sine * down), place(cosine * down - sine * right));
            pixels[y * side + x] = between(&source, side, from_x, from_y);
        }
    }
}

/// The colour at a place in 256ths of a pixel.
fn between(source: &[[u8; 3]], side: usize, x: i32, y: i32) -> [u8; 3] {
    let (left, top) = ((x >> 8) as usize, (y >> 8) as usize);
    let (right, bottom) = ((left + 1).min(side - 1), (top + 1).min(side - 1));
    let (x, y) = ((x & 255) as u32, (y & 255) as u32);
    let corners = [(top, left), (top, right), (bottom, left), (bottom, right)].map(|(y, x)| source[y * side + x]);
    let weights = [(256 - x) * (256 - y), x * (256 - y), (256 - x) * y, x * y];
    std::array::from_fn(|channel| {
        let sum: u32 = corners.iter().zip(weights).map(|(corner, weight)| u32::from(corner[channel]) * weight).sum();
        ((sum + 32_768) >> 16) as u8
    })
}

/// The views of a frame that an answer is the mean of.
///
/// ```
/// use mobilenet_core::picture::view::{View, Views};
/// assert_eq!(Views::Flip.list(), [View::PLAIN, View { flip: true, ..View::PLAIN }]);
/// assert_eq!(Views::FlipCrop.list().len(), 4);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Views {
    /// The frame as it is.
    #[default]
    One,
    /// The frame and its mirror image.
    Flip,
    /// Both, and the same of its middle.
    FlipCrop,
}

impl Views {
    /// The views in order.
    pub fn list(self) -> Vec<View> {
        // Of seven eighths and three quarters the former named more furniture photos right (0.967 and 0.963, means of five
        // seeds), the latter had the lower loss (0.102 and 0.096).
        const MIDDLE: View = View { part: [64, 64, 896, 896], ..View::PLAIN };
        let both = |view: View| [view, View { flip: true, ..view }];
        match self {
            Self::One => vec![View::PLAIN],
            Self::Flip => both(View::PLAIN).to_vec(),
            Self::FlipCrop => [both(View::PLAIN), both(MIDDLE)].concat(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    use crate::picture::frame::Frame;
    use crate::picture::input::{Fit, preprocess};

    fn noise(width: usize, height: usize) -> Frame {
        let mut rng = Rng::new(11);
        Frame::from_rgb(width, height, (0..width * height * 3).map(|_| rng.below(256) as u8).collect()).unwrap()
    }

    fn draw(view: View, frame: &Frame, spec: &InputSpec) -> Vec<u8> {
        let mut input = vec![0; spec.input_len()];
        view.draw(frame.into(), spec, &mut Resizer::default(), &mut input);
        input
    }

    const SMALL: InputSpec = InputSpec { side: 32, ..InputSpec::KERAS };

    #[test]
    fn the_plain_view_is_what_preprocess_gives() {
        for (width, height) in [(1, 1), (50, 31), (32, 32), (7, 90)] {
            for spec in [SMALL, InputSpec { fit: Fit::Crop, ..SMALL }] {
                let frame = noise(width, height);
                assert_eq!(draw(View::PLAIN, &frame, &spec), preprocess(&frame, &spec), "{width} x {height}");
            }
        }
    }

    #[test]
    fn two_flips_are_none_and_one_is_the_mirror_image() {
        let frame = noise(32, 32);
        let flipped = draw(View { flip: true, ..View::PLAIN }, &frame, &SMALL);
        let again = Frame::from_rgb(32, 32, flipped.clone()).unwrap();
        assert_eq!(draw(View { flip: true, ..View::PLAIN }, &again, &SMALL), frame.rgb());
        assert_eq!(flipped[..3], frame.rgb()[31 * 3..][..3]);
    }

    #[test]
    fn only_the_part_is_seen() {
        let mut rgb = vec![9; 64 * 64 * 3];
        for y in 16..48 {
            rgb[(y * 64 + 32) * 3..][..32 * 3].fill(77);
        }
        let frame = Frame::from_rgb(64, 64, rgb).unwrap();
        let input = draw(View { part: [512, 256, 512, 512], ..View::PLAIN }, &frame, &SMALL);
        assert!(input.iter().all(|byte| *byte == 77));
        // A part that would be less than a pixel is one.
        draw(View { part: [1023, 1023, 1, 1], ..View::PLAIN }, &noise(2, 3), &SMALL);
    }

    #[test]
    fn a_turn_of_30_degrees_lands_where_geometry_says() {
        // A dot 12 pixels right of the middle goes, clockwise, 12 cos 30 = 10.4 to the right and 12 sin 30 = 6 down.
        let mut rgb = vec![0; 33 * 33 * 3];
        rgb[(16 * 33 + 28) * 3..][..3].fill(255);
        let mut pixels: Vec<[u8; 3]> = rgb.as_chunks().0.to_vec();
        turn(&mut pixels, 33, ONE / 2);
        let brightest = (0..33 * 33).max_by_key(|at| pixels[*at][0]).unwrap();
        assert_eq!((brightest % 33, brightest / 33), (26, 22));
        let back = |sine| {
            let mut flat = vec![[40, 90, 200]; 32 * 32];
            turn(&mut flat, 32, sine);
            flat.iter().all(|pixel| *pixel == [40, 90, 200])
        };
        assert!(back(9_000) && back(-9_000), "a flat picture stays flat, corners too");
    }

    #[test]
    fn colours_by_hand() {
        let recolor = |view: View, pixels: &[[u8; 3]]| {
            let mut pixels = pixels.to_vec();
            view.recolor(&mut pixels);
            pixels
        };
        let pixels = [[0, 0, 0], [200, 200, 200]];
        // A quarter more light: 200 becomes 250. From the mean, 100, twice as far: below 0, and above 255.
        assert_eq!(recolor(View { brightness: 320, ..View::PLAIN }, &pixels), [[0; 3], [250; 3]]);
        assert_eq!(recolor(View { contrast: 512, ..View::PLAIN }, &pixels), [[0; 3], [255; 3]]);
        assert_eq!(recolor(View { contrast: 0, ..View::PLAIN }, &pixels), [[100; 3], [100; 3]]);
        // Its grey is (77 * 100 + 128) / 256 = 30.
        assert_eq!(recolor(View { saturation: 0, ..View::PLAIN }, &[[100, 0, 0]]), [[30; 3]]);
        assert_eq!(recolor(View { saturation: 128, ..View::PLAIN }, &[[100, 0, 0]]), [[65, 15, 15]]);
    }
}

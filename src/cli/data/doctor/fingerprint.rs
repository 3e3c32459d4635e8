//! The fingerprint: what is kept of a picture so that every other picture can be compared with it.
//!
//! The hash only finds candidates: the signs of the 63 lowest frequencies of the picture squashed to 32 x 32 grey
//! pixels. A sign survives scaling, compression, brightness and contrast, and mirroring turns over just the odd columns
//! of frequencies, so the mirrored hash is the hash with constant bits turned over. The judge is the thumbnail, in
//! colour: its correlation tells the same chair from one of the same shape, which no hash of 64 bits can.

use std::f64::consts::PI;

use mobilenet_core::error::Error;
use mobilenet_core::picture::decode::decode;
use mobilenet_core::picture::frame::Frame;
use mobilenet_core::picture::resize::{Region, resize};

/// Bits of the hash that mirroring left to right turns over: the odd horizontal frequencies.
pub const MIRROR: u64 = 0xAAAA_AAAA_AAAA_AAAA;

const SIDE: usize = 32;
const FREQUENCIES: usize = 8;
const THUMBNAIL: usize = 16;
const VALUES: usize = THUMBNAIL * THUMBNAIL * 3;
/// Bytes of a fingerprint on disk.
pub(super) const LENGTH: usize = 4 + 4 + 4 + 1 + 8 + VALUES;

/// What is kept of a picture.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint {
    /// Width in pixels of the upright frame.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Levels between the darkest and the brightest value of the channel in which they are farthest apart.
    pub spread: u8,
    /// Signs of the lowest frequencies, row by row; the lowest bit, which would be the mean's, is 0.
    pub hash: u64,
    /// CRC-32 of the pixels.
    crc: u32,
    /// 16 x 16 pixels, RGB.
    thumbnail: [u8; VALUES],
}

impl Fingerprint {
    /// Decodes a file and takes the fingerprint.
    pub(super) fn of_file(bytes: &[u8]) -> Result<Self, Error> {
        Ok(Self::of(&decode(bytes)?))
    }

    /// The fingerprint of a frame.
    ///
    /// ```
    /// use mobilenet_core::Frame;
    /// use mobilenet::data::doctor::Fingerprint;
    /// let flat = Fingerprint::of(&Frame::from_rgb(3, 2, vec![7; 18])?);
    /// assert_eq!((flat.width, flat.height, flat.spread), (3, 2, 0));
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn of(frame: &Frame) -> Self {
        let (width, height) = (frame.width(), frame.height());
        let small = resize(frame, Region { x: 0, y: 0, width, height }, SIDE, SIDE);
        Self {
            width: width as u32,
            height: height as u32,
            spread: spread(frame.rgb()),
            hash: hash(&small),
            crc: crc32fast::hash(frame.rgb()),
            thumbnail: halve(&small),
        }
    }

    /// Correlation of the two thumbnails, at most 1, which the same picture comes near whatever its size, compression,
    /// brightness and contrast. 0 when either is flat.
    pub fn likeness(&self, other: &Self) -> f64 {
        correlation(&self.thumbnail, &other.thumbnail)
    }

    /// [`Fingerprint::likeness`] to the other picture as a mirror shows it, left and right exchanged.
    pub fn mirrored_likeness(&self, other: &Self) -> f64 {
        let rows = other.thumbnail.as_chunks::<{ THUMBNAIL * 3 }>().0.iter();
        let mirrored: Vec<u8> = rows.flat_map(|row| row.as_chunks::<3>().0.iter().rev().flatten()).copied().collect();
        correlation(&self.thumbnail, &mirrored)
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(LENGTH);
        [self.width, self.height, self.crc].iter().for_each(|number| bytes.extend(number.to_le_bytes()));
        bytes.push(self.spread);
        bytes.extend(self.hash.to_le_bytes());
        bytes.extend(self.thumbnail);
        bytes
    }

    /// Reverses [`Fingerprint::to_bytes`].
    ///
    /// # Panics
    /// When `bytes` are not [`LENGTH`] long.
    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
        Self {
            width: word(0),
            height: word(4),
            crc: word(8),
            spread: bytes[12],
            hash: u64::from_le_bytes(bytes[13..21].try_into().expect("eight bytes")),
            thumbnail: bytes[21..].try_into().expect("the length of a fingerprint is fixed"),
        }
    }
}

fn spread(rgb: &[u8]) -> u8 {
    let (mut least, mut most) = ([u8::MAX; 3], [0; 3]);
    for pixel in rgb.as_chunks::<3>().0 {
        for channel in 0..3 {
            least[channel] = pixel[channel].min(least[channel]);
            most[channel] = pixel[channel].max(most[channel]);
        }
    }
    (0..3).map(|channel| most[channel] - least[channel]).max().unwrap_or(0)
}

/// Signs of the frequencies 0 to 7 in both directions (DCT-II), the mean's left out, of 32 x 32 pixels of RGB.
fn hash(small: &[u8]) -> u64 {
    // The weights of brightness in JPEG, ITU-R BT.601.
    let luma =
        |pixel: &[u8; 3]| 0.299 * f64::from(pixel[0]) + 0.587 * f64::from(pixel[1]) + 0.114 * f64::from(pixel[2]);
    let grey: Vec<f64> = small.as_chunks().0.iter().map(luma).collect();
    let angle = |frequency: usize, at: usize| ((2 * at + 1) * frequency) as f64 * PI / (2 * SIDE) as f64;
    let wave = |frequency| std::array::from_fn::<f64, SIDE, _>(|at| libm::cos(angle(frequency, at)));
    let waves: [_; FREQUENCIES] = std::array::from_fn(wave);
    let mut hash = 0;
    for (across, wave) in waves.iter().enumerate() {
        let dot = |row: &[f64]| row.iter().zip(wave).map(|(value, weight)| value * weight).sum::<f64>();
        let column: Vec<f64> = grey.chunks_exact(SIDE).map(dot).collect();
        for (down, wave) in waves.iter().enumerate() {
            let sum: f64 = column.iter().zip(wave).map(|(value, weight)| value * weight).sum();
            hash |= u64::from(sum > 0.0) << (down * FREQUENCIES + across);
        }
    }
    hash & !1
}

/// Means of 2 x 2 pixels.
fn halve(small: &[u8]) -> [u8; VALUES] {
    let at = |x: usize, y: usize, channel: usize| u32::from(small[(y * SIDE + x) * 3 + channel]);
    std::array::from_fn(|index| {
        let (x, y, channel) = (index / 3 % THUMBNAIL * 2, index / 3 / THUMBNAIL * 2, index % 3);
        let sum = at(x, y, channel) + at(x + 1, y, channel) + at(x, y + 1, channel) + at(x + 1, y + 1, channel);
        ((sum + 2) / 4) as u8
    })
}

fn correlation(a: &[u8], b: &[u8]) -> f64 {
    let count = a.len() as i64;
    let [mut sum_a, mut sum_b, mut of_a, mut of_b, mut of_both] = [0; 5];
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (i32::from(*a), i32::from(*b));
        sum_a += a;
        sum_b += b;
        of_a += a * a;
        of_b += b * b;
        of_both += a * b;
    }
    let covariance = |product: i32, a: i32, b: i32| count * i64::from(product) - i64::from(a) * i64::from(b);
    let spread = (covariance(of_a, sum_a, sum_a) as f64 * covariance(of_b, sum_b, sum_b) as f64).sqrt();
    if spread > 0.0 { covariance(of_both, sum_a, sum_b) as f64 / spread } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::super::twins::{LIKENESS, RADIUS};
    use super::*;
    use mobilenet_core::base::rng::Rng;

    /// Rectangles of random colours, like furniture in a room as far as low frequencies go.
    fn scene(seed: u64) -> Frame {
        let mut rng = Rng::new(seed);
        let mut rgb = vec![rng.below(256) as u8; 64 * 48 * 3];
        for _ in 0..10 {
            let color: [u8; 3] = std::array::from_fn(|_| 20 + rng.below(200) as u8);
            let (left, top) = (rng.below(56), rng.below(40));
            let (right, bottom) = (left + 4 + rng.below(30), top + 4 + rng.below(25));
            for y in top..bottom.min(48) {
                (left..right.min(64)).for_each(|x| rgb[(y * 64 + x) * 3..][..3].copy_from_slice(&color));
            }
        }
        Frame::from_rgb(64, 48, rgb).unwrap()
    }

    fn map(frame: &Frame, change: impl FnMut(u8) -> u8) -> Frame {
        Frame::from_rgb(frame.width(), frame.height(), frame.rgb().iter().copied().map(change).collect()).unwrap()
    }

    fn mirror(frame: &Frame) -> Frame {
        let rows = frame.rgb().chunks_exact(frame.width() * 3);
        let rgb = rows.flat_map(|row| row.as_chunks::<3>().0.iter().rev().flatten()).copied().collect();
        Frame::from_rgb(frame.width(), frame.height(), rgb).unwrap()
    }

    fn scaled(frame: &Frame) -> Frame {
        let whole = Region::whole(frame);
        Frame::from_rgb(91, 50, resize(frame, whole, 91, 50)).unwrap()
    }

    fn distance(a: &Fingerprint, b: &Fingerprint) -> u32 {
        (a.hash ^ b.hash).count_ones()
    }

    #[test]
    fn small_changes_leave_it_near_and_other_pictures_are_far() {
        let mut rng = Rng::new(1);
        let mut noise = |value: u8| value.saturating_add(rng.below(9) as u8);
        for seed in 0..50 {
            let frame = scene(seed);
            let original = Fingerprint::of(&frame);
            let darker = map(&frame, |value| (u32::from(value) * 3 / 4) as u8);
            for changed in [map(&frame, &mut noise), scaled(&frame), darker] {
                let changed = Fingerprint::of(&changed);
                let (distance, likeness) = (distance(&original, &changed), original.likeness(&changed));
                assert!(distance <= RADIUS && likeness >= LIKENESS, "seed {seed}: {distance}, {likeness}");
            }
            let other = Fingerprint::of(&scene(seed + 1000));
            assert!(distance(&original, &other) > RADIUS && original.likeness(&other) < LIKENESS, "seed {seed}");
        }
    }

    #[test]
    fn mirroring_turns_over_the_odd_columns_and_nothing_else() {
        for seed in 0..50 {
            let frame = scene(seed);
            let [original, mirrored] = [&frame, &mirror(&frame)].map(Fingerprint::of);
            // A sum that is zero but for rounding may have either sign.
            assert!((original.hash ^ mirrored.hash ^ MIRROR).count_ones() <= 1, "seed {seed}");
            assert!(original.mirrored_likeness(&mirrored) > 0.9999 && original.likeness(&mirrored) < LIKENESS);
        }
    }

    #[test]
    fn colour_counts() {
        let frame = scene(3);
        let rgb = frame.rgb().as_chunks::<3>().0.iter().flat_map(|[red, green, blue]| [*blue, *red, *green]).collect();
        let repainted = Fingerprint::of(&Frame::from_rgb(64, 48, rgb).unwrap());
        assert!(Fingerprint::of(&frame).likeness(&repainted) < LIKENESS);
    }

    #[test]
    fn bytes_give_the_fingerprint_back() {
        let fingerprint = Fingerprint::of(&scene(4));
        assert_eq!(Fingerprint::from_bytes(&fingerprint.to_bytes()), fingerprint);
    }
}

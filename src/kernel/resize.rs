//! Resize: rows of pixels become narrower or wider, and then fewer or more.
//!
//! A weight has 22 bits, more than the 16 of the product, so it is cut in two: `w = high * 2^15 + low`, and the sums of both parts
//! are put together again before the point is taken out. All of that is exact modulo 2^32, and the whole sum is below 2^31.
//! A source row is made as wide as the target as soon as it is needed and kept in a ring of rows until
//! the last output row that sees it is done, so that a photo of any height needs a few rows of memory.

#![allow(unsafe_code)]

use super::lanes::Lanes;
use super::triangle::{PRECISION_BITS, Window, windows};

const LOW_BITS: i32 = 15;
const POINT: i32 = PRECISION_BITS as i32;
const HALF: i32 = 1 << (PRECISION_BITS - 1);

/// A packed resize from one size to another, with the memory that it works in.
#[derive(Clone, Debug)]
pub struct Resize<L: Lanes> {
    lanes: L,
    rows: Rows<L>,
    columns: Columns,
    /// The source row at work, and zeros behind it.
    line: Vec<u8>,
    /// Source rows of the target's width, row `y` at `y % ring_rows`.
    ring: Vec<u8>,
    /// The output row at work.
    output: Vec<u8>,
}

impl<L: Lanes> Resize<L> {
    /// From and to `[width, height]`; a source pixel has 3 or 4 bytes, of which the first three are red, green and blue.
    pub fn new(lanes: L, channels: usize, from: [usize; 2], to: [usize; 2]) -> Self {
        let rows = Rows::new(lanes, channels, from[0], to[0]);
        let columns = Columns::new(from[1], to[1]);
        let stride = (to[0] * 3 + 1).next_multiple_of(L::WIDTH);
        Self {
            lanes,
            line: vec![0; rows.line_len()],
            ring: vec![0; columns.taps * stride],
            output: vec![0; stride],
            rows,
            columns,
        }
    }

    /// `read` copies source row `y` into the bytes it is given, `width * channels` of them; `output` is
    /// `[height][width][3]`.
    pub fn run(&mut self, read: &dyn Fn(usize, &mut [u8]), output: &mut [u8]) {
        let Self { lanes, rows, columns, line, ring, output: fresh } = self;
        let (stride, row) = (fresh.len(), output.len() / columns.firsts.len());
        let mut made = 0;
        for (y, output) in output.chunks_exact_mut(row).enumerate() {
            let first = columns.firsts[y];
            made = first.max(made);
            while made < (first + columns.taps).min(columns.source) {
                read(made, &mut line[..rows.source_len]);
                rows.run(line, &mut ring[made % columns.taps * stride..][..stride]);
                made += 1;
            }
            lanes.run(
                #[inline(always)]
                || columns.run(*lanes, y, ring, fresh),
            );
            output.copy_from_slice(&fresh[..row]);
        }
    }
}

/// The first pass.
#[derive(Clone, Debug)]
struct Rows<L: Lanes> {
    lanes: L,
    channels: usize,
    /// Bytes of a source row.
    source_len: usize,
    /// The first byte of each window.
    firsts: Vec<usize>,
    /// Low and high weights: `[window][vector]`, each pair of weights repeated for four channels.
    weights: Vec<[L::I16; 2]>,
}

impl<L: Lanes> Rows<L> {
    /// Pixels in a vector.
    const PIXELS: usize = L::WIDTH / 4;

    fn new(lanes: L, channels: usize, source: usize, target: usize) -> Self {
        let windows = windows(source, target);
        let vectors = longest(&windows).div_ceil(Self::PIXELS);
        let pack = |window: &Window, vector: usize, part: fn(i32) -> i16| {
            // Lane by lane: four times the weights of the first two pixels, four times those of the next two.
            let pixel = |lane: usize| vector * Self::PIXELS + lane / 8 * 2 + lane % 2;
            let weight = |lane: usize| part(window.weights.get(pixel(lane)).copied().unwrap_or(0));
            lanes.load(&(0..L::WIDTH).map(weight).collect::<Vec<_>>())
        };
        let vector = |window, at| [pack(window, at, low), pack(window, at, high)];
        Self {
            lanes,
            channels,
            source_len: source * channels,
            firsts: windows.iter().map(|window| window.first * channels).collect(),
            weights: windows.iter().flat_map(|window| (0..vectors).map(move |at| vector(window, at))).collect(),
        }
    }

    fn vectors(&self) -> usize {
        self.weights.len() / self.firsts.len()
    }

    /// Bytes of a source row with all that a window reads beyond its end.
    fn line_len(&self) -> usize {
        self.source_len + (self.vectors() * Self::PIXELS) * self.channels + L::WIDTH
    }

    fn run(&self, line: &[u8], output: &mut [u8]) {
        self.lanes.run(
            #[inline(always)]
            || match self.channels {
                3 => self.row::<3>(line, output),
                _ => self.row::<4>(line, output),
            },
        );
    }

    #[inline(always)]
    fn row<const CHANNELS: usize>(&self, line: &[u8], output: &mut [u8]) {
        let lanes = self.lanes;
        let vectors = self.vectors();
        // What the unchecked reads rely on: windows start inside the source row.
        assert!(line.len() >= self.line_len() && output.len() > self.firsts.len() * 3);
        for (x, (first, weights)) in self.firsts.iter().zip(self.weights.chunks_exact(vectors)).enumerate() {
            let (mut low, mut high) = (lanes.splat_i32(0), lanes.splat_i32(0));
            let mut at = *first;
            for weights in weights {
                // SAFETY: a window starts inside the source row, and `line_len` has room for the longest one after that.
                let pixels = lanes.pixels::<CHANNELS>(unsafe { line.get_unchecked(at..at + L::WIDTH) });
                low = lanes.add(low, lanes.dot(pixels, weights[0]));
                high = lanes.add(high, lanes.dot(pixels, weights[1]));
                at += Self::PIXELS * CHANNELS;
            }
            let sums = lanes.add(low, lanes.shift_left::<LOW_BITS>(high));
            // The fourth byte is overwritten by the next pixel, and behind the last one there is room for it.
            lanes.store_pixel::<POINT>(sums, output[x * 3..].first_chunk_mut().expect("four bytes"));
        }
    }
}

/// The second pass.
#[derive(Clone, Debug)]
struct Columns {
    /// Source rows.
    source: usize,
    /// Rows of the longest window, rounded up to pairs.
    taps: usize,
    /// The first row of each window.
    firsts: Vec<usize>,
    /// Low and high weights of pairs of rows: `[window][pair]`.
    weights: Vec<[i32; 2]>,
}

impl Columns {
    fn new(source: usize, target: usize) -> Self {
        let windows = windows(source, target);
        let taps = longest(&windows).next_multiple_of(2);
        let pair = |window: &Window, at: usize, part: fn(i32) -> i16| {
            let weight = |tap: usize| i32::from(part(window.weights.get(tap).copied().unwrap_or(0)));
            weight(at) | weight(at + 1) << 16
        };
        let pairs = |window| (0..taps).step_by(2).map(move |at| [pair(window, at, low), pair(window, at, high)]);
        Self {
            source,
            taps,
            firsts: windows.iter().map(|window| window.first).collect(),
            weights: windows.iter().flat_map(pairs).collect(),
        }
    }

    /// Output row `y` from the ring; rows beyond the last one have weight zero, whatever is in their place.
    #[inline(always)]
    fn run<L: Lanes>(&self, lanes: L, y: usize, ring: &[u8], output: &mut [u8]) {
        let stride = output.len();
        let weights = &self.weights[y * self.taps / 2..][..self.taps / 2];
        let offset = lanes.splat_i32(L::STORE_OFFSET);
        for x in (0..stride).step_by(L::WIDTH) {
            let mut low = [lanes.splat_i32(HALF); 2];
            let mut high = [lanes.splat_i32(0); 2];
            let mut slot = self.firsts[y] % self.taps;
            for [low_weight, high_weight] in weights {
                let first = lanes.widen(&ring[slot * stride + x..]);
                slot = if slot + 1 == self.taps { 0 } else { slot + 1 };
                let second = lanes.widen(&ring[slot * stride + x..]);
                slot = if slot + 1 == self.taps { 0 } else { slot + 1 };
                let pair = lanes.zip(first, second);
                let (low_weight, high_weight) = (lanes.splat(*low_weight), lanes.splat(*high_weight));
                low[0] = lanes.add(low[0], lanes.dot(pair[0], low_weight));
                low[1] = lanes.add(low[1], lanes.dot(pair[1], low_weight));
                high[0] = lanes.add(high[0], lanes.dot(pair[0], high_weight));
                high[1] = lanes.add(high[1], lanes.dot(pair[1], high_weight));
            }
            let sums = [
                lanes.add(low[0], lanes.shift_left::<LOW_BITS>(high[0])),
                lanes.add(low[1], lanes.shift_left::<LOW_BITS>(high[1])),
            ];
            let levels = [lanes.shift_right::<POINT>(sums[0]), lanes.shift_right::<POINT>(sums[1])];
            lanes.store([lanes.add(levels[0], offset), lanes.add(levels[1], offset)], &mut output[x..]);
        }
    }
}

fn longest(windows: &[Window]) -> usize {
    windows.iter().map(|window| window.weights.len()).max().unwrap_or(0)
}

fn low(weight: i32) -> i16 {
    (weight & ((1 << LOW_BITS) - 1)) as i16
}

fn high(weight: i32) -> i16 {
    (weight >> LOW_BITS) as i16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plain;
    use crate::tests::{ForEachLanes, Grown, for_each_lanes, is_tried};

    struct EverySize;

    impl ForEachLanes for EverySize {
        fn with<L: Lanes>(&self, lanes: L) {
            let mut grown = Grown::new();
            let sides = [1, 2, 3, 5, 8, 17, 33, 100, 500];
            for (from, to) in sides.into_iter().flat_map(|from| sides.map(|to| (from, to))) {
                for (from, to) in [([from, 7], [to, 5]), ([6, from], [9, to])] {
                    if is_tried(from[0] * from[1] * to[0] * to[1]) {
                        one(lanes, &mut grown, from, to);
                    }
                }
            }
            // A window of more rows than any that the sums' lower half could hold alone.
            if is_tried(3000 * 2000) {
                one(lanes, &mut grown, [3000, 2000], [1, 1]);
            }
        }
    }

    fn one<L: Lanes>(lanes: L, grown: &mut Grown, from: [usize; 2], to: [usize; 2]) {
        let [width, height] = from;
        let rgb = grown.bytes(width * height * 3);
        let rgbx: Vec<u8> =
            rgb.chunks_exact(3).flat_map(|pixel| [pixel[0], pixel[1], pixel[2], grown.byte()]).collect();
        let expected = plain::resize(&rgb, from, to);
        for (channels, bytes) in [(3, rgb), (4, rgbx)] {
            let row = width * channels;
            let mut output = vec![0; to[0] * to[1] * 3];
            let mut resize = Resize::new(lanes, channels, from, to);
            // Twice, because the second time there are rows in the ring.
            for _ in 0..2 {
                resize.run(&|y, line| line.copy_from_slice(&bytes[y * row..][..row]), &mut output);
                assert!(output == expected, "{from:?} to {to:?}, {channels} bytes a pixel");
            }
        }
    }

    #[test]
    fn every_size_equals_the_plain_loops() {
        for_each_lanes(&EverySize);
    }
}

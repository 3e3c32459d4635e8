//! Depthwise: a 3x3 convolution of each channel with its own nine weights, at stride 1 or 2.
//!
//! Its input always comes from a ReLU6, whose zero is byte 0, so padding is zeros. Works on one row of the output. Nine taps
//! are five products of pairs: of each column the upper two bytes, and of the lowest row one byte and the one before it.
//! At stride 1 each column is loaded once and added to the three outputs that see it.

#![allow(unsafe_code)]

use super::lanes::Lanes;
use super::requantize::{Panel, Requantize};
use super::windows::Windows;

/// A packed depthwise convolution.
#[derive(Clone, Debug)]
pub struct Depthwise<L: Lanes> {
    lanes: L,
    windows: Windows,
    channels: usize,
    panels: Vec<(Panel<L>, Taps<L>)>,
}

/// The nine weights of each channel of a panel.
#[derive(Clone, Copy, Debug)]
struct Taps<L: Lanes> {
    /// Of each column: the upper two, zipped.
    upper: [Pair<L>; 3],
    /// Of the lowest row: the first two columns, zipped; zeros, zipped with the last.
    lowest: [Pair<L>; 2],
}

/// The three bytes of a column, for each channel of a panel.
#[derive(Clone, Copy)]
struct Column<L: Lanes> {
    /// The upper two, zipped.
    upper: Pair<L>,
    lowest: L::I16,
}

type Pair<L> = [<L as Lanes>::I16; 2];
type Sums<L> = [<L as Lanes>::I32; 2];

impl<L: Lanes> Depthwise<L> {
    /// `weight` is `[3][3][channels]`.
    pub fn new(lanes: L, windows: Windows, weight: &[i8], requantize: &Requantize) -> Self {
        let channels = requantize.channels();
        assert_eq!(weight.len(), 9 * channels);
        assert!(windows.stride == 2 || (windows.before == 1 && windows.in_side == windows.out_side));
        let weight: Vec<i16> = weight.iter().map(|w| i16::from(*w)).collect();
        let pack = |start: usize| {
            let tap = |row: usize, column: usize| lanes.load(&weight[(row * 3 + column) * channels + start..]);
            let taps = Taps {
                upper: [0, 1, 2].map(|column| lanes.zip(tap(0, column), tap(1, column))),
                lowest: [lanes.zip(tap(2, 0), tap(2, 1)), lanes.zip(lanes.splat(0), tap(2, 2))],
            };
            (Panel::new(lanes, requantize, start), taps)
        };
        Self { lanes, windows, channels, panels: requantize.starts(L::WIDTH).map(pack).collect() }
    }

    /// Where its windows lie.
    pub fn windows(&self) -> Windows {
        self.windows
    }

    /// One row of the output, `[out_side][channels]`, from the three rows, `[in_side][channels]`, under it; a row outside
    /// the picture is zeros.
    #[inline(never)]
    pub fn run_row(&self, rows: [&[u8]; 3], output: &mut [u8]) {
        let Windows { in_side, out_side, .. } = self.windows;
        // What every unchecked access below relies on: whole rows, and panels that end inside a pixel.
        assert!(
            rows.iter().all(|row| row.len() == in_side * self.channels) && output.len() == out_side * self.channels
        );
        self.lanes.run(
            #[inline(always)]
            || {
                for (panel, taps) in &self.panels {
                    match self.windows.stride {
                        1 => self.slide(panel, taps, rows, output),
                        _ => self.step(panel, taps, rows, output),
                    }
                }
            },
        );
    }

    /// Stride 1: column `x` is the last one of output `x - 1`, the middle of `x` and the first of `x + 1`.
    #[inline(always)]
    fn slide(&self, panel: &Panel<L>, taps: &Taps<L>, rows: [&[u8]; 3], output: &mut [u8]) {
        let (lanes, channels) = (self.lanes, self.channels);
        let mut before = lanes.splat(0);
        let mut previous = panel.bias;
        let mut current = panel.bias;
        for at in (0..self.windows.in_side * channels).step_by(channels) {
            let Column { upper, lowest } = self.column(rows, at + panel.start);
            let pair = lanes.zip(before, lowest);
            before = lowest;
            let sums = self.multiply(self.multiply(previous, upper, taps.upper[2]), pair, taps.lowest[1]);
            previous = self.multiply(self.multiply(current, upper, taps.upper[1]), pair, taps.lowest[0]);
            current = self.multiply(panel.bias, upper, taps.upper[0]);
            if at > 0 {
                self.store(panel, sums, output, at - channels);
            }
        }
        self.store(panel, previous, output, (self.windows.in_side - 1) * channels);
    }

    /// Stride 2: the last column of one window is the first of the next.
    #[inline(always)]
    fn step(&self, panel: &Panel<L>, taps: &Taps<L>, rows: [&[u8]; 3], output: &mut [u8]) {
        let lanes = self.lanes;
        let mut first = self.column_under(rows, panel.start, 0, 0);
        for x in 0..self.windows.out_side {
            let middle = self.column_under(rows, panel.start, x, 1);
            let last = self.column_under(rows, panel.start, x, 2);
            let sums = self.multiply(panel.bias, first.upper, taps.upper[0]);
            let sums = self.multiply(sums, middle.upper, taps.upper[1]);
            let sums = self.multiply(sums, last.upper, taps.upper[2]);
            let sums = self.multiply(sums, lanes.zip(first.lowest, middle.lowest), taps.lowest[0]);
            let sums = self.multiply(sums, lanes.zip(middle.lowest, last.lowest), taps.lowest[1]);
            self.store(panel, sums, output, x * self.channels);
            first = last;
        }
    }

    #[inline(always)]
    fn column_under(&self, rows: [&[u8]; 3], start: usize, x: usize, tap: usize) -> Column<L> {
        match self.windows.under(x, tap) {
            Some(at) => self.column(rows, at * self.channels + start),
            None => Column { upper: [self.lanes.splat(0); 2], lowest: self.lanes.splat(0) },
        }
    }

    /// `at` is where a panel of some pixel of the rows starts.
    #[inline(always)]
    fn column(&self, [a, b, c]: [&[u8]; 3], at: usize) -> Column<L> {
        let lanes = self.lanes;
        // SAFETY: a panel ends inside its pixel and a pixel inside its row; `run_row` has checked the rows.
        let (a, b, c) = unsafe {
            (a.get_unchecked(at..at + L::WIDTH), b.get_unchecked(at..at + L::WIDTH), c.get_unchecked(at..at + L::WIDTH))
        };
        Column { upper: lanes.zip(lanes.widen(a), lanes.widen(b)), lowest: lanes.widen(c) }
    }

    /// `pixel` is where a pixel of the output starts.
    #[inline(always)]
    fn store(&self, panel: &Panel<L>, sums: Sums<L>, output: &mut [u8], pixel: usize) {
        let at = pixel + panel.start;
        // SAFETY: as for a column.
        let output = unsafe { output.get_unchecked_mut(at..at + L::WIDTH) };
        panel.store(self.lanes, panel.levels(self.lanes, sums), output);
    }

    /// Adds the products of pairs.
    #[inline(always)]
    fn multiply(&self, [low, high]: Sums<L>, bytes: Pair<L>, weight: Pair<L>) -> Sums<L> {
        let lanes = self.lanes;
        [lanes.add(low, lanes.dot(bytes[0], weight[0])), lanes.add(high, lanes.dot(bytes[1], weight[1]))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plain;
    use crate::tests::{ForEachLanes, Grown, for_each_lanes, shapes};

    struct EveryShape;

    impl ForEachLanes for EveryShape {
        fn with<L: Lanes>(&self, lanes: L) {
            let mut grown = Grown::new();
            let windows = || (1..=9).flat_map(every_stride);
            let all = (16..=33).flat_map(|channels| windows().map(move |windows| (channels, windows)));
            for (channels, windows) in shapes(all) {
                one(lanes, &mut grown, windows, channels);
            }
        }
    }

    fn every_stride(side: usize) -> [Windows; 3] {
        let half = side.div_ceil(2);
        let same = (half * 2 + 1 - side) / 2;
        [(side, 1, 1), (half, 2, same), (half, 2, 1)].map(|(out_side, stride, before)| Windows {
            in_side: side,
            out_side,
            stride,
            before,
        })
    }

    fn one<L: Lanes>(lanes: L, grown: &mut Grown, windows: Windows, channels: usize) {
        let row = windows.in_side * channels;
        let (input, weight) = (grown.bytes(windows.in_side * row), grown.weights(9 * channels));
        let requantize = grown.requantize(channels, 9);
        let layer = Depthwise::new(lanes, windows, &weight, &requantize);
        let (zeros, mut output) = (vec![0; row], vec![0; windows.out_side * windows.out_side * channels]);
        for (y, output) in output.chunks_exact_mut(windows.out_side * channels).enumerate() {
            let rows = [0, 1, 2].map(|tap| windows.under(y, tap).map_or(&zeros[..], |at| &input[at * row..][..row]));
            layer.run_row(rows, output);
        }
        let sums = plain::depthwise(windows, &input, &weight);
        assert_eq!(output, plain::requantize(&sums, &requantize, None, &[]), "{channels} channels, {windows:?}");
    }

    #[test]
    fn every_shape_equals_the_plain_loops() {
        for_each_lanes(&EveryShape);
    }
}

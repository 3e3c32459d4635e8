//! Depthwise: a 3x3 convolution of each channel with its own nine weights, at stride 1 or 2.
//!
//! Its input always comes from a ReLU6, whose zero is byte 0, so padding is zeros. Works on one row of the output. At stride 1 each column is
//! loaded once and added to the three outputs that see it. How the three bytes of a column meet their weights, `taps` says.

#![allow(unsafe_code)]

use std::slice;

use super::job::{Job, Loop, perform};
use super::lanes::Lanes;
use super::requantize::{Panel, Requantize};
use super::taps::{Pairs, Stacks, Taps};
use super::windows::Windows;

/// A packed depthwise convolution.
#[derive(Clone, Debug)]
pub struct Depthwise<L: Lanes> {
    lanes: L,
    windows: Windows,
    channels: usize,
    filters: Filters<L>,
}

/// The weights of all panels, in one of the two ways.
#[derive(Clone, Debug)]
struct Filters<L: Lanes> {
    /// For lanes that multiply 16-bit numbers; otherwise none.
    pairs: Vec<Filter<L, Pairs<L>>>,
    /// For lanes that multiply bytes; otherwise none.
    stacks: Vec<Filter<L, Stacks<L>>>,
}

/// The weights of a panel, and what to do with their sums.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
struct Filter<L: Lanes, T> {
    panel: Panel<L>,
    taps: T,
}

impl<L: Lanes> Depthwise<L> {
    /// `weight` is `[3][3][channels]`.
    pub fn new(lanes: L, windows: Windows, weight: &[i8], requantize: &Requantize) -> Self {
        let channels = requantize.channels();
        assert_eq!(weight.len(), 9 * channels);
        assert!(windows.stride == 2 || (windows.before == 1 && windows.in_side == windows.out_side));
        let sums = (0..channels).map(|at| weight.iter().skip(at).step_by(channels).map(|w| i32::from(*w)).sum());
        let requantize = &requantize.read_by(lanes, sums);
        let filters = if L::INPUTS == 2 {
            Filters { pairs: pack(lanes, weight, requantize), stacks: Vec::new() }
        } else {
            Filters { pairs: Vec::new(), stacks: pack(lanes, weight, requantize) }
        };
        Self { lanes, windows, channels, filters }
    }

    /// Where its windows lie.
    pub fn windows(&self) -> Windows {
        self.windows
    }

    /// One row of the output, `[out_side][channels]`, from the three rows, `[in_side][channels]`, under it; a row outside
    /// the picture is zeros.
    #[inline(never)]
    pub fn run_row(&self, rows: [&[u8]; 3], output: &mut [u8]) {
        // Decided when this is compiled: no lanes are for both.
        if L::INPUTS == 2 {
            self.filter(&self.filters.pairs, rows, output);
        } else {
            self.filter(&self.filters.stacks, rows, output);
        }
    }

    #[inline(always)]
    fn filter<T: Taps<L>>(&self, filters: &[Filter<L, T>], rows: [&[u8]; 3], output: &mut [u8]) {
        let Windows { in_side, out_side, .. } = self.windows;
        // What every unchecked access below relies on: whole rows, and panels that end inside a pixel.
        assert!(
            rows.iter().all(|row| row.len() == in_side * self.channels) && output.len() == out_side * self.channels
        );
        let row = Row {
            lanes: self.lanes,
            filters: filters.as_ptr(),
            filter_count: filters.len(),
            rows: rows.map(<[u8]>::as_ptr),
            output: output.as_mut_ptr(),
            windows: self.windows,
            channels: self.channels,
        };
        // SAFETY: asserted above.
        unsafe { perform(self.lanes, row) };
    }
}

fn pack<L: Lanes, T: Taps<L>>(lanes: L, weight: &[i8], requantize: &Requantize) -> Vec<Filter<L, T>> {
    let channels = requantize.channels();
    let tap = |start: usize| move |at: usize| &weight[at * channels + start..][..L::WIDTH];
    let filter = |start| Filter { panel: Panel::new(lanes, requantize, start), taps: T::new(lanes, tap(start)) };
    requantize.starts(L::WIDTH).map(filter).collect()
}

/// One row of the output.
#[repr(C)]
pub(crate) struct Row<L: Lanes, T> {
    pub lanes: L,
    filters: *const Filter<L, T>,
    filter_count: usize,
    /// The rows under it, `[in_side][channels]`.
    rows: [*const u8; 3],
    /// `[out_side][channels]`.
    output: *mut u8,
    windows: Windows,
    channels: usize,
}

impl<L: Lanes, T: Taps<L>> Job<L> for Row<L, T> {
    const LOOP: Loop = Loop::Depthwise;

    #[inline(always)]
    unsafe fn run(&mut self, lanes: L) {
        for at in 0..self.filter_count {
            // SAFETY: the caller's promise: every filter, and whole rows.
            unsafe {
                let filter = &*self.filters.add(at);
                match self.windows.stride {
                    1 => self.slide(lanes, filter),
                    _ => self.step(lanes, filter),
                }
            }
        }
    }
}

impl<L: Lanes, T: Taps<L>> Row<L, T> {
    /// Stride 1: column `x` is the last one of output `x - 1`, the middle of `x` and the first of `x + 1`.
    ///
    /// # Safety
    /// The rows are whole, and the panel is one of theirs.
    #[inline(always)]
    unsafe fn slide(&self, lanes: L, Filter { panel, taps }: &Filter<L, T>) {
        // Padding is not nothing to bytes that are read as signed.
        let mut before = T::nothing(lanes);
        let mut previous = panel.bias;
        let mut current = taps.multiply::<0>(lanes, panel.bias, before, before);
        for x in 0..self.windows.in_side {
            // SAFETY: `x` is inside.
            let column = unsafe { self.column(lanes, x, panel.start) };
            let sums = taps.multiply::<2>(lanes, previous, before, column);
            previous = taps.multiply::<1>(lanes, current, before, column);
            current = taps.multiply::<0>(lanes, panel.bias, before, column);
            before = column;
            if x > 0 {
                // SAFETY: as above.
                unsafe { self.store(lanes, panel, sums, x - 1) };
            }
        }
        let last = taps.multiply::<2>(lanes, previous, before, T::nothing(lanes));
        // SAFETY: as above.
        unsafe { self.store(lanes, panel, last, self.windows.in_side - 1) };
    }

    /// Stride 2: the last column of one window is the first of the next.
    ///
    /// # Safety
    /// As for [`Row::slide`].
    #[inline(always)]
    unsafe fn step(&self, lanes: L, Filter { panel, taps }: &Filter<L, T>) {
        let mut first = self.column_under(lanes, 0, 0, panel.start);
        for x in 0..self.windows.out_side {
            let middle = self.column_under(lanes, x, 1, panel.start);
            let last = self.column_under(lanes, x, 2, panel.start);
            let sums = taps.multiply::<0>(lanes, panel.bias, first, first);
            let sums = taps.multiply::<1>(lanes, sums, first, middle);
            let sums = taps.multiply::<2>(lanes, sums, middle, last);
            // SAFETY: `x` is inside.
            unsafe { self.store(lanes, panel, sums, x) };
            first = last;
        }
    }

    /// A method, and no closure: one that is not inlined would be compiled without the instructions (measured: 5.9 ms a frame for 2.9).
    #[inline(always)]
    fn column_under(&self, lanes: L, x: usize, tap: usize, start: usize) -> T::Column {
        match self.windows.under(x, tap) {
            // SAFETY: the window says that it is inside.
            Some(at) => unsafe { self.column(lanes, at, start) },
            None => T::nothing(lanes),
        }
    }

    /// The column of pixel `x`, from channel `start` on.
    ///
    /// # Safety
    /// The pixel is inside.
    #[inline(always)]
    unsafe fn column(&self, lanes: L, x: usize, start: usize) -> T::Column {
        let at = x * self.channels + start;
        // SAFETY: a panel ends inside its pixel and a pixel inside its row.
        T::column(lanes, self.rows.map(|row| unsafe { slice::from_raw_parts(row.add(at), L::WIDTH) }))
    }

    /// # Safety
    /// Output pixel `x` is inside.
    #[inline(always)]
    unsafe fn store(&self, lanes: L, panel: &Panel<L>, sums: [L::I32; 2], x: usize) {
        let at = x * self.channels + panel.start;
        // SAFETY: as for a column.
        let output = unsafe { slice::from_raw_parts_mut(self.output.add(at), L::WIDTH) };
        panel.store(lanes, panel.levels(lanes, sums), output);
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
        assert_eq!(
            output,
            plain::requantize(&sums, &requantize, None, &[]),
            "{channels} channels, {windows:?}, {lanes:?}"
        );
    }

    #[test]
    fn every_shape_equals_the_plain_loops() {
        for_each_lanes(&EveryShape);
    }
}

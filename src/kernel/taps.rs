//! Taps: how the three bytes of a column of a depthwise convolution meet their weights.
//!
//! With products of 16-bit numbers, nine taps are five products of pairs: of each column the upper two bytes, and of the lowest row one byte
//! and the one before it. With products of bytes they are three, one a column, whose fourth byte has weight zero.

use super::lanes::{Lanes, MOST};

/// The nine weights of each channel of a panel.
pub(crate) trait Taps<L: Lanes>: Copy + std::fmt::Debug {
    /// The three bytes of a column, for each channel of a panel.
    type Column: Copy;

    /// `tap` gives the weights of tap 0 to 8, one a channel.
    fn new<'a>(lanes: L, tap: impl Fn(usize) -> &'a [i8]) -> Self;
    /// From the first [`Lanes::WIDTH`] bytes of each row.
    fn column(lanes: L, rows: [&[u8]; 3]) -> Self::Column;
    /// A column outside the picture.
    fn nothing(lanes: L) -> Self::Column;
    /// Adds the products of column `AT` of a window, 0 to 2; the one `before` it matters to 1 and 2.
    fn multiply<const AT: usize>(
        &self,
        lanes: L,
        sums: [L::I32; 2],
        before: Self::Column,
        column: Self::Column,
    ) -> [L::I32; 2];
}

type Pair<L> = [<L as Lanes>::I16; 2];

/// Weights for products of 16-bit numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pairs<L: Lanes> {
    /// Of each column: the upper two, zipped.
    upper: [Pair<L>; 3],
    /// Of the lowest row: the first two columns, zipped; zeros, zipped with the last.
    lowest: [Pair<L>; 2],
}

/// A column for them.
#[derive(Clone, Copy)]
pub(crate) struct PairColumn<L: Lanes> {
    /// The upper two, zipped.
    upper: Pair<L>,
    lowest: L::I16,
}

impl<L: Lanes> Taps<L> for Pairs<L> {
    type Column = PairColumn<L>;

    fn new<'a>(lanes: L, tap: impl Fn(usize) -> &'a [i8]) -> Self {
        let wide = |at: usize| lanes.load(&tap(at).iter().map(|weight| i16::from(*weight)).collect::<Vec<_>>());
        Self {
            upper: [0, 1, 2].map(|column| lanes.zip(wide(column), wide(3 + column))),
            lowest: [lanes.zip(wide(6), wide(7)), lanes.zip(lanes.splat(0), wide(8))],
        }
    }

    #[inline(always)]
    fn column(lanes: L, [a, b, c]: [&[u8]; 3]) -> PairColumn<L> {
        PairColumn { upper: lanes.zip(lanes.widen(a), lanes.widen(b)), lowest: lanes.widen(c) }
    }

    #[inline(always)]
    fn nothing(lanes: L) -> PairColumn<L> {
        PairColumn { upper: [lanes.splat(0); 2], lowest: lanes.splat(0) }
    }

    #[inline(always)]
    fn multiply<const AT: usize>(
        &self,
        lanes: L,
        sums: [L::I32; 2],
        before: PairColumn<L>,
        column: PairColumn<L>,
    ) -> [L::I32; 2] {
        let add = |[low, high]: [L::I32; 2], bytes: Pair<L>, weights: Pair<L>| {
            [lanes.add(low, lanes.dot(bytes[0], weights[0])), lanes.add(high, lanes.dot(bytes[1], weights[1]))]
        };
        let sums = add(sums, column.upper, self.upper[AT]);
        match AT {
            0 => sums,
            _ => add(sums, lanes.zip(before.lowest, column.lowest), self.lowest[AT - 1]),
        }
    }
}

/// Weights for products of bytes.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub(crate) struct Stacks<L: Lanes> {
    /// Of each column: three weights and a zero.
    columns: [[L::I32; 2]; 3],
}

impl<L: Lanes> Taps<L> for Stacks<L> {
    type Column = [L::I32; 2];

    fn new<'a>(lanes: L, tap: impl Fn(usize) -> &'a [i8]) -> Self {
        let word = |column: usize, at: usize| L::word(&[0, 1, 2].map(|row| tap(3 * row + column)[at]));
        let words = |column: usize| -> [i32; MOST] {
            std::array::from_fn(|at| if at < L::WIDTH { word(column, at) } else { 0 })
        };
        Self { columns: [0, 1, 2].map(|column| lanes.halves(&words(column))) }
    }

    #[inline(always)]
    fn column(lanes: L, rows: [&[u8]; 3]) -> [L::I32; 2] {
        lanes.stack(rows)
    }

    #[inline(always)]
    fn nothing(lanes: L) -> [L::I32; 2] {
        [lanes.splat_i32(lanes.flip()); 2]
    }

    #[inline(always)]
    fn multiply<const AT: usize>(
        &self,
        lanes: L,
        [low, high]: [L::I32; 2],
        _: [L::I32; 2],
        column: [L::I32; 2],
    ) -> [L::I32; 2] {
        let weights = self.columns[AT];
        [lanes.accumulate(low, column[0], weights[0]), lanes.accumulate(high, column[1], weights[1])]
    }
}

//! Block: an inverted residual (wide, filter, narrow again), worked on in bands of rows.
//!
//! The wide activation is six times the narrow one, 1.2 MB in the second block. A band of it is made, filtered and narrowed
//! before the next, so that it never leaves the second-level cache.

use mobilenet_kernel::lanes::Lanes;
use mobilenet_kernel::windows::Windows;
use mobilenet_kernel::{Depthwise, Pointwise};

/// Bytes of the wide activation that are worked on at a time: half of the second-level cache of a small machine.
const BAND: usize = 128 << 10;

pub(super) struct Block<L: Lanes> {
    pub expand: Option<Pointwise<L>>,
    pub depthwise: Depthwise<L>,
    pub project: Pointwise<L>,
    /// Index of its first layer.
    pub first_layer: usize,
    /// Channels of the input, of the wide middle and of the output.
    pub inputs: usize,
    pub wide: usize,
    pub outputs: usize,
}

/// The memory of the block at work, large enough for any.
#[derive(Debug)]
pub(super) struct Band {
    wide: Vec<u8>,
    filtered: Vec<u8>,
    /// A row of the wide activation outside the picture.
    zeros: Vec<u8>,
    pub words: Vec<i32>,
}

impl Band {
    pub fn for_blocks<L: Lanes>(blocks: &[Block<L>], words: usize) -> Self {
        let most = |length: fn(&Block<L>) -> usize| blocks.iter().map(length).max().unwrap_or(0);
        Self {
            wide: vec![0; most(|block| block.wide_rows() * block.wide_row())],
            filtered: vec![0; most(|block| block.rows() * block.filtered_row())],
            zeros: vec![0; most(Block::wide_row)],
            words: vec![0; most(Block::words).max(words)],
        }
    }
}

impl<L: Lanes> Block<L> {
    fn windows(&self) -> Windows {
        self.depthwise.windows()
    }

    pub fn output_len(&self) -> usize {
        self.windows().out_side.pow(2) * self.outputs
    }

    pub fn project_layer(&self) -> usize {
        self.first_layer + 1 + usize::from(self.expand.is_some())
    }

    fn wide_row(&self) -> usize {
        self.windows().in_side * self.wide
    }

    fn filtered_row(&self) -> usize {
        self.windows().out_side * self.wide
    }

    fn words(&self) -> usize {
        self.project.words().max(self.expand.as_ref().map_or(0, Pointwise::words))
    }

    /// Output rows of a band.
    fn rows(&self) -> usize {
        let Windows { out_side, stride, .. } = self.windows();
        (BAND / self.wide_row() / stride).clamp(1, out_side)
    }

    /// Rows of the wide activation under a band.
    fn wide_rows(&self) -> usize {
        let Windows { in_side, stride, .. } = self.windows();
        ((self.rows() - 1) * stride + 3).min(in_side)
    }

    /// `tap` is where what was filtered is wanted, `[positions][wide]`.
    pub fn run(
        &self,
        input: &[u8],
        band: &mut Band,
        mut tap: Option<&mut [u8]>,
        output: &mut [u8],
        after: &mut dyn FnMut(usize),
    ) {
        let windows = self.windows();
        let (input_row, output_row) = (windows.in_side * self.inputs, windows.out_side * self.outputs);
        let rows = self.rows();
        let mut made = 0..0_usize;
        for (at, output) in output.chunks_mut(rows * output_row).enumerate() {
            let outputs = at * rows..at * rows + output.len() / output_row;
            let first = windows.under(outputs.start, 0).unwrap_or(0);
            let end = (((outputs.end - 1) * windows.stride + 3).saturating_sub(windows.before)).min(windows.in_side);
            let wide = match &self.expand {
                None => &input[first * input_row..end * input_row],
                Some(expand) => {
                    let row = self.wide_row();
                    let kept = made.end.saturating_sub(first);
                    band.wide.copy_within((made.len() - kept) * row..made.len() * row, 0);
                    let fresh = &input[(first + kept) * input_row..end * input_row];
                    expand.run(fresh, &[], &mut band.words, &mut band.wide[kept * row..(end - first) * row]);
                    after(self.first_layer);
                    made = first..end;
                    &band.wide[..(end - first) * row]
                }
            };
            let filtered_row = self.filtered_row();
            let filtered = match &mut tap {
                None => &mut band.filtered[..outputs.len() * filtered_row],
                Some(tap) => &mut tap[outputs.start * filtered_row..outputs.end * filtered_row],
            };
            self.filter(wide, first, outputs.clone(), &band.zeros, filtered);
            after(self.project_layer() - 1);
            self.project.run(filtered, &input[outputs.start * input_row..], &mut band.words, output);
            after(self.project_layer());
        }
    }

    /// Depthwise over the output rows `outputs`; `wide` starts with row `first`.
    fn filter(&self, wide: &[u8], first: usize, outputs: std::ops::Range<usize>, zeros: &[u8], filtered: &mut [u8]) {
        let row = self.wide_row();
        for (y, filtered) in outputs.zip(filtered.chunks_exact_mut(self.filtered_row())) {
            let rows = [0, 1, 2].map(|tap| match self.windows().under(y, tap) {
                Some(at) => &wide[(at - first) * row..][..row],
                None => &zeros[..row],
            });
            self.depthwise.run_row(rows, filtered);
        }
    }
}

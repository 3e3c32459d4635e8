//! Windows: where the 3x3 windows of a convolution lie in a square picture. Plain arithmetic, which the table of the network and
//! every export share with the kernels.

/// Where the 3x3 windows of a square picture lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Windows {
    /// Side of the input.
    pub in_side: usize,
    /// Side of the output.
    pub out_side: usize,
    /// Distance between windows, 1 or 2.
    pub stride: usize,
    /// Rows of padding above and left of the picture, 0 or 1; below and right there is as much as the last window needs.
    pub before: usize,
}

impl Windows {
    /// Every output position `(y, x)`.
    pub fn positions(self) -> impl Iterator<Item = (usize, usize)> {
        (0..self.out_side).flat_map(move |y| (0..self.out_side).map(move |x| (y, x)))
    }

    /// Input row or column under tap 0 to 2 of output row or column `out`, where it is inside the picture.
    #[inline(always)]
    pub fn under(self, out: usize, tap: usize) -> Option<usize> {
        (out * self.stride + tap).checked_sub(self.before).filter(|at| *at < self.in_side)
    }

    /// For the window at output position `(y, x)`: each tap inside the picture, as (tap 0 to 8, index of its pixel).
    pub fn taps(self, y: usize, x: usize) -> impl Iterator<Item = (usize, usize)> {
        (0..9).filter_map(move |tap| Some((tap, self.under(y, tap / 3)? * self.in_side + self.under(x, tap % 3)?)))
    }
}

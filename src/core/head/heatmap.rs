//! The heatmap: where in a frame the evidence for a class lies, by class activation mapping (Zhou et al. 2016).
//!
//! Between the last layer and the logits there is a mean over positions and a dense layer. Both are linear and may change
//! places: the dense layer at each position gives a map whose mean, plus the bias, is the very logit of the class. Numbers of the
//! tail are means over the same positions, so the same holds for them. The map is the network's own account and no estimate. It is
//! coarse: 7 x 7 positions of 32 pixels in an input of 224, each of which has seen up to 245 pixels on every side (the network's
//! receptive field is 491).

use crate::picture::resize::Region;

/// What each part of a frame says for a class; negative where it speaks against it.
///
/// ```
/// use mobilenet_core::Heatmap;
/// use mobilenet_core::picture::resize::Region;
/// // A map of 2 x 2 positions over a picture of 100 x 60 pixels.
/// let region = Region { x: 0, y: 0, width: 100, height: 60 };
/// let heatmap = Heatmap { class: 0, side: 2, values: vec![-1.0, 4.0, 0.0, 1.0], region };
/// assert_eq!(heatmap.strongest(), 4.0);
/// assert_eq!(heatmap.core(), Some(Region { x: 50, y: 0, width: 50, height: 30 }));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Heatmap {
    /// The class, by its position among the labels.
    pub class: usize,
    /// Positions along each side.
    pub side: usize,
    /// `[side][side]` logits, from the upper left, row by row: their mean, plus what of the bias is
    /// [nowhere](crate::Head::unplaced_bias), is the class's logit.
    pub values: Vec<f32>,
    /// The part of the frame that the positions divide evenly.
    pub region: Region,
}

impl Heatmap {
    /// The largest value, or zero where nothing speaks for the class.
    pub fn strongest(&self) -> f32 {
        self.values.iter().copied().fold(0.0, f32::max)
    }

    /// The rectangle, in pixels of the frame, around the fewest positions that hold half of what speaks for the class; `None` where
    /// nothing does.
    pub fn core(&self) -> Option<Region> {
        let mut speaking: Vec<usize> = (0..self.values.len()).filter(|at| self.values[*at] > 0.0).collect();
        speaking.sort_by(|a, b| self.values[*b].total_cmp(&self.values[*a]));
        let half = speaking.iter().map(|at| self.values[*at]).sum::<f32>() / 2.0;
        let mut held = 0.0;
        let strong = speaking.into_iter().take_while(|at| {
            let wanted = held < half;
            held += self.values[*at];
            wanted
        });
        let cells: Vec<[usize; 2]> = strong.map(|at| [at % self.side, at / self.side]).collect();
        let [(left, right), (top, bottom)] = [0, 1].map(|axis| {
            let places = || cells.iter().map(|cell| cell[axis]);
            (places().min(), places().max())
        });
        Some(self.pixels([left?, right? + 1], [top?, bottom? + 1]))
    }

    /// From edges between positions to pixels.
    fn pixels(&self, columns: [usize; 2], rows: [usize; 2]) -> Region {
        let Region { x, y, width, height } = self.region;
        let [left, right] = columns.map(|column| x + column * width / self.side);
        let [top, bottom] = rows.map(|row| y + row * height / self.side);
        Region { x: left, y: top, width: (right - left).max(1), height: (bottom - top).max(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heatmap(values: [f32; 9]) -> Heatmap {
        Heatmap { class: 0, side: 3, values: values.to_vec(), region: Region { x: 10, y: 20, width: 30, height: 60 } }
    }

    #[test]
    fn the_core_holds_half() {
        let heatmap = heatmap([-9.0, 0.0, 4.0, 0.0, 0.0, 3.0, 1.0, 1.0, 1.0]);
        assert_eq!(heatmap.strongest(), 4.0);
        // 4 + 3 of 10, at the right edge of the first and the second row.
        assert_eq!(heatmap.core(), Some(Region { x: 30, y: 20, width: 10, height: 40 }));
    }

    #[test]
    fn where_nothing_speaks_for_a_class_there_is_no_core() {
        let heatmap = heatmap([-1.0; 9]);
        assert_eq!((heatmap.strongest(), heatmap.core()), (0.0, None));
    }

    #[test]
    fn a_frame_smaller_than_the_map_still_has_a_core() {
        let region = Region { x: 0, y: 0, width: 1, height: 1 };
        let heatmap = Heatmap { region, ..heatmap([1.0; 9]) };
        assert_eq!(heatmap.core(), Some(region));
    }
}

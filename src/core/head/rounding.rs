//! Rounding: rows of numbers as small integers times a scale, which is what makes a head small enough for a link.
//!
//! A head is rounded when it is calibrated, before it is validated, so that what was validated is what
//! travels: its numbers in memory are these very products, and nothing is rounded later. Seven bits for weights and six
//! for mean directions, because on 423 furniture photos they change no answer and no rejection (the threshold is
//! chosen after), while five bits for either do; a link of five classes is then 11 KB, and with eight bits above 12 KB.
//!
//! A scale has 16 significant bits, so that its product with an integer is exact and the integers of rounded numbers are
//! found again, bit for bit.

/// The largest integer of a weight.
pub(crate) const WEIGHT: f32 = 63.0;
/// The largest integer of a mean direction.
pub(crate) const DIRECTION: f32 = 31.0;

/// The scale of a row of zeros.
const LEAST_SCALE: f32 = 1.0e-9;

/// Rows of numbers, rounded.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rounded {
    /// `[rows][columns]`, none further from zero than the limit.
    pub integers: Vec<i8>,
    /// One a row.
    pub scales: Vec<f32>,
}

impl Rounded {
    /// The nearest integers to numbers in rows of `columns`.
    pub fn nearest(numbers: &[f32], columns: usize, limit: f32) -> Self {
        let rows = numbers.chunks_exact(columns);
        let scales: Vec<f32> = rows.clone().map(|row| scale(row, limit)).collect();
        let integer = |number: &f32, scale: f32| (number / scale).round_ties_even().clamp(-limit, limit) as i8;
        let integers = rows.zip(&scales).flat_map(|(row, scale)| row.iter().map(move |number| integer(number, *scale)));
        Self { integers: integers.collect(), scales }
    }

    /// The integers that are these very numbers, if there are any.
    pub fn exact(numbers: &[f32], columns: usize, limit: f32) -> Option<Self> {
        let rounded = Self::nearest(numbers, columns, limit);
        (rounded.numbers() == numbers).then_some(rounded)
    }

    /// The numbers that they stand for.
    pub fn numbers(&self) -> Vec<f32> {
        let columns = self.integers.len() / self.scales.len().max(1);
        let rows = self.integers.chunks_exact(columns.max(1)).zip(&self.scales);
        rows.flat_map(|(row, scale)| row.iter().map(move |code| f32::from(*code) * scale)).collect()
    }
}

/// The largest number of a row over the limit, rounded down to 16 bits.
fn scale(row: &[f32], limit: f32) -> f32 {
    let largest = row.iter().fold(0.0f32, |largest, number| largest.max(number.abs()));
    f32::from_bits((largest / limit).max(LEAST_SCALE).to_bits() & !0xff)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;

    #[test]
    fn rounded_numbers_are_found_again_and_are_near() {
        let mut rng = Rng::new(5);
        for limit in [DIRECTION, WEIGHT] {
            let numbers: Vec<f32> = (0..40_000).map(|at| (rng.uniform() - 0.5) * (at / 40 + 1) as f32).collect();
            let nearest = Rounded::nearest(&numbers, 40, limit);
            let rounded = nearest.numbers();
            assert_eq!(Rounded::exact(&rounded, 40, limit), Some(nearest.clone()));
            assert_eq!(Rounded::exact(&numbers, 40, limit), None);
            for (row, (before, after)) in numbers.chunks(40).zip(rounded.chunks(40)).enumerate() {
                // Half a step, and what the scale was rounded down by at the largest number.
                let tolerance = nearest.scales[row] * (0.5 + limit / f32::from(1u16 << 15));
                assert!(before.iter().zip(after).all(|(a, b)| (a - b).abs() <= tolerance), "row {row}");
            }
        }
    }

    #[test]
    fn no_number_becomes_larger_than_the_largest() {
        assert!(Rounded::nearest(&[1.0, -1.0, 0.3], 3, DIRECTION).numbers().iter().all(|number| number.abs() <= 1.0));
        assert_eq!(Rounded::nearest(&[0.0; 4], 2, WEIGHT).numbers(), [0.0; 4]);
    }
}

//! Features: which numbers of an embedding a head reads.
//!
//! A head of few samples reads what the last layer gives; one of many reads the numbers that its fit chose out of the whole tail of
//! the network. The choice is a part of the head, so that one pass of the network serves heads of either kind.

use std::borrow::Cow;

use crate::error::Error;

/// Positions that a choice may name: far more than any network gives.
const POSITION_LIMIT: usize = 1 << 16;

/// Which numbers of an embedding a head reads.
///
/// ```
/// use mobilenet_core::head::Features;
/// let features = Features::chosen(vec![1, 4])?;
/// assert_eq!((features.count(), features.reach()), (2, 5));
/// assert_eq!(features.positions().collect::<Vec<_>>(), [1, 4]);
/// assert_eq!(Features::First(2).of(&[5.0, 6.0, 7.0])[..], [5.0, 6.0]);
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Features {
    /// So many from the first on.
    First(usize),
    /// Those at these positions, from the lowest on.
    Chosen(Vec<u16>),
}

impl Features {
    /// Those at `positions`, from 0 to 65,535 and each higher than the one before.
    ///
    /// # Errors
    /// [`Error::BadModel`] when there is none, or they are in another order.
    ///
    /// ```
    /// use mobilenet_core::head::Features;
    /// let features = Features::chosen(vec![0, 2])?;
    /// assert_eq!(features.of(&[1.0, 2.0, 3.0])[..], [1.0, 3.0]);
    /// assert!(Features::chosen(vec![2, 2]).is_err());
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn chosen(positions: Vec<u16>) -> Result<Self, Error> {
        let features = Self::Chosen(positions);
        features.check().map(|()| features)
    }

    /// Checks that there are some, and that those chosen are in order.
    pub(super) fn check(&self) -> Result<(), Error> {
        let is_sound = match self {
            Self::First(count) => *count > 0,
            Self::Chosen(positions) => !positions.is_empty() && positions.is_sorted_by(|a, b| a < b),
        };
        if is_sound { Ok(()) } else { Err(Error::BadModel("the features of its head are none, or in no order".into())) }
    }

    /// How many they are.
    pub fn count(&self) -> usize {
        match self {
            Self::First(count) => *count,
            Self::Chosen(positions) => positions.len(),
        }
    }

    /// How long an embedding has to be at least.
    pub fn reach(&self) -> usize {
        match self {
            Self::First(count) => *count,
            Self::Chosen(positions) => positions.last().map_or(0, |last| usize::from(*last) + 1),
        }
    }

    /// Their positions in an embedding.
    pub fn positions(&self) -> impl Iterator<Item = usize> {
        let (first, chosen): (_, &[u16]) = match self {
            Self::First(count) => (0..*count, &[]),
            Self::Chosen(positions) => (0..0, positions),
        };
        first.chain(chosen.iter().map(|position| usize::from(*position)))
    }

    /// These numbers of an embedding.
    ///
    /// # Panics
    /// When the embedding is shorter than their [`reach`](Self::reach).
    pub fn of<'a>(&self, embedding: &'a [f32]) -> Cow<'a, [f32]> {
        match self {
            Self::First(count) => Cow::Borrowed(&embedding[..*count]),
            Self::Chosen(positions) => positions.iter().map(|position| embedding[usize::from(*position)]).collect(),
        }
    }

    /// A bit for each position, the lowest of a byte first; nothing for the first so many.
    pub(crate) fn to_bits(&self) -> Option<Vec<u8>> {
        let Self::Chosen(positions) = self else { return None };
        let mut bits = vec![0; self.reach().div_ceil(8)];
        positions.iter().for_each(|position| bits[usize::from(position / 8)] |= 1 << (position % 8));
        Some(bits)
    }

    /// What [`Features::to_bits`] wrote.
    pub(crate) fn from_bits(bits: &[u8]) -> Result<Self, Error> {
        let is_set = |position: &usize| bits[position / 8] >> (position % 8) & 1 == 1;
        let set = (0..(bits.len() * 8).min(POSITION_LIMIT)).filter(is_set);
        let features = Self::chosen(set.map(|position| position as u16).collect())?;
        // One form for each choice, so that one model has one file.
        if features.to_bits().as_deref() == Some(bits) {
            return Ok(features);
        }
        Err(Error::BadModel("the features of its head end in zeros, or are too many".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_found_again_from_their_bits() {
        for positions in [vec![0], vec![7, 8], vec![3, 1279, 1280, 4735], (0..=u16::MAX).collect()] {
            let features = Features::chosen(positions.clone()).unwrap();
            assert_eq!(Features::from_bits(&features.to_bits().unwrap()).unwrap(), features);
            assert_eq!(features.positions().map(|at| at as u16).collect::<Vec<_>>(), positions);
            assert_eq!(
                (features.count(), features.reach()),
                (positions.len(), usize::from(*positions.last().unwrap()) + 1)
            );
        }
        assert_eq!(Features::First(3).to_bits(), None);
    }

    #[test]
    fn bits_that_no_choice_has_are_refused() {
        for bits in [&[][..], &[0], &[1, 0], &[1; (1 << 13) + 1]] {
            assert!(Features::from_bits(bits).is_err(), "{} bytes", bits.len());
        }
    }
}

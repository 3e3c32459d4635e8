//! Groups: disjoint sets of pictures, each known by the place of its first.

use std::collections::HashMap;

/// Sets that grow together.
#[derive(Clone, Debug)]
pub(super) struct Groups(Vec<usize>);

impl Groups {
    /// Each picture alone.
    pub(super) fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn first(&mut self, place: usize) -> usize {
        let mut at = place;
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    pub(super) fn are_joined(&mut self, a: usize, b: usize) -> bool {
        self.first(a) == self.first(b)
    }

    pub(super) fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.first(a), self.first(b));
        self.0[a.max(b)] = a.min(b);
    }

    pub(super) fn join_if(&mut self, condition: bool, a: usize, b: usize) {
        if condition {
            self.join(a, b);
        }
    }

    /// The group of each picture.
    pub(super) fn firsts(&mut self) -> Vec<usize> {
        (0..self.0.len()).map(|place| self.first(place)).collect()
    }
}

/// Pictures that are of one group by any of these numberings, each of which has a number for every picture.
///
/// # Panics
/// When a numbering has more numbers than there are pictures.
pub fn joined(count: usize, numberings: &[&[usize]]) -> Vec<usize> {
    let mut groups = Groups::new(count);
    for numbers in numberings {
        let mut first = HashMap::new();
        numbers
            .iter()
            .enumerate()
            .for_each(|(place, number)| groups.join(*first.entry(number).or_insert(place), place));
    }
    groups.firsts()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_numbering_or_another_joins_is_joined() {
        assert_eq!(joined(6, &[&[7, 7, 1, 2, 3, 4], &[0, 1, 1, 2, 9, 9]]), [0, 0, 0, 3, 4, 4]);
        assert_eq!(joined(3, &[&[]]), [0, 1, 2]);
    }
}

//! Setting samples aside to validate on, so that none has its like among those that are trained on.
//!
//! A burst of one sofa, half of it on either side, would be recognised for its wallpaper. So whole groups change sides,
//! and a group that spans classes takes its side in all of them. Only a class that is all one group is parted within
//! it: at random where the order of its pictures says nothing, at its end where they are frames of a camera, since
//! those in between two frames are like both.

use std::collections::HashMap;

use crate::base::rng::Rng;

/// Which samples of a class that is all one group are set aside.
///
/// ```
/// use mobilenet_core::fit::split::{Parting, set_aside};
/// let (classes, burst) = ([0; 8], [0; 8]);
/// assert_eq!(set_aside(&classes, &burst, 0.25, 1, Parting::Tail), [6, 7]);
/// assert_eq!(set_aside(&classes, &burst, 0.25, 1, Parting::Random).len(), 2);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parting {
    /// Any of them.
    Random,
    /// The last of them.
    Tail,
}

/// Chooses samples to validate on: of every class about `share`, at least one and never all. `classes` and `groups`
/// have a number for each sample. Gives positions, from the lowest on.
///
/// # Panics
/// When these are not equally many.
///
/// ```
/// use mobilenet_core::fit::split::{Parting, set_aside};
/// let (classes, groups) = ([0, 0, 0, 0, 1, 1, 1], [7, 7, 7, 7, 8, 8, 9]);
/// let taken = set_aside(&classes, &groups, 0.25, 1, Parting::Tail);
/// assert_eq!(taken, [3, 6], "the end of the burst that is a class, and the smaller of two bursts");
/// ```
pub fn set_aside(classes: &[usize], groups: &[usize], share: f64, seed: u32, parting: Parting) -> Vec<usize> {
    assert_eq!(groups.len(), classes.len(), "a group for every sample");
    let mut numbers = HashMap::new();
    for group in groups {
        let next = numbers.len();
        numbers.entry(*group).or_insert(next);
    }
    let mut split = Split { rng: Rng::new(seed.into()), share, parting, is_taken: vec![None; numbers.len()] };
    let mut is_taken = vec![false; classes.len()];
    for class in 0..classes.iter().max().map_or(0, |last| last + 1) {
        let of_class = (0..classes.len()).filter(|at| classes[*at] == class);
        let taken = split.class(of_class.map(|at| (numbers[&groups[at]], at)));
        taken.into_iter().for_each(|at| is_taken[at] = true);
    }
    (0..classes.len()).filter(|at| is_taken[*at]).collect()
}

/// Positions of the samples of one class that belong together, and the number of their group.
type Group = (usize, Vec<usize>);

/// A split at work, class by class.
struct Split {
    rng: Rng,
    share: f64,
    parting: Parting,
    /// On which side the groups are that have been seen: one that spans classes stays together too.
    is_taken: Vec<Option<bool>>,
}

impl Split {
    /// What is taken of a class.
    fn class(&mut self, samples: impl Iterator<Item = (usize, usize)>) -> Vec<usize> {
        let mut groups: Vec<Group> = Vec::new();
        let mut places = vec![None; self.is_taken.len()];
        for (group, sample) in samples {
            let place = *places[group].get_or_insert(groups.len());
            if place == groups.len() {
                groups.push((group, Vec::new()));
            }
            groups[place].1.push(sample);
        }
        self.rng.shuffle(&mut groups);
        if groups.len() == 1 { self.part(groups.remove(0).1) } else { self.deal(&groups) }
    }

    /// Samples to take out of so many.
    fn goal(&self, count: usize) -> usize {
        let most = count.saturating_sub(1);
        ((count as f64 * self.share).round() as usize).clamp(1.min(most), most)
    }

    fn part(&mut self, mut samples: Vec<usize>) -> Vec<usize> {
        let goal = self.goal(samples.len());
        if self.parting == Parting::Tail {
            return samples.split_off(samples.len() - goal);
        }
        self.rng.shuffle(&mut samples);
        samples.truncate(goal);
        samples
    }

    /// Takes group after group that still fits, first those that another class gave; if none does, the smallest.
    fn deal(&mut self, groups: &[Group]) -> Vec<usize> {
        let count: usize = groups.iter().map(|(_, samples)| samples.len()).sum();
        let smallest = groups.iter().map(|(_, samples)| samples.len()).min().unwrap_or(0);
        let room = self.goal(count).max(smallest);
        let mut taken = Vec::new();
        let sides = groups.iter().map(|(group, _)| self.is_taken[*group]).collect::<Vec<_>>();
        for side in [Some(true), None, Some(false)] {
            for ((group, samples), _) in groups.iter().zip(&sides).filter(|(_, of_group)| **of_group == side) {
                let takes = match side {
                    Some(true) => taken.len() + samples.len() < count,
                    Some(false) => taken.is_empty(),
                    None => taken.len() + samples.len() <= room,
                };
                self.is_taken[*group].get_or_insert(takes);
                if takes {
                    taken.extend_from_slice(samples);
                }
            }
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_that_is_a_class_is_parted_at_its_end() {
        let classes: Vec<usize> = (0..41).map(|at| at / 20).collect();
        let groups: Vec<usize> = classes.iter().map(|class| class + 5).collect();
        for seed in 0..9 {
            let taken = set_aside(&classes, &groups, 0.2, seed, Parting::Tail);
            assert_eq!(taken, [16, 17, 18, 19, 36, 37, 38, 39], "and the only sample of a class stays");
        }
    }

    #[test]
    fn what_is_set_aside_of_datasets_stays_what_it_was() {
        let classes: Vec<usize> = (0..60).map(|at| at / 20).collect();
        let alone: Vec<usize> = (0..60).collect();
        // A program of its own chose these: heads that were fitted so are to be fitted again.
        let expected = [1, 9, 10, 13, 23, 27, 30, 31, 45, 46, 47, 51];
        assert_eq!(set_aside(&classes, &alone, 0.2, 1, Parting::Random), expected);
        let groups: Vec<usize> = (0..60).map(|at| if at < 20 { 0 } else { at / 3 }).collect();
        let expected = [1, 9, 10, 13, 20, 21, 22, 23, 54, 55, 56];
        assert_eq!(set_aside(&classes, &groups, 0.2, 1, Parting::Random), expected);
    }
}

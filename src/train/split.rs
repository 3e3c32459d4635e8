//! Setting pictures aside to validate on, so that none has its like among those that are trained on.
//!
//! A burst of one sofa, half of it on either side, would be recognised for its wallpaper. So whole groups change sides,
//! and a group that spans classes takes its side in all of them.

use std::collections::HashMap;
use std::path::PathBuf;

use super::dataset::Dataset;
use crate::rng::Rng;

impl Dataset {
    /// Takes a random share of every class out, at least one picture and never all, and returns it. `groups` has a
    /// number for each picture; those of one number stay together, so that none is validated on whose like was trained
    /// on. Only a class that is all one group is parted within it.
    ///
    /// # Panics
    /// When `groups` has not as many numbers as there are pictures.
    pub fn split_off(&mut self, share: f64, seed: u32, groups: &[usize]) -> Self {
        assert_eq!(groups.len(), self.pictures.len(), "a group for every picture");
        let mut split = Split { rng: Rng::new(seed.into()), share, is_taken: HashMap::new() };
        let (mut kept, mut taken) = (Vec::new(), Vec::new());
        for class in 0..self.labels.len() {
            let of_class = self.pictures.iter().zip(groups).filter(|(picture, _)| picture.1 == class);
            let [kept_of_class, taken_of_class] =
                split.class(of_class.map(|(picture, group)| (*group, picture.clone())));
            kept.extend(kept_of_class);
            taken.extend(taken_of_class);
        }
        kept.sort_by(|a: &(PathBuf, usize), b| (a.1, &a.0).cmp(&(b.1, &b.0)));
        taken.sort_by(|a: &(PathBuf, usize), b| (a.1, &a.0).cmp(&(b.1, &b.0)));
        self.pictures = kept;
        Self { labels: self.labels.clone(), pictures: taken, strays: Vec::new(), outside: Vec::new() }
    }
}

type Picture = (PathBuf, usize);

/// A split at work, class by class.
struct Split {
    rng: Rng,
    share: f64,
    /// On which side the groups are that have been seen: one that spans classes stays together too.
    is_taken: HashMap<usize, bool>,
}

impl Split {
    /// What is kept and what is taken of a class.
    fn class(&mut self, pictures: impl Iterator<Item = (usize, Picture)>) -> [Vec<Picture>; 2] {
        let mut groups: Vec<(usize, Vec<Picture>)> = Vec::new();
        let mut place = HashMap::new();
        for (group, picture) in pictures {
            let place = *place.entry(group).or_insert(groups.len());
            if place == groups.len() {
                groups.push((group, Vec::new()));
            }
            groups[place].1.push(picture);
        }
        self.rng.shuffle(&mut groups);
        if groups.len() == 1 {
            return self.part(groups.remove(0).1);
        }
        self.deal(groups)
    }

    /// Pictures to take out of so many.
    fn goal(&self, count: usize) -> usize {
        let most = count.saturating_sub(1);
        ((count as f64 * self.share).round() as usize).clamp(1.min(most), most)
    }

    fn part(&mut self, mut pictures: Vec<Picture>) -> [Vec<Picture>; 2] {
        self.rng.shuffle(&mut pictures);
        let kept = pictures.split_off(self.goal(pictures.len()));
        [kept, pictures]
    }

    /// Takes group after group that still fits; if none does, the smallest.
    fn deal(&mut self, mut groups: Vec<(usize, Vec<Picture>)>) -> [Vec<Picture>; 2] {
        let count: usize = groups.iter().map(|(_, pictures)| pictures.len()).sum();
        let goal = self.goal(count);
        groups.sort_by_key(|(group, _)| self.is_taken.get(group).map_or(1, |taken| if *taken { 0 } else { 2 }));
        let smallest = groups.iter().map(|(_, pictures)| pictures.len()).min().unwrap_or(0);
        let room = goal.max(smallest);
        let (mut kept, mut taken) = (Vec::new(), Vec::new());
        for (group, pictures) in groups {
            let takes = match self.is_taken.get(&group) {
                Some(true) => taken.len() + pictures.len() < count,
                Some(false) => taken.is_empty(),
                None => taken.len() + pictures.len() <= room,
            };
            self.is_taken.entry(group).or_insert(takes);
            if takes { taken.extend(pictures) } else { kept.extend(pictures) }
        }
        [kept, taken]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dataset(counts: &[usize]) -> Dataset {
        let of_class =
            |(class, count): (usize, &usize)| (0..*count).map(move |at| (format!("{class}/{at:03}").into(), class));
        Dataset {
            labels: (0..counts.len()).map(|class| class.to_string()).collect(),
            pictures: counts.iter().enumerate().flat_map(of_class).collect(),
            strays: Vec::new(),
            outside: Vec::new(),
        }
    }

    fn alone(dataset: &Dataset) -> Vec<usize> {
        (0..dataset.pictures.len()).collect()
    }

    #[test]
    fn a_split_takes_from_every_class_and_loses_nothing() {
        let whole = dataset(&[5, 15]);
        let mut kept = whole.clone();
        let taken = kept.split_off(0.2, 3, &alone(&whole));
        assert_eq!((kept.counts(), taken.counts()), (vec![4, 12], vec![1, 3]));
        let mut all = [kept.pictures, taken.pictures].concat();
        all.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
        assert_eq!(all, whole.pictures);
    }

    #[test]
    fn groups_stay_together_for_every_seed() {
        let whole = dataset(&[30, 40, 2]);
        // Groups of 1, 2, 3 and 4 in turn, the last of the first class shared with the second.
        let groups: Vec<usize> = (0..72).map(|at| (at / 10) * 4 + [0, 1, 1, 2, 2, 2, 3, 3, 3, 3][at % 10]).collect();
        let groups: Vec<usize> =
            groups.iter().enumerate().map(|(at, group)| if at == 30 { 11 } else { *group }).collect();
        for seed in 0..50 {
            let mut kept = whole.clone();
            let taken = kept.split_off(0.2, seed, &groups);
            let group = |picture: &Picture| groups[whole.pictures.iter().position(|other| other == picture).unwrap()];
            let of_kept: Vec<usize> = kept.pictures.iter().map(group).collect();
            assert!(taken.pictures.iter().all(|picture| !of_kept.contains(&group(picture))), "seed {seed}");
            assert!(kept.counts().iter().chain(&taken.counts()).all(|count| *count > 0), "seed {seed}");
            assert!(taken.counts()[0] <= 6 && taken.counts()[1] <= 11, "{:?}", taken.counts());
            let mut again = whole.clone();
            assert_eq!(again.split_off(0.2, seed, &groups), taken);
        }
    }

    #[test]
    fn a_class_of_one_group_is_parted_and_one_of_large_groups_gives_the_smallest() {
        let mut kept = dataset(&[10, 10, 1]);
        let groups: Vec<usize> =
            (0..21).map(|at| [0, 1, 2, 3][at / 10 + usize::from((16..20).contains(&at))]).collect();
        let taken = kept.split_off(0.2, 1, &groups);
        assert_eq!((kept.counts(), taken.counts()), (vec![8, 6, 1], vec![2, 4, 0]));
    }
}

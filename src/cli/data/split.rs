//! Setting pictures of a dataset aside to validate on.

use std::path::PathBuf;

use mobilenet_core::fit::split::{Parting, set_aside};

use super::dataset::Dataset;

impl Dataset {
    /// Takes a random share of every class out, at least one picture and never all, and returns it. `groups` has a
    /// number for each picture; those of one number stay together, so that none is validated on whose like was trained
    /// on. Only a class that is all one group is parted within it.
    ///
    /// # Panics
    /// When `groups` has not as many numbers as there are pictures.
    pub fn split_off(&mut self, share: f64, seed: u32, groups: &[usize]) -> Self {
        let classes: Vec<usize> = self.pictures.iter().map(|(_, class)| *class).collect();
        let mut is_taken = vec![false; classes.len()];
        set_aside(&classes, groups, share, seed, Parting::Random).into_iter().for_each(|at| is_taken[at] = true);
        let (mut kept, mut taken) = (Vec::new(), Vec::new());
        for (picture, is_taken) in std::mem::take(&mut self.pictures).into_iter().zip(is_taken) {
            if is_taken { taken.push(picture) } else { kept.push(picture) }
        }
        kept.sort_by(|a: &(PathBuf, usize), b| (a.1, &a.0).cmp(&(b.1, &b.0)));
        taken.sort_by(|a: &(PathBuf, usize), b| (a.1, &a.0).cmp(&(b.1, &b.0)));
        self.pictures = kept;
        Self { labels: self.labels.clone(), pictures: taken, strays: Vec::new(), outside: Vec::new() }
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
            let group =
                |picture: &(PathBuf, usize)| groups[whole.pictures.iter().position(|other| other == picture).unwrap()];
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

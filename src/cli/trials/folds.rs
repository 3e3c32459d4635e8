//! Cross-validation: how good a recipe is on pictures it did not see, with every picture asked once.
//!
//! Early stopping looks at pictures too, so a fold that chose the epoch cannot also judge it: of K folds one judges,
//! the next one chooses the epoch, and the rest are trained on. All views of a picture are in one fold, because a head
//! that saw a picture's mirror image has seen the picture; what is asked is the plain view alone. So are all pictures of a group.

use std::collections::HashMap;

use rayon::prelude::*;

use mobilenet_core::base::rng::Rng;
use mobilenet_core::error::Error;
use mobilenet_core::fit::gradient::loss;
use mobilenet_core::fit::metrics::interval;
use mobilenet_core::fit::recipe::Recipe;
use mobilenet_core::fit::rows::{Rows, Selected, for_each};
use mobilenet_core::fit::{Fitted, Layout, fit_chosen};
use mobilenet_core::head::argmax;

/// The fewest folds: one judges, one chooses the epoch, one is trained on.
pub const LEAST: usize = 3;

/// What the folds answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Folds {
    /// (truth, answer) of each picture.
    pub answers: Vec<(usize, usize)>,
    /// Accuracy of each fold.
    pub accuracies: Vec<f64>,
    /// Mean cross-entropy of the answers.
    pub loss: f64,
}

impl Folds {
    /// Share of all pictures that is named right, and its 95 % interval.
    pub fn accuracy(&self) -> (f64, [f64; 2]) {
        let right = right(&self.answers);
        (right as f64 / self.answers.len() as f64, interval(right, self.answers.len()))
    }
}

/// What a recipe is tried on.
#[derive(Clone, Copy)]
pub struct Material<'a> {
    /// The rows of a picture follow one another, the plain one first.
    pub samples: &'a dyn Rows,
    /// What a row is of.
    pub layout: &'a Layout,
    /// One a class.
    pub labels: &'a [String],
    /// A number for each picture: those of one number are in one fold, but for classes that are one or two groups.
    pub groups: &'a [usize],
}

/// Cross-validates a recipe. Folds are stratified: each has its share of every class.
///
/// # Errors
/// [`Error::BadArgument`] when there are fewer than three folds, [`Error::BadDataset`] names a class of fewer
/// than three pictures; and as [`fit_chosen`].
pub fn cross_validate(material: &Material, recipe: &Recipe, folds: usize) -> Result<Folds, Error> {
    let Material { samples, layout, labels, groups } = *material;
    let views = layout.views;
    let pictures: Vec<usize> = samples.classes().iter().copied().step_by(views).collect();
    check(&pictures, labels, folds)?;
    let fold_of = deal(&pictures, groups, folds, recipe.ingredients().seed);
    let judged = (0..folds).into_par_iter().map(|judge| {
        let next = (judge + 1) % folds;
        let train = select(samples, views, views, |at| fold_of[at] != judge && fold_of[at] != next);
        let chooser = select(samples, views, 1, |at| fold_of[at] == next);
        let fitted = fit_chosen(&train, &chooser, labels.len(), recipe, layout, |_| ())?;
        Judged::new(&fitted, &select(samples, views, 1, |at| fold_of[at] == judge))
    });
    let judged: Vec<Judged> = judged.collect::<Result<_, Error>>()?;
    Ok(Folds {
        accuracies: judged.iter().map(Judged::accuracy).collect(),
        loss: judged.iter().map(|fold| fold.loss).sum::<f64>() / pictures.len() as f64,
        answers: judged.into_iter().flat_map(|fold| fold.answers).collect(),
    })
}

/// What one fold answered, and the sum of its losses.
struct Judged {
    answers: Vec<(usize, usize)>,
    loss: f64,
}

impl Judged {
    fn new(fitted: &Fitted, samples: &dyn Rows) -> Result<Self, Error> {
        let mut judged = Self { answers: Vec::new(), loss: 0.0 };
        for_each(samples, |embedding, class| {
            let logits = fitted.logits(embedding);
            judged.answers.push((class, argmax(&logits)));
            judged.loss += f64::from(loss(&logits, class));
        })?;
        Ok(judged)
    }

    fn accuracy(&self) -> f64 {
        right(&self.answers) as f64 / self.answers.len() as f64
    }
}

/// How many answers are right.
fn right(answers: &[(usize, usize)]) -> usize {
    answers.iter().filter(|(truth, answer)| truth == answer).count()
}

fn check(pictures: &[usize], labels: &[String], folds: usize) -> Result<(), Error> {
    if folds < LEAST {
        let reason =
            format!("{folds} folds are too few: one judges, one chooses the epoch, so there have to be {LEAST}");
        return Err(Error::BadArgument(reason));
    }
    let count = |class: usize| pictures.iter().filter(|of| **of == class).count();
    match labels.iter().enumerate().find(|(class, _)| count(*class) < LEAST) {
        None => Ok(()),
        Some((class, label)) => Err(Error::BadDataset(format!(
            "the class {label:?} has {} pictures, and folds need {LEAST} of each: add some",
            count(class)
        ))),
    }
}

/// The fold of each picture: the groups of each class in random order, dealt like cards, the next class where the last one ended, each
/// to a fold that has the fewest pictures of the class. A group that spans classes stays together.
fn deal(pictures: &[usize], groups: &[usize], folds: usize, seed: u32) -> Vec<usize> {
    let mut rng = Rng::new(seed.into());
    let mut fold_of = vec![0; pictures.len()];
    let (mut fold_of_group, mut dealt) = (HashMap::new(), 0);
    for class in 0..pictures.iter().max().map_or(0, |last| last + 1) {
        let mut of_class: Vec<usize> = (0..pictures.len()).filter(|at| pictures[*at] == class).collect();
        rng.shuffle(&mut of_class);
        let mut counts = vec![0; folds];
        for (group, members) in gather(&of_class, groups) {
            let next = |fold: &usize| (counts[*fold], (fold + folds - dealt % folds) % folds);
            let fold =
                *fold_of_group.entry(group).or_insert_with(|| (0..folds).min_by_key(next).expect("there are folds"));
            members.iter().for_each(|at| fold_of[*at] = fold);
            counts[fold] += members.len();
            dealt += 1;
        }
    }
    fold_of
}

/// The groups of these pictures, in the order of the first of each. Too few to deal are parted: each picture is a group of its own.
fn gather(of_class: &[usize], groups: &[usize]) -> Vec<(usize, Vec<usize>)> {
    let mut places = HashMap::new();
    let mut gathered: Vec<(usize, Vec<usize>)> = Vec::new();
    for at in of_class {
        let place = *places.entry(groups[*at]).or_insert(gathered.len());
        if place == gathered.len() {
            gathered.push((groups[*at], Vec::new()));
        }
        gathered[place].1.push(*at);
    }
    if gathered.len() < LEAST {
        return of_class.iter().map(|at| (groups.len() + at, vec![*at])).collect();
    }
    gathered
}

/// The first `taken` of each picture's views, of the pictures that are wanted.
fn select(samples: &dyn Rows, views: usize, taken: usize, wanted: impl Fn(usize) -> bool) -> Selected<&dyn Rows> {
    let chosen = (0..samples.rows()).filter(|row| row % views < taken && wanted(row / views));
    Selected::new(samples, chosen.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use mobilenet_core::fit::Samples;

    #[test]
    fn every_fold_has_its_share_of_every_class() {
        let pictures: Vec<usize> = (0..103).map(|at| usize::from(at >= 60) + usize::from(at >= 96)).collect();
        let alone: Vec<usize> = (0..103).collect();
        let fold_of = deal(&pictures, &alone, 5, 1);
        for class in 0..3 {
            let counts: Vec<usize> = (0..5)
                .map(|fold| (0..103).filter(|at| pictures[*at] == class && fold_of[*at] == fold).count())
                .collect();
            assert!(counts.iter().max().unwrap() - counts.iter().min().unwrap() <= 1, "{class}: {counts:?}");
        }
        assert_ne!(fold_of, deal(&pictures, &alone, 5, 2), "the seed matters");
    }

    #[test]
    fn a_group_is_in_one_fold_and_a_class_of_one_group_in_all() {
        let pictures: Vec<usize> = (0..100).map(|at| at / 40).collect();
        // Pairs in the first class, the last of them with a picture of the second; then groups of four; then one alone.
        let groups: Vec<usize> = (0..100)
            .map(|at| {
                if at <= 40 {
                    at.min(39) / 2
                } else if at < 80 {
                    at / 4 + 90
                } else {
                    500
                }
            })
            .collect();
        for seed in 0..20 {
            let fold_of = deal(&pictures, &groups, 5, seed);
            for at in 1..80 {
                assert!(groups[at] != groups[at - 1] || fold_of[at] == fold_of[at - 1], "seed {seed}: {at}");
            }
            for (class, most) in [(0, 8), (1, 11), (2, 4)] {
                let count = |fold| (0..100).filter(|at| fold_of[*at] == fold && pictures[*at] == class).count();
                assert!((0..5).all(|fold| (1..=most).contains(&count(fold))), "seed {seed}: class {class}");
            }
        }
    }

    #[test]
    fn a_picture_is_selected_with_its_views_or_with_the_plain_one() {
        let samples =
            Samples { embeddings: (0..6).map(|at| vec![at as f32]).collect(), classes: vec![0, 0, 1, 1, 2, 2] };
        let rows = |taken| {
            let mut rows = Vec::new();
            for_each(&select(&samples, 2, taken, |picture| picture != 1), |row, _| rows.extend_from_slice(row))
                .unwrap();
            rows
        };
        assert_eq!(rows(2), [0.0, 1.0, 4.0, 5.0]);
        assert_eq!(rows(1), [0.0, 4.0]);
    }

    fn try_on(samples: &Samples, views: usize, labels: &[String], folds: usize) -> Result<Folds, Error> {
        let alone: Vec<usize> = (0..samples.rows() / views).collect();
        let layout = Layout { layers: vec![400], views };
        cross_validate(&Material { samples, layout: &layout, labels, groups: &alone }, &Recipe::default(), folds)
    }

    /// Pictures that nothing tells apart but their number, each with four views: `twin` of them are all alike.
    fn unlearnable(count: usize) -> Samples {
        let mut rng = Rng::new(3);
        let mut samples = Samples::default();
        for _ in 0..count {
            let (class, plain): (_, Vec<f32>) = (rng.below(2), (0..400).map(|_| rng.uniform() - 0.5).collect());
            for _ in 0..4 {
                samples.embeddings.push(plain.clone());
                samples.classes.push(class);
            }
        }
        samples
    }

    #[test]
    fn views_of_a_picture_do_not_leak_into_another_fold() {
        // Where they did, noise would be named right by heart: so it is when each row counts as a picture of its own.
        let samples = unlearnable(90);
        let labels = ["a", "b"].map(String::from);
        let honest = try_on(&samples, 4, &labels, 5).unwrap();
        assert_eq!(honest.answers.len(), 90);
        // Four standard deviations of a share of 90 about a half.
        let (accuracy, _) = honest.accuracy();
        assert!((accuracy - 0.5).abs() <= 4.0 * (0.25f64 / 90.0).sqrt(), "{accuracy}");
        let (leaking, _) = try_on(&samples, 1, &labels, 5).unwrap().accuracy();
        assert!(leaking > 0.9, "{leaking}");
    }

    #[test]
    fn too_few_folds_or_pictures_are_named() {
        let samples = unlearnable(9);
        let labels = ["a", "b", "rare"].map(String::from);
        let refused = |labels: &[String], folds| try_on(&samples, 4, labels, folds).unwrap_err().to_string();
        assert!(refused(&labels, 3).contains("\"rare\" has 0"));
        assert!(refused(&labels[..2], 2).contains("2 folds"));
    }
}

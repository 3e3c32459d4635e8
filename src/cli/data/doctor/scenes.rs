//! Scenes: pictures of one thing or one place, from another side, in another colour, another day. No pixel need be alike, and yet
//! whoever was trained on one names the other by its wallpaper; so an accuracy on such pictures flatters.
//!
//! Two pictures of a class show one scene when their embeddings, as far as they differ from the mean of the class, are less than half
//! as far apart as either is from its tenth nearest. Half, and not a distance: every solar cell looks like every other, and a fixed
//! cosine of 0.7 takes 79 % of them for scenes.
//!
//! Measured by the numbers of files, which nobody looks at here (2026-11-30, last layer): of 188 pairs in 4,024 furniture photos 42 %
//! have numbers at most 3 apart, where chance gives 1 %; of 320 pairs in 1,252 photos of solar cells 47 %, where chance gives 2 %.
//! Of 48 furniture pairs drawn at random, 45 show one piece of furniture, or one model of it in two colours. With 0.6 for a half there
//! are 299 pairs, 38 % of them with near numbers; with the neighbour at a twentieth of the class for the tenth, groups of 15 come together
//! that have little in common.

use mobilenet_core::error::Error;
use mobilenet_core::fit::rows::Rows;
use mobilenet_kernel::dot::dot;
use rayon::prelude::*;

use super::groups::Groups;

/// The neighbour that says how far apart pictures of a class ordinarily are.
const ORDINARY: usize = 10;
/// How much nearer a picture of the same scene is.
const NEARER: f32 = 0.5;
/// A cosine below this is no likeness, however far the others are.
const LIKENESS: f32 = 0.5;
/// Pictures of a class that are compared with one another: as many take 30 s on two cores. In a larger class each is alone.
const LIMIT: usize = 16_384;

/// The scene of each row of `parts`, one after the other: the place of its first. Rows are embeddings of pictures, of which the first
/// `last` numbers are the last layer; only pictures of one class are compared.
///
/// # Errors
/// [`Error::Io`] when a row cannot be read.
pub fn scenes(parts: &[&dyn Rows], last: usize) -> Result<Vec<usize>, Error> {
    let classes: Vec<usize> = parts.iter().flat_map(|part| part.classes()).copied().collect();
    let mut groups = Groups::new(classes.len());
    for class in 0..classes.iter().max().map_or(0, |last| last + 1) {
        let places: Vec<usize> = (0..classes.len()).filter(|place| classes[*place] == class).collect();
        if (ORDINARY + 1..=LIMIT).contains(&places.len()) {
            let directions = directions(parts, &places, last)?;
            pairs(&directions).into_iter().for_each(|[a, b]| groups.join(places[a], places[b]));
        }
    }
    Ok(groups.firsts())
}

/// In which direction from the mean of these rows each of them lies.
fn directions(parts: &[&dyn Rows], places: &[usize], last: usize) -> Result<Vec<Vec<f32>>, Error> {
    let mut rows = places.iter().map(|place| row(parts, *place, last)).collect::<Result<Vec<_>, _>>()?;
    let mut mean = vec![0.0; last];
    for row in &rows {
        mean.iter_mut().zip(row).for_each(|(mean, value)| *mean += value / places.len() as f32);
    }
    for row in &mut rows {
        row.iter_mut().zip(&mean).for_each(|(value, mean)| *value -= mean);
        let length = dot(row, row).sqrt();
        if length > 0.0 {
            row.iter_mut().for_each(|value| *value /= length);
        }
    }
    Ok(rows)
}

fn row(parts: &[&dyn Rows], mut place: usize, last: usize) -> Result<Vec<f32>, Error> {
    for part in parts {
        if place < part.rows() {
            return Ok(part.embedding(place, &mut Vec::new())?[..last].to_vec());
        }
        place -= part.rows();
    }
    unreachable!("every place is in a part")
}

/// Pairs of the same scene.
fn pairs(directions: &[Vec<f32>]) -> Vec<[usize; 2]> {
    let looked: Vec<(f32, Vec<(usize, f32)>)> =
        (0..directions.len()).into_par_iter().map(|at| look(directions, at)).collect();
    let is_near = |at: usize, cosine: f32| 1.0 - cosine < NEARER * (1.0 - looked[at].0);
    let of_one = |at: usize| {
        let alike = looked[at].1.iter();
        alike
            .filter(move |(other, cosine)| is_near(at, *cosine) && is_near(*other, *cosine))
            .map(move |(other, _)| [at, *other])
    };
    (0..directions.len()).flat_map(of_one).collect()
}

/// The cosine of the tenth nearest of one, and those before it that are alike, with their cosines.
fn look(directions: &[Vec<f32>], at: usize) -> (f32, Vec<(usize, f32)>) {
    let others = (0..directions.len()).filter(|other| *other != at);
    let cosines: Vec<(usize, f32)> = others.map(|other| (other, dot(&directions[at], &directions[other]))).collect();
    let mut sorted: Vec<f32> = cosines.iter().map(|(_, cosine)| *cosine).collect();
    let (_, ordinary, _) = sorted.select_nth_unstable_by(ORDINARY - 1, |a, b| b.total_cmp(a));
    let ordinary = *ordinary;
    (ordinary, cosines.into_iter().filter(|(other, cosine)| *other < at && *cosine > LIKENESS).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use mobilenet_core::base::rng::Rng;
    use mobilenet_core::fit::Samples;

    /// Pictures of two classes in `spread` directions each; every fifth is the one before it and a little noise.
    fn samples(count: usize, spread: usize, noise: f32) -> Samples {
        let mut rng = Rng::new(5);
        let mut samples = Samples::default();
        for at in 0..count {
            let fresh: Vec<f32> = (0..64).map(|place| if place % 32 < spread { rng.uniform() } else { 0.0 }).collect();
            let embedding = match samples.embeddings.last() {
                Some(before) if at % 5 == 4 => {
                    before.iter().map(|value| value + noise * (rng.uniform() - 0.5)).collect()
                }
                _ => fresh,
            };
            samples.embeddings.push(embedding);
            samples.classes.push(usize::from(at >= count / 2));
        }
        samples
    }

    #[test]
    fn a_picture_of_the_same_thing_is_found_where_classes_vary_much_and_little() {
        for spread in [32, 16] {
            let found = scenes(&[&samples(100, spread, 0.05)], 64).unwrap();
            let expected: Vec<usize> = (0..100).map(|at| if at % 5 == 4 { at - 1 } else { at }).collect();
            assert_eq!(found, expected, "{spread} directions");
        }
    }

    #[test]
    fn pictures_of_a_class_that_all_look_alike_are_no_scenes() {
        let noisy = scenes(&[&samples(100, 32, 20.0)], 64).unwrap();
        assert_eq!(noisy, (0..100).collect::<Vec<_>>(), "each is as far as any other");
        let mut alike = samples(100, 32, 20.0);
        alike.embeddings.iter_mut().flatten().for_each(|value| *value = 10.0 + *value / 100.0);
        assert_eq!(scenes(&[&alike], 64).unwrap(), noisy, "only the differences count");
        alike.embeddings.iter_mut().for_each(|row| row.fill(1.0));
        assert_eq!(scenes(&[&alike], 64).unwrap(), noisy, "nothing differs");
    }

    #[test]
    fn parts_are_one_and_few_pictures_have_no_ordinary_distance() {
        let whole = samples(100, 32, 0.05);
        let part = |range: std::ops::Range<usize>| Samples {
            embeddings: whole.embeddings[range.clone()].to_vec(),
            classes: whole.classes[range].to_vec(),
        };
        assert_eq!(scenes(&[&part(0..24), &part(24..100)], 64).unwrap(), scenes(&[&whole], 64).unwrap());
        assert_eq!(scenes(&[&part(0..10)], 64).unwrap(), (0..10).collect::<Vec<_>>());
    }
}

//! Choice: which numbers of an embedding a head reads, decided from the training samples before it is fitted.
//!
//! The last layer alone is the ceiling of what a head on it can tell: what the filters of the last blocks saw, and the layers after
//! them dropped because no class of ImageNet needed it, is worth as much (Head2Toe, Evci et al. 2022).
//! So a layer is fitted on all of them first, and the numbers with the largest weights are those that a head is then fitted on.
//!
//! Few samples cannot tell which of 4736 numbers matter, so from 16 training samples per class on, on average, a head reads the
//! tail, and below that the last layer. Accuracy by the number of photos a class, a fifth of which are validated on, as means of
//! eight draws (`cargo bench -p mobilenet --bench samples`, 2026-11-30):
//!
//! | photos a class | 2 | 5 | 10 | 15 | 20 | 40 | 80 |
//! | --- | --- | --- | --- | --- | --- | --- | --- |
//! | furniture, last layer | 0.677 | 0.851 | 0.902 | 0.922 | 0.926 | 0.941 | 0.947 |
//! | furniture, tail | 0.620 | 0.810 | 0.897 | 0.921 | 0.937 | 0.952 | 0.960 |
//! | solar cells, last layer | 0.575 | 0.687 | 0.714 | 0.737 | 0.746 | 0.767 | 0.790 |
//! | solar cells, tail | 0.597 | 0.691 | 0.722 | 0.741 | 0.745 | 0.779 | 0.803 |
//! | animals, plants and coins, last layer | 0.677 | 0.854 | 0.897 | 0.910 | | | |
//! | animals, plants and coins, tail | 0.662 | 0.829 | 0.894 | 0.899 | | | |

use super::fitting::{Run, check_samples, fit_whole, run};
use super::gradient::Dense;
use super::recipe::{Ingredients, Layers, Recipe};
use super::rows::{Rows, Selected};
use super::scaling::Scaling;
use super::{Epoch, Fitted};
use crate::error::Error;
use crate::head::Features;

/// Training samples a class, on average, that make a choice out of the tail better than the last layer.
const ENOUGH: usize = 16;

/// Numbers that are chosen, where there are more: a head of five classes still fits a link of 12 KB. Three folds of the furniture
/// photos cannot tell 640 from 1280, 2560 and all 4736 of them: accuracy 0.974, 0.976, 0.979, 0.977, loss 0.080, 0.085, 0.083, 0.078.
const CHOSEN: usize = 1024;

/// Rows that are enough to choose by: with more, a million samples would be fitted twice.
const ROWS: usize = 8192;

/// Epochs that are enough to choose by, and steps where epochs are short. Five folds of the furniture photos come out alike with 3, 5 and
/// 10 epochs and with as many as early stopping takes, with dropout and without: accuracy 0.978 to 0.980, loss 0.066 to 0.071. With early
/// stopping and dropout a page took 2.5 s to learn 500 samples, and takes 0.9 s so.
const EPOCHS: usize = 5;
const STEPS: usize = 128;

/// What the rows of a fit are.
///
/// ```
/// use mobilenet_core::fit::Layout;
/// // Embeddings of MobileNetV2 1.0, of each picture and its mirror image.
/// let layout = Layout { layers: vec![1280, 576, 960, 960, 960], views: 2 };
/// assert_eq!(layout.last(), 1280);
/// assert_eq!(layout.layers.iter().sum::<usize>(), 4736);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Numbers of each layer of the [tail](crate::network::Architecture::tail), which follow one another in a row. A row may end
    /// after the first, the last layer of the network.
    pub layers: Vec<usize>,
    /// Rows a sample, which follow one another.
    pub views: usize,
}

impl Layout {
    /// Numbers of the last layer.
    pub fn last(&self) -> usize {
        self.layers[0]
    }
}

/// Fits a head of `classes` classes that reads what its recipe says: the last layer, or the numbers of the whole tail that it
/// chooses. `on_epoch` sees each row of the history as it is made.
///
/// # Errors
/// As [`fit`](crate::fit::fit()); and [`Error::BadDataset`] when the recipe asks for the tail, and rows end after the last layer.
///
/// ```
/// use mobilenet_core::fit::{Ingredients, Layout, Layers, Recipe, Samples, fit_chosen};
/// // The last layer is one number, which says nothing; the class is in another.
/// let embeddings = (0..32).map(|at| vec![0.5, (at / 2 % 2) as f32, (at % 2) as f32]).collect();
/// let samples = Samples { embeddings, classes: (0..32).map(|at| at % 2).collect() };
/// let layout = Layout { layers: vec![1, 2], views: 1 };
/// let fit = |features| {
///     let recipe = Recipe::new(Ingredients { features, ..Ingredients::default() })?;
///     fit_chosen(&samples, &samples, 2, &recipe, &layout, |_| ())
/// };
/// assert_eq!(fit(Layers::Tail)?.best().validation_accuracy, 1.0);
/// assert_eq!(fit(Layers::Last)?.best().validation_accuracy, 0.5);
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
pub fn fit_chosen(
    train: &dyn Rows,
    validation: &dyn Rows,
    classes: usize,
    recipe: &Recipe,
    layout: &Layout,
    on_epoch: impl FnMut(&Epoch),
) -> Result<Fitted, Error> {
    let length = check_samples(train, validation, classes)?;
    if !reads_tail(train.rows() / layout.views, classes, length, recipe, layout)? {
        let last = layout.last().min(length);
        let features = Features::First(last);
        let [train, validation] = [train, validation].map(|rows| Reading { rows, features: &features });
        return fit_whole(&train, &validation, classes, last, recipe, on_epoch);
    }
    let features = choose(train, validation, classes, recipe, layout)?;
    let [train, validation] = [train, validation].map(|rows| Reading { rows, features: &features });
    let scaling = Scaling::by_layers(&train, &counts(&features, &layout.layers))?;
    let run = run(&train, &validation, classes, recipe, &scaling, on_epoch)?;
    Ok(run.fitted(features.clone(), |dense| relative(scaling.fold(&dense))))
}

/// The same answers from logits whose mean is zero. What all classes have in common decides nothing, but would lie in every heatmap: so
/// that shows what speaks for a class more than for the others.
fn relative(mut dense: Dense) -> Dense {
    let (classes, features) = (dense.classes, dense.features);
    let (weight, bias) = dense.numbers.split_at_mut(classes * features);
    for start in 0..features {
        take_mean_off(weight[start..].iter_mut().step_by(features), classes);
    }
    take_mean_off(bias.iter_mut(), classes);
    dense
}

fn take_mean_off<'a>(numbers: impl Iterator<Item = &'a mut f32>, count: usize) {
    let mut numbers: Vec<&mut f32> = numbers.collect();
    let mean = numbers.iter().map(|number| **number).sum::<f32>() / count as f32;
    numbers.iter_mut().for_each(|number| **number -= mean);
}

/// Whether rows of this length are to be read beyond the last layer.
fn reads_tail(samples: usize, classes: usize, length: usize, recipe: &Recipe, layout: &Layout) -> Result<bool, Error> {
    let has_tail = length == layout.layers.iter().sum::<usize>() && layout.layers.len() > 1;
    match recipe.ingredients().features {
        Layers::Last => Ok(false),
        Layers::Auto => Ok(has_tail && samples >= ENOUGH * classes),
        Layers::Tail if has_tail => Ok(true),
        Layers::Tail => Err(Error::BadDataset(
            "these embeddings end after the last layer, and the tail was asked for: embed the pictures again".into(),
        )),
    }
}

/// The numbers with the largest weights in a layer on all of them.
fn choose(
    train: &dyn Rows,
    validation: &dyn Rows,
    classes: usize,
    recipe: &Recipe,
    layout: &Layout,
) -> Result<Features, Error> {
    let some = Selected::new(train, spread(train.classes(), classes));
    let scaling = Scaling::by_layers(&some, &layout.layers)?;
    let Run { dense, .. } = run(&some, validation, classes, &hasty(recipe, some.rows())?, &scaling, |_| ())?;
    Features::chosen(largest(&strengths(&dense), CHOSEN))
}

/// The positions of the `count` largest numbers, of equal ones the first. Sorting the numbers alone, as calibration does too, is less
/// wasm than sorting positions.
fn largest(numbers: &[f32], count: usize) -> Vec<u16> {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f32::total_cmp);
    let chosen = &sorted[numbers.len().saturating_sub(count)..];
    let least = chosen[0];
    let mut equal = chosen.iter().filter(|number| **number == least).count();
    let mut is_chosen = |number: f32| {
        let is_equal = number == least && equal > 0;
        equal -= usize::from(is_equal);
        is_equal || number > least
    };
    (0..).zip(numbers).filter(|(_, number)| is_chosen(**number)).map(|(position, _)| position).collect()
}

/// A recipe to choose by on so many rows.
fn hasty(recipe: &Recipe, rows: usize) -> Result<Recipe, Error> {
    let ingredients = recipe.ingredients();
    let enough = STEPS.div_ceil(rows.div_ceil(ingredients.batch)).max(EPOCHS);
    Recipe::new(Ingredients { dropout: 0.0, epochs: ingredients.epochs.min(enough), ..ingredients.clone() })
}

/// The sum of the squares of each number's weights.
fn strengths(dense: &Dense) -> Vec<f32> {
    let mut strengths = vec![0.0; dense.features];
    for row in dense.split().0.chunks_exact(dense.features) {
        strengths.iter_mut().zip(row).for_each(|(strength, weight)| *strength += weight * weight);
    }
    strengths
}

/// Positions of at most [`ROWS`] rows, or one a class: of each class as many as of any other where it has them, evenly spread.
fn spread(of: &[usize], classes: usize) -> Vec<usize> {
    let mut rows = vec![Vec::new(); classes];
    of.iter().enumerate().for_each(|(at, class)| rows[*class].push(at));
    let most = (ROWS / classes).max(1);
    let mut chosen: Vec<usize> =
        rows.iter().flat_map(|rows| rows.iter().step_by(rows.len().div_ceil(most).max(1))).copied().collect();
    chosen.sort_unstable();
    chosen
}

/// How many of the features are of each layer.
fn counts(features: &Features, layers: &[usize]) -> Vec<usize> {
    let mut end = 0;
    let mut positions = features.positions().peekable();
    let count = |layer: &usize| {
        end += layer;
        std::iter::from_fn(|| positions.next_if(|position| *position < end)).count()
    };
    layers.iter().map(count).collect()
}

/// Rows of which only some numbers are read.
struct Reading<'a> {
    rows: &'a dyn Rows,
    features: &'a Features,
}

impl Rows for Reading<'_> {
    fn rows(&self) -> usize {
        self.rows.rows()
    }

    fn classes(&self) -> &[usize] {
        self.rows.classes()
    }

    fn embedding<'a>(&'a self, at: usize, buffer: &'a mut Vec<f32>) -> Result<&'a [f32], Error> {
        if let Features::First(count) = self.features {
            return Ok(&self.rows.embedding(at, buffer)?[..*count]);
        }
        let mut whole = Vec::new();
        let row = self.rows.embedding(at, &mut whole)?;
        buffer.clear();
        buffer.extend(self.features.positions().map(|position| row[position]));
        Ok(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    use crate::fit::{Samples, fit};

    const LAYERS: [usize; 3] = [200, 400, 800];
    /// Where the class is told: in numbers of each layer.
    const TELLING: [usize; 6] = [11, 106, 311, 511, 911, 1311];

    /// Samples whose class is in six numbers, little in each, and noise in all others.
    fn samples(count: usize, seed: u64) -> Samples {
        let mut rng = Rng::new(seed);
        let mut samples = Samples::default();
        for at in 0..count {
            let number = |place| rng.uniform() + if TELLING.contains(&place) && at % 2 == 1 { 0.8 } else { 0.0 };
            samples.embeddings.push((0..1400).map(number).collect());
            samples.classes.push(at % 2);
        }
        samples
    }

    fn fitted(train: usize, layers: Layers, views: usize) -> Result<Fitted, Error> {
        let recipe = Recipe::new(Ingredients { features: layers, ..Ingredients::default() })?;
        let layout = Layout { layers: LAYERS.to_vec(), views };
        fit_chosen(&samples(train, 1), &samples(400, 2), 2, &recipe, &layout, |_| ())
    }

    #[test]
    fn the_numbers_that_tell_are_chosen_and_make_a_better_head() {
        let (tail, last) = (fitted(200, Layers::Tail, 1).unwrap(), fitted(200, Layers::Last, 1).unwrap());
        let Features::Chosen(positions) = &tail.features else { panic!("{:?}", tail.features) };
        assert_eq!(positions.len(), CHOSEN);
        assert!(TELLING.iter().all(|telling| positions.contains(&(*telling as u16))), "{positions:?}");
        assert_eq!(last.features, Features::First(200));
        assert!(tail.best().validation_loss < last.best().validation_loss);
        for row in &samples(9, 3).embeddings {
            let logits = tail.logits(row);
            // Two sums of 1024 products, each with some roundings of numbers near 1.
            assert!((logits[0] + logits[1]).abs() <= 1024.0 * f32::EPSILON, "{logits:?}");
        }
        let (loss, accuracy) = tail.evaluate(&samples(400, 2)).unwrap();
        // The same logits, folded and not: some roundings of a loss near 0.2.
        assert!((loss - tail.best().validation_loss).abs() <= 1.0e-5 && accuracy == tail.best().validation_accuracy);
    }

    #[test]
    fn samples_decide_and_not_their_views() {
        let of = |train, views| fitted(train, Layers::Auto, views).unwrap().features;
        assert_eq!(of(2 * ENOUGH - 2, 1), Features::First(200));
        assert!(matches!(of(2 * ENOUGH, 1), Features::Chosen(_)));
        assert_eq!(of(2 * ENOUGH, 2), Features::First(200));
    }

    #[test]
    fn rows_of_the_last_layer_alone_are_fitted_as_ever() {
        let recipe = Recipe::default();
        let layout = Layout { layers: vec![1400, 5], views: 1 };
        let (train, validation) = (samples(200, 1), samples(40, 2));
        let chosen = fit_chosen(&train, &validation, 2, &recipe, &layout, |_| ()).unwrap();
        assert_eq!(chosen, fit(&train, &validation, 2, &recipe, |_| ()).unwrap());
        let recipe = Recipe::new(Ingredients { features: Layers::Tail, ..Ingredients::default() }).unwrap();
        let refused = fit_chosen(&train, &validation, 2, &recipe, &layout, |_| ()).unwrap_err();
        assert!(refused.to_string().contains("embed the pictures again"), "{refused}");
    }

    #[test]
    fn a_choice_is_made_by_as_many_rows_of_each_class() {
        let classes: Vec<usize> = (0..3 * ROWS).map(|at| usize::from(at >= 100)).collect();
        let chosen = spread(&classes, 2);
        assert_eq!(chosen.iter().filter(|at| **at < 100).count(), 100);
        assert!((ROWS / 2 / 2..=ROWS / 2).contains(&(chosen.len() - 100)), "{}", chosen.len());
        assert_eq!(spread(&[0, 1, 1, 0], 2), [0, 1, 2, 3]);
    }

    #[test]
    fn of_equal_numbers_the_first_are_chosen() {
        assert_eq!(largest(&[1.0, 3.0, 2.0, 3.0, 2.0, 2.0], 4), [1, 2, 3, 4]);
        assert_eq!(largest(&[0.0; 3], 2), [0, 1]);
        assert_eq!(largest(&[5.0, 4.0], 9), [0, 1]);
    }

    #[test]
    fn features_are_counted_by_layer() {
        let features = Features::chosen(vec![0, 199, 600, 601, 1399]).unwrap();
        assert_eq!(counts(&features, &LAYERS), [2, 0, 3]);
    }
}

//! Fitting: a toy set is learned, the same seed gives the same numbers, the best epoch is kept, nonsense is refused.

#![cfg(not(target_arch = "wasm32"))]

use mobilenet_core::base::rng::Rng;
use mobilenet_core::fit::{Epoch, Fitted, Ingredients, Recipe, Samples, fit};
use mobilenet_kernel::dot::dot;

/// Clusters that a line can part, unless `noise` is large.
fn clusters(seed: u64, count: usize, noise: f32) -> Samples {
    let mut rng = Rng::new(seed);
    let mut samples = Samples::default();
    for at in 0..count {
        let class = at % 3;
        samples.embeddings.push((0..24).map(|i| f32::from(i % 3 == class) + noise * rng.uniform()).collect());
        samples.classes.push(class);
    }
    samples
}

fn accuracy(fitted: &Fitted, samples: &Samples) -> f32 {
    let rows: Vec<&[f32]> = fitted.weight.chunks_exact(24).collect();
    let right = samples.embeddings.iter().zip(&samples.classes).filter(|(embedding, class)| {
        let logits: Vec<f32> = rows.iter().zip(&fitted.bias).map(|(row, bias)| dot(row, embedding) + bias).collect();
        (0..3).all(|other| logits[**class] >= logits[other])
    });
    right.count() as f32 / samples.len() as f32
}

#[test]
fn a_toy_set_is_learned_to_the_last_sample() {
    let (train, validation) = (clusters(1, 120, 0.5), clusters(2, 60, 0.5));
    let fitted = fit(&train, &validation, 3, &Recipe::default(), |_| ()).unwrap();
    assert_eq!(accuracy(&fitted, &train), 1.0);
    assert_eq!(fitted.history[fitted.best_epoch - 1].validation_accuracy, 1.0);
}

#[test]
fn shuffled_classes_cannot_be_learned() {
    // Shows that the accuracy above is earned: with truth drawn by lot it stays near a third.
    let mut train = clusters(1, 300, 0.5);
    Rng::new(9).shuffle(&mut train.classes);
    let mut validation = clusters(2, 300, 0.5);
    Rng::new(8).shuffle(&mut validation.classes);
    let fitted = fit(&train, &validation, 3, &Recipe::default(), |_| ()).unwrap();
    // Four standard deviations of a share of 300 about 1/3.
    let spread = 4.0 * (1.0f32 / 3.0 * 2.0 / 3.0 / 300.0).sqrt();
    let distance = (accuracy(&fitted, &validation) - 1.0 / 3.0).abs();
    assert!(distance <= spread, "{distance}");
}

#[test]
fn the_same_seed_gives_the_same_numbers_and_another_does_not() {
    let (train, validation) = (clusters(1, 90, 2.0), clusters(2, 60, 2.0));
    let seeded = |seed| Recipe::new(Ingredients { seed, ..Ingredients::default() }).unwrap();
    let run = |seed| fit(&train, &validation, 3, &seeded(seed), |_| ()).unwrap();
    assert_eq!(run(5), run(5));
    assert_ne!(run(5).weight, run(6).weight);
}

#[test]
fn the_best_epoch_is_kept_and_patience_ends_the_run() {
    // Nothing can be learned here but the training samples by heart.
    let (mut train, mut validation) = (clusters(1, 60, 6.0), clusters(2, 60, 6.0));
    Rng::new(9).shuffle(&mut train.classes);
    Rng::new(8).shuffle(&mut validation.classes);
    let mut rows: Vec<Epoch> = Vec::new();
    let fitted = fit(&train, &validation, 3, &Recipe::default(), |row| rows.push(row.clone())).unwrap();
    assert_eq!(rows, fitted.history);
    let lowest = rows.iter().map(|row| row.validation_loss).fold(f32::INFINITY, f32::min);
    assert_eq!(rows[fitted.best_epoch - 1].validation_loss, lowest);
    assert_eq!(rows.len(), fitted.best_epoch + Ingredients::default().patience, "it overfits, so it stops by itself");
    assert!(rows.len() < Ingredients::default().epochs);
}

#[test]
fn samples_and_recipes_that_cannot_work_are_refused() {
    let good = clusters(1, 12, 0.5);
    let recipe = Recipe::default();
    let refused = |train: &Samples, classes, recipe: &Recipe| fit(train, &good, classes, recipe, |_| ()).is_err();
    assert!(!refused(&good, 3, &recipe));
    assert!(refused(&good, 1, &recipe));
    assert!(refused(&good, 2, &recipe), "a class that is not there");
    assert!(refused(&Samples::default(), 3, &recipe));
    let mut broken = good.clone();
    broken.embeddings[3][0] = f32::NAN;
    assert!(refused(&broken, 3, &recipe));
    broken = good.clone();
    broken.embeddings[3].pop();
    assert!(refused(&broken, 3, &recipe));
}

//! The fit against an independent program: what Keras computes for the same samples, in double precision.
//! `tests/fit/reference.py` makes the file that is read here.
//!
//! Both draw the same first weights, orders and dropout masks, so every value has to agree to rounding. The file also
//! holds what planted faults give, and every comparison has to reject one of those.
//!
//! Not pinned: which generator draws and in what order, which is this project's own choice, and that embeddings are
//! scaled, which `fit.rs` explains. Loss values with label smoothing or class weights do not exist here: both change the
//! gradient only, and a history shows plain cross-entropy. Keras would show, and stop by, the smoothed one.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::*;
use crate::fit::Samples;
use crate::head::softmax;

const CLASSES: usize = 3;
/// The relative error of a rounding to `f32`.
const ROUNDING: f64 = f32::EPSILON as f64 / 2.0;
/// `1 - BETA_2` as an `f32` is 1.29e-5 of itself less than 0.001. The square root of that, so half the error, is in each
/// step of a weight whose gradient is so faint that epsilon decides; the steps of all others cancel it.
const BETA_2_ERROR: f64 = 1.3e-5;

type Values = BTreeMap<String, Vec<f64>>;

#[derive(Deserialize)]
struct Reference {
    train: Set,
    validation: Set,
    large_logits: Vec<Vec<f32>>,
    records: Vec<Record>,
}

/// Embeddings and classes.
#[derive(Deserialize)]
struct Set(Vec<Vec<f32>>, Vec<usize>);

#[derive(Deserialize)]
struct Record {
    kind: Kind,
    recipe: Ingredients,
    /// What was computed wrong on purpose; every value of such a record shows it.
    fault: Option<String>,
    values: Values,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Answers,
    Steps,
    Run,
}

impl Set {
    fn samples(self) -> Samples {
        Samples { embeddings: self.0, classes: self.1 }
    }
}

fn wide(numbers: impl IntoIterator<Item = f32>) -> Vec<f64> {
    numbers.into_iter().map(f64::from).collect()
}

/// Softmax of large logits, and the loss of each class.
fn answers(large_logits: &[Vec<f32>]) -> Values {
    let losses = large_logits.iter().flat_map(|logits| (0..logits.len()).map(|class| loss(logits, class)));
    BTreeMap::from([
        ("large softmax".into(), wide(large_logits.iter().flat_map(|logits| softmax(logits)))),
        ("large losses".into(), wide(losses)),
    ])
}

/// Ten steps, each on all samples.
fn steps(train: &Samples, recipe: &Ingredients) -> Values {
    let class_weights = recipe.class_weights.weights(&train.classes, CLASSES);
    let features = train.embeddings[0].len();
    let scaling = Scaling::by_length(train, features).unwrap();
    let mut fitting = Fitting::new(class_weights, &scaling, recipe);
    let mut values = Values::from([("start".into(), wide(fitting.dense.numbers.clone()))]);
    for step in 1..=10 {
        fitting.epoch(train).unwrap();
        values.insert(format!("weights after step {step}"), wide(fitting.dense.numbers.clone()));
        if step == 1 {
            // Adam is blind to the scale of a gradient, its first momentum is not.
            let gradient = fitting.momentum.iter().map(|momentum| momentum / (1.0 - BETA_1));
            values.insert("gradient".into(), wide(gradient));
        }
    }
    let head = scaling.fold(&fitting.dense);
    let logits: Vec<Vec<f32>> = train.embeddings.iter().map(|embedding| head.logits(embedding)).collect();
    values.insert("momentum".into(), wide(fitting.momentum));
    values.insert("velocity".into(), wide(fitting.velocity));
    values.insert("softmax".into(), wide(logits.iter().flat_map(|logits| softmax(logits))));
    values.insert("logits".into(), wide(logits.concat()));
    values.insert("loss of the head".into(), wide([evaluate(|embedding| head.logits(embedding), train).unwrap().0]));
    values
}

/// A whole fit, as anybody calls it.
fn run(train: &Samples, validation: &Samples, recipe: &Ingredients) -> Values {
    let recipe = Recipe::new(recipe.clone()).unwrap();
    let fitted = fit(train, validation, CLASSES, &recipe, |_| ()).unwrap();
    let column = |of: fn(&Epoch) -> f32| wide(fitted.history.iter().map(of));
    BTreeMap::from([
        ("loss".into(), column(|epoch| epoch.loss)),
        ("categorical_accuracy".into(), column(|epoch| epoch.accuracy)),
        ("val_loss".into(), column(|epoch| epoch.validation_loss)),
        ("val_categorical_accuracy".into(), column(|epoch| epoch.validation_accuracy)),
        ("best epoch".into(), vec![fitted.best_epoch as f64]),
        ("head".into(), wide(fitted.weight.iter().chain(&fitted.bias).copied())),
    ])
}

/// How far a value may be from that of Keras.
fn tolerance(name: &str, recipe: &Ingredients) -> f64 {
    // Weights are below 2, so a step's decay and its sum are each off by one rounding.
    let weights = |steps: f64| steps * (f64::from(recipe.learning_rate) * BETA_2_ERROR + 2.0 * ROUNDING);
    // A mean of 24 terms below 1, each the result of 8 roundings.
    let gradient = 32.0 * ROUNDING;
    // A scaled embedding sums to less than 3 and its length is below 1.3, so that a weight's error moves a logit by four
    // times as much at the most, a loss by twice that, and a gradient by less than itself.
    let momentum = gradient + weights(10.0);
    match name {
        "large softmax" => 4.0 * ROUNDING,
        // The roundings of a loss of 16, and Keras's upper bound of a probability, 1 - 1e-7, which ours does without.
        "large losses" => 32.0 * ROUNDING + 1.0e-7,
        "start" => 3.0 * ROUNDING,
        "gradient" => gradient,
        "momentum" => momentum,
        // Ten squares of gradients below 1, times 0.001; their weighted mean is below 0.01.
        "velocity" => 10.0 * 0.001 * 2.0 * momentum + 0.01 * BETA_2_ERROR,
        "weights after step 1" => weights(1.0),
        "weights after step 2" => weights(2.0),
        "weights after step 3" => weights(3.0),
        "weights after step 10" => weights(10.0),
        "logits" | "softmax" => 4.0 * weights(10.0),
        "loss of the head" => 8.0 * weights(10.0),
        // The worst case of 96 steps says nothing. Measured: 3.6e-6, the same on every machine. The mildest fault: 1.5e-2.
        "loss" | "val_loss" | "head" => 2.0e-5,
        "categorical_accuracy" | "val_categorical_accuracy" => ROUNDING,
        "best epoch" => 0.0,
        _ => panic!("no tolerance for {name}"),
    }
}

/// Whether all values are within the tolerance; one that is not a number is not.
fn agree(ours: &[f64], theirs: &[f64], tolerance: f64) -> bool {
    ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| (ours - theirs).abs() <= tolerance)
}

/// Compares every value of every record: its name, whether it agrees, and its record.
fn compare(mut see: impl FnMut(&str, bool, &Record)) {
    let reference: Reference = serde_json::from_str(include_str!("../../../tests/fit/reference.json")).unwrap();
    let (train, validation) = (reference.train.samples(), reference.validation.samples());
    for record in &reference.records {
        let ours = match record.kind {
            Kind::Answers => answers(&reference.large_logits),
            Kind::Steps => steps(&train, &record.recipe),
            Kind::Run => run(&train, &validation, &record.recipe),
        };
        for (name, theirs) in &record.values {
            see(name, agree(&ours[name], theirs, tolerance(name, &record.recipe)), record);
        }
    }
}

#[test]
fn every_value_is_what_keras_computes() {
    let mut compared = 0;
    compare(|name, agrees, record| {
        if record.fault.is_none() {
            assert!(agrees, "{name} of {:?}", record.recipe);
            compared += 1;
        }
    });
    assert_eq!(compared, 2 + 5 * 11 + 6, "large logits, five recipes of ten steps, one whole fit");
}

#[test]
fn every_comparison_rejects_a_planted_fault() {
    let (mut all, mut proven) = (BTreeSet::new(), BTreeSet::new());
    compare(|name, agrees, record| match &record.fault {
        None => drop(all.insert(name.to_owned())),
        Some(fault) => {
            assert!(!agrees, "{name} does not show this fault: {fault}");
            proven.insert(name.to_owned());
        }
    });
    assert_eq!(all, proven);
    assert!(!agree(&[f64::NAN], &[0.0], 1.0), "what is not a number");
    assert!(!agree(&[], &[0.0], 1.0), "a value that is missing");
}

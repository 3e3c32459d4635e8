//! Model files: whatever opens is written again as it was, and answers.
#![no_main]

use std::sync::{LazyLock, Mutex};

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use mobilenet_fuzz::signed::{mutate, sign};
use mobilenet_fuzz::{backbone, expect_code, seeds};
use mobilenet_core::model::{Model, SelfTest, test_card};
use mobilenet_core::fit::{Ingredients, Layers, Samples, Settings, teach};
use mobilenet_core::{Classifier, Embedder, Head};
use mobilenet_core::model::link;

static EMBEDDER: LazyLock<Mutex<Embedder>> = LazyLock::new(|| Mutex::new(Embedder::new(&backbone())));

fuzz_target!(init: seeds(examples), |data: &[u8]| {
    match Model::from_bytes(data) {
        Err(error) => expect_code(&error, &["bad-model"]),
        Ok(model) => check(model),
    }
    if let Err(error) = Classifier::from_bytes(data) {
        expect_code(&error, &["bad-model", "wrong-backbone", "self-test-failed"]);
    }
});

// The digest of a file is repaired after every change, or nothing but the digest would ever be tried.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| { mutate(data, size, max_size, seed) });

fn check(model: Model) {
    let bytes = model.to_bytes();
    let again = Model::from_bytes(&bytes).expect("what was opened can be written and opened again");
    assert_eq!(again, model);
    assert_eq!(again.to_bytes(), bytes);
    match link::fragment(&model) {
        Ok(fragment) => assert_eq!(link::open(&fragment).expect("a link that was made opens").head, model.head),
        Err(error) => expect_code(&error, &["bad-argument", "link-too-long"]),
    }
    if let Some(head) = model.head {
        answer(head);
    }
}

/// A head that is sound answers over any backbone that it fits.
fn answer(head: Head) {
    let mut embedder = EMBEDDER.lock().unwrap();
    if head.check_features(embedder.features(), embedder.embedding_len()).is_err() {
        return;
    }
    let (labels, weight, bias) = (head.labels().to_vec(), head.weight().to_vec(), head.bias().to_vec());
    let (features, calibration) = (head.features().clone(), head.calibration().cloned());
    let head = Head::new(labels, weight, bias, embedder.digest().into());
    let mut head = head.and_then(|head| head.reading(features)).expect("a sound head");
    if let Some(calibration) = calibration {
        head = head.with_calibration(calibration).expect("a sound head");
    }
    let self_test = SelfTest::record(&mut embedder, Some(&head));
    let file = Model { backbone: Some(backbone()), head: Some(head), self_test }.to_bytes();
    let mut classifier = Classifier::from_bytes(&file).expect("a sound head over its backbone");
    let answer = classifier.classify(&test_card(), usize::MAX);
    let total: f64 = answer.predictions.iter().map(|prediction| f64::from(prediction.probability)).sum();
    // Each of them is rounded once as a quotient, and their sum before that.
    let tolerance = answer.predictions.len() as f64 * f64::from(f32::EPSILON);
    assert!((total - 1.0).abs() <= tolerance, "{total}");
}

fn examples() -> Vec<Vec<u8>> {
    let mut embedder = EMBEDDER.lock().unwrap();
    let whole = Model { backbone: Some(backbone()), head: None, self_test: SelfTest::record(&mut embedder, None) };
    let mut samples = Samples::default();
    for (level, class) in [(0, 0), (9, 0), (200, 1), (209, 1)] {
        samples.embeddings.push(embedder.embed_input(&vec![level; 32 * 32 * 3]));
        samples.classes.push(class);
    }
    let labels = ["dark".to_owned(), "bright".to_owned()];
    let mut teach = |features| {
        let settings = Settings { recipe: Ingredients { features, ..Ingredients::default() }, ..Settings::default() };
        teach(&samples, &[0, 0, 1, 1], &labels, &settings, &mut embedder, |_| ()).unwrap().model
    };
    let (last, tail) = (teach(Layers::Last), teach(Layers::Tail));
    vec![whole.to_bytes(), last.clone(), tail, both(&last, whole), small(&last)]
}

fn both(head: &[u8], whole: Model) -> Vec<u8> {
    let Model { head, self_test, .. } = Model::from_bytes(head).unwrap();
    Model { head, self_test, ..whole }.to_bytes()
}

/// A head on embeddings of four numbers, in floats: hardly more than its manifest.
fn small(head: &[u8]) -> Vec<u8> {
    let mut model = Model::from_bytes(head).unwrap();
    let head = model.head.take().unwrap();
    let weight = (0..8).map(|at| at as f32 * 0.3).collect();
    model.head = Some(Head::new(head.labels().to_vec(), weight, head.bias().to_vec(), head.backbone().into()).unwrap());
    sign(model.to_bytes())
}

//! ONNX files, run as they are in float.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use mobilenet_fuzz::graph::{mutate, small};
use mobilenet_fuzz::{allow_memory, expect_code, seeds};
use mobilenet_core::Error;
use mobilenet_core::base::panic_guard::hush;
use mobilenet_core::model::test_card;
use mobilenet_onnx::{OnnxClassifier, OnnxOptions};

/// What a run may take, and the file twice.
const MEMORY: usize = 3 << 30;

fuzz_target!(init: { seeds(small); allow_memory(MEMORY); hush() }, |data: &[u8]| {
    match OnnxClassifier::from_bytes(data, &OnnxOptions::default()) {
        Ok(classifier) => check(&classifier),
        Err(error) => expect_code(&error, &["empty-file", "bad-onnx", "bad-argument"]),
    }
});

// Bytes at random hardly ever give another network.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| { mutate(data, size, max_size, seed) });

fn check(classifier: &OnnxClassifier) {
    match classifier.classify(&test_card(), usize::MAX) {
        // A network may draw by lot, and fail now and then.
        Err(error) => assert!(matches!(error, Error::BadOnnx(_)), "{error}"),
        Ok(answer) => {
            let total: f64 = answer.predictions.iter().map(|prediction| f64::from(prediction.probability)).sum();
            assert_eq!(answer.predictions.len(), classifier.labels().len());
            // As near as a file's own softmax has to come to be taken for one, and as much again.
            assert!((total - 1.0).abs() < 2.0e-3, "probabilities of {total}");
        }
    }
}

//! ONNX files that are a MobileNetV2, or nearly, made into a model. An input takes seconds.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use mobilenet_fuzz::graph::mutate;
use mobilenet_fuzz::{allow_memory, backbone, expect_code, seeds};
use mobilenet_core::export::{Content, Format, Precision, export};
use mobilenet_core::base::panic_guard::hush;
use mobilenet_onnx::{OnnxOptions, lower};
use mobilenet_core::{Classifier, Head};

const MEMORY: usize = 3 << 30;
const REFUSED: [&str; 6] = ["empty-file", "bad-onnx", "bad-argument", "not-mobilenet", "gate-failed", "bad-model"];

fuzz_target!(init: { seeds(examples); allow_memory(MEMORY); hush() }, |data: &[u8]| {
    match lower(data, "fuzz.onnx", &OnnxOptions::default(), &mut |_, _| ()) {
        Ok(lowered) => drop(Classifier::from_bytes(&lowered.model).expect("a model that was made opens")),
        Err(error) => expect_code(&error, &REFUSED),
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| { mutate(data, size, max_size, seed) });

fn examples() -> Vec<Vec<u8>> {
    let backbone = backbone();
    let labels = ["a", "b"].map(String::from).to_vec();
    let architecture = backbone.architecture();
    let exported = [architecture.features(), architecture.embedding_len()].map(|features| {
        let weight = (0..2 * features).map(|at| (at % 5) as f32 * 0.1).collect();
        let head = Head::new(labels.clone(), weight, vec![0.0, 1.0], backbone.digest()).unwrap();
        match export(&backbone, Some(&head), Format::Onnx, Precision::Float).unwrap().content {
            Content::File(file) => file,
            Content::Folder(_) => unreachable!("ONNX is one file"),
        }
    });
    exported.into()
}

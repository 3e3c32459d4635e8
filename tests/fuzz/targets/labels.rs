//! Files of labels that somebody brings with an ONNX file.
#![no_main]

use std::collections::HashSet;

use libfuzzer_sys::fuzz_target;
use mobilenet_fuzz::{expect_code, seeds};
use mobilenet_core::head::LABEL_LIMIT;
use mobilenet_onnx::Labels;

fuzz_target!(init: seeds(|| vec![b"n01440764 tench\ncrane\ncrane (2)\ncrane\n".to_vec(), b"background\r\na\r\na".to_vec()]), |data: &[u8]| {
    let labels = match Labels::read(data) {
        Ok(labels) => labels,
        Err(error) => return expect_code(&error, &["bad-argument"]),
    };
    for classes in [2, labels.count() - 1, labels.count(), labels.count() + 1, 1001] {
        match labels.of(classes) {
            Ok(names) => check(&names, classes),
            Err(error) => expect_code(&error, &["bad-argument"]),
        }
    }
});

/// As a head wants them.
fn check(names: &[String], classes: usize) {
    assert_eq!(names.len(), classes);
    assert!(names.iter().all(|name| !name.is_empty() && name.len() <= LABEL_LIMIT), "{names:?}");
    assert_eq!(names.iter().collect::<HashSet<_>>().len(), classes, "{names:?}");
}

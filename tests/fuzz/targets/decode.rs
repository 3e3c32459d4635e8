//! Pictures: five formats, and whatever says that it is one.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use mobilenet_fuzz::{expect_code, seeds};
use mobilenet_core::Frame;
use mobilenet_core::picture::decode::{PIXEL_LIMIT, decode, format_name};
use mobilenet_core::picture::input::{Fit, InputSpec, preprocess};

/// Larger pictures are decoded too, and take too long here to learn much from them.
const PIXELS: u64 = 1 << 20;

fuzz_target!(init: seeds(examples), |data: &[u8]| -> Corpus {
    if pixels(data).is_some_and(|pixels| (PIXELS..=PIXEL_LIMIT).contains(&pixels)) {
        return Corpus::Reject;
    }
    match decode(data) {
        Ok(frame) => check(&frame, data),
        Err(error) => expect_code(&error, &["empty-file", "unsupported-format", "corrupt-picture", "picture-too-large"]),
    }
    Corpus::Keep
});

/// What the header says.
fn pixels(data: &[u8]) -> Option<u64> {
    let reader = image::ImageReader::new(std::io::Cursor::new(data)).with_guessed_format().ok()?;
    let (width, height) = reader.into_dimensions().ok()?;
    Some(u64::from(width) * u64::from(height))
}

fn check(frame: &Frame, data: &[u8]) {
    let pixels = frame.width() as u64 * frame.height() as u64;
    assert!((1..=PIXEL_LIMIT).contains(&pixels) && frame.rgb().len() as u64 == pixels * 3);
    assert!(format_name(data).is_some());
    assert_eq!(decode(data).expect("what was decoded once is decoded again"), *frame);
    for fit in [Fit::Squash, Fit::Crop] {
        assert_eq!(preprocess(frame, &InputSpec { side: 32, fit, ..InputSpec::KERAS }).len(), 32 * 32 * 3);
    }
}

fn examples() -> Vec<Vec<u8>> {
    let pictures = concat!(env!("CARGO_MANIFEST_DIR"), "/../pictures");
    let files = std::fs::read_dir(pictures).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
    files.filter(|file| format_name(file).is_some()).collect()
}

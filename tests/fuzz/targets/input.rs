//! Input specifications, as a model file brings them, and frames of any shape under them.
#![no_main]

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use mobilenet_fuzz::{expect_code, seeds};
use mobilenet_core::picture::input::{InputSpec, preprocess};
use mobilenet_core::{Frame, FrameRef};

#[derive(Arbitrary, Debug)]
struct Input {
    spec: String,
    sides: [u16; 2],
    color: [u8; 3],
    alpha: u8,
    bytes: Vec<u8>,
}

/// Pixels of a frame: more take too long here to learn much from them.
const PIXELS: usize = 1 << 16;

fuzz_target!(init: seeds(Vec::new), |input: Input| {
    let Input { spec, sides: [width, height], color, alpha, bytes } = input;
    let spec = read(&spec).unwrap_or(InputSpec { side: 32, ..InputSpec::KERAS });
    let (width, height) = (usize::from(width), usize::from(height));
    if let Err(error) = Frame::from_rgb(width, height, bytes) {
        expect_code(&error, &["bad-argument"]);
    }
    if width * height == 0 || width * height > PIXELS {
        return;
    }
    let [red, green, blue] = color;
    let rgba = [red, green, blue, alpha].repeat(width * height);
    let (borrowed, owned) = (FrameRef::from_rgba(width, height, &rgba), Frame::from_rgba(width, height, &rgba));
    let owned = owned.expect("it has as many bytes as it needs");
    let input = preprocess(&owned, &spec);
    assert_eq!(input.len(), spec.input_len());
    assert_eq!(preprocess(borrowed.expect("likewise"), &spec), input);
    assert!(input.as_chunks::<3>().0.iter().all(|pixel| pixel == &owned.rgb()[..3]), "one colour stays one colour");
});

fn read(json: &str) -> Option<InputSpec> {
    let spec: InputSpec = serde_json::from_str(json).ok()?;
    spec.validate().map_err(|error| expect_code(&error, &["bad-model"])).ok()?;
    let again = serde_json::to_string(&spec).unwrap();
    assert_eq!(serde_json::from_str::<InputSpec>(&again).unwrap(), spec);
    Some(spec)
}

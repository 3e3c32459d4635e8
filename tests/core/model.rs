//! The model file: it comes back as it was written, and nothing damaged, mismatched or computed otherwise gets through.

#![cfg(not(target_arch = "wasm32"))]

use mobilenet_core::base::digest::sha256;
use mobilenet_core::base::rng::Rng;
use mobilenet_core::head::Features;
use mobilenet_core::model::SelfTest;
use mobilenet_core::network::{Architecture, Backbone, Padding, Quantization, QuantizedLayer};
use mobilenet_core::picture::input::InputSpec;
use mobilenet_core::{Calibration, Classifier, Embedder, Frame, Head, Model};

/// A small network with random weights.
fn backbone(seed: u64) -> Backbone {
    let mut rng = Rng::new(seed);
    let architecture = Architecture { width: 0.35, side: 32, padding: Padding::Symmetric };
    let layers = architecture.layers().into_iter().map(|row| QuantizedLayer {
        weight: (0..row.weight_len()).map(|_| rng.below(255) as u8 as i8).collect(),
        weight_scale: vec![0.002; row.outputs],
        bias: (0..row.outputs).map(|_| rng.below(2000) as i32 - 1000).collect(),
        output: if row.has_relu6() { Quantization::RELU6 } else { Quantization { scale: 0.1, zero_point: 120 } },
    });
    Backbone::new(architecture, InputSpec { side: 32, ..InputSpec::KERAS }, layers.collect()).unwrap()
}

fn model(seed: u64) -> Model {
    let backbone = backbone(seed);
    let mut embedder = Embedder::new(&backbone);
    let mut rng = Rng::new(seed);
    let labels = ["bed", "стол", "a \"quoted\" one"].map(String::from).to_vec();
    let mut numbers = || (0..3 * embedder.features()).map(|_| rng.uniform() - 0.5).collect::<Vec<_>>();
    let (weight, means) = (numbers(), numbers());
    let head = Head::new(labels, weight, vec![0.0, 0.25, -0.5], embedder.digest().into()).unwrap();
    let head = head.with_calibration(Calibration::new(1.5, means, 0.25).unwrap()).unwrap();
    let self_test = SelfTest::record(&mut embedder, Some(&head));
    Model { backbone: Some(backbone), head: Some(head), self_test }
}

fn code(result: Result<Classifier, mobilenet_core::Error>) -> &'static str {
    result.err().map_or("none", |error| error.code())
}

/// The furniture head as it was made before heads read the tail. Its self-test holds the logits that it gave then.
#[test]
fn a_head_of_the_last_layer_answers_as_it_did() {
    let file = include_bytes!("last-layer.safetensors");
    let mut classifier = Classifier::from_bytes(file).unwrap();
    let last = classifier.embedder().features();
    assert_eq!(*classifier.head().features(), Features::First(last));
    let model = Model::from_bytes(file).unwrap();
    assert_eq!(model.to_bytes(), file, "and is written as it was");
    // Embeddings that were kept end after the last layer.
    let frame = Frame::from_rgb(3, 2, (0..18).map(|at| at * 14).collect()).unwrap();
    let embedding = classifier.embedder().embed(&frame);
    let kept = classifier.head().answer(&embedding[..last], 5);
    assert_eq!(kept, classifier.classify(&frame, 5));
}

/// A head on numbers of the whole tail: as a file, and where it does not fit.
#[test]
fn a_head_of_the_tail_comes_back_and_is_of_a_format_of_its_own() {
    let Model { backbone: Some(backbone), head: Some(head), .. } = model(1) else { unreachable!("it has both") };
    let mut embedder = Embedder::new(&backbone);
    let all = embedder.embedding_len();
    let positions: Vec<u16> = (0..all as u16).rev().take(head.features().count()).rev().collect();
    let reading = |positions: Vec<u16>| head.clone().reading(Features::chosen(positions).unwrap()).unwrap();
    let tail = reading(positions.clone());
    let self_test = SelfTest::record(&mut embedder, Some(&tail));
    let made = Model { backbone: Some(backbone.clone()), head: Some(tail.clone()), self_test: self_test.clone() };
    let file = made.to_bytes();
    assert_eq!(Model::from_bytes(&file).unwrap(), made);
    assert_eq!(*Classifier::from_bytes(&file).unwrap().head(), tail);
    let is_format =
        |file: &[u8], format: u8| file.windows(10).any(|part| part == [br#"format\":"#, &[format][..]].concat());
    assert!(is_format(&file, b'2') && is_format(&model(1).to_bytes(), b'1'));
    let other = SelfTest { tail: sha256(b"another machine"), ..self_test.clone() };
    assert_eq!(
        code(Classifier::from_bytes(&Model { self_test: other, ..made.clone() }.to_bytes())),
        "self-test-failed"
    );
    let beyond = reading(positions.iter().map(|position| position + 1).collect());
    let bytes = Model { head: Some(beyond), self_test, ..made }.to_bytes();
    assert_eq!(code(Classifier::from_bytes(&bytes)), "bad-model");
}

#[test]
fn a_self_test_that_is_no_number_is_refused() {
    let mut model = model(1);
    model.self_test.logits[1] = f32::NAN;
    let error = Model::from_bytes(&model.to_bytes()).unwrap_err();
    assert!(error.code() == "bad-model" && error.to_string().contains("self-test"), "{error}");
}

#[test]
fn a_model_comes_back_as_it_was_written() {
    let model = model(1);
    let file = model.to_bytes();
    assert_eq!(Model::from_bytes(&file).unwrap(), model);
    assert_eq!(model.to_bytes(), file, "the same model gives the same bytes");
    let frame = Frame::from_rgb(3, 2, (0..18).map(|at| at * 14).collect()).unwrap();
    let mut classifier = Classifier::from_bytes(&file).unwrap();
    let answer = classifier.classify(&frame, 9);
    let total: f32 = answer.predictions.iter().map(|prediction| prediction.probability).sum();
    // Three roundings of numbers below 1.
    assert!((total - 1.0).abs() <= 3.0 * f32::EPSILON, "{total}");
    assert_eq!(classifier.clone().classify(&frame, 9), answer);
}

#[test]
fn no_flipped_bit_gets_through() {
    let file = model(2).to_bytes();
    let mut rng = Rng::new(3);
    let header = 8 + u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
    // Every bit of the first kilobyte, then random ones of the header and of the whole file.
    let first = 0..8 * 1024;
    let random = (0..2000).map(|at| rng.below(8 * if at % 2 == 0 { header } else { file.len() }));
    for bit in first.chain(random) {
        let mut damaged = file.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert!(Model::from_bytes(&damaged).is_err(), "bit {bit} of {}", file.len() * 8);
    }
}

#[test]
fn no_cut_or_longer_file_gets_through() {
    let file = model(2).to_bytes();
    for length in (0..file.len()).step_by(997) {
        assert!(Model::from_bytes(&file[..length]).is_err(), "{length} bytes");
    }
    assert!(Model::from_bytes(&[file, vec![0]].concat()).is_err());
}

#[test]
fn a_head_needs_its_own_backbone() {
    let (first, second) = (model(1), model(2));
    let mixed = Model { head: first.head, ..second };
    assert_eq!(code(Classifier::from_bytes(&mixed.to_bytes())), "wrong-backbone");
    let disguised = Model { self_test: first.self_test, ..mixed.clone() };
    assert_eq!(code(Classifier::from_bytes(&disguised.to_bytes())), "self-test-failed");
    let headless = Model { head: None, ..mixed };
    assert_eq!(code(Classifier::from_bytes(&headless.to_bytes())), "bad-model");
}

#[test]
fn another_answer_to_the_test_card_is_refused() {
    let honest = model(1);
    assert_eq!(code(Classifier::from_bytes(&honest.to_bytes())), "none");
    let breaks: [fn(&mut SelfTest); 3] = [
        |test| test.input.replace_range(0..1, "x"),
        |test| test.embedding.replace_range(0..1, "x"),
        |test| test.logits[0] = f32::from_bits(test.logits[0].to_bits() ^ 1),
    ];
    for break_it in breaks {
        let mut model = honest.clone();
        break_it(&mut model.self_test);
        assert_eq!(code(Classifier::from_bytes(&model.to_bytes())), "self-test-failed");
    }
}

#[test]
fn numbers_out_of_range_are_refused() {
    let breaks: [fn(&mut [QuantizedLayer]); 5] = [
        |layers| layers[3].weight_scale[0] = f32::NAN,
        |layers| layers[3].weight_scale[0] = 1000.0,
        |layers| layers[3].bias[0] = i32::MAX,
        |layers| layers[0].output.zero_point = 1,
        |layers| layers[5].output.scale = 0.0,
    ];
    let sound = backbone(1);
    for (case, break_it) in breaks.iter().enumerate() {
        let mut layers = sound.layers().to_vec();
        break_it(&mut layers);
        let error = Backbone::new(sound.architecture(), sound.input(), layers).unwrap_err();
        assert_eq!(error.code(), "bad-model", "case {case}");
    }
}

/// A file says by its digest that it is whole, not that it makes sense: these were signed anew.
#[test]
fn what_no_constructor_makes_no_file_brings() {
    let file = model(1).to_bytes();
    // A bias of the head, the scale of a weight, and the temperature.
    let breaks = [(-0.5f32, f32::INFINITY), (0.002, 1.0e9), (1.5, f32::NAN)];
    for (case, (sound, broken)) in breaks.into_iter().enumerate() {
        let [sound, broken] = [sound, broken].map(f32::to_le_bytes);
        let at = file.windows(4).rposition(|window| window == sound).unwrap();
        let mut changed = file.clone();
        changed[at..][..broken.len()].copy_from_slice(&broken);
        let error = Model::from_bytes(&signed(changed)).unwrap_err();
        assert_eq!(error.code(), "bad-model", "case {case}");
        assert!(!error.to_string().contains("damaged"), "case {case}: {error}");
    }
}

/// The file with the digest that it should have.
fn signed(mut file: Vec<u8>) -> Vec<u8> {
    const BEFORE: &[u8] = br#"digest\":\""#;
    let at = file.windows(BEFORE.len()).position(|window| window == BEFORE).unwrap() + BEFORE.len();
    file[at..][..64].fill(b'0');
    let digest = sha256(&file);
    file[at..][..64].copy_from_slice(digest.as_bytes());
    file
}

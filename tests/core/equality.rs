//! The same bits everywhere: the answers of the committed model to every test picture, and a head fitted from
//! the same samples, are compared with digests that were taken natively. The browser runs this very file.
//!
//! After a deliberate change of decoder or model: `UPDATE_ANSWERS=1 cargo test --release --test equality`.

#![cfg(feature = "embedded")]

#[path = "../pictures/mod.rs"]
mod pictures;

use mobilenet_core::base::digest::sha256;
use mobilenet_core::base::rng::Rng;
use mobilenet_core::classifier::Classifier;
use mobilenet_core::fit::{ClassWeights, Ingredients, Recipe, Samples, Schedule, Settings, fit, teach};
use mobilenet_core::head::{Features, softmax};
use mobilenet_core::model::Model;
use mobilenet_core::network::{
    Architecture, Backbone, LaneSet, Layer, Network, Padding, Quantization, QuantizedLayer, plain,
};
use mobilenet_core::picture::decode::decode;
use mobilenet_core::picture::input::{InputSpec, preprocess};
use pictures::PICTURES;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

const ANSWERS: &str = include_str!("../pictures/answers.txt");

/// As the page does it: the lanes with relaxed SIMD are tried where the browser has them.
fn link() {
    #[cfg(target_arch = "wasm32")]
    mobilenet_web::side::link_once();
}

fn digest(numbers: &[f32]) -> String {
    sha256(&numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<_>>())
}

/// Name, input, what the last layer gives, logits, probabilities, heatmaps of all classes, and the whole embedding: after the name,
/// each a digest of the bits.
fn answer(classifier: &mut Classifier, name: &str, file: &[u8]) -> String {
    let frame = decode(file).unwrap_or_else(|error| panic!("{name}: {error}"));
    let input = preprocess(&frame, classifier.embedder().input());
    let embedding = classifier.embedder().embed_input(&input);
    let logits = classifier.head().logits(&embedding);
    let probabilities = softmax(&logits);
    let heatmaps = (0..logits.len()).flat_map(|class| classifier.heatmap(&frame, class).unwrap().values).collect();
    let last = embedding[..classifier.embedder().features()].to_vec();
    let digests = [last, logits, probabilities, heatmaps, embedding].map(|numbers: Vec<f32>| digest(&numbers));
    format!("{name} {} {}", sha256(&input), digests.join(" "))
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn every_picture_has_the_same_answer() {
    link();
    let mut classifier = Classifier::embedded().unwrap();
    let answers: Vec<String> = PICTURES.iter().map(|(name, file)| answer(&mut classifier, name, file)).collect();
    #[cfg(not(target_arch = "wasm32"))]
    if std::env::var_os("UPDATE_ANSWERS").is_some() {
        std::fs::write(
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/pictures/answers.txt"),
            answers.join("\n") + "\n",
        )
        .unwrap();
        return;
    }
    assert_eq!(answers, ANSWERS.lines().collect::<Vec<_>>());
}

/// All lanes of this machine, those for any machine among them, and the loops that define the network, against one table.
#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn every_engine_equals_the_plain_loops() {
    link();
    let file = include_bytes!("../../src/core/models/mobilenet_v2_1.0_224.safetensors");
    let backbone = Model::from_bytes(file).unwrap().backbone.unwrap();
    let engines: Vec<_> = LaneSet::available().into_iter().map(|lanes| Network::with_lanes(&backbone, lanes)).collect();
    for (at, ((name, picture), answer)) in PICTURES.iter().zip(ANSWERS.lines()).enumerate() {
        let input = preprocess(&decode(picture).unwrap(), &backbone.input());
        let told = answer.split(' ').next_back().unwrap();
        // The loops by definition take seconds a picture in a browser.
        let expected = if at % 5 == 0 {
            plain::embed(&backbone, &input)
        } else {
            engines[0].embed(&input, &mut engines[0].arena())
        };
        assert_eq!(digest(&expected), told, "{name}");
        for engine in &engines {
            assert_eq!(engine.embed(&input, &mut engine.arena()), expected, "{name}, {:?}", engine.lanes());
        }
    }
}

/// Widths with few channels, sides that leave odd rows, and both padding rules.
#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn every_size_of_network_equals_the_plain_loops() {
    link();
    let mut rng = Rng::new(5);
    for (width, side) in [(0.35, 96), (0.5, 101), (0.75, 64), (1.4, 33)] {
        for padding in [Padding::Same, Padding::Symmetric] {
            // Lanes that need weights from -127 on get them, or make way for others.
            let lowest = if padding == Padding::Same { -127 } else { -128 };
            let backbone = random_backbone(&mut rng, Architecture { width, side, padding }, lowest);
            let input: Vec<u8> = (0..side * side * 3).map(|_| rng.below(256) as u8).collect();
            let (expected, feature_map) = (plain::embed(&backbone, &input), plain::feature_map(&backbone, &input));
            assert!(expected.iter().any(|number| *number > 0.0), "width {width}, side {side}: nothing to compare");
            for lanes in LaneSet::available() {
                let engine = Network::with_lanes(&backbone, lanes);
                let mut arena = engine.arena();
                assert_eq!(
                    engine.embed(&input, &mut arena),
                    expected,
                    "width {width}, side {side}, {padding:?}, {lanes:?}"
                );
                assert_eq!(arena.feature_map(), feature_map, "width {width}, side {side}, {padding:?}, {lanes:?}");
            }
        }
    }
}

fn random_backbone(rng: &mut Rng, architecture: Architecture, lowest: i8) -> Backbone {
    let layer = |rng: &mut Rng, row: &Layer| QuantizedLayer {
        weight: (0..row.weight_len()).map(|_| (rng.below(256) as u8 as i8).max(lowest)).collect(),
        // Half of a layer's outputs are inside their range at about this scale.
        weight_scale: (0..row.outputs).map(|_| 0.02 / ((row.weight_len() / row.outputs) as f32).sqrt()).collect(),
        bias: (0..row.outputs).map(|_| rng.below(2000) as i32 - 1000).collect(),
        output: match row.has_relu6() {
            true => Quantization::RELU6,
            false => Quantization { scale: 0.05, zero_point: rng.below(256) as u8 },
        },
    };
    let layers = architecture.layers().iter().map(|row| layer(rng, row)).collect();
    Backbone::new(architecture, InputSpec { side: architecture.side, ..InputSpec::KERAS }, layers).unwrap()
}

/// The weights that the samples below give with the cosine, smoothing, decay and class weights.
const FITTED_OTHERWISE: &str = "c361573e459e26afa99fc5508f77fd9ce702b711fd6c7fa6d3cc5b3b22ddd5ba";
/// The weights that they give with the defaults.
const FITTED: &str = "3c1546c53809b51fe562a43bb8eefa661a75ae4ffd290a6e92741e948f53dbcb";

/// The model files that 40 samples of 1280 numbers give, taught with the defaults, and otherwise; and that of 160 with the whole tail.
const TAUGHT: [&str; 2] = [
    "6a5fb964c6f8f4ad0d115aa68d30437947528004f9b0d8fc704a316d91066e5b",
    "09f19937856459677d973e86139afbf1d6ccd5dcb1896ec96c747de0a8ebbd4a",
];

const TAUGHT_TAIL: &str = "8524bec69e9ce335455139702e944a9ceabcbe90d91376e352cb1b0cef460e2e";

/// Four noisy clusters.
fn samples(seed: u64, count: usize) -> Samples {
    clusters(seed, count, 64)
}

fn clusters(seed: u64, count: usize, features: usize) -> Samples {
    let mut rng = Rng::new(seed);
    let mut samples = Samples::default();
    for at in 0..count {
        let class = at % 4;
        samples
            .embeddings
            .push((0..features).map(|i| rng.uniform() + if i % 4 == class { 0.3 } else { 0.0 }).collect());
        samples.classes.push(class);
    }
    samples
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn a_fitted_head_has_the_same_bits() {
    let fitted = fit(&samples(1, 200), &samples(2, 40), 4, &Recipe::default(), |_| ()).unwrap();
    assert_eq!(digest(&fitted.weight), FITTED);
    let seeded = Recipe::new(Ingredients { seed: 2, ..Ingredients::default() }).unwrap();
    let another = fit(&samples(1, 200), &samples(2, 40), 4, &seeded, |_| ()).unwrap();
    assert_ne!(digest(&another.weight), FITTED, "the seed matters");
    let recipe = Recipe::new(Ingredients {
        schedule: Schedule::Cosine,
        weight_decay: 0.01,
        label_smoothing: 0.1,
        class_weights: ClassWeights::Balanced,
        epochs: 7,
        ..Ingredients::default()
    });
    let recipe = recipe.unwrap();
    let otherwise = fit(&samples(1, 199), &samples(2, 40), 4, &recipe, |_| ()).unwrap();
    assert_eq!(digest(&otherwise.weight), FITTED_OTHERWISE);
}

/// All of it: what is set aside, the fit, the calibration, and the file with its self-test.
#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn a_taught_model_has_the_same_bytes() {
    let mut classifier = Classifier::embedded().unwrap();
    let samples = clusters(3, 40, classifier.embedder().features());
    let labels = ["a", "b", "c", "d"].map(String::from);
    let otherwise = r#"{ "recipe": { "seed": 7, "schedule": "cosine", "class_weights": "balanced", "learning_rate": 0.003, "epochs": 20 },
        "validation_share": 0.3, "false_rejections": 0.1 }"#;
    let settings = [Settings::default(), serde_json::from_str(otherwise).unwrap()];
    let bursts: Vec<usize> = (0..40).map(|at| if at % 4 == 0 { 99 } else { at / 2 }).collect();
    let models = settings.map(|settings| {
        let taught = teach(&samples, &bursts, &labels, &settings, classifier.embedder(), |_| ()).unwrap();
        assert_eq!(classifier.open_head(&taught.model).unwrap(), taught.head);
        sha256(&taught.model)
    });
    assert_eq!(models, TAUGHT);
    let samples = clusters(4, 160, classifier.embedder().embedding_len());
    let bursts: Vec<usize> = (0..160).collect();
    let taught = teach(&samples, &bursts, &labels, &Settings::default(), classifier.embedder(), |_| ()).unwrap();
    assert!(matches!(taught.head.features(), Features::Chosen(_)));
    assert_eq!(classifier.open_head(&taught.model).unwrap(), taught.head);
    assert_eq!(sha256(&taught.model), TAUGHT_TAIL);
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn orientation_gives_one_upright_picture() {
    let upright = |orientation: usize| {
        let name = format!("png_orientation_{orientation}.png");
        decode(PICTURES.iter().find(|picture| picture.0 == name).unwrap().1).unwrap()
    };
    for orientation in 2..=8 {
        assert_eq!(upright(orientation), upright(1), "EXIF orientation {orientation}");
    }
}

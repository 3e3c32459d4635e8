//! What can be known of the files without the runtimes that they are for; `tests/export.rs` runs those.

use serde_json::Value;
use tract_onnx::prelude::*;

use super::*;
use crate::classifier::embedded_backbone;
use crate::embedder::Embedder;
use crate::model::test_card;
use crate::network::{Architecture, Padding};
use crate::preprocess::{InputSpec, preprocess};

const EVERY: [(Format, Precision); 6] = [
    (Format::Onnx, Precision::Int8),
    (Format::Onnx, Precision::Float),
    (Format::Tflite, Precision::Int8),
    (Format::Tflite, Precision::Float),
    (Format::Tfjs, Precision::Float),
    (Format::Safetensors, Precision::Float),
];

/// The embedded backbone on small pictures.
fn backbone(padding: Padding) -> Backbone {
    let backbone = embedded_backbone().unwrap();
    let architecture = Architecture { side: 64, padding, ..backbone.architecture };
    Backbone { architecture, input: InputSpec { side: 64, ..backbone.input }, ..backbone }
}

fn head(backbone: &Backbone, labels: [&str; 2]) -> Head {
    let features = backbone.architecture.features();
    Head {
        labels: labels.map(String::from).to_vec(),
        weight: (0..2 * features).map(|at| at as f32).collect(),
        bias: vec![0.25, 0.5],
        backbone: backbone.digest(),
        training: None,
        calibration: None,
    }
}

fn file(backbone: &Backbone, head: Option<&Head>, format: Format, precision: Precision) -> Vec<u8> {
    match export(backbone, head, format, precision).unwrap().content {
        Content::File(bytes) => bytes,
        Content::Folder(files) => panic!("{} files", files.len()),
    }
}

/// How far tract's embedding from the float file is from our engine's, as a share of its length.
fn distance(expected: &Backbone, exported: &Backbone) -> f32 {
    let onnx = file(exported, None, Format::Onnx, Precision::Float);
    let model = tract_onnx::onnx().model_for_read(&mut &onnx[..]).unwrap();
    let model = model.with_input_fact(0, f32::fact([1, 64, 64, 3]).into()).unwrap();
    let plan = model.into_optimized().unwrap().into_runnable().unwrap();
    let input = preprocess(&test_card(), &expected.input);
    let floats: Vec<f32> = input.iter().map(|byte| f32::from(*byte)).collect();
    let input_tensor = Tensor::from_shape(&[1, 64, 64, 3], &floats).unwrap();
    let outputs = plan.run(tvec!(input_tensor.into())).unwrap();
    let found = outputs[0].try_as_plain_ram().unwrap().as_slice::<f32>().unwrap();
    let embedding = Embedder::new(expected).unwrap().embed_input(&input);
    assert_eq!(found.len(), embedding.len());
    let length = |numbers: &mut dyn Iterator<Item = f32>| numbers.map(|number| number * number).sum::<f32>().sqrt();
    let difference = length(&mut embedding.iter().zip(found).map(|(a, b)| a - b));
    difference / length(&mut embedding.iter().copied())
}

/// What rounding activations makes of an embedding: 0.12 is the most that `tests/export.rs` saw, and half as much again.
const ROUNDING: f32 = 0.19;

#[test]
fn tract_runs_the_float_file_as_our_engine_does() {
    for padding in [Padding::Same, Padding::Symmetric] {
        let backbone = backbone(padding);
        let distance = distance(&backbone, &backbone);
        assert!(distance <= ROUNDING, "{padding:?}: {distance}");
    }
    let (expected, mut doubled) = (backbone(Padding::Same), backbone(Padding::Same));
    doubled.layers[20].weight_scale.iter_mut().for_each(|scale| *scale *= 2.0);
    for fault in [backbone(Padding::Symmetric), doubled] {
        assert!(distance(&expected, &fault) > ROUNDING, "a fault passed");
    }
}

#[test]
fn the_same_model_gives_the_same_bytes() {
    let backbone = backbone(Padding::Same);
    let head = head(&backbone, ["a", "b"]);
    for (format, precision) in EVERY {
        let [first, second] = [0; 2].map(|_| export(&backbone, Some(&head), format, precision).unwrap());
        assert!(first == second, "{format:?} {precision:?}");
    }
}

#[test]
fn tensors_of_a_tflite_file_are_aligned() {
    let backbone = backbone(Padding::Same);
    let file = file(&backbone, None, Format::Tflite, Precision::Int8);
    for layer in backbone.layers.iter().step_by(7) {
        let weight: Vec<u8> = layer.weight.iter().map(|weight| weight.cast_unsigned()).collect();
        let at = file.windows(weight.len()).position(|window| window == weight).unwrap();
        assert_eq!(at % 16, 0);
    }
}

#[test]
fn every_tensor_of_a_tfjs_graph_is_there() {
    let backbone = backbone(Padding::Same);
    let exported = export(&backbone, Some(&head(&backbone, ["a", "b"])), Format::Tfjs, Precision::Float).unwrap();
    let Content::Folder(files) = exported.content else { panic!("one file") };
    let [(_, weights), (_, json)] = &files[..] else { panic!("{} files", files.len()) };
    let json: Value = serde_json::from_slice(json).unwrap();
    let mut known = std::collections::HashSet::new();
    for node in json["modelTopology"]["node"].as_array().unwrap() {
        for input in node["input"].as_array().unwrap() {
            assert!(known.contains(input), "{node}");
        }
        known.insert(&node["name"]);
    }
    let manifest = json["weightsManifest"][0]["weights"].as_array().unwrap();
    let numbers =
        |tensor: &Value| tensor["shape"].as_array().unwrap().iter().filter_map(Value::as_u64).product::<u64>();
    assert_eq!(manifest.iter().map(numbers).sum::<u64>() * 4, weights.len() as u64);
}

#[test]
fn what_cannot_be_exported_is_said() {
    let backbone = backbone(Padding::Same);
    let refused = |head: Option<&Head>, format, precision| {
        let error = export(&backbone, head, format, precision).unwrap_err();
        (error.code(), error.to_string())
    };
    for format in [Format::Tfjs, Format::Safetensors] {
        let (code, message) = refused(None, format, Precision::Int8);
        assert!(code == "bad-argument" && message.contains("precision float"), "{message}");
    }
    let (code, message) = refused(Some(&head(&backbone, ["a", "b\nc"])), Format::Tflite, Precision::Int8);
    assert!(code == "bad-model" && message.contains("b\\nc"), "{message}");
    let mut short = head(&backbone, ["a", "b"]);
    short.weight.pop();
    assert_eq!(refused(Some(&short), Format::Onnx, Precision::Int8).0, "bad-model");
    assert_eq!("coreml".parse::<Format>().unwrap_err().code(), "bad-argument");
    assert_eq!("int4".parse::<Precision>().unwrap_err().code(), "bad-argument");
}

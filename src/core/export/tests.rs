//! What can be known of the files without the runtimes that they are for; `tests/export/main.rs` runs those.

use serde_json::Value;

use super::*;
use crate::classifier::embedded_backbone;
use crate::network::{Architecture, Padding};
use crate::picture::input::InputSpec;

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
    let architecture = Architecture { side: 64, padding, ..backbone.architecture() };
    Backbone::new(architecture, InputSpec { side: 64, ..backbone.input() }, backbone.layers().to_vec()).unwrap()
}

fn head(backbone: &Backbone, labels: [&str; 2]) -> Head {
    let features = backbone.architecture().features();
    let weight = (0..2 * features).map(|at| at as f32).collect();
    Head::new(labels.map(String::from).to_vec(), weight, vec![0.25, 0.5], backbone.digest()).unwrap()
}

fn file(backbone: &Backbone, head: Option<&Head>, format: Format, precision: Precision) -> Vec<u8> {
    match export(backbone, head, format, precision).unwrap().content {
        Content::File(bytes) => bytes,
        Content::Folder(files) => panic!("{} files", files.len()),
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
    for layer in backbone.layers().iter().step_by(7) {
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
    let short =
        Head::new(["a", "b"].map(String::from).to_vec(), vec![1.0; 2], vec![0.0; 2], backbone.digest()).unwrap();
    assert_eq!(refused(Some(&short), Format::Onnx, Precision::Int8).0, "bad-model");
    assert_eq!("coreml".parse::<Format>().unwrap_err().code(), "bad-argument");
    assert_eq!("int4".parse::<Precision>().unwrap_err().code(), "bad-argument");
}

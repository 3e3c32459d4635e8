//! The whole way, on a small MobileNetV2 in every dialect of ONNX; and files that are none.

use image::{Rgb, RgbImage};
use tract_onnx::pb::{GraphProto, ModelProto, NodeProto};

use super::fidelity::GATE;
use super::synthetic::{Dialect, Norm, Relu6, SMALL, int, ints, model, network, node, tensor};
use super::*;
use mobilenet_core::network::Padding;

const SEED: u64 = 7;

fn options(folder: &Path) -> ImportOptions {
    ImportOptions { calibrate: vec![folder.to_owned()], check: vec![], limit: None, stated: STATED }
}

const STATED: Stated = Stated { levels: None, fit: Fit::Squash, side: None };

fn lowered(model: &ModelProto) -> Result<Job, Error> {
    Job::prepare(model, Path::new("."), &STATED)
}

/// Soft colours, every one another picture.
fn pictures(count: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for at in 0..count as u32 {
        let wave = |x: u32, y: u32, k: u32| ((x * (at % 5 + k) + y * (at % 3 + 1) + at * 40 * k) % 256) as u8;
        let picture = RgbImage::from_fn(80, 72, |x, y| Rgb([wave(x, y, 1), wave(y, x, 2), wave(x, x, 3)]));
        picture.save(folder.path().join(format!("{at:02}.png"))).unwrap();
    }
    folder
}

fn dialects() -> [Dialect; 6] {
    let plain = Dialect::PLAIN;
    [
        plain,
        Dialect { norm: Norm::Batch, relu6: Relu6::ClipAttributes, ..plain },
        Dialect { norm: Norm::MulAdd, relu6: Relu6::MinMax, ..plain },
        Dialect { channels_last: true, computed_weights: true, ..plain },
        Dialect { pad_nodes: true, norm: Norm::Batch, ..plain },
        Dialect { classes: 10, computed_weights: true, pad_nodes: true, ..plain },
    ]
}

#[test]
fn every_dialect_gives_the_same_numbers() {
    let expected = network(SMALL, SEED);
    for dialect in dialects() {
        let job = lowered(&model(&expected, dialect)).unwrap_or_else(|error| panic!("{dialect:?}: {error}"));
        assert_eq!(job.network.architecture, SMALL, "{dialect:?}");
        assert_eq!(job.classifier.is_some(), dialect.classes > 0, "{dialect:?}");
        for (found, expected) in job.network.layers.iter().zip(&expected.layers) {
            // Doubled and halved, weights are exact; a bias goes through one more float32 addition, 2^-24 of about 1.
            assert_eq!(found.weight, expected.weight, "{dialect:?}");
            let close = |(found, expected): (&f64, &f64)| (found - expected).abs() < 2.0e-7;
            assert!(found.bias.iter().zip(&expected.bias).all(close), "{dialect:?}");
        }
    }
}

#[test]
fn every_width_and_padding_is_recognised() {
    for width in [0.35, 0.5, 0.75, 1.0, 1.4] {
        for padding in [Padding::Same, Padding::Symmetric] {
            let architecture = Architecture { width, side: 32, padding };
            let model = model(&network(architecture, SEED), Dialect::PLAIN);
            assert_eq!(lowered(&model).unwrap().network.architecture, architecture);
        }
    }
}

#[test]
fn int8_follows_the_file_in_every_dialect() {
    let (network, folder) = (network(SMALL, SEED), pictures(12));
    for dialect in dialects() {
        let job = lowered(&model(&network, dialect)).unwrap();
        let (_, fidelity) =
            job.import(&options(folder.path()), &|_, _, _| ()).unwrap_or_else(|e| panic!("{dialect:?}: {e}"));
        assert_eq!((fidelity.calibration, fidelity.folders[0].pictures), (6, 6));
        assert!(fidelity.folders[0].median >= GATE, "{dialect:?}: {:?}", fidelity.folders);
        assert_eq!(fidelity.folders[0].agreement.is_some(), dialect.classes > 0);
    }
}

#[test]
fn the_gate_catches_numbers_in_the_wrong_place() {
    let folder = pictures(12);
    // Medians of about 0.996 without a fault, and of 0.96 and below with one, stand well apart from the gate's 0.98.
    type Fault = (&'static str, bool, fn(&mut Job));
    let faults: [Fault; 4] = [
        ("none", false, |_| ()),
        ("blue for red", true, |job| job.network.layers[0].weight.chunks_exact_mut(3).for_each(|rgb| rgb.swap(0, 2))),
        ("one channel off", true, |job| job.network.layers[4].weight.rotate_left(1)),
        ("no biases", true, |job| job.network.layers.iter_mut().for_each(|layer| layer.bias.fill(0.0))),
    ];
    for (name, refused, fault) in faults {
        let mut job = lowered(&model(&network(SMALL, SEED), Dialect::PLAIN)).unwrap();
        fault(&mut job);
        let result = job.import(&options(folder.path()), &|_, _, _| ()).map(|(_, fidelity)| fidelity.folders);
        assert_eq!(matches!(result, Err(Error::GateFailed(_))), refused, "{name}: {result:?}");
    }
}

/// Changes one node of a good file and expects the error to name that node and to say `reason`.
fn refuses(change: &str, reason: &str, edit: impl Fn(&mut GraphProto)) {
    let mut model = model(&network(SMALL, SEED), Dialect::PLAIN);
    edit(model.graph.as_mut().unwrap());
    match lowered(&model).err() {
        Some(Error::NotMobileNet { layer, reason: found }) => {
            assert!(layer == change && found.contains(reason), "{change}: {layer}: {found}");
        }
        other => panic!("{change}: {other:?}"),
    }
}

fn find<'a>(graph: &'a mut GraphProto, name: &str) -> &'a mut NodeProto {
    graph.node.iter_mut().find(|node| node.name == name).unwrap()
}

#[test]
fn the_first_layer_that_differs_is_named() {
    refuses("block_3_depthwise", "stride", |graph| {
        find(graph, "block_3_depthwise").attribute[0] = ints("strides", &[1, 1]);
    });
    refuses("block_6_depthwise", "padding", |graph| {
        find(graph, "block_6_depthwise").attribute[1] = ints("pads", &[1, 0, 0, 1]);
    });
    refuses("block_2_depthwise", "group", |graph| find(graph, "block_2_depthwise").attribute[2] = int("group", 1));
    refuses("block_5_expand", "cut to 0 to 1", |graph| {
        graph.initializer.push(tensor("one", &[], vec![1.0]));
        find(graph, "block_5_expand_relu").input[2] = "one".into();
    });
    refuses("block_7_expand_relu", "HardSwish", |graph| {
        *find(graph, "block_7_expand_relu") = node("HardSwish", &["block_7_expand"], "block_7_expand_relu", vec![]);
    });
    refuses("Conv1_relu", "HardSwish", |graph| {
        *find(graph, "Conv1_relu") = node("HardSwish", &["Conv1"], "Conv1_relu", vec![]);
    });
    refuses("block_4_project_add", "block's input", |graph| {
        find(graph, "block_4_project_add").input[0] = "block_4_project".into();
    });
    refuses("block_9_expand", "channels", |graph| {
        let weight = graph.initializer.iter_mut().find(|tensor| tensor.name == "block_9_expand/kernel").unwrap();
        weight.dims[0] -= 8;
        weight.float_data.truncate(weight.dims.iter().product::<i64>() as usize);
        let bias = graph.initializer.iter_mut().find(|tensor| tensor.name == "block_9_expand/bias").unwrap();
        bias.dims[0] -= 8;
        bias.float_data.truncate(bias.dims[0] as usize);
    });
}

#[test]
fn what_cannot_be_read_is_said() {
    refuses("block_1_project", "damaged", |graph| {
        let bias = graph.initializer.iter_mut().find(|tensor| tensor.name == "block_1_project/bias").unwrap();
        bias.float_data[0] = f32::NAN;
    });
    refuses("Conv1/kernel", "float32", |graph| graph.initializer[2].data_type = 8);
    refuses("its end", "Conv1", |graph| graph.node.clear());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("text.onnx");
    std::fs::write(&file, "this is a text and no network").unwrap();
    let error = import(&file, &options(folder.path()), &|_, _, _| ()).unwrap_err();
    assert_eq!(error.code(), "bad-onnx");
    assert!(error.to_string().contains("text.onnx"), "{error}");
    std::fs::write(&file, "").unwrap();
    assert_eq!(import(&file, &options(folder.path()), &|_, _, _| ()).unwrap_err().code(), "empty-file");
}

#[test]
fn arithmetic_before_the_first_layer_becomes_part_of_the_input() {
    let mut model = model(&network(SMALL, SEED), Dialect::PLAIN);
    let graph = model.graph.as_mut().unwrap();
    graph.initializer.push(tensor("half", &[], vec![127.5]));
    graph.initializer.push(tensor("mean", &[1, 3, 1, 1], vec![1.0, 0.9, 0.8]));
    find(graph, "Conv1").input[0] = "normalised".into();
    graph.node.insert(0, node("Sub", &["scaled", "mean"], "normalised", vec![]));
    graph.node.insert(0, node("Div", &["input", "half"], "scaled", vec![]));
    assert_eq!(lowered(&model).err().map(|error| error.code()), Some("bad-argument"));
    let with = |levels| Job::prepare(&model, Path::new("."), &Stated { levels: Some(levels), ..STATED });
    let input = with(Levels::BYTES).unwrap().input;
    assert_eq!((input.mean, input.std), ([127.5, 114.75, 102.0], [127.5; 3]));
    assert!(with(Levels::UNIT).is_err(), "bytes / 255 / 127.5 is nothing that a network wants");
}

#[test]
fn a_size_left_open_is_asked_for() {
    let expected = network(SMALL, SEED);
    let mut model = model(&expected, Dialect::PLAIN);
    let graph = model.graph.as_mut().unwrap();
    let Some(tract_onnx::pb::type_proto::Value::TensorType(input)) = &mut graph.input[0].r#type.as_mut().unwrap().value
    else {
        panic!("no tensor");
    };
    let sizes = &mut input.shape.as_mut().unwrap().dim;
    (sizes[2].value, sizes[3].value) = (None, None);
    let with = |side| Job::prepare(&model, Path::new("."), &Stated { side, ..STATED });
    assert_eq!(with(None).err().map(|error| error.code()), Some("bad-argument"));
    assert_eq!(with(Some(96)).unwrap().network.architecture.side, 96);
    assert!(with(Some(20_000)).is_err());
}

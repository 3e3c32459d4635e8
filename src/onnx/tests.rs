//! Small networks in many dialects, and files that are none.

use prost::Message as _;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::type_proto::Value;
use tract_onnx::pb::{
    AttributeProto, GraphProto, ModelProto, NodeProto, StringStringEntryProto, TensorProto, ValueInfoProto,
};
use tract_onnx::prelude::f16;

use super::*;
use crate::convert::synthetic::{Dialect, SMALL, int, ints, model, network, node, tensor};
use mobilenet_core::Frame;
use mobilenet_core::model::{Model, test_card};
use mobilenet_core::network::{Architecture, Padding};

const CLASSES: usize = 10;

fn synthetic(padding: Padding, channels_last: bool) -> ModelProto {
    let dialect = Dialect { classes: CLASSES, channels_last, ..Dialect::PLAIN };
    model(&network(Architecture { padding, ..SMALL }, 7), dialect)
}

fn edited(edit: impl FnOnce(&mut GraphProto)) -> Vec<u8> {
    let mut model = synthetic(Padding::Same, false);
    edit(model.graph.as_mut().unwrap());
    model.encode_to_vec()
}

fn open(file: &[u8]) -> Result<OnnxClassifier, mobilenet_core::Error> {
    OnnxClassifier::from_bytes(file, &OnnxOptions::default())
}

fn find<'a>(graph: &'a mut GraphProto, name: &str) -> &'a mut NodeProto {
    graph.node.iter_mut().find(|node| node.name == name).unwrap()
}

#[test]
fn classes_are_found_numbered_and_named() {
    let file = synthetic(Padding::Same, false).encode_to_vec();
    let classifier = open(&file).unwrap();
    assert_eq!((classifier.labels().len(), classifier.labels()[9].as_str()), (CLASSES, "class 9"));
    let answer = classifier.classify(&test_card(), CLASSES).unwrap();
    let total: f32 = answer.predictions.iter().map(|prediction| prediction.probability).sum();
    // Ten roundings of numbers below 1, in tract and here.
    assert!((total - 1.0).abs() < 1.0e-5 && !answer.rejected, "{answer:?}");
    let labels = Labels::read(b"a\nb\nc\nd\ne\nf\ng\nh\ni\nj").unwrap();
    let named = OnnxClassifier::from_bytes(&file, &OnnxOptions { labels: Some(labels), ..OnnxOptions::default() });
    assert_eq!(named.unwrap().labels()[9], "j");
    let few = OnnxOptions { labels: Some(Labels::read(b"a\nb").unwrap()), ..OnnxOptions::default() };
    assert_eq!(OnnxClassifier::from_bytes(&file, &few).unwrap_err().code(), "bad-argument");
}

#[test]
fn labels_in_the_file_are_taken() {
    let mut model = synthetic(Padding::Same, false);
    let labels: Vec<String> = (0..CLASSES).map(|at| format!("label {at}")).collect();
    let value = serde_json::to_string(&labels).unwrap();
    model.metadata_props.push(StringStringEntryProto { key: "labels".into(), value });
    assert_eq!(open(&model.encode_to_vec()).unwrap().labels(), labels);
}

#[test]
fn a_softmax_is_taken_once() {
    let file = edited(|graph| {
        find(graph, "classes").op_type = "Identity".into();
        find(graph, "classes").attribute.clear();
    });
    let with = open(&synthetic(Padding::Same, false).encode_to_vec()).unwrap();
    let without = open(&file).unwrap();
    let best = |classifier: &OnnxClassifier| classifier.classify(&test_card(), 1).unwrap().predictions.remove(0);
    let (with, without) = (best(&with), best(&without));
    assert_eq!(with.label, without.label);
    assert!((with.probability - without.probability).abs() < 1.0e-5, "{with:?} {without:?}");
}

#[test]
fn half_floats_are_computed_as_floats() {
    let mut halves = synthetic(Padding::Same, false);
    let mut floats = halves.clone();
    let is_float = |tensor: &&mut TensorProto| tensor.data_type == DataType::Float as i32;
    for tensor in halves.graph.as_mut().unwrap().initializer.iter_mut().filter(is_float) {
        tensor.raw_data = tensor.float_data.drain(..).flat_map(|number| f16::from_f32(number).to_le_bytes()).collect();
        tensor.data_type = DataType::Float16 as i32;
    }
    let Some(Value::TensorType(input)) = &mut halves.graph.as_mut().unwrap().input[0].r#type.as_mut().unwrap().value
    else {
        panic!("its input is a tensor")
    };
    input.elem_type = DataType::Float16 as i32;
    for tensor in floats.graph.as_mut().unwrap().initializer.iter_mut().filter(is_float) {
        tensor.float_data.iter_mut().for_each(|number| *number = f16::from_f32(*number).to_f32());
    }
    let [halves, floats] = [halves, floats].map(|model| open(&model.encode_to_vec()).unwrap());
    assert_eq!(halves.outputs(&test_card()).unwrap(), floats.outputs(&test_card()).unwrap());
}

#[test]
fn habits_tell_what_the_input_expects() {
    let guess = |file: &[u8]| open(file).unwrap().levels();
    assert_eq!(guess(&synthetic(Padding::Symmetric, false).encode_to_vec()), Levels::TORCH);
    assert_eq!(guess(&synthetic(Padding::Symmetric, true).encode_to_vec()), Levels::KERAS);
    assert_eq!(guess(&synthetic(Padding::Same, false).encode_to_vec()), Levels::KERAS);
    for (factor, levels) in [(127.5, Levels::BYTES), (0.25, Levels::UNIT)] {
        let file = edited(|graph| {
            graph.initializer.push(tensor("std", &[], vec![factor]));
            find(graph, "Conv1").input[0] = "scaled".into();
            graph.node.insert(0, node("Div", &["input", "std"], "scaled", vec![]));
        });
        assert_eq!(guess(&file), levels, "{factor}");
    }
    let bytes = edited(|graph| {
        let Some(Value::TensorType(input)) = &mut graph.input[0].r#type.as_mut().unwrap().value else { panic!() };
        input.elem_type = DataType::Uint8 as i32;
        find(graph, "Conv1").input[0] = "float".into();
        graph.node.insert(0, node("Cast", &["input"], "float", vec![int("to", DataType::Float as usize)]));
    });
    assert_eq!(guess(&bytes), Levels::BYTES);
}

#[test]
fn of_several_outputs_the_last_is_the_answer_unless_labels_say_otherwise() {
    let file = edited(|graph| graph.output.insert(0, ValueInfoProto { name: "features".into(), ..Default::default() }));
    assert_eq!(open(&file).unwrap().labels().len(), CLASSES);
    let lines: String = (0..1280).map(|at| format!("{at}\n")).collect();
    let labels = Some(Labels::read(lines.as_bytes()).unwrap());
    let named = OnnxClassifier::from_bytes(&file, &OnnxOptions { labels, ..OnnxOptions::default() }).unwrap();
    assert_eq!(named.labels().len(), 1280);
}

#[test]
fn a_lowered_file_answers_as_the_file_does() {
    let file = synthetic(Padding::Same, true).encode_to_vec();
    let mut heard = Vec::new();
    let lowered =
        lower(&file, "small.onnx", &OnnxOptions::default(), &mut |done, total| heard.push((done, total))).unwrap();
    assert_eq!(heard.first(), Some(&(0, 50)));
    assert_eq!(heard.last(), Some(&(50, 50)));
    assert_eq!((lowered.levels, lowered.closeness.views), (Levels::KERAS, 25));
    // Random weights leave classes close together, so that much of what int8 loses shows: 16 of 25 are the same.
    assert!(lowered.closeness.median > 0.99 && lowered.closeness.same > 12, "{:?}", lowered.closeness);
    assert!(lowered.model.windows(10).any(|bytes| bytes == b"small.onnx"), "it says where it comes from");
    let int8 = mobilenet_core::Classifier::from_bytes(&lowered.model).unwrap().classify(&test_card(), 2);
    let float = open(&file).unwrap().classify(&test_card(), 1).unwrap();
    assert!(int8.predictions.iter().any(|prediction| prediction.label == float.predictions[0].label));
    let labels = Labels::read(b"a\nb\nc\nd\ne\nf\ng\nh\ni\nj").unwrap();
    let named =
        Model::from_bytes(&name_classes(&lowered.model, &labels, "small.onnx", Levels::KERAS).unwrap()).unwrap();
    assert_eq!(named.head.unwrap().labels()[9], "j");
}

#[test]
fn a_head_is_found_however_it_is_written() {
    let features = 1280;
    let gemm = |graph: &mut GraphProto| {
        let kernel = graph.initializer.iter_mut().find(|tensor| tensor.name == "dense/kernel").unwrap();
        let numbers = kernel.float_data.clone();
        kernel.dims = vec![CLASSES as i64, features as i64];
        kernel.float_data = (0..numbers.len()).map(|at| numbers[at % features * CLASSES + at / features]).collect();
        graph.initializer.push(tensor("dense/bias", &[CLASSES], (0..CLASSES).map(|class| class as f32).collect()));
        let inputs = ["features", "dense/kernel", "dense/bias"];
        *find(graph, "dense") = node("Gemm", &inputs, "dense", vec![int("transB", 1)]);
    };
    let sum = |graph: &mut GraphProto| {
        graph.initializer.push(tensor("dense/bias", &[CLASSES], (0..CLASSES).map(|class| class as f32).collect()));
        find(graph, "classes").input[0] = "shifted".into();
        let at = graph.node.iter().position(|node| node.name == "classes").unwrap();
        graph.node.insert(at, node("Add", &["dense", "dense/bias"], "shifted", vec![]));
    };
    let head = |file: &[u8]| {
        let lowered = lower(file, "", &OnnxOptions::default(), &mut |_, _| ()).unwrap();
        Model::from_bytes(&lowered.model).unwrap().head.unwrap()
    };
    let (gemm, sum) = (head(&edited(gemm)), head(&edited(sum)));
    assert_eq!(gemm.bias()[3], 3.0);
    assert_eq!((gemm.weight(), gemm.bias()), (sum.weight(), sum.bias()));
    let hidden = edited(|graph| {
        find(graph, "classes").input[0] = "hidden".into();
        let at = graph.node.iter().position(|node| node.name == "classes").unwrap();
        graph.node.insert(at, node("Relu", &["dense"], "hidden", vec![]));
    });
    let refused = lower(&hidden, "", &OnnxOptions::default(), &mut |_, _| ()).unwrap_err();
    assert_eq!(refused.code(), "not-mobilenet");
    assert!(open(&hidden).is_ok(), "it runs in float all the same");
}

#[test]
fn what_cannot_be_run_says_why() {
    let input = |edit: fn(&mut tract_onnx::pb::type_proto::Tensor)| {
        edited(|graph| {
            let Some(Value::TensorType(input)) = &mut graph.input[0].r#type.as_mut().unwrap().value else { panic!() };
            edit(input);
        })
    };
    let huge = |name: &str| TensorProto {
        name: name.into(),
        dims: vec![1 << 40],
        data_type: DataType::Float as i32,
        ..Default::default()
    };
    let shape = |size: i64| TensorProto {
        name: "shape".into(),
        dims: vec![1],
        data_type: DataType::Int64 as i32,
        int64_data: vec![size],
        ..Default::default()
    };
    let makes = |operator: &str, inputs: &[&str], numbers: &[f32]| {
        edited(|graph| {
            let constants = numbers.iter().enumerate();
            graph.initializer.extend(constants.map(|(at, number)| tensor(["a", "b", "c"][at], &[], vec![*number])));
            graph.node.insert(0, node("Constant", &[], "shape", vec![ints("value_ints", &[1 << 20, 1 << 20])]));
            graph.node.insert(1, node(operator, inputs, "room", vec![]));
        })
    };
    let windows = |operator: &str, name: &str, numbers: &[usize]| {
        edited(|graph| {
            graph.initializer.push(tensor("a", &[1, 1, 2, 2], vec![0.0; 4]));
            graph.node.insert(0, node(operator, &["a"], "room", vec![ints(name, numbers)]));
        })
    };
    let empty = TensorProto { dims: vec![1 << 40, 3, 0], ..huge("weights") };
    let cases: [(&str, Vec<u8>); 20] = [
        ("larger than it can be", edited(|graph| graph.initializer.push(empty.clone()))),
        ("larger than it can be", {
            edited(|graph| {
                let value = AttributeProto { name: "value".into(), t: Some(empty.clone()), ..Default::default() };
                graph.node.insert(0, node("Constant", &[], "room", vec![value]));
            })
        }),
        ("larger than it can be", windows("MaxPool", "kernel_shape", &[2, i64::MAX as usize])),
        ("larger than it can be", windows("AveragePool", "kernel_shape", &[1000, 1000])),
        ("larger than it can be", windows("MaxPool", "pads", &[0, 0, 1 << 30, 1 << 30])),
        ("larger than it can be", windows("ConvTranspose", "strides", &[1 << 20, 1 << 20])),
        ("larger than it can be", makes("ConstantOfShape", &["shape"], &[])),
        ("larger than it can be", makes("Range", &["a", "b", "c"], &[0.0, 1.0e9, 1.0])),
        ("larger than it can be", makes("Range", &["a", "b", "c"], &[0.0, 1.0, 1.0e-12])),
        ("larger than it can be", {
            edited(|graph| {
                let shape = ints("shape", &[1 << 20, 1 << 20]);
                graph.node.insert(0, node("RandomNormal", &[], "room", vec![shape]));
            })
        }),
        ("no ONNX network", b"this is a text".to_vec()),
        ("no graph", ModelProto { ir_version: 8, ..Default::default() }.encode_to_vec()),
        ("no input", edited(|graph| graph.input.clear())),
        ("three colours", input(|input| input.shape.as_mut().unwrap().dim.truncate(3))),
        ("neither floats nor bytes", input(|input| input.elem_type = DataType::Int64 as i32)),
        ("tract cannot run it", edited(|graph| find(graph, "Conv1").op_type = "Unheard".into())),
        ("larger than it can be", edited(|graph| graph.initializer.push(huge("weights")))),
        ("in another file", edited(|graph| graph.initializer[2].data_location = Some(1))),
        ("larger than it can be", {
            edited(|graph| {
                graph.initializer.push(shape(1 << 40));
                graph.node.insert(0, node("ConstantOfShape", &["shape"], "room", vec![]));
            })
        }),
        ("one number a class", edited(|graph| graph.output[0].name = "block_3_expand".into())),
    ];
    for (reason, file) in cases {
        let error = open(&file).unwrap_err();
        assert!(error.code() == "bad-onnx" && error.to_string().contains(reason), "{reason}: {error}");
    }
    assert_eq!(open(b"").unwrap_err().code(), "empty-file");
}

/// Any error will do, and any answer; what must not happen is a panic.
#[test]
fn damaged_files_are_survived() {
    let file = synthetic(Padding::Same, false).encode_to_vec();
    let grey = Frame::from_rgb(2, 2, vec![128; 12]).unwrap();
    let try_it = |file: &[u8]| {
        if let Ok(classifier) = open(file) {
            let _ = classifier.classify(&grey, 1);
        }
    };
    for at in 1..20 {
        try_it(&file[..file.len() * at / 20]);
    }
    let mut rng = mobilenet_core::base::rng::Rng::new(3);
    for _ in 0..60 {
        let mut damaged = file.clone();
        // Nodes come first: bytes there change what the network is.
        for _ in 0..3 {
            let at = rng.below(20_000);
            damaged[at] = rng.below(256) as u8;
        }
        try_it(&damaged);
    }
}

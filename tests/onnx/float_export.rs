//! The exported float file in tract, which is at hand; `tests/export/main.rs` runs every format in the runtimes it is for.

use mobilenet_core::Embedder;
use mobilenet_core::classifier::embedded_backbone;
use mobilenet_core::export::{Content, Format, Precision, export};
use mobilenet_core::model::test_card;
use mobilenet_core::network::{Architecture, Backbone, Padding};
use mobilenet_core::picture::input::{InputSpec, preprocess};
use tract_onnx::prelude::*;

/// The embedded backbone on small pictures.
fn backbone(padding: Padding) -> Backbone {
    let backbone = embedded_backbone().unwrap();
    let architecture = Architecture { side: 64, padding, ..backbone.architecture() };
    Backbone::new(architecture, InputSpec { side: 64, ..backbone.input() }, backbone.layers().to_vec()).unwrap()
}

/// How far tract's embedding from the float file is from our engine's, as a share of its length.
fn distance(expected: &Backbone, exported: &Backbone) -> f32 {
    let Content::File(onnx) = export(exported, None, Format::Onnx, Precision::Float).unwrap().content else {
        panic!("a folder")
    };
    let model = tract_onnx::onnx().model_for_read(&mut &onnx[..]).unwrap();
    let model = model.with_input_fact(0, f32::fact([1, 64, 64, 3]).into()).unwrap();
    let plan = model.into_optimized().unwrap().into_runnable().unwrap();
    let input = preprocess(&test_card(), &expected.input());
    let floats: Vec<f32> = input.iter().map(|byte| f32::from(*byte)).collect();
    let input_tensor = Tensor::from_shape(&[1, 64, 64, 3], &floats).unwrap();
    let outputs = plan.run(tvec!(input_tensor.into())).unwrap();
    let found = outputs[0].try_as_plain_ram().unwrap().as_slice::<f32>().unwrap();
    let mut embedding = Embedder::new(expected).embed_input(&input);
    // A backbone alone is exported with what its last layer gives.
    embedding.truncate(expected.architecture().features());
    assert_eq!(found.len(), embedding.len());
    let length = |numbers: &mut dyn Iterator<Item = f32>| numbers.map(|number| number * number).sum::<f32>().sqrt();
    let difference = length(&mut embedding.iter().zip(found).map(|(a, b)| a - b));
    difference / length(&mut embedding.iter().copied())
}

/// What rounding activations makes of an embedding: 0.12 is the most that `tests/export/main.rs` saw, and half as much again.
const ROUNDING: f32 = 0.19;

#[test]
fn tract_runs_the_float_file_as_our_engine_does() {
    for padding in [Padding::Same, Padding::Symmetric] {
        let backbone = backbone(padding);
        let distance = distance(&backbone, &backbone);
        assert!(distance <= ROUNDING, "{padding:?}: {distance}");
    }
    let expected = backbone(Padding::Same);
    let mut layers = expected.layers().to_vec();
    layers[20].weight_scale.iter_mut().for_each(|scale| *scale *= 2.0);
    let doubled = Backbone::new(expected.architecture(), expected.input(), layers).unwrap();
    for fault in [backbone(Padding::Symmetric), doubled] {
        assert!(distance(&expected, &fault) > ROUNDING, "a fault passed");
    }
}

//! rten behind the same two calls as every peer that is a Rust crate: a network from a file, and one run.

use rten::{Model, ModelOptions, NodeId};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;
use wasm_bindgen::prelude::*;

/// A network that takes 1 x 224 x 224 x 3 numbers.
#[wasm_bindgen]
pub struct Network {
    model: Model,
    input: NodeId,
    output: NodeId,
}

#[wasm_bindgen]
impl Network {
    /// Reads an ONNX file.
    #[wasm_bindgen(constructor)]
    pub fn new(file: Vec<u8>) -> Result<Network, JsError> {
        let model = ModelOptions::with_all_ops().prepack_weights(true).load(file)?;
        let (input, output) = (model.input_ids()[0], model.output_ids()[0]);
        Ok(Self { model, input, output })
    }

    /// The first output.
    pub fn run(&self, input: Vec<f32>) -> Result<Vec<f32>, JsError> {
        let tensor = NdTensor::from_data([1, 224, 224, 3], input);
        let [output] = self.model.run_n(vec![(self.input, tensor.into())], [self.output], None)?;
        let output: NdTensor<f32, 2> = output.try_into()?;
        Ok(output.to_vec())
    }
}

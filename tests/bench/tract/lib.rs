//! tract behind the same two calls as every peer that is a Rust crate: a network from a file, and one run.

use tract_onnx::prelude::*;
use wasm_bindgen::prelude::*;

/// A network that takes 1 x 224 x 224 x 3 numbers.
#[wasm_bindgen]
pub struct Network(Arc<TypedRunnableModel>);

#[wasm_bindgen]
impl Network {
    /// Reads an ONNX file.
    #[wasm_bindgen(constructor)]
    pub fn new(mut file: &[u8]) -> Result<Network, JsError> {
        let shape = f32::fact([1, 224, 224, 3]).into();
        let plan = || {
            tract_onnx::onnx().model_for_read(&mut file)?.with_input_fact(0, shape)?.into_optimized()?.into_runnable()
        };
        Ok(Self(plan().map_err(failure)?))
    }

    /// The first output.
    pub fn run(&self, input: &[f32]) -> Result<Vec<f32>, JsError> {
        let infer = || -> TractResult<Vec<f32>> {
            let tensor = Tensor::from_shape(&[1, 224, 224, 3], input)?;
            let outputs = self.0.run(tvec!(tensor.into()))?;
            Ok(outputs[0].to_plain_array_view::<f32>()?.iter().copied().collect())
        };
        infer().map_err(failure)
    }
}

fn failure(error: TractError) -> JsError {
    JsError::new(&format!("{error:#}"))
}

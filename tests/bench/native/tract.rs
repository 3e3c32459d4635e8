//! tract, the float network in the same process.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use tract_onnx::prelude::*;

use super::engine::{Classified, Engine, Failure, Model, times};

pub struct Tract {
    plan: Arc<TypedRunnableModel>,
    inputs: Vec<Tensor>,
}

impl Tract {
    pub fn open(models: &Path, inputs: &[Vec<u8>]) -> Result<Self, Failure> {
        let inputs = inputs.iter().map(|input| tensor(input)).collect::<TractResult<Vec<_>>>()?;
        let fact = f32::fact(inputs[0].shape()).into();
        let model =
            tract_onnx::onnx().model_for_path(models.join(Model::of("onnx f32")?.file))?.with_input_fact(0, fact)?;
        Ok(Self { plan: model.into_optimized()?.into_runnable()?, inputs })
    }

    fn infer(&self, input: &Tensor) -> TractResult<TVec<TValue>> {
        self.plan.run(tvec!(input.clone().into()))
    }
}

fn tensor(bytes: &[u8]) -> TractResult<Tensor> {
    let numbers: Vec<f32> = bytes.iter().copied().map(f32::from).collect();
    Tensor::from_shape(&[1, 224, 224, 3], &numbers)
}

impl Engine for Tract {
    fn describe(&self) -> Value {
        json!({ "engine": "tract", "threads": 1, "precision": "f32" })
    }

    fn run(&mut self, discarded: usize, timed: usize) -> Result<Vec<f64>, Failure> {
        self.infer(&self.inputs[0])?;
        Ok(times(&self.inputs, discarded, timed, |input| {
            black_box(self.infer(input).is_ok());
        }))
    }

    fn answers(&mut self) -> Result<Vec<Vec<f32>>, Failure> {
        let one = |input: &Tensor| Ok(self.infer(input)?[0].to_plain_array_view::<f32>()?.iter().copied().collect());
        self.inputs.iter().map(one).collect()
    }

    fn photos(&mut self, _files: &[PathBuf]) -> Result<Option<Classified>, Failure> {
        Ok(None)
    }
}

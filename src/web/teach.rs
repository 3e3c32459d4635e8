//! Teaching in a page: [`crate::train::teach`] with arrays and objects of JavaScript.

use js_sys::{Function, JSON, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::{WebClassifier, throw, to_js};
use crate::error::Error;
use crate::head::Answer;
use crate::train::{Epoch, Fitted, Samples, Settings, Taught, teach};

#[wasm_bindgen]
extern "C" {
    /// `Settings`.
    #[wasm_bindgen(typescript_type = "Settings")]
    pub type TeachSettings;
    /// `Taught`.
    #[wasm_bindgen(typescript_type = "Taught")]
    pub type TaughtHead;
    /// `(epoch: Epoch) => void`.
    #[wasm_bindgen(extends = Function, typescript_type = "(epoch: Epoch) => void")]
    pub type OnEpoch;
}

#[derive(Serialize)]
struct TaughtAnswers<'a> {
    history: &'a [Epoch],
    best_epoch: usize,
    validation: &'a [usize],
    answers: &'a [Answer],
    confusion: &'a [Vec<usize>],
}

#[wasm_bindgen(js_class = Classifier)]
impl WebClassifier {
    /// Teaches a head: `embeddings` has as many numbers a sample as an embedding has, `bursts` one number a sample, samples of
    /// one number being alike. Blocks until it is fitted; `onEpoch` is called as each epoch is over, and what it throws ends up
    /// here.
    pub fn teach(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Float32Array")] embeddings: &[f32],
        #[wasm_bindgen(unchecked_param_type = "Uint32Array")] classes: &[u32],
        #[wasm_bindgen(unchecked_param_type = "Uint32Array")] bursts: &[u32],
        labels: Vec<String>,
        settings: &TeachSettings,
        #[wasm_bindgen(js_name = onEpoch)] on_epoch: &OnEpoch,
    ) -> Result<TaughtHead, JsValue> {
        let embedder = self.0.embedder();
        let wide = |numbers: &[u32]| numbers.iter().map(|number| *number as usize).collect::<Vec<_>>();
        let rows = embeddings.chunks(embedder.features()).map(<[f32]>::to_vec);
        let samples = Samples { embeddings: rows.collect(), classes: wide(classes) };
        let mut told = Ok(JsValue::UNDEFINED);
        let tell = |epoch: &Epoch| {
            if told.is_ok() {
                told = to_js(epoch).map_err(JsValue::from).and_then(|row| on_epoch.call1(&JsValue::UNDEFINED, &row));
            }
        };
        let taught =
            teach(&samples, &wide(bursts), &labels, &read_settings(settings)?, embedder, tell).map_err(throw)?;
        told?;
        taught_head(&taught)
    }
}

/// By way of JSON, which reads numbers of up to 15 digits as JavaScript does, and is there for model files anyway.
fn read_settings(settings: &TeachSettings) -> Result<Settings, JsValue> {
    let json = JSON::stringify(settings)?.as_string().unwrap_or_else(|| "{}".into());
    let unusable = |error: serde_json::Error| Error::BadArgument(format!("these are no settings: {error}"));
    Ok(serde_json::from_slice(json.as_bytes()).map_err(unusable).map_err(throw)?)
}

fn taught_head(taught: &Taught) -> Result<TaughtHead, JsValue> {
    let Taught { model, fitted, validation, answers, confusion, .. } = taught;
    let Fitted { history, best_epoch, .. } = fitted;
    let object = to_js(&TaughtAnswers { history, best_epoch: *best_epoch, validation, answers, confusion })?;
    Reflect::set(&object, &"model".into(), &Uint8Array::from(&model[..]))?;
    Ok(object.unchecked_into())
}

//! ONNX files in a page: [`mobilenet_onnx`] for the worker, in a wasm of its own that is fetched with the first such file.

use js_sys::{Error as JsError, Function, JSON, Reflect, Uint8Array};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use super::{ClassifierAnswer, throw, to_js};
use mobilenet_core::error::Error;
use mobilenet_core::picture::decode::decode;
use mobilenet_core::picture::frame::FrameRef;
use mobilenet_core::picture::input::{Fit, InputSpec};
use mobilenet_onnx::convert::Levels;
use mobilenet_onnx::{Closeness, Labels, Lowered, OnnxClassifier, OnnxOptions};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("onnx.ts");

#[wasm_bindgen]
extern "C" {
    /// `OnnxSettings`.
    #[wasm_bindgen(typescript_type = "OnnxSettings")]
    pub type OnnxSettings;
    /// `LoweredOnnx`.
    #[wasm_bindgen(typescript_type = "LoweredOnnx")]
    pub type LoweredOnnx;
    /// `OnnxInfo`.
    #[wasm_bindgen(typescript_type = "OnnxInfo")]
    pub type OnnxInfo;
    /// `(done: number, total: number) => void`.
    #[wasm_bindgen(extends = Function, typescript_type = "(done: number, total: number) => void")]
    pub type OnPicture;
}

#[derive(Deserialize)]
struct Settings {
    name: String,
    labels: Option<String>,
    levels: Option<String>,
    fit: Option<Fit>,
}

#[derive(Serialize)]
struct Info {
    classes: usize,
    input: InputSpec,
    levels: &'static str,
}

/// What comes with a lowered model.
#[derive(Serialize)]
struct Facts {
    levels: &'static str,
    #[serde(flatten)]
    closeness: Closeness,
}

/// Makes a model file of a MobileNetV2 classifier. Blocks until it is done; what `onPicture` throws is ignored.
#[wasm_bindgen(js_name = lowerOnnx)]
pub fn lower_onnx(
    #[wasm_bindgen(unchecked_param_type = "Uint8Array")] file: &[u8],
    settings: &OnnxSettings,
    #[wasm_bindgen(js_name = onPicture)] on_picture: &OnPicture,
) -> Result<LoweredOnnx, JsValue> {
    let settings = Settings::read(settings)?;
    let mut tell = |done: usize, total: usize| {
        let _ = on_picture.call2(&JsValue::UNDEFINED, &(done as f64).into(), &(total as f64).into());
    };
    let lowered = mobilenet_onnx::lower(file, &settings.name, &settings.options()?, &mut tell).map_err(throw)?;
    let Lowered { model, levels, closeness } = lowered;
    let object = to_js(&Facts { levels: word(levels), closeness })?;
    Reflect::set(&object, &"model".into(), &Uint8Array::from(&model[..]))?;
    Ok(object.unchecked_into())
}

/// Gives the classes of a model that `lowerOnnx` made other names.
#[wasm_bindgen(js_name = nameClasses)]
pub fn name_classes(
    #[wasm_bindgen(unchecked_param_type = "Uint8Array")] model: &[u8],
    labels: &str,
    name: &str,
    levels: &str,
) -> Result<Vec<u8>, JsError> {
    let named = || mobilenet_onnx::name_classes(model, &Labels::read(labels.as_bytes())?, name, levels_of(levels)?);
    named().map_err(throw)
}

/// A classifier in an ONNX file, run in float.
#[wasm_bindgen(js_name = OnnxClassifier)]
pub struct WebOnnxClassifier(OnnxClassifier);

#[wasm_bindgen(js_class = OnnxClassifier)]
impl WebOnnxClassifier {
    /// Reads the file.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] file: &[u8],
        settings: &OnnxSettings,
    ) -> Result<Self, JsValue> {
        let options = Settings::read(settings)?.options()?;
        Ok(OnnxClassifier::from_bytes(file, &options).map(Self).map_err(throw)?)
    }

    /// What the file gives for the bytes of a picture file.
    #[wasm_bindgen(js_name = outputsOfBytes)]
    pub fn outputs_of_bytes(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] file: &[u8],
    ) -> Result<Vec<f32>, JsError> {
        let outputs = || self.0.outputs(&decode(file)?);
        outputs().map_err(throw)
    }

    /// What the file gives for pixels as a canvas gives them.
    #[wasm_bindgen(js_name = outputsOfRgba)]
    pub fn outputs_of_rgba(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array | Uint8ClampedArray")] data: &[u8],
        width: usize,
        height: usize,
    ) -> Result<Vec<f32>, JsError> {
        let outputs = || self.0.outputs(FrameRef::from_rgba(width, height, data)?);
        outputs().map_err(throw)
    }

    /// The answer to what the file gave.
    pub fn answer(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Float32Array")] outputs: &[f32],
        #[wasm_bindgen(js_name = topK)] top_k: usize,
    ) -> Result<ClassifierAnswer, JsError> {
        if outputs.len() != self.0.labels().len() {
            let reason = format!("there are {} outputs and {} classes", outputs.len(), self.0.labels().len());
            return Err(throw(Error::BadArgument(reason)));
        }
        Ok(to_js(&self.0.answer(outputs, top_k))?.unchecked_into())
    }

    /// One label a class.
    #[wasm_bindgen(getter)]
    pub fn labels(&self) -> Vec<String> {
        self.0.labels().to_vec()
    }

    /// What this classifier is.
    #[wasm_bindgen(getter)]
    pub fn info(&self) -> Result<OnnxInfo, JsError> {
        let info = Info { classes: self.0.labels().len(), input: *self.0.input(), levels: word(self.0.levels()) };
        Ok(to_js(&info)?.unchecked_into())
    }
}

impl Settings {
    /// By way of JSON, which is there for labels anyway.
    fn read(settings: &OnnxSettings) -> Result<Self, JsValue> {
        let json = JSON::stringify(settings)?.as_string().unwrap_or_else(|| "{}".into());
        let unusable = |error: serde_json::Error| Error::BadArgument(format!("these are no settings: {error}"));
        Ok(serde_json::from_slice(json.as_bytes()).map_err(unusable).map_err(throw)?)
    }

    fn options(&self) -> Result<OnnxOptions, JsError> {
        let read = || {
            let labels = self.labels.as_ref().map(|text| Labels::read(text.as_bytes())).transpose()?;
            let levels = self.levels.as_deref().map(levels_of).transpose()?;
            Ok(OnnxOptions { labels, levels, fit: self.fit.unwrap_or(Fit::Squash), side: None })
        };
        read().map_err(throw)
    }
}

fn levels_of(word: &str) -> Result<Levels, Error> {
    let found = Levels::NAMED.into_iter().find(|(name, _)| *name == word);
    found.map(|(_, levels)| levels).ok_or_else(|| Error::BadArgument(format!("there are no levels called {word}")))
}

/// A page can state no others than these, and the guess knows no others.
fn word(levels: Levels) -> &'static str {
    levels.name().unwrap_or("keras")
}

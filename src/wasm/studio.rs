//! The studio: what makes models, with arrays and objects of JavaScript.
//!
//! It has a network of its own for the self-tests of what it makes, over a backbone that an engine gives it.

use js_sys::{Array, Error as JsError, Function, JSON, Object, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::{throw, to_js};
use mobilenet_core::classifier::{check, complete};
use mobilenet_core::error::Error;
use mobilenet_core::export;
use mobilenet_core::export::{Content, Exported, Format, Precision};
use mobilenet_core::fit::{Epoch, Fitted, Samples, Settings, Taught, teach};
use mobilenet_core::head::{Answer, Head};
use mobilenet_core::model::link;
use mobilenet_core::model::{Model, SelfTest};
use mobilenet_core::network::Backbone;
use mobilenet_core::network::embedder::Embedder;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("studio.ts");

#[wasm_bindgen]
extern "C" {
    /// `Settings`.
    #[wasm_bindgen(typescript_type = "Settings")]
    pub type TeachSettings;
    /// `Taught`.
    #[wasm_bindgen(typescript_type = "Taught")]
    pub type TaughtHead;
    /// `Exported`.
    #[wasm_bindgen(typescript_type = "Exported")]
    pub type ExportedModel;
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

/// Makes models over one backbone.
#[wasm_bindgen]
pub struct Studio {
    backbone: Backbone,
    embedder: Embedder,
}

#[wasm_bindgen]
impl Studio {
    /// Over the backbone in a model file, which `Classifier.backboneFile()` of the engine gives.
    #[wasm_bindgen(constructor)]
    pub fn new(#[wasm_bindgen(unchecked_param_type = "Uint8Array")] backbone: &[u8]) -> Result<Self, JsError> {
        Self::over(backbone).map_err(throw)
    }

    fn over(file: &[u8]) -> Result<Self, Error> {
        let Model { backbone, self_test, .. } = Model::from_bytes(file)?;
        let backbone = backbone.ok_or_else(|| Error::BadModel("it is a head without a backbone".into()))?;
        // The answers in the file may be those of a head, which is not needed.
        let (backbone, embedder) = complete(Some(backbone), None, &SelfTest { logits: Vec::new(), ..self_test })?;
        Ok(Self { backbone, embedder })
    }

    /// Teaches a head: `embeddings` has as many numbers a sample as an embedding has, or as many as the last layer gives; `bursts` one
    /// number a sample, samples of one number being alike. Blocks until it is fitted; `onEpoch` is called as each epoch is over, and
    /// what it throws ends up here.
    pub fn teach(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Float32Array")] embeddings: &[f32],
        #[wasm_bindgen(unchecked_param_type = "Uint32Array")] classes: &[u32],
        #[wasm_bindgen(unchecked_param_type = "Uint32Array")] bursts: &[u32],
        labels: Vec<String>,
        settings: &TeachSettings,
        #[wasm_bindgen(js_name = onEpoch)] on_epoch: &OnEpoch,
    ) -> Result<TaughtHead, JsValue> {
        let wide = |numbers: &[u32]| numbers.iter().map(|number| *number as usize).collect::<Vec<_>>();
        let rows = embeddings.chunks((embeddings.len() / classes.len().max(1)).max(1)).map(<[f32]>::to_vec);
        let samples = Samples { embeddings: rows.collect(), classes: wide(classes) };
        let mut told = Ok(JsValue::UNDEFINED);
        let tell = |epoch: &Epoch| {
            if told.is_ok() {
                told = to_js(epoch).map_err(JsValue::from).and_then(|row| on_epoch.call1(&JsValue::UNDEFINED, &row));
            }
        };
        let settings = read_settings(settings)?;
        let taught = teach(&samples, &wide(bursts), &labels, &settings, &mut self.embedder, tell).map_err(throw)?;
        told?;
        taught_head(&taught)
    }

    /// A model file for another runtime, as `mobilenet export` makes it of a file called `stem`; a head alone is exported over
    /// the backbone of the studio.
    pub fn export(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] model: &[u8],
        stem: &str,
        #[wasm_bindgen(unchecked_param_type = "Format")] format: &str,
        #[wasm_bindgen(unchecked_param_type = "Precision")] precision: &str,
    ) -> Result<ExportedModel, JsValue> {
        let format: Format = format.parse().map_err(throw)?;
        let precision: Precision = precision.parse().map_err(throw)?;
        let exported = self.exported(model, format, precision).map_err(throw)?;
        exported_model(&export::name(stem, format, precision), exported)
    }

    fn exported(&mut self, model: &[u8], format: Format, precision: Precision) -> Result<Exported, Error> {
        let Model { backbone, head, self_test } = Model::from_bytes(model)?;
        let head: Option<&Head> = head.as_ref();
        if let Some(backbone) = backbone {
            let (backbone, _) = complete(Some(backbone), head, &self_test)?;
            return export::export(&backbone, head, format, precision);
        }
        check(&mut self.embedder, head, &self_test)?;
        export::export(&self.backbone, head, format, precision)
    }

    /// The fragment of a page's address that carries the head of a model file, as `mobilenet share` makes it, without the `#`.
    /// The head has to belong to the backbone of the studio, which is the one that the page has that opens the link.
    pub fn link(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] model: &[u8],
    ) -> Result<String, JsError> {
        self.fragment(model).map_err(throw)
    }

    /// The model file as `mobilenet train` wrote it, whose bytes may have come compressed, as links carry them.
    #[wasm_bindgen(js_name = modelFile)]
    pub fn model_file(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] model: &[u8],
    ) -> Result<Vec<u8>, JsError> {
        Ok(Model::from_bytes(model).map_err(throw)?.to_bytes())
    }

    fn fragment(&mut self, model: &[u8]) -> Result<String, Error> {
        let model = Model::from_bytes(model)?;
        check(&mut self.embedder, model.head.as_ref(), &model.self_test)?;
        link::fragment(&model)
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

fn exported_model(name: &str, Exported { content, about }: Exported) -> Result<ExportedModel, JsValue> {
    let parts = match content {
        Content::File(bytes) => vec![(name, bytes)],
        Content::Folder(parts) => parts,
    };
    let files = Array::new();
    for (name, bytes) in parts {
        let file = object([("name", name.into()), ("bytes", Uint8Array::from(&bytes[..]).into())])?;
        files.push(&file);
    }
    Ok(object([("name", name.into()), ("files", files.into()), ("about", about.into())])?.unchecked_into())
}

fn object<const N: usize>(entries: [(&str, JsValue); N]) -> Result<Object, JsValue> {
    let object = Object::new();
    for (key, value) in entries {
        Reflect::set(&object, &key.into(), &value)?;
    }
    Ok(object)
}

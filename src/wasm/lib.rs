//! The browser's faces, and nothing that could give another answer.
//!
//! The only crate that knows wasm-bindgen; on any other target it is empty. There are three, each of them a wasm of its own, because a page that only
//! classifies should not download what makes models: the `engine` classifies, the `studio` teaches, exports and makes
//! links, and `onnx` reads other networks. Failures are thrown as real `Error` objects with `name` `MobilenetError` and the `code` of [`mobilenet_core::Error::code`].

#![cfg(all(target_arch = "wasm32", any(feature = "engine", feature = "studio", feature = "onnx")))]

#[cfg(feature = "engine")]
mod engine;
#[cfg(feature = "onnx")]
mod onnx;
#[cfg(feature = "engine")]
pub mod side;
#[cfg(feature = "studio")]
mod studio;

use js_sys::{Error as JsError, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use mobilenet_core::error::Error;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("shared.ts");

#[cfg(any(feature = "engine", feature = "onnx"))]
#[wasm_bindgen]
extern "C" {
    /// `Answer`.
    #[wasm_bindgen(typescript_type = "Answer")]
    pub type ClassifierAnswer;
}

fn to_js(value: &impl Serialize) -> Result<JsValue, JsError> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).map_err(|error| JsError::new(&error.to_string()))
}

fn throw(error: Error) -> JsError {
    let thrown = JsError::new(&error.to_string());
    thrown.set_name("MobilenetError");
    // Setting a property of an object that was made one line above cannot fail.
    let _ = Reflect::set(&thrown, &"code".into(), &error.code().into());
    thrown
}

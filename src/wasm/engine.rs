//! The engine: the classifier for JavaScript.

use js_sys::Error as JsError;
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::ImageData;

use super::{ClassifierAnswer, side, throw, to_js};
use mobilenet_core::classifier::Classifier;
use mobilenet_core::error::Error;
use mobilenet_core::head::Head;
use mobilenet_core::network::embedder::Embedder;
use mobilenet_core::network::profile::Profile;
use mobilenet_core::picture::decode::decode;
use mobilenet_core::picture::frame::FrameRef;
use mobilenet_core::picture::input::InputSpec;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("engine.ts");

#[wasm_bindgen]
extern "C" {
    /// `Info`.
    #[wasm_bindgen(typescript_type = "Info")]
    pub type ClassifierInfo;
    /// `Profile`.
    #[wasm_bindgen(typescript_type = "Profile")]
    pub type NetworkProfile;
    /// Milliseconds on the clock of a page, a worker or a server.
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

#[derive(Serialize)]
struct Info<'a> {
    classes: usize,
    features: usize,
    layers: Vec<usize>,
    backbone: &'a str,
    lanes: &'a str,
    input: InputSpec,
    #[serde(skip_serializing_if = "Option::is_none")]
    training: Option<&'a mobilenet_core::head::TrainingSummary>,
}

/// Has models that are opened from now on do without relaxed SIMD, which is used where the browser means by it what is exact. The
/// answers are the same bits.
#[wasm_bindgen(js_name = forbidRelaxedSimd)]
pub fn forbid_relaxed_simd() {
    side::forbid();
}

/// A backbone and a head that belong together, checked by their self-test.
#[wasm_bindgen(js_name = Classifier)]
pub struct WebClassifier(Classifier);

#[wasm_bindgen(js_class = Classifier)]
impl WebClassifier {
    /// The model that is compiled in.
    #[cfg(feature = "embedded")]
    pub fn embedded() -> Result<Self, JsError> {
        side::link_once();
        Classifier::embedded().map(Self).map_err(throw)
    }

    /// The file of the head that is compiled in.
    #[cfg(feature = "embedded")]
    #[wasm_bindgen(js_name = headFile)]
    pub fn head_file() -> js_sys::Uint8Array {
        mobilenet_core::classifier::EMBEDDED_HEAD.into()
    }

    /// The file of the backbone that is compiled in: what a studio works over.
    #[cfg(feature = "embedded")]
    #[wasm_bindgen(js_name = backboneFile)]
    pub fn backbone_file() -> js_sys::Uint8Array {
        mobilenet_core::classifier::EMBEDDED_BACKBONE.into()
    }

    /// A model file made by `mobilenet train`; a head alone answers over the backbone that is compiled in.
    #[wasm_bindgen(js_name = fromBytes)]
    pub fn from_bytes(#[wasm_bindgen(unchecked_param_type = "Uint8Array")] model: &[u8]) -> Result<Self, JsError> {
        side::link_once();
        Classifier::from_bytes(model).map(Self).map_err(throw)
    }

    /// The self-test once more, for when the browser has compiled anew what runs often. The picture seen last is forgotten.
    #[wasm_bindgen(js_name = checkAgain)]
    pub fn check_again(&mut self) -> Result<(), JsError> {
        self.0.check_again().map_err(throw)
    }

    /// Classifies the bytes of a picture file: JPEG, PNG, WebP, GIF or BMP.
    #[wasm_bindgen(js_name = classifyBytes)]
    pub fn classify_bytes(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] file: &[u8],
        #[wasm_bindgen(js_name = topK)] top_k: usize,
    ) -> Result<ClassifierAnswer, JsError> {
        let answer = self.0.classify_bytes(file, top_k).map_err(throw)?;
        Ok(to_js(&answer)?.unchecked_into())
    }

    /// Classifies pixels as a canvas gives them: `width * height * 4` bytes, straight alpha.
    #[wasm_bindgen(js_name = classifyRgba)]
    pub fn classify_rgba(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array | Uint8ClampedArray")] data: &[u8],
        width: usize,
        height: usize,
        #[wasm_bindgen(js_name = topK)] top_k: usize,
    ) -> Result<ClassifierAnswer, JsError> {
        let frame = FrameRef::from_rgba(width, height, data).map_err(throw)?;
        Ok(to_js(&self.0.classify(frame, top_k))?.unchecked_into())
    }

    /// Another head that was fitted on this backbone, from a file made by `mobilenet train`. It answers to embeddings.
    #[wasm_bindgen(js_name = openHead)]
    pub fn open_head(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] model: &[u8],
    ) -> Result<WebHead, JsError> {
        let head = self.0.open_head(model).map_err(throw)?;
        Ok(WebHead::over(self.0.embedder(), head))
    }

    /// Its own head by itself, so that it can answer over one pass of the network together with others.
    #[wasm_bindgen(js_name = ownHead)]
    pub fn own_head(&mut self) -> WebHead {
        let head = self.0.head().clone();
        WebHead::over(self.0.embedder(), head)
    }

    /// The embedding of the bytes of a picture file.
    #[wasm_bindgen(js_name = embedBytes)]
    pub fn embed_bytes(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] file: &[u8],
    ) -> Result<Vec<f32>, JsError> {
        let frame = decode(file).map_err(throw)?;
        Ok(self.0.embedder().embed(&frame))
    }

    /// The embedding of what `getImageData` of a canvas gives.
    #[wasm_bindgen(js_name = embedImageData)]
    pub fn embed_image_data(&mut self, image: &ImageData) -> Result<Vec<f32>, JsError> {
        self.embed_rgba(&image.data(), image.width() as usize, image.height() as usize)
    }

    /// The embedding of pixels as `classifyRgba` takes them.
    #[wasm_bindgen(js_name = embedRgba)]
    pub fn embed_rgba(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array | Uint8ClampedArray")] data: &[u8],
        width: usize,
        height: usize,
    ) -> Result<Vec<f32>, JsError> {
        let frame = FrameRef::from_rgba(width, height, data).map_err(throw)?;
        Ok(self.0.embedder().embed(frame))
    }

    /// Where the evidence of a head over this backbone for a class is in the picture seen last: a square of logits, row by row.
    pub fn heatmap(
        &mut self,
        head: &WebHead,
        #[wasm_bindgen(js_name = classIndex)] class: usize,
    ) -> Result<Vec<f32>, JsError> {
        let (feature_map, channels) = (self.0.embedder().feature_map(), self.0.embedder().embedding_len());
        if head.channels != channels {
            return Err(throw(Error::BadArgument("the head is of another classifier: open it with this one".into())));
        }
        head.head.activation_map(&feature_map, channels, class).map_err(throw)
    }

    /// Measures each layer of the network over some frames: blocks for as long as they and the peak take.
    pub fn profile(&mut self, frames: usize) -> Result<NetworkProfile, JsError> {
        Ok(to_js(&Profile::measure(self.0.embedder().network(), frames, &now))?.unchecked_into())
    }

    /// One label a class.
    #[wasm_bindgen(getter)]
    pub fn labels(&self) -> Vec<String> {
        self.0.head().labels().to_vec()
    }

    /// What this classifier is.
    #[wasm_bindgen(getter)]
    pub fn info(&mut self) -> Result<ClassifierInfo, JsError> {
        let head = self.0.head().clone();
        info(&head, self.0.embedder())
    }

    /// What it would be with another head.
    #[wasm_bindgen(js_name = infoWith)]
    pub fn info_with(&mut self, head: &WebHead) -> Result<ClassifierInfo, JsError> {
        info(&head.head, self.0.embedder())
    }
}

/// A head over the backbone of a classifier: it answers to embeddings.
#[wasm_bindgen(js_name = Head)]
pub struct WebHead {
    head: Head,
    /// Numbers in an embedding of the network that it was opened over, and those of the last layer, with which it starts.
    channels: usize,
    last: usize,
}

impl WebHead {
    fn over(embedder: &Embedder, head: Head) -> Self {
        Self { head, channels: embedder.embedding_len(), last: embedder.features() }
    }
}

#[wasm_bindgen(js_class = Head)]
impl WebHead {
    /// The answer for an embedding.
    pub fn answer(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Float32Array")] embedding: &[f32],
        #[wasm_bindgen(js_name = topK)] top_k: usize,
    ) -> Result<ClassifierAnswer, JsError> {
        let Self { channels, last, .. } = *self;
        let wanted = if self.head.reach() <= last { last } else { channels };
        if ![wanted, channels].contains(&embedding.len()) {
            let reason = format!("the embedding has {} numbers and not {wanted}", embedding.len());
            return Err(throw(Error::BadArgument(reason)));
        }
        Ok(to_js(&self.head.answer(embedding, top_k))?.unchecked_into())
    }

    /// One label a class.
    #[wasm_bindgen(getter)]
    pub fn labels(&self) -> Vec<String> {
        self.head.labels().to_vec()
    }
}

fn info(head: &Head, embedder: &Embedder) -> Result<ClassifierInfo, JsError> {
    let info = Info {
        classes: head.labels().len(),
        features: embedder.embedding_len(),
        layers: embedder.layers(),
        backbone: head.backbone(),
        lanes: embedder.network().lanes().name(),
        input: *embedder.input(),
        training: head.training(),
    };
    Ok(to_js(&info)?.unchecked_into())
}

//! MobileNet image classification that gives the same bits in a terminal and in every browser.
//!
//! Layers, each of which imports only those below it: `web` (the browser's faces), [`onnx`], [`train`], `report` and `convert`, [`mod@profile`],
//! [`classifier`] and [`heatmap`], [`model`], [`head`] and [`embedder`], [`network`], [`kernel`], [`preprocess`] and [`decode`],
//! [`Frame`].
//!
//! ```
//! # #[cfg(feature = "embedded")] {
//! use mobilenet_web::{Classifier, Frame};
//! let mut classifier = Classifier::embedded()?;
//! let frame = Frame::from_rgb(2, 2, vec![128; 12])?;
//! for prediction in classifier.classify(&frame, 3).predictions {
//!     println!("{} {:.1} %", prediction.label, prediction.probability * 100.0);
//! }
//! # }
//! # Ok::<(), mobilenet_web::Error>(())
//! ```

#[cfg(not(target_arch = "wasm32"))]
pub mod artefact;
pub mod calibration;
pub mod classifier;
mod codes;
#[cfg(any(not(target_arch = "wasm32"), feature = "onnx"))]
pub mod convert;
pub mod decode;
pub mod digest;
pub mod embedder;
pub mod error;
pub mod export;
#[cfg(any(not(target_arch = "wasm32"), feature = "onnx"))]
pub mod foreign;
pub mod frame;
pub mod head;
pub mod heatmap;
pub mod kernel;
pub mod link;
pub mod model;
pub mod network;
#[cfg(any(not(target_arch = "wasm32"), feature = "onnx"))]
pub mod onnx;
mod orientation;
pub mod preprocess;
pub mod profile;
#[cfg(not(target_arch = "wasm32"))]
pub mod report;
pub mod resize;
pub mod rng;
#[cfg(not(target_arch = "wasm32"))]
pub mod scratch;
pub mod train;
pub mod view;
pub mod visible;
#[cfg(all(target_arch = "wasm32", any(feature = "engine", feature = "studio", feature = "onnx")))]
mod web;

pub use calibration::Calibration;
pub use classifier::Classifier;
pub use embedder::Embedder;
pub use error::Error;
pub use frame::{Frame, FrameRef};
pub use head::{Answer, Head, Prediction};
pub use heatmap::Heatmap;
pub use model::Model;

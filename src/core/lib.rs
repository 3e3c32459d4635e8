//! MobileNet image classification that gives the same bits in a terminal and in every browser.
//!
//! Rooms, each of which imports only those below it:
//!
//! ```text
//! facts                          what the documentation states
//! classifier   export            an answer; files for other runtimes
//! fit                            samples in, a head out
//! model                          the file: backbone, head, self-test, link
//! head         network           the dense layer; MobileNetV2 in integers
//! picture                        from the bytes of a file to what the network sees
//! base         error
//! ```
//!
//! Under them all lies `mobilenet-kernel`: the only SIMD and the only unsafe code.
//!
//! ```
//! # #[cfg(feature = "embedded")] {
//! use mobilenet_core::{Classifier, Frame};
//! let mut classifier = Classifier::embedded()?;
//! let frame = Frame::from_rgb(2, 2, vec![128; 12])?;
//! for prediction in classifier.classify(&frame, 3).predictions {
//!     println!("{} {:.1} %", prediction.label, prediction.probability * 100.0);
//! }
//! # }
//! # Ok::<(), mobilenet_core::Error>(())
//! ```

pub mod base;
pub mod classifier;
pub mod error;
pub mod export;
pub mod facts;
pub mod fit;
pub mod head;
pub mod model;
pub mod network;
pub mod picture;

pub use classifier::Classifier;
pub use error::Error;
pub use head::calibration::Calibration;
pub use head::heatmap::Heatmap;
pub use head::{Answer, Head, Prediction};
pub use model::Model;
pub use network::embedder::Embedder;
pub use picture::frame::{Frame, FrameRef};

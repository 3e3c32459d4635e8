//! MobileNet image classification that gives the same bits in a terminal and in every browser.
//!
//! Layers, each of which imports only those below it: `web` (the browser's face), `train` and `convert`,
//! [`classifier`], [`model`] and [`head`], [`network`], [`kernel`], [`preprocess`] and [`decode`], [`Frame`].

pub mod decode;
pub mod digest;
pub mod error;
pub mod frame;
pub mod kernel;
pub mod network;
pub mod preprocess;
pub mod resize;

pub use error::Error;
pub use frame::Frame;

//! From the bytes of a picture file to what the network sees: decoded, upright, resized, in integers all the way.

pub mod decode;
pub mod frame;
pub mod input;
mod jpeg;
mod orientation;
pub mod resize;
pub mod view;

//! What every other room may use: digests, random numbers, reading a file, showing text that strangers wrote.

pub mod digest;
pub mod display_text;
pub mod fields;
#[cfg(not(target_arch = "wasm32"))]
pub mod file;
pub mod panic_guard;
pub mod rng;

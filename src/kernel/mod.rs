//! The kernels: the few loops in which all the time of a frame is spent.
//!
//! Layout everywhere: height, width, channels, one unsigned byte an activation. A kernel is a struct that packs its
//! weights once, when a model is loaded, and a `run` that allocates nothing. Weights are widened to 16 bit because
//! 16-bit products that are summed in pairs are the fastest exact integer product of plain SIMD on every
//! target; the loops are written so that the compiler finds that instruction. They are the scalar truth that
//! any faster version has to equal.

pub mod depthwise;
pub mod dot;
pub mod pointwise;
pub mod pool;
pub mod requantize;
pub mod stem;

pub use depthwise::Depthwise;
pub use pointwise::Pointwise;
pub use requantize::{Requantize, Residual};
pub use stem::Stem;

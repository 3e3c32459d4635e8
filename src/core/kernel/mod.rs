//! The kernels: the few loops in which all the time of a frame is spent.
//!
//! Layout everywhere: height, width, channels, one unsigned byte an activation. A kernel is a struct that packs its
//! weights once, when a model is loaded, and a `run` that allocates nothing. `plain` says by definition what each
//! computes; the kernels are written once over `lanes` and equal it to the bit with every set of them.
//!
//! Weights are widened to 16 bit because 16-bit products that are summed in pairs are the fastest exact integer
//! product of plain SIMD on every target; only VNNI multiplies bytes as they are. This folder holds all that is unsafe: the instructions in the files of `lanes`, and reads
//! and writes without a check where the compiler cannot see that they are inside.
//!
//! What is called once a band or a row is never inlined into what is called once a frame: a browser starts with quickly made code and
//! makes a function fast only between two of its calls, and the larger it is the later. As one function, the network
//! spent its first frame in slow code: 90 ms from compiled wasm to a checked model, 70 this way.

pub(crate) mod depthwise;
pub mod dot;
pub(crate) mod lanes;
pub(crate) mod peak;
pub(crate) mod plain;
pub(crate) mod pointwise;
pub(crate) mod pool;
mod product;
pub(crate) mod requantize;
pub(crate) mod resize;
pub(crate) mod stem;
#[cfg(test)]
mod tests;
pub(crate) mod triangle;
pub mod windows;

pub(crate) use depthwise::Depthwise;
pub(crate) use pointwise::Pointwise;
pub(crate) use requantize::{Requantize, Residual};
pub(crate) use resize::Resize;
pub(crate) use stem::Stem;

//! The kernels: the few loops in which all the time of a frame is spent.
//!
//! Layout everywhere: height, width, channels, one unsigned byte an activation. A kernel is a struct that packs its
//! weights once, when a model is loaded, and a `run` that allocates nothing. `plain` says by definition what each
//! computes; the kernels are written once over `lanes` and equal it to the bit with every set of them.
//!
//! This crate holds all that is unsafe: the instructions in the files of `lanes`, and reads and writes without a check where
//! the compiler cannot see that they are inside.
//!
//! What is called once a band or a row is never inlined into what is called once a frame: a browser starts with quickly made code and
//! makes a function fast only between two of its calls, and the larger it is the later. As one function, the network
//! spent its first frame in slow code: 90 ms from compiled wasm to a checked model, 70 this way.

pub mod depthwise;
pub mod dot;
pub mod job;
pub mod lanes;
pub mod link;
pub mod peak;
pub mod plain;
pub mod pointwise;
pub mod pool;
mod product;
pub mod requantize;
pub mod resize;
#[cfg(side_module)]
mod side;
pub mod stem;
mod taps;
#[cfg(test)]
mod tests;
mod triangle;
pub mod windows;

pub use depthwise::Depthwise;
pub use pointwise::Pointwise;
pub use requantize::{Requantize, Residual};
pub use resize::Resize;
pub use stem::Stem;

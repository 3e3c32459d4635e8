//! What the documentation states about this room, by the names that it has there. See [`mobilenet_core::facts`].

use crate::convert::limits::{FILE_LIMIT, NODE_LIMIT, REFUSED, STEP_LIMIT, WINDOW_LIMIT};
use crate::convert::sizes::{RANK_LIMIT, RUN_LIMIT, SEEN_LIMIT, TENSOR_LIMIT, WORK_LIMIT};

/// Limits.
pub fn limits() -> Vec<(&'static str, u64)> {
    vec![
        ("onnx.file.bytes", FILE_LIMIT as u64),
        ("onnx.multiplications", WORK_LIMIT),
        ("onnx.nodes", NODE_LIMIT as u64),
        ("onnx.rank", RANK_LIMIT),
        ("onnx.run.bytes", RUN_LIMIT),
        ("onnx.tensor.bytes", TENSOR_LIMIT),
        ("onnx.window.step", STEP_LIMIT.unsigned_abs()),
        ("onnx.window.values", WINDOW_LIMIT),
        ("onnx.windows.values", SEEN_LIMIT),
    ]
}

/// Lists of names.
pub fn lists() -> Vec<(&'static str, Vec<&'static str>)> {
    vec![("onnx refused", REFUSED.to_vec())]
}

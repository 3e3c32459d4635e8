//! What the documentation states about this room, by the names that it has there: limits, and lists of names.
//!
//! `mobilenet facts` prints them, and the documentation's tests compare. Each is read from the constant or type that the code
//! itself uses, so nothing here can differ from it.

use crate::error::Error;
use crate::export::Format;
use crate::fit::recipe::EPOCH_LIMIT;
use crate::head::{CLASS_LIMIT, LABEL_LIMIT};
use crate::model::compressed::INFLATED_LIMIT;
use crate::model::{link, manifest_fields};
use crate::picture::decode::{PIXEL_LIMIT, SEGMENT_LIMIT, SIDE_LIMIT};

/// Limits by name.
///
/// ```
/// assert!(mobilenet_core::facts::limits().contains(&("head.classes", 10_000)));
/// ```
pub fn limits() -> Vec<(&'static str, u64)> {
    vec![
        ("fit.epochs", EPOCH_LIMIT as u64),
        ("head.classes", CLASS_LIMIT as u64),
        ("head.label.bytes", LABEL_LIMIT as u64),
        ("link.characters", link::LIMIT as u64),
        ("model.unpacked.bytes", INFLATED_LIMIT as u64),
        ("picture.pixels", PIXEL_LIMIT),
        ("picture.segments", SEGMENT_LIMIT as u64),
        ("picture.side", SIDE_LIMIT.into()),
    ]
}

/// Lists of names, by the name of the list.
///
/// ```
/// let (_, exports) = mobilenet_core::facts::lists().into_iter().find(|(name, _)| *name == "exports").unwrap();
/// assert_eq!(exports, ["onnx", "tflite", "tfjs", "safetensors"]);
/// ```
pub fn lists() -> Vec<(&'static str, Vec<&'static str>)> {
    vec![
        ("codes", Error::CODES.to_vec()),
        ("exports", Format::ALL.map(Format::name).to_vec()),
        ("manifest", manifest_fields().to_vec()),
    ]
}

//! Guess: which numbers a file expects for the bytes of a picture, where nobody has said.
//!
//! A file that normalises its input itself says by that arithmetic what it starts from: of bytes and numbers from 0 to 1 only one
//! makes sense. Otherwise what is told is who trained it, by habits that no exporter hides: TensorFlow pads the strided
//! windows of an even picture only below and on the right, and puts colours last; its networks expect -1 to 1. PyTorch does neither, and
//! its expect ImageNet's mean and deviation taken out.

use std::path::Path;

use tract_onnx::pb::{GraphProto, ModelProto, NodeProto};
use tract_onnx::prelude::DatumType;

use crate::convert::file::Input;
use crate::convert::node::attribute;
use crate::convert::{Levels, normalisation};
use mobilenet_core::picture::input::Fit;

pub(super) fn levels(model: &ModelProto, graph: &GraphProto, input: &Input) -> Levels {
    if input.kind == DatumType::U8 {
        return Levels::BYTES;
    }
    // A file whose chain cannot be followed may still be run, and then nothing is known of its arithmetic.
    if let Ok(Some(affine)) = normalisation(model, Path::new("")) {
        let makes_sense = |levels: &Levels| levels.input_spec(Some(&affine), 224, Fit::Squash).is_ok();
        return [Levels::BYTES, Levels::UNIT].into_iter().find(makes_sense).unwrap_or(Levels::BYTES);
    }
    if input.channels_last || graph.node.iter().any(pads_behind) { Levels::KERAS } else { Levels::TORCH }
}

fn pads_behind(node: &NodeProto) -> bool {
    let automatic = attribute(node, "auto_pad").is_some_and(|attribute| attribute.s.starts_with(b"SAME"));
    let after = |pads: &[i64]| pads.len() == 4 && (pads[2] > pads[0] || pads[3] > pads[1]);
    node.op_type == "Conv" && (automatic || attribute(node, "pads").is_some_and(|pads| after(&pads.ints)))
}

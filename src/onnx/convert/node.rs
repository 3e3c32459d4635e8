//! Node: the few questions that are asked of one.

use tract_onnx::pb::{AttributeProto, NodeProto};

/// What a person finds a node by: its name, or that of its output where it has none.
pub(crate) fn name_of(node: &NodeProto) -> &str {
    let output = node.output.first().map_or("a node without a name", String::as_str);
    if node.name.is_empty() { output } else { &node.name }
}

pub(crate) fn attribute<'a>(node: &'a NodeProto, name: &str) -> Option<&'a AttributeProto> {
    node.attribute.iter().find(|attribute| attribute.name == name)
}

/// A list attribute with as many numbers as `default`, which is what its absence means.
pub(super) fn integers<const N: usize>(node: &NodeProto, name: &str, default: [usize; N]) -> Option<[usize; N]> {
    let Some(attribute) = attribute(node, name) else { return Some(default) };
    let numbers: Vec<usize> =
        attribute.ints.iter().map(|number| usize::try_from(*number).ok()).collect::<Option<_>>()?;
    numbers.try_into().ok()
}

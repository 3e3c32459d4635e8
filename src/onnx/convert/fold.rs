//! Fold: what an elementwise node does to each channel, in a form that can be taken into the convolution before it.
//!
//! Batch normalisation appears as one node, as a multiplication and an addition, or not at all; a ReLU6 as a clip with
//! attributes, a clip with inputs, or a minimum and a maximum. Here they all become an [`Affine`] or [`Bounds`].

use tract_onnx::pb::NodeProto;

use super::constant::Constants;
use super::node::{attribute, integers};

/// `x * scale + shift`, one of each a channel, or one for all.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Affine {
    pub scale: Vec<f64>,
    pub shift: Vec<f64>,
}

impl Affine {
    /// Reads a batch normalisation, or arithmetic with a constant; `None` for anything else.
    pub(super) fn read(node: &NodeProto, constants: &Constants) -> Option<Self> {
        if node.op_type == "BatchNormalization" {
            return Self::batch_norm(node, constants);
        }
        let [left, right] = &node.input[..] else { return None };
        let constant_first = constants.get(left).is_some();
        let values = per_channel(if constant_first { left } else { right }, constants)?;
        let map = |function: fn(f64) -> f64| values.iter().copied().map(function).collect::<Vec<_>>();
        let (scale, shift) = match (node.op_type.as_str(), constant_first) {
            ("Mul", _) => (values, vec![0.0]),
            ("Add", _) => (vec![1.0], values),
            ("Div", false) => (map(|value| 1.0 / value), vec![0.0]),
            ("Sub", false) => (vec![1.0], map(|value| -value)),
            ("Sub", true) => (vec![-1.0], values),
            _ => return None,
        };
        Some(Self { scale, shift })
    }

    fn batch_norm(node: &NodeProto, constants: &Constants) -> Option<Self> {
        let [_, gamma, beta, mean, variance] = &node.input[..] else { return None };
        let read = |name: &String| per_channel(name, constants);
        let (gamma, beta, mean, variance) = (read(gamma)?, read(beta)?, read(mean)?, read(variance)?);
        let epsilon = attribute(node, "epsilon").map_or(1.0e-5, |attribute| f64::from(attribute.f));
        let scale: Vec<f64> = gamma.iter().zip(&variance).map(|(gamma, var)| gamma / (var + epsilon).sqrt()).collect();
        let shift = beta.iter().zip(&mean).zip(&scale).map(|((beta, mean), scale)| beta - mean * scale).collect();
        Some(Self { scale, shift })
    }

    /// Whether it can act on this many channels.
    pub fn fits(&self, channels: usize) -> bool {
        let fits = |values: &[f64]| {
            (values.len() == 1 || values.len() == channels) && values.iter().all(|value| value.is_finite())
        };
        fits(&self.scale) && fits(&self.shift)
    }

    /// This, and `next` on its result, on so many channels.
    pub fn then(&self, next: &Self, channels: usize) -> Self {
        let pairs = (0..channels).map(|channel| {
            let ((scale, shift), (next_scale, next_shift)) = (self.at(channel), next.at(channel));
            (scale * next_scale, shift * next_scale + next_shift)
        });
        let (scale, shift) = pairs.unzip();
        Self { scale, shift }
    }

    /// Scale and shift of one channel.
    pub fn at(&self, channel: usize) -> (f64, f64) {
        let pick = |values: &[f64]| if values.len() == 1 { values[0] } else { values[channel] };
        (pick(&self.scale), pick(&self.shift))
    }
}

/// A constant that varies along one axis at most; which one, its length must tell.
fn per_channel(name: &str, constants: &Constants) -> Option<Vec<f64>> {
    let shape = constants.get(name)?.shape();
    if shape.iter().filter(|size| **size != 1).count() > 1 {
        return None;
    }
    Some(constants.floats(name)?.into_iter().map(f64::from).collect())
}

/// The range that an activation is cut to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bounds {
    pub low: f32,
    pub high: f32,
}

impl Bounds {
    pub const NONE: Self = Self { low: f32::NEG_INFINITY, high: f32::INFINITY };
    pub const RELU6: Self = Self { low: 0.0, high: 6.0 };

    /// Reads a node that cuts; `None` for anything else.
    pub fn read(node: &NodeProto, constants: &Constants) -> Option<Self> {
        let number = |name: &str| {
            let values = constants.floats(name)?;
            if let [value] = values[..] { Some(value) } else { None }
        };
        let other = || node.input.iter().find_map(|name| number(name));
        let bound = |at: usize, name: &str, default: f32| match node.input.get(at).filter(|input| !input.is_empty()) {
            Some(input) => number(input),
            None => Some(attribute(node, name).map_or(default, |attribute| attribute.f)),
        };
        match (node.op_type.as_str(), node.input.len()) {
            ("Relu", _) => Some(Self { low: 0.0, ..Self::NONE }),
            ("Clip", _) => Some(Self { low: bound(1, "min", f32::MIN)?, high: bound(2, "max", f32::MAX)? }),
            ("Min", 2) => Some(Self { high: other()?, ..Self::NONE }),
            ("Max", 2) => Some(Self { low: other()?, ..Self::NONE }),
            _ => None,
        }
    }

    /// What is left after both cuts.
    pub fn and(self, other: Self) -> Self {
        Self { low: self.low.max(other.low), high: self.high.min(other.high) }
    }
}

/// Rows of zeros: above, left, below, right.
pub(super) type Pads = [usize; 4];

/// Reads a node that pads pictures with zeros, in either layout; `None` for anything else.
pub(super) fn read_pads(node: &NodeProto, constants: &Constants) -> Option<Pads> {
    let mode = attribute(node, "mode").map_or(&b"constant"[..], |attribute| &attribute.s);
    let value = match node.input.get(2).filter(|input| !input.is_empty()) {
        Some(input) => constants.floats(input)?,
        None => vec![attribute(node, "value").map_or(0.0, |attribute| attribute.f)],
    };
    let pads: [usize; 8] = match node.input.get(1) {
        Some(input) => {
            let counts = constants
                .floats(input)?
                .into_iter()
                .map(|count| (0.0..=8.0).contains(&count).then_some(count as usize));
            counts.collect::<Option<Vec<_>>>()?.try_into().ok()?
        }
        None => integers(node, "pads", [0; 8])?,
    };
    if node.op_type != "Pad" || mode != b"constant" || value != [0.0] || !node.input.get(3).is_none_or(String::is_empty)
    {
        return None;
    }
    match pads {
        [0, 0, top, left, 0, 0, bottom, right] => Some([top, left, bottom, right]),
        [0, top, left, 0, 0, bottom, right, 0] => Some([top, left, bottom, right]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::{float, ints, node, tensor};
    use super::*;
    use tract_onnx::pb::{GraphProto, ModelProto};

    fn constants() -> Constants {
        let initializer = vec![
            tensor("two", &[], vec![2.0]),
            tensor("six", &[1], vec![6.0]),
            tensor("zero", &[], vec![0.0]),
            tensor("channels", &[1, 3, 1, 1], vec![1.0, 2.0, 4.0]),
            tensor("square", &[2, 2], vec![1.0; 4]),
            tensor("pads", &[8], vec![0.0, 1.0, 2.0, 0.0, 0.0, 3.0, 4.0, 0.0]),
        ];
        let graph = GraphProto { initializer, ..Default::default() };
        Constants::load(&ModelProto::default(), &graph, std::path::Path::new(".")).unwrap()
    }

    #[test]
    fn arithmetic_with_constants() {
        let read = |operator: &str, inputs: &[&str]| {
            let affine = Affine::read(&node(operator, inputs, "y", vec![]), &constants())?;
            Some(affine.at(if affine.scale.len().max(affine.shift.len()) == 3 { 2 } else { 0 }))
        };
        for (operator, inputs, expected) in [
            ("Mul", ["x", "two"], Some((2.0, 0.0))),
            ("Mul", ["channels", "x"], Some((4.0, 0.0))),
            ("Add", ["x", "channels"], Some((1.0, 4.0))),
            ("Sub", ["x", "two"], Some((1.0, -2.0))),
            ("Sub", ["two", "x"], Some((-1.0, 2.0))),
            ("Div", ["x", "two"], Some((0.5, 0.0))),
            ("Div", ["two", "x"], None),
            ("Mul", ["x", "square"], None),
            ("Pow", ["x", "two"], None),
        ] {
            assert_eq!(read(operator, &inputs), expected, "{operator} {inputs:?}");
        }
    }

    #[test]
    fn cuts() {
        let read = |operator: &str, inputs: &[&str]| Bounds::read(&node(operator, inputs, "y", vec![]), &constants());
        assert_eq!(read("Clip", &["x", "zero", "six"]), Some(Bounds::RELU6));
        let [relu, low, high] = [read("Relu", &["x"]), read("Max", &["x", "zero"]), read("Min", &["six", "x"])];
        assert_eq!((relu, low.zip(high).map(|(low, high)| low.and(high))), (low, Some(Bounds::RELU6)));
        assert_eq!(read("Clip", &["x", "computed", "six"]), None);
        assert_eq!(read("Sigmoid", &["x"]), None);
        let old = node("Clip", &["x"], "y", vec![float("min", 0.0), float("max", 6.0)]);
        assert_eq!(Bounds::read(&old, &constants()), Some(Bounds::RELU6));
    }

    #[test]
    fn padding_in_either_layout() {
        let old = |pads: &[usize]| read_pads(&node("Pad", &["x"], "y", vec![ints("pads", pads)]), &constants());
        assert_eq!(old(&[0, 0, 1, 2, 0, 0, 3, 4]), Some([1, 2, 3, 4]));
        assert_eq!(read_pads(&node("Pad", &["x", "pads"], "y", vec![]), &constants()), Some([1, 2, 3, 4]));
        assert_eq!(old(&[1, 0, 0, 0, 0, 0, 0, 0]), None, "between pictures");
        assert_eq!(read_pads(&node("Pad", &["x", "pads", "two"], "y", vec![]), &constants()), None, "not with zeros");
    }
}

//! Dense: the file's classification layer as the linear map that a head is.
//!
//! It is found after the pooling, whether the file writes it as `Gemm`, as a product and a sum, or as a convolution over
//! one position. Anything in it that is not linear, but for a softmax at the end, makes it no head. What was taken out of
//! the file is compared with what tract makes of the file before it is used.

use std::collections::HashMap;
use std::rc::Rc;

use tract_onnx::pb::{GraphProto, NodeProto};

use super::constant::Constants;
use super::fold::Affine;
use super::graph::Graph;
use super::node::attribute;

/// A dense layer: one logit a class.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dense {
    /// `[classes][features]`.
    pub weight: Vec<f32>,
    /// One a class.
    pub bias: Vec<f32>,
}

/// What a tensor after the pooling is.
#[derive(Clone)]
enum Linear {
    /// The embedding, each number scaled and shifted.
    Embedding(Affine),
    Logits(Rc<Dense>),
    Probabilities(Rc<Dense>),
}

impl Dense {
    /// The layer between the embedding and the answer; `None` where that is not a linear one.
    pub(super) fn find(graph: &GraphProto, constants: &Constants, chain: &Graph, features: usize) -> Option<Self> {
        let (start, answer) = (chain.embedding()?, chain.answer.as_ref()?);
        let embedding = Linear::Embedding(Affine { scale: vec![1.0], shift: vec![0.0] });
        let mut known = HashMap::from([(start.output.as_str(), embedding)]);
        for node in &graph.node {
            let mut signals = node.input.iter().enumerate().filter(|(_, name)| known.contains_key(name.as_str()));
            let (Some((at, name)), None) = (signals.next(), signals.next()) else { continue };
            if let Some(made) = known[name.as_str()].after(node, at, constants, features) {
                known.extend(node.output.first().map(|output| (output.as_str(), made)));
            }
        }
        match known.remove(answer.as_str())? {
            Linear::Logits(dense) | Linear::Probabilities(dense) => Some(Rc::unwrap_or_clone(dense)),
            Linear::Embedding(_) => None,
        }
    }

    fn affine(&self, affine: &Affine) -> Option<Self> {
        let classes = self.bias.len();
        if !affine.fits(classes) {
            return None;
        }
        let mut made = self.clone();
        for (class, row) in made.weight.chunks_exact_mut(self.weight.len() / classes).enumerate() {
            let (scale, shift) = affine.at(class);
            row.iter_mut().for_each(|weight| *weight = (f64::from(*weight) * scale) as f32);
            made.bias[class] = (f64::from(made.bias[class]) * scale + shift) as f32;
        }
        Some(made)
    }
}

impl Linear {
    /// What a node makes of it as its input number `at`; `None` for what is not linear.
    fn after(&self, node: &NodeProto, at: usize, constants: &Constants, features: usize) -> Option<Self> {
        match (node.op_type.as_str(), self) {
            ("Identity" | "Dropout" | "Cast" | "Flatten" | "Reshape" | "Squeeze" | "Unsqueeze" | "Transpose", _) => {
                (at == 0).then(|| self.clone())
            }
            ("Softmax" | "LogSoftmax", Self::Logits(dense)) => Some(Self::Probabilities(Rc::clone(dense))),
            ("Gemm" | "MatMul" | "Conv", Self::Embedding(before)) if at == 0 => {
                let dense = product(node, constants, features)?.on(before, features)?;
                Some(Self::Logits(Rc::new(dense)))
            }
            (_, Self::Embedding(before)) => {
                let affine = Affine::read(node, constants).filter(|affine| affine.fits(features))?;
                Some(Self::Embedding(before.then(&affine, features)))
            }
            (_, Self::Logits(dense)) => Some(Self::Logits(Rc::new(dense.affine(&Affine::read(node, constants)?)?))),
            (_, Self::Probabilities(_)) => None,
        }
    }
}

impl Dense {
    /// The same on an embedding that is scaled and shifted first.
    fn on(mut self, before: &Affine, features: usize) -> Option<Self> {
        if !before.fits(features) {
            return None;
        }
        for (row, bias) in self.weight.chunks_exact_mut(features).zip(&mut self.bias) {
            for (at, weight) in row.iter_mut().enumerate() {
                let (scale, shift) = before.at(at);
                *bias += (f64::from(*weight) * shift) as f32;
                *weight = (f64::from(*weight) * scale) as f32;
            }
        }
        Some(self)
    }
}

/// The weights of a node that multiplies, in a head's order.
fn product(node: &NodeProto, constants: &Constants, features: usize) -> Option<Dense> {
    let name = node.input.get(1)?;
    let (shape, numbers) = (constants.get(name)?.shape(), constants.floats(name)?);
    let float = |name: &str| attribute(node, name).map_or(1.0, |attribute| attribute.f);
    let flag = |name: &str| attribute(node, name).is_some_and(|attribute| attribute.i != 0);
    let is_gemm = node.op_type == "Gemm";
    let rows_are_classes = node.op_type == "Conv" || (is_gemm && flag("transB"));
    let classes = match *shape {
        [classes, inputs] | [classes, inputs, 1, 1] if rows_are_classes && inputs == features => classes,
        [inputs, classes] if !rows_are_classes && inputs == features => classes,
        _ => return None,
    };
    if classes == 0 || (is_gemm && flag("transA")) || attribute(node, "group").is_some_and(|group| group.i != 1) {
        return None;
    }
    let weight: Vec<f32> = match rows_are_classes {
        true => numbers,
        false => (0..classes * features).map(|at| numbers[at % features * classes + at / features]).collect(),
    };
    let bias = match node.input.get(2).filter(|name| !name.is_empty()) {
        Some(name) => constants.floats(name)?,
        None => vec![0.0],
    };
    let bias = match bias.len() {
        1 => vec![bias[0]; classes],
        count if count == classes => bias,
        _ => return None,
    };
    let (alpha, beta) = if is_gemm { (float("alpha"), float("beta")) } else { (1.0, 1.0) };
    let scaled = |numbers: Vec<f32>, factor: f32| numbers.into_iter().map(|number| number * factor).collect();
    Some(Dense { weight: scaled(weight, alpha), bias: scaled(bias, beta) })
}

//! Walk: follows the picture through the nodes of an ONNX file, in the file's order.
//!
//! For every tensor it keeps where that comes from. What changes only the layout is stepped over; what acts on each
//! channel apart is folded into the convolution before it; anything else becomes [`Source::Foreign`] and
//! is reported only if a layer turns out to need it.

use std::collections::HashMap;

use tract_onnx::pb::{GraphProto, NodeProto};

use super::constant::Constants;
use super::file::{Input, not_mobilenet};
use super::fold::{Affine, Bounds, Pads, read_pads};
use super::graph::{Convolution, ConvolutionPadding, Embedding, Foreign, Graph, Operation, Pooling, Source, Step};
use super::node::{attribute, integers, name_of};
use mobilenet_core::error::Error;

/// Walks the graph.
///
/// # Errors
/// [`Error::NotMobileNet`] when no input is a picture, or a convolution's numbers cannot be read.
pub(super) fn walk(graph: &GraphProto, constants: &Constants) -> Result<Graph, Error> {
    let input = Input::find(graph)?;
    let picture = Signal { source: Source::Picture, folds: 0, pads: [0; 4] };
    let mut walk = Walk {
        constants,
        signals: HashMap::from([(input.name.clone(), picture)]),
        states: vec![State::default()],
        graph: Graph {
            input,
            normalise: None,
            steps: Vec::new(),
            foreign: Vec::new(),
            embeddings: Vec::new(),
            read: 0,
            answer: None,
        },
    };
    for node in &graph.node {
        walk.visit(node)?;
    }
    let is_answer = |name: &&String| walk.signals.get(*name).is_some_and(|signal| signal.source == Source::Answer);
    walk.graph.answer = graph.output.iter().map(|output| &output.name).find(is_answer).cloned();
    Ok(walk.graph)
}

/// A tensor that depends on the picture.
#[derive(Clone, Copy)]
struct Signal {
    source: Source,
    /// How many nodes had been folded into the source when this tensor was made.
    folds: usize,
    /// Zeros put around it since.
    pads: Pads,
}

/// Of a source: how many nodes have been folded into it, and whether any layer has read it, after which no more may be.
#[derive(Clone, Copy, Default)]
struct State {
    folds: usize,
    read: bool,
}

struct Walk<'a> {
    constants: &'a Constants,
    signals: HashMap<String, Signal>,
    /// Of the picture, then of every step.
    states: Vec<State>,
    graph: Graph,
}

impl Walk<'_> {
    fn visit(&mut self, node: &NodeProto) -> Result<(), Error> {
        let inputs = node.input.iter().enumerate();
        let signals: Vec<_> = inputs.filter_map(|(at, name)| Some((at, *self.signals.get(name)?))).collect();
        let (at, first) = match signals[..] {
            [] => return Ok(()),
            [first, ..] => first,
        };
        let made = match signals.len() {
            1 => self.one(node, at, first)?,
            _ if node.op_type == "Concat" => {
                self.joined(node, &signals.iter().map(|(_, signal)| *signal).collect::<Vec<_>>())
            }
            2 => self.sum(node, first, signals[1].1),
            _ => None,
        };
        let made = made.unwrap_or_else(|| self.foreign(node, first));
        self.signals.extend(node.output.iter().map(|output| (output.clone(), made)));
        Ok(())
    }

    /// A node that reads one signal, as its input number `at`; `None` where it is no part of a chain of convolutions.
    fn one(&mut self, node: &NodeProto, at: usize, signal: Signal) -> Result<Option<Signal>, Error> {
        let after_pooling = matches!(signal.source, Source::Embedding(_) | Source::Answer);
        Ok(match node.op_type.as_str() {
            "Identity" | "Cast" | "Dropout" | "Transpose" => Some(signal),
            "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" if after_pooling => Some(signal),
            _ if after_pooling => {
                if let Source::Embedding(at) = signal.source {
                    self.graph.read = at;
                }
                Some(Signal { source: Source::Answer, ..signal })
            }
            "Conv" if at == 0 => self.convolution(node, signal)?,
            "Pad" if at == 0 => {
                read_pads(node, self.constants).map(|pads| Signal { pads: add(signal.pads, pads), ..signal })
            }
            "GlobalAveragePool" | "ReduceMean" | "AveragePool" => self.pool(node, signal),
            _ => self.fold(node, signal),
        })
    }

    fn foreign(&mut self, node: &NodeProto, signal: Signal) -> Signal {
        let (name, operator) = (name_of(node).to_owned(), node.op_type.clone());
        self.graph.foreign.push(Foreign { node: name, operator, reads: signal.source });
        Signal { source: Source::Foreign(self.graph.foreign.len() - 1), ..signal }
    }

    fn state(&mut self, source: Source) -> Option<&mut State> {
        match source {
            Source::Picture => self.states.first_mut(),
            Source::Step(step) => self.states.get_mut(step + 1),
            Source::Embedding(_) | Source::Answer | Source::Foreign(_) => None,
        }
    }

    /// Reads a finished source; `None` if this tensor is a state of it before a later fold.
    fn read(&mut self, signal: Signal) -> Option<Source> {
        if let Some(state) = self.state(signal.source) {
            state.read = true;
            if state.folds != signal.folds {
                return None;
            }
        }
        Some(signal.source)
    }

    fn push(&mut self, node: &NodeProto, operation: Operation) -> Signal {
        let output = node.output.first().cloned().unwrap_or_default();
        self.graph.steps.push(Step { node: name_of(node).to_owned(), output, operation, bounds: Bounds::NONE });
        self.states.push(State::default());
        Signal { source: Source::Step(self.graph.steps.len() - 1), folds: 0, pads: [0; 4] }
    }

    fn sum(&mut self, node: &NodeProto, left: Signal, right: Signal) -> Option<Signal> {
        if node.op_type != "Add" || left.pads != [0; 4] || right.pads != [0; 4] {
            return None;
        }
        let sources = [self.read(left)?, self.read(right)?];
        Some(self.push(node, Operation::Sum(sources)))
    }

    fn pool(&mut self, node: &NodeProto, signal: Signal) -> Option<Signal> {
        if node.op_type == "ReduceMean" && !averages_positions(node, self.constants) {
            return None;
        }
        let window = attribute(node, "kernel_shape").map(|_| integers(node, "kernel_shape", [0; 2]));
        let window = if let Some(window) = window { Some(window?) } else { None };
        let input = self.read(signal)?;
        self.embedding(node, vec![Pooling { input, window }])
    }

    /// Averages of several layers, one after the other.
    fn joined(&mut self, node: &NodeProto, signals: &[Signal]) -> Option<Signal> {
        let mut parts = Vec::new();
        for signal in signals {
            let Source::Embedding(at) = signal.source else { return None };
            parts.extend(self.graph.embeddings[at].parts.iter().cloned());
        }
        // With a constant among them, they would not be all.
        (signals.len() == node.input.len()).then(|| self.embedding(node, parts))?
    }

    fn embedding(&mut self, node: &NodeProto, parts: Vec<Pooling>) -> Option<Signal> {
        self.graph.embeddings.push(Embedding { output: node.output.first()?.clone(), parts });
        self.graph.read = self.graph.embeddings.len() - 1;
        Some(Signal { source: Source::Embedding(self.graph.read), folds: 0, pads: [0; 4] })
    }

    /// A node that acts on each channel apart.
    fn fold(&mut self, node: &NodeProto, signal: Signal) -> Option<Signal> {
        let (affine, bounds) = (Affine::read(node, self.constants), Bounds::read(node, self.constants));
        let state = *self.state(signal.source)?;
        if state.read || state.folds != signal.folds || signal.pads != [0; 4] {
            return None;
        }
        match (signal.source, affine, bounds) {
            (Source::Picture, Some(affine), None) if affine.fits(3) => {
                let before = self.graph.normalise.take();
                self.graph.normalise = Some(before.map_or(affine.clone(), |before| before.then(&affine, 3)));
            }
            (Source::Step(step), affine, bounds) => {
                let step = &mut self.graph.steps[step];
                step.fold(affine, bounds)?;
                step.output = node.output.first()?.clone();
            }
            _ => return None,
        }
        let state = self.state(signal.source)?;
        state.folds += 1;
        let folds = state.folds;
        Some(Signal { folds, ..signal })
    }

    fn convolution(&mut self, node: &NodeProto, signal: Signal) -> Result<Option<Signal>, Error> {
        let unreadable =
            |what: &str| not_mobilenet(name_of(node), format!("its {what} cannot be read: is it a float network?"));
        let weight = node.input.get(1).filter(|name| self.constants.get(name).is_some());
        let weight = weight.ok_or_else(|| unreadable("weight"))?;
        let shape = self.constants.get(weight).and_then(|tensor| <[usize; 4]>::try_from(tensor.shape()).ok());
        let shape = shape.ok_or_else(|| not_mobilenet(name_of(node), "it is no convolution over two dimensions"))?;
        let numbers = self.constants.floats(weight).ok_or_else(|| unreadable("weight"))?;
        let bias = match node.input.get(2).filter(|name| !name.is_empty()) {
            None => vec![0.0; shape[0]],
            Some(name) => self.constants.floats(name).ok_or_else(|| unreadable("bias"))?,
        };
        if bias.len() != shape[0] || !numbers.iter().chain(&bias).all(|number| number.is_finite()) {
            return Err(not_mobilenet(name_of(node), "its numbers are damaged (not finite, or too few)"));
        }
        let geometry = padding(node, signal.pads).zip(integers(node, "strides", [1; 2]));
        let dilated = integers(node, "dilations", [1; 2]) != Some([1; 2]);
        let (Some((padding, stride)), Some(input), false) = (geometry, self.read(signal), dilated) else {
            return Ok(None);
        };
        let groups = attribute(node, "group").map_or(1, |attribute| usize::try_from(attribute.i).unwrap_or(0));
        let bias = bias.into_iter().map(f64::from).collect();
        let convolution = Convolution { input, weight: numbers, shape, bias, groups, stride, padding };
        Ok(Some(self.push(node, Operation::Convolution(convolution))))
    }
}

fn add(left: Pads, right: Pads) -> Pads {
    std::array::from_fn(|side| left[side] + right[side])
}

/// A convolution's padding, with the zeros that a node before it put there.
fn padding(node: &NodeProto, before: Pads) -> Option<ConvolutionPadding> {
    let automatic = attribute(node, "auto_pad").map_or(&b"NOTSET"[..], |attribute| &attribute.s);
    match automatic {
        b"SAME_UPPER" if before == [0; 4] => Some(ConvolutionPadding::SameUpper),
        b"SAME_LOWER" if before == [0; 4] => Some(ConvolutionPadding::SameLower),
        b"VALID" => Some(ConvolutionPadding::Rows(before)),
        b"NOTSET" | b"" => Some(ConvolutionPadding::Rows(add(before, integers(node, "pads", [0; 4])?))),
        _ => None,
    }
}

/// Whether a mean is over height and width, in either layout.
fn averages_positions(node: &NodeProto, constants: &Constants) -> bool {
    let mut axes = match (attribute(node, "axes"), node.input.get(1)) {
        (Some(attribute), _) => attribute.ints.clone(),
        (None, Some(input)) => {
            constants.floats(input).unwrap_or_default().into_iter().map(|axis| axis as i64).collect()
        }
        (None, None) => Vec::new(),
    };
    axes.sort_unstable();
    [[2, 3], [1, 2], [-2, -1], [-3, -2]].iter().any(|positions| axes == positions)
}

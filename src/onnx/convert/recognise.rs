//! Lower: compares the chain with the table of a MobileNetV2, and brings its numbers into the table's order.
//!
//! Width and padding are not asked for: every width in steps of 0.05 is tried with both paddings, and the one that
//! agrees with the file for longest is it. If that is not to the end, the first layer that differs is the error.

use super::file::not_mobilenet;
use super::fold::Bounds;
use super::graph::{Convolution, ConvolutionPadding, Graph, Operation, Pooling, Source, Step};
use mobilenet_core::error::Error;
use mobilenet_core::network::{Architecture, Kind, Layer, Padding};

/// The published widths, which win where rounding to multiples of 8 makes another width the same network.
const PUBLISHED_WIDTHS: [f64; 6] = [1.0, 0.35, 0.5, 0.75, 1.3, 1.4];

/// A MobileNetV2 in float: what was in the file, in the table's order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FloatNetwork {
    pub architecture: Architecture,
    pub layers: Vec<FloatLayer>,
    /// The tensor of each layer's result, after the block's input has been added where the layer has a residual.
    pub outputs: Vec<String>,
    /// The layers whose means over all positions are the file's embedding, and their channels: the last one, or the whole tail.
    pub tail: Vec<(usize, usize)>,
}

impl FloatNetwork {
    /// Numbers in the file's embedding.
    pub fn embedding_len(&self) -> usize {
        self.tail.iter().map(|(_, channels)| channels).sum()
    }
}

/// Weights as [`Layer::weight_shape`] orders them, batch normalisation folded in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FloatLayer {
    pub weight: Vec<f32>,
    pub bias: Vec<f64>,
}

/// Finds the MobileNetV2 of this side that the file holds.
///
/// # Errors
/// [`Error::NotMobileNet`] names the first layer that differs from the MobileNetV2 that fits longest.
pub(super) fn lower(graph: &Graph, side: usize) -> Result<FloatNetwork, Error> {
    let widths = PUBLISHED_WIDTHS.into_iter().chain((2..=40).map(|step| f64::from(step) / 20.0));
    let mut longest: Option<Matching> = None;
    for width in widths {
        for padding in [Padding::Same, Padding::Symmetric] {
            let matching = Matching::of(graph, Architecture { width, side, padding });
            if longest.as_ref().is_none_or(|longest| matching.length() > longest.length()) {
                longest = Some(matching);
            }
        }
    }
    let Some(Matching { architecture, layers, outputs, difference, reads_tail, .. }) = longest else {
        return Err(not_mobilenet("its width", "none fits"));
    };
    match difference {
        None => {
            let mut tail = tail(architecture);
            tail.truncate(if reads_tail { tail.len() } else { 1 });
            Ok(FloatNetwork { architecture, layers, outputs, tail })
        }
        Some((layer, reason)) => {
            let fit = format!("{} layers before it fit one of width {}", layers.len(), architecture.width);
            Err(not_mobilenet(layer, format!("{reason} ({fit}); only MobileNetV2 with ReLU6 can be imported")))
        }
    }
}

/// The layers of the tail by their place in the table, with their channels.
fn tail(architecture: Architecture) -> Vec<(usize, usize)> {
    let names: Vec<String> = architecture.layers().into_iter().map(|row| row.name).collect();
    let place = |row: Layer| Some((names.iter().position(|name| *name == row.name)?, row.outputs));
    architecture.tail().into_iter().filter_map(place).collect()
}

/// A layer of the file, and how it differs from the table.
type Difference = (String, String);

/// How far the file agrees with one MobileNetV2.
struct Matching<'a> {
    graph: &'a Graph,
    architecture: Architecture,
    layers: Vec<FloatLayer>,
    outputs: Vec<String>,
    difference: Option<Difference>,
    reads_tail: bool,
    /// How many checks were passed, which tells apart those that fail in the same layer.
    checks: usize,
    /// The next step, and what it has to read.
    at: usize,
    source: Source,
}

impl<'a> Matching<'a> {
    fn of(graph: &'a Graph, architecture: Architecture) -> Self {
        let (layers, outputs) = (Vec::new(), Vec::new());
        let mut matching = Self {
            graph,
            architecture,
            layers,
            outputs,
            difference: None,
            reads_tail: false,
            checks: 0,
            at: 0,
            source: Source::Picture,
        };
        match matching.run() {
            Ok(reads_tail) => matching.reads_tail = reads_tail,
            Err(difference) => matching.difference = Some(difference),
        }
        matching
    }

    fn length(&self) -> (usize, usize) {
        (self.layers.len(), self.checks)
    }

    /// Whether what follows reads the whole tail.
    fn run(&mut self) -> Result<bool, Difference> {
        let mut skipped = self.source;
        for row in self.architecture.layers() {
            // A block starts with its expansion; the first one, which has none, after the stem.
            if row.kind == Kind::Expand || self.layers.len() == 1 {
                skipped = self.source;
            }
            let layer = self.convolution(&row)?;
            if row.residual {
                self.sum(&row, skipped)?;
            }
            self.outputs.push(self.graph.steps[self.at - 1].output.clone());
            self.layers.push(layer);
        }
        self.end()
    }

    /// The step that reads what the last one wrote.
    fn next(&mut self, expected: &str) -> Result<&'a Step, Difference> {
        let step = self.graph.steps.get(self.at);
        let reads = |step: &Step| match &step.operation {
            Operation::Convolution(convolution) => convolution.input == self.source,
            Operation::Sum(sources) => sources.contains(&self.source),
        };
        let Some(step) = step.filter(|step| reads(step)) else { return Err(self.missing(expected)) };
        self.source = Source::Step(self.at);
        self.at += 1;
        Ok(step)
    }

    fn missing(&self, expected: &str) -> Difference {
        let stated = || match self.graph.steps.get(self.at) {
            Some(step) => (step.node.clone(), format!("it does not read the layer before it, as {expected} does")),
            None => ("its end".into(), format!("{expected} is missing")),
        };
        self.foreign(expected).unwrap_or_else(stated)
    }

    /// A node of another kind that reads what the last layer wrote.
    fn foreign(&self, layer: &str) -> Option<Difference> {
        let foreign = self.graph.foreign.iter().find(|foreign| foreign.reads == self.source)?;
        Some((foreign.node.clone(), format!("a MobileNetV2 has no {} at {layer}", foreign.operator)))
    }

    fn convolution(&mut self, row: &Layer) -> Result<FloatLayer, Difference> {
        let step = self.next(&row.name)?;
        let difference = |reason: String| (step.node.clone(), reason);
        let Operation::Convolution(convolution) = &step.operation else {
            return Err(difference(format!("an addition stands where {} comes in a MobileNetV2", row.name)));
        };
        check_shape(convolution, row).map_err(difference)?;
        self.checks += 1;
        check_windows(convolution, row).map_err(difference)?;
        self.checks += 1;
        check_bounds(step.bounds, row)
            .map_err(|reason| self.foreign(&row.name).unwrap_or_else(|| difference(reason)))?;
        Ok(FloatLayer { weight: reorder(convolution, row), bias: convolution.bias.clone() })
    }

    fn sum(&mut self, row: &Layer, skipped: Source) -> Result<(), Difference> {
        let projected = self.source;
        let step = self.next(&format!("the sum after {}", row.name))?;
        let expected = [[skipped, projected], [projected, skipped]];
        match &step.operation {
            Operation::Sum(sources) if expected.contains(sources) && step.bounds == Bounds::NONE => Ok(()),
            _ => Err((step.node.clone(), format!("the block's input should be added to {} here", row.name))),
        }
    }

    /// After the last layer there may be an average over all positions, of that layer or of the whole tail, and no further layer of
    /// the backbone. Whether it is of the tail.
    fn end(&self) -> Result<bool, Difference> {
        if let Some(step) = self.graph.steps.get(self.at) {
            return Err((step.node.clone(), "a MobileNetV2 has ended before it".into()));
        }
        let side = self.architecture.layers().last().map_or(0, |row| row.windows.out_side);
        let Some(embedding) = self.graph.embedding() else { return Ok(false) };
        let parts = &embedding.parts;
        let is_of = |pooling: &Pooling, layer: usize| match pooling.input {
            Source::Step(step) => self.graph.steps[step].output == self.outputs[layer],
            _ => false,
        };
        let is_whole = |pooling: &Pooling| pooling.window.is_none_or(|window| window == [side; 2]);
        let tail = tail(self.architecture);
        let fits = [1, tail.len()].contains(&parts.len())
            && parts.iter().zip(&tail).all(|(part, (layer, _))| is_of(part, *layer) && is_whole(part));
        if fits {
            return Ok(parts.len() > 1);
        }
        Err((embedding.output.clone(), "it does not average the last layer over all positions".into()))
    }
}

fn check_shape(convolution: &Convolution, row: &Layer) -> Result<(), String> {
    let expected = match row.kind {
        Kind::Stem => ([row.outputs, 3, 3, 3], 1),
        Kind::Depthwise => ([row.outputs, 1, 3, 3], row.outputs),
        Kind::Expand | Kind::Project | Kind::Last => ([row.outputs, row.inputs, 1, 1], 1),
    };
    let found = (convolution.shape, convolution.groups);
    if found == expected && convolution.weight.len() == row.weight_len() {
        return Ok(());
    }
    let say = |([outputs, inputs, height, width], groups): ([usize; 4], usize)| {
        format!("{height}x{width} from {} to {outputs} channels in {groups} group(s)", inputs.saturating_mul(groups))
    };
    Err(format!("it is {}, {} of a MobileNetV2 is {}", say(found), row.name, say(expected)))
}

/// Whether the windows lie where the table puts them; rows of padding that no window reaches make no difference.
fn check_windows(convolution: &Convolution, row: &Layer) -> Result<(), String> {
    let windows = row.windows;
    let kernel = convolution.shape[2];
    let needed = ((windows.out_side - 1) * windows.stride + kernel).saturating_sub(windows.in_side);
    let (before, after) = match convolution.padding {
        ConvolutionPadding::Rows([top, left, bottom, right]) => ([top, left], [bottom, right]),
        ConvolutionPadding::SameUpper => ([needed / 2; 2], [needed.div_ceil(2); 2]),
        ConvolutionPadding::SameLower => ([needed.div_ceil(2); 2], [needed / 2; 2]),
    };
    let expected_before = if kernel == 1 { 0 } else { windows.before };
    let fits = |axis: usize| {
        let padded = windows.in_side + before[axis] + after[axis];
        let steps = padded.checked_sub(kernel).map(|room| room / windows.stride);
        before[axis] == expected_before && steps == Some(windows.out_side - 1)
    };
    if convolution.stride != [windows.stride; 2] {
        return Err(format!("its stride is {:?}, that of {} is {}", convolution.stride, row.name, windows.stride));
    }
    if !fits(0) || !fits(1) {
        return Err(format!(
            "its padding ({:?}) is neither Keras' nor PyTorch's for {}",
            convolution.padding, row.name
        ));
    }
    Ok(())
}

fn check_bounds(found: Bounds, row: &Layer) -> Result<(), String> {
    let expected = if row.has_relu6() { Bounds::RELU6 } else { Bounds::NONE };
    if found == expected {
        return Ok(());
    }
    let say = |bounds: Bounds| match bounds {
        Bounds::NONE => "not cut at all".to_owned(),
        Bounds { low, high } => format!("cut to {low} to {high}"),
    };
    Err(format!("its output is {}, that of {} is {}", say(found), row.name, say(expected)))
}

/// From ONNX's `[outputs][inputs][height][width]` to the table's order.
fn reorder(convolution: &Convolution, row: &Layer) -> Vec<f32> {
    let weight = &convolution.weight;
    match row.kind {
        Kind::Stem => (0..weight.len()).map(|at| weight[at / 27 * 27 + at % 3 * 9 + at % 27 / 3]).collect(),
        Kind::Depthwise => (0..weight.len()).map(|at| weight[at % row.outputs * 9 + at / row.outputs]).collect(),
        Kind::Expand | Kind::Project | Kind::Last => weight.clone(),
    }
}

//! Sizes: how large the tensors of a network are, known before any is computed.
//!
//! What follows from constants alone tract computes while it reads a network, and measures afterwards: a column and a row of a
//! million numbers, added up, are 4 TB. Therefore the rules of every node say first how large its output will be, in an order in which
//! its inputs are known by then. Windows are counted as well, because tract lists every number that one sees where it reaches
//! beyond the edge: a pooling of 255 x 255 took 14 GB of a picture of 224 x 224.

use std::collections::{BTreeSet, HashMap};

use tract_onnx::ops::logic::If;
use tract_onnx::prelude::*;
use tract_onnx::tract_core::floats::FloatPrecisionTranslator;
use tract_onnx::tract_core::ops::logic::IfThenElse;
use tract_onnx::tract_core::ops::scan::Scan;
use tract_onnx::tract_core::transform::ModelTransform;
use tract_onnx::tract_hir::infer::{Factoid, InferenceOp};
use tract_onnx::tract_hir::internal::{InferenceFact, InferenceModel, InferenceModelExt, Outlet, OutletId, TDim};

use super::cost;

/// Bytes of one tensor.
pub(crate) const TENSOR_LIMIT: u64 = 256 << 20;
/// Bytes of all tensors together.
pub(crate) const RUN_LIMIT: u64 = 2 << 30;
/// Dimensions of a tensor.
pub(crate) const RANK_LIMIT: u64 = 64;
/// Numbers that the windows of one layer see together, in one channel: over a picture of 224 x 224, windows of 36 x 36.
pub(crate) const SEEN_LIMIT: u64 = 1 << 26;
/// Multiplications of one picture: a ResNet-152 takes a third of them.
pub(crate) const WORK_LIMIT: u64 = 1 << 35;

/// What tract makes of a network, once all that it computes for that is known to be small enough.
pub(super) fn into_typed(mut model: InferenceModel) -> TractResult<TypedModel> {
    check_constants(&mut model)?;
    let model = widened(model.into_typed()?)?;
    let mut total = Total::default();
    check_run(&model, &mut total)?;
    total.add_work(cost::of(&model)?.ok_or_else(open)?)?;
    Ok(model)
}

/// Half floats become floats, as which they are the same numbers: processors do not multiply them, and what tract does instead took
/// 2 us for each.
fn widened(model: TypedModel) -> TractResult<TypedModel> {
    let is_half = |outlet: &Outlet<TypedFact>| outlet.fact.datum_type == DatumType::F16;
    if !model.nodes.iter().any(|node| node.outputs.iter().any(is_half)) {
        return Ok(model);
    }
    FloatPrecisionTranslator::new(DatumType::F16, DatumType::F32).transform_into(model)
}

/// Goes once through the network, as tract is about to.
fn check_constants(model: &mut InferenceModel) -> TractResult<()> {
    let mut total = Total::default();
    for id in model.eval_order()? {
        let made = infer(model, id, &mut total)?;
        for (slot, fact) in made.into_iter().enumerate() {
            model.set_outlet_fact(OutletId::new(id, slot), fact)?;
        }
    }
    Ok(())
}

/// What is known of a node's outputs, which are computed where all that it reads is constant, and once they are known to be small
/// enough. Nothing where tract cannot tell: what is wrong with the node, it says by itself.
fn infer(model: &InferenceModel, id: usize, total: &mut Total) -> TractResult<TVec<InferenceFact>> {
    let node = model.node(id);
    let (inputs, outputs) = model.node_facts(id)?;
    if let Some(branching) = node.op_as::<If>() {
        check_branches(branching, &inputs)?;
    }
    check_rank(&*node.op, &inputs)?;
    check_numbers(&*node.op, &inputs)?;
    let mut op = node.op.clone();
    let observed = op.observe_outlets(model, node)?;
    let observed = observed.into_iter().map(|outlet| model.outlet_fact(outlet)).collect::<TractResult<TVec<_>>>()?;
    let ruled = op.infer_facts(inputs.clone(), outputs.clone(), observed.clone());
    let Ok((read, made, _)) = ruled else { return Ok(TVec::new()) };
    made.iter().try_for_each(|fact| total.add_inferred(fact))?;
    if !read.iter().all(|fact| fact.value.is_concrete()) {
        return Ok(made);
    }
    if has_windows(&*op) {
        return Err(TractError::msg("it slides windows over constants: export it with its constants computed"));
    }
    // One that needs the numbers themselves makes no more than its output of them.
    if let Ok(Some(work)) = alone(model, id, &read).and_then(|alone| cost::of(&alone)) {
        total.add_work(work)?;
    }
    Ok(op.infer(inputs, outputs, observed).map_or_else(|_| TVec::new(), |(_, computed, _)| computed))
}

/// The rules of some operators make as many dimensions as an input has numbers, and walk them for each of them.
fn check_rank(op: &dyn InferenceOp, inputs: &[&InferenceFact]) -> TractResult<()> {
    let at = match &*op.as_op().name() {
        "ConstantOfShape" => 0,
        "MultiBroadcastTo" | "Reshape" | "Squeeze13" | "Tile" | "Unsqueeze13" => 1,
        _ => return Ok(()),
    };
    let dimensions = inputs.get(at).and_then(|fact| sizes(fact)).map_or(0, |sizes| product(sizes.into_iter()));
    if dimensions <= RANK_LIMIT {
        return Ok(());
    }
    Err(TractError::msg(format!("a tensor of it would have more than {RANK_LIMIT} dimensions: export it anew")))
}

/// Operators that read lists, which may be empty. The others may read one number, and tract takes the first without a look at how many
/// there are.
const LISTS: [&str; 10] = [
    "Cast",
    "ConstantOfShape",
    "InferenceConcat",
    "MultiBroadcastTo",
    "Reshape",
    "Resize",
    "Shape",
    "Size",
    "Squeeze13",
    "Unsqueeze13",
];

fn check_numbers(op: &dyn InferenceOp, inputs: &[&InferenceFact]) -> TractResult<()> {
    let name = op.as_op().name();
    let is_empty = |fact: &&InferenceFact| sizes(fact).is_some_and(|sizes| sizes.contains(&0));
    if LISTS.contains(&&*name) || !inputs.iter().any(is_empty) {
        return Ok(());
    }
    Err(empty())
}

fn empty() -> TractError {
    TractError::msg("a tensor of it has no numbers: export it anew")
}

/// What a branch takes from the network around it, it knows by name; both take it from the inputs after the condition, which are
/// sorted by name.
fn check_branches(branching: &If, inputs: &[&InferenceFact]) -> TractResult<()> {
    let branches = [&branching.then_body, &branching.else_body];
    let name = |branch: &InferenceModel, outlet: &OutletId| branch.node(outlet.node).name.clone();
    let names = |branch: &InferenceModel| branch.inputs.iter().map(|outlet| name(branch, outlet)).collect::<Vec<_>>();
    let taken = BTreeSet::from_iter(branches.into_iter().flat_map(names));
    for branch in branches {
        let mut branch = branch.clone();
        for (at, name) in names(&branch).iter().enumerate() {
            if let Some(fact) = taken.iter().position(|taken| taken == name).and_then(|place| inputs.get(place + 1)) {
                branch.set_input_fact(at, (*fact).clone())?;
            }
        }
        check_constants(&mut branch)?;
    }
    Ok(())
}

fn has_windows(op: &dyn InferenceOp) -> bool {
    let name = op.as_op().name();
    ["Conv", "Pool"].iter().any(|kind| name.contains(kind))
}

/// A node by itself, as if what it reads were not known yet, so that nothing is computed.
fn alone(model: &InferenceModel, id: usize, read: &[InferenceFact]) -> TractResult<TypedModel> {
    let mut alone = TypedModel::default();
    let mut known = HashMap::new();
    for (at, (outlet, fact)) in model.node(id).inputs.iter().zip(read).enumerate() {
        let fact = TypedFact::try_from(&fact.clone().without_value())?;
        known.insert(*outlet, alone.add_source(format!("input {at}"), fact)?);
    }
    model.node(id).op.to_typed(model, model.node(id), &mut alone, &known)?;
    Ok(alone)
}

fn check_run(model: &TypedModel, total: &mut Total) -> TractResult<()> {
    for node in &model.nodes {
        if let Some(IfThenElse { then_body, else_body, .. }) = node.op_as() {
            [then_body, else_body].into_iter().try_for_each(|body| check_run(body, total))?;
        }
        if let Some(Scan { body, .. }) = node.op_as() {
            check_run(body, total)?;
        }
        for outlet in &node.outputs {
            let shape = outlet.fact.shape.as_concrete().ok_or_else(open)?;
            total.add(shape.iter().map(|size| *size as u64), outlet.fact.datum_type)?;
            if shape.contains(&0) && outlet.fact.konst.is_none() {
                return Err(empty());
            }
        }
        check_windows(model, node, total)?;
    }
    Ok(())
}

fn check_windows(model: &TypedModel, node: &TypedNode, total: &mut Total) -> TractResult<()> {
    let Some(windows) = cost::windows(&*node.op) else { return Ok(()) };
    let (input, output) = (model.outlet_fact(node.inputs[0])?, &node.outputs[0].fact);
    if let Some(listed) = cost::listed(node, input) {
        total.add([listed].into_iter(), input.datum_type)?;
    }
    // A transposed convolution has a window for each place of its input, the others for each of their output.
    let places = [input, output].map(|fact| cost::places(windows, fact)).into_iter().max().flatten().unwrap_or(0);
    if cost::seen(windows).saturating_mul(places) <= SEEN_LIMIT {
        return Ok(());
    }
    Err(TractError::msg("its windows are too large for so large a picture: take smaller ones"))
}

fn open() -> TractError {
    TractError::msg("how large its tensors are depends on what is in the picture: export it without such nodes")
}

/// What all nodes take together.
#[derive(Default)]
struct Total {
    bytes: u64,
    work: u64,
}

impl Total {
    /// Of a tensor whose sizes the rules do not tell, nothing is known yet.
    fn add_inferred(&mut self, fact: &InferenceFact) -> TractResult<()> {
        let (Some(sizes), Some(kind)) = (sizes(fact), fact.datum_type.concretize()) else { return Ok(()) };
        self.add(sizes.into_iter(), kind)
    }

    fn add(&mut self, sizes: impl Iterator<Item = u64>, kind: DatumType) -> TractResult<()> {
        let bytes = product(sizes).saturating_mul(kind.size_of() as u64);
        self.bytes = self.bytes.saturating_add(bytes);
        let (what, limit) = match (bytes <= TENSOR_LIMIT, self.bytes <= RUN_LIMIT) {
            (true, true) => return Ok(()),
            (false, _) => ("a tensor of it", TENSOR_LIMIT),
            (true, false) => ("it", RUN_LIMIT),
        };
        let megabytes = limit >> 20;
        Err(TractError::msg(format!("{what} would take more than {megabytes} MB: take a smaller network")))
    }

    fn add_work(&mut self, work: u64) -> TractResult<()> {
        self.work = self.work.saturating_add(work);
        if self.work <= WORK_LIMIT {
            return Ok(());
        }
        let billions = WORK_LIMIT / 1_000_000_000;
        Err(TractError::msg(format!(
            "it would take more than {billions} billion multiplications: take a smaller network"
        )))
    }
}

/// Where all are known.
fn sizes(fact: &InferenceFact) -> Option<Vec<u64>> {
    fact.shape.concretize()?.iter().map(|size: &TDim| size.to_i64().ok()?.try_into().ok()).collect()
}

fn product(sizes: impl Iterator<Item = u64>) -> u64 {
    sizes.fold(1, u64::saturating_mul)
}

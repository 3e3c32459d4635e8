//! Work: how much a network computes for one picture, in multiplications.
//!
//! Memory does not bound it: forty products of matrices of 2000 x 2000, 16 MB each, take 320 billion. tract tells what products and
//! convolutions cost, and nothing of windows that only compare or add, of transposed convolutions, and of what a recurrent layer does
//! again and again.

use tract_onnx::prelude::*;
use tract_onnx::tract_core::ops::cnn::{Conv, Deconv, MaxPool, PoolSpec, SumPool};
use tract_onnx::tract_core::ops::logic::IfThenElse;
use tract_onnx::tract_core::ops::scan::{Scan, iteration_count};
use tract_onnx::tract_hir::internal::TDim;

/// As long as any node takes, of however few numbers.
const LEAST: u64 = 1 << 12;

/// Multiplications of a network, with all of its branches; `None` where that depends on what is in the picture.
pub(super) fn of(model: &TypedModel) -> TractResult<Option<u64>> {
    let mut sum = 0u64;
    for node in &model.nodes {
        let inputs = model.node_input_facts(node.id)?;
        let Some(work) = of_node(node, &inputs)? else { return Ok(None) };
        sum = sum.saturating_add(work);
    }
    Ok(Some(sum))
}

fn of_node(node: &TypedNode, inputs: &[&TypedFact]) -> TractResult<Option<u64>> {
    if let Some(IfThenElse { then_body, else_body, .. }) = node.op_as() {
        return Ok(of(then_body)?.zip(of(else_body)?).map(|(then, other)| then.saturating_add(other)));
    }
    if let Some(scan) = node.op_as::<Scan>() {
        let turns = iteration_count(&scan.input_mapping, inputs).and_then(|turns| number(&turns));
        return Ok(of(&scan.body)?.zip(turns).map(|(body, turns)| body.saturating_mul(turns)));
    }
    let costs = node.op.cost(inputs)?;
    let mut costs = costs.iter().filter(|(cost, _)| cost.is_compute()).map(|(_, count)| number(count));
    let told = costs.try_fold(0u64, |sum, cost| Some(sum.saturating_add(cost?)));
    Ok(told.zip(untold(node, inputs)).map(|(told, untold)| told.max(untold).max(LEAST)))
}

/// Of nodes that slide windows, and whose costs tract does not tell.
fn untold(node: &TypedNode, inputs: &[&TypedFact]) -> Option<u64> {
    let Some(windows) = windows(&*node.op) else { return Some(0) };
    if node.op_is::<Deconv>() {
        // Each number of the kernel for each place of the input.
        return Some(numbers(inputs[1])?.saturating_mul(places(windows, inputs[0])?));
    }
    // Of a convolution tract tells as much or more.
    Some(numbers(&node.outputs[0].fact)?.saturating_mul(seen(windows)))
}

/// How nodes slide windows over a picture.
pub(super) fn windows(op: &dyn TypedOp) -> Option<&PoolSpec> {
    let conv = op.downcast_ref::<Conv>().map(|op| &op.pool_spec);
    let deconv = || op.downcast_ref::<Deconv>().map(|op| &op.pool_spec);
    let max = || op.downcast_ref::<MaxPool>().map(|op| &op.pool_spec);
    let sum = || op.downcast_ref::<SumPool>().map(|op| &op.pool_spec);
    conv.or_else(deconv).or_else(max).or_else(sum)
}

/// How many numbers tract lists before it multiplies them: what all windows see, of integers and where there are several pictures;
/// what a transposed convolution makes of every place, before it is added up.
pub(super) fn listed(node: &TypedNode, input: &TypedFact) -> Option<u64> {
    let output = &node.outputs[0].fact;
    let several = || input.shape.as_concrete().is_some_and(|shape| shape[0] != 1);
    let (from, to, windows) =
        if let Some(conv) = node.op_as::<Conv>().filter(|conv| conv.q_params.is_some() || several()) {
            (input, output, &conv.pool_spec)
        } else {
            (output, input, &node.op_as::<Deconv>()?.pool_spec)
        };
    let channels = numbers(from)? / places(windows, from)?.max(1);
    Some(channels.saturating_mul(places(windows, to)?).saturating_mul(seen(windows)))
}

/// Numbers that a window sees, in one channel.
pub(super) fn seen(windows: &PoolSpec) -> u64 {
    product(&windows.kernel_shape)
}

/// Places in a picture, in one channel.
pub(super) fn places(windows: &PoolSpec, fact: &TypedFact) -> Option<u64> {
    let shape = windows.data_format.shape(fact.shape.as_concrete()?).ok()?;
    Some(product(shape.hw_dims()))
}

fn numbers(fact: &TypedFact) -> Option<u64> {
    fact.shape.as_concrete().map(product)
}

fn product(sizes: &[usize]) -> u64 {
    sizes.iter().fold(1, |product, size| product.saturating_mul(*size as u64))
}

fn number(count: &TDim) -> Option<u64> {
    count.to_i64().ok()?.try_into().ok()
}

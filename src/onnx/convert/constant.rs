//! Constants: every tensor of an ONNX graph that does not depend on the picture.
//!
//! Exporters differ in how they write weights down: as initialisers, as `Constant` nodes, or behind a chain of reshapes,
//! transposes and casts. Whatever depends on no input is computed by tract once, so that the walk over the graph
//! meets plain numbers only.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::{GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto};
use tract_onnx::prelude::*;
use tract_onnx::tensor::load_tensor;

use super::file::{guarded, not_mobilenet};
use super::sizes::into_typed;
use mobilenet_core::error::Error;

/// The numbers of the graph, by the name of their tensor.
pub(super) struct Constants(HashMap<String, Arc<Tensor>>);

impl Constants {
    /// Loads the initialisers of `model`, a file in `folder`, and computes what follows from them alone.
    pub fn load(model: &ModelProto, graph: &GraphProto, folder: &Path) -> Result<Self, Error> {
        let mut constants = HashMap::new();
        for tensor in &graph.initializer {
            let value = load(tensor, folder).map_err(|reason| not_mobilenet(&tensor.name, reason))?;
            constants.insert(tensor.name.clone(), Arc::new(value));
        }
        let nodes = computable(graph, constants.keys().map(String::as_str).collect());
        if !nodes.is_empty() {
            let names: Vec<String> =
                nodes.iter().flat_map(|node| node.output.clone()).filter(|n| !n.is_empty()).collect();
            let values = guarded(|| compute(model, graph, nodes, &names, folder))
                .map_err(|error| not_mobilenet("its constants", format!("tract cannot compute them ({error:#})")))?;
            constants.extend(names.into_iter().zip(values));
        }
        Ok(Self(constants))
    }

    pub fn get(&self, name: &str) -> Option<&Tensor> {
        self.0.get(name).map(|tensor| &**tensor)
    }

    /// All numbers of a tensor, as floats whatever they are stored as; `None` for no tensor, or one of no numbers.
    pub fn floats(&self, name: &str) -> Option<Vec<f32>> {
        let tensor = self.get(name)?.cast_to::<f32>().ok()?;
        Some(tensor.try_as_plain_ram().ok()?.as_slice::<f32>().ok()?.to_vec())
    }
}

/// What tract would panic on is refused before it sees it.
fn load(tensor: &TensorProto, folder: &Path) -> Result<Tensor, String> {
    use DataType::{Bool, Double, Float, Float16, Int8, Int32, Int64, Uint8};
    let known = [Float, Float16, Double, Int8, Uint8, Int32, Int64, Bool];
    if !known.into_iter().any(|kind| kind as i32 == tensor.data_type) {
        return Err(format!("its numbers are of ONNX type {}: export the network as float32", tensor.data_type));
    }
    let provider = &*tract_onnx::onnx().provider;
    load_tensor(provider, tensor, folder.to_str()).map_err(|error| format!("its numbers cannot be read ({error:#})"))
}

/// The nodes all of whose inputs are known, in the graph's own order, which is one in which they can be computed.
pub(super) fn computable<'a>(graph: &'a GraphProto, mut known: HashSet<&'a str>) -> Vec<&'a NodeProto> {
    let mut nodes = Vec::new();
    for node in &graph.node {
        if node.input.iter().all(|input| input.is_empty() || known.contains(input.as_str())) {
            known.extend(node.output.iter().map(String::as_str));
            nodes.push(node);
        }
    }
    nodes
}

fn compute(
    model: &ModelProto,
    graph: &GraphProto,
    nodes: Vec<&NodeProto>,
    names: &[String],
    folder: &Path,
) -> TractResult<Vec<Arc<Tensor>>> {
    let used: HashSet<&String> = nodes.iter().flat_map(|node| &node.input).collect();
    let part = GraphProto {
        initializer: graph.initializer.iter().filter(|tensor| used.contains(&tensor.name)).cloned().collect(),
        node: nodes.into_iter().cloned().collect(),
        output: names.iter().map(|name| ValueInfoProto { name: name.clone(), ..Default::default() }).collect(),
        ..Default::default()
    };
    let part = ModelProto { graph: Some(part), opset_import: model.opset_import.clone(), ..Default::default() };
    let plan = into_typed(tract_onnx::onnx().parse(&part, folder.to_str())?.model)?.into_runnable()?;
    Ok(plan.run(tvec!())?.into_iter().map(TValue::into_arc_tensor).collect())
}

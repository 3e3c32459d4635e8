//! Convert: a float MobileNetV2 in ONNX becomes the int8 backbone.
//!
//! The story, a file a step: `file` opens the file, `limits` refuses what would take too much, `constant` computes what does not
//! depend on the picture, `chain` finds the chain of convolutions (`graph`, `fold`), `recognise` compares it with the table of a
//! MobileNetV2. `reference` runs the float file, once `sizes` knows how large its tensors are and `cost` how much it computes, over
//! `folders`, `calibrate` takes the ranges of its activations, `quantize` rounds, and `fidelity` says how close the result is to
//! the file on pictures that calibration has not seen. `import` does that with folders of pictures, natively; [`crate`] with
//! a handful of them, in a page as well.

mod calibrate;
mod chain;
mod constant;
mod cost;
mod dense;
mod fidelity;
pub(crate) mod file;
mod fold;
#[cfg(not(target_arch = "wasm32"))]
mod folders;
mod graph;
#[cfg(not(target_arch = "wasm32"))]
mod import;
pub(crate) mod limits;
pub(crate) mod node;
mod normalisation;
mod quantize;
mod recognise;
pub(crate) mod reference;
pub(crate) mod sizes;
#[cfg(test)]
#[path = "../../../tests/onnx/synthetic.rs"]
pub(crate) mod synthetic;
#[cfg(test)]
mod tests;

use std::path::Path;

use tract_onnx::pb::{GraphProto, ModelProto};

pub use fidelity::{Fidelity, FolderFidelity, GATE};
#[cfg(not(target_arch = "wasm32"))]
pub use import::{ImportOptions, Progress, import};
pub use normalisation::Levels;

pub(crate) use calibrate::Observation;
pub(crate) use dense::Dense;

use constant::Constants;
use fidelity::cosine;
use fold::Affine;
use graph::Graph;
use mobilenet_core::error::Error;
use mobilenet_core::network::{Architecture, Backbone};
use mobilenet_core::picture::input::{Fit, InputSpec};
use recognise::FloatNetwork;
use reference::{Classifier, Reference};

/// What the file does not say by itself.
#[derive(Clone, Copy, Debug)]
pub struct Stated {
    /// What the file's input expects; `None` is Keras' -1 to 1, unless the file normalises its input itself.
    pub levels: Option<Levels>,
    /// How a frame that is not square is made so.
    pub fit: Fit,
    /// The input's side, for a file that leaves it open.
    pub side: Option<usize>,
}

/// A file that has turned out to be a MobileNetV2, ready to run in float.
pub(crate) struct Job {
    network: FloatNetwork,
    pub(crate) input: InputSpec,
    reference: Reference,
    classifier: Option<Classifier>,
    /// Its classification layer, where that is a linear one.
    pub(crate) dense: Option<Dense>,
}

impl Job {
    pub(crate) fn prepare(model: &ModelProto, folder: &Path, stated: &Stated) -> Result<Self, Error> {
        let graph = graph(model)?;
        let constants = Constants::load(model, graph, folder)?;
        let chain = chain::walk(graph, &constants)?;
        let side = side(&chain, stated.side)?;
        let network = recognise::lower(&chain, side)?;
        let levels = match (stated.levels, &chain.normalise) {
            (Some(levels), _) => levels,
            (None, None) => Levels::KERAS,
            (None, Some(_)) => return Err(Error::BadArgument(NORMALISES.into())),
        };
        let input = levels.input_spec(chain.normalise.as_ref(), side, stated.fit)?;
        let reference = Reference::new(model, folder, &chain, &network, levels)?;
        let classifier = Classifier::new(model, folder, &chain, side).transpose()?;
        let dense = Dense::find(graph, &constants, &chain, network.embedding_len());
        Ok(Self { network, input, reference, classifier, dense })
    }

    /// What one picture shows of the float network.
    pub(crate) fn observe(&self, input: &[u8]) -> Result<Observation, Error> {
        let observation = Observation::of(self.network.architecture, input, &self.reference.run(input)?);
        observation.ok_or_else(|| file::not_mobilenet("the file", "its layers have other shapes when it runs"))
    }

    pub(crate) fn quantize(&self, observation: &Observation) -> Result<Backbone, Error> {
        quantize::quantize(&self.network, self.input, observation)
    }

    /// How close the int8 embedding of an input is, as far as the file's goes: its cosine with the float one, and whether the file's
    /// classifier puts both in the same class, where it has one.
    pub(crate) fn compare(&self, input: &[u8], int8: &[f32]) -> Result<(f64, Option<bool>), Error> {
        let float = self.reference.embed(input)?;
        let int8 = &int8[..float.len()];
        let same = |classifier: &Classifier| Ok::<_, Error>(classifier.answer(&float)? == classifier.answer(int8)?);
        Ok((cosine(&float, int8), self.classifier.as_ref().map(same).transpose()?))
    }

    /// What the file's classifier makes of an embedding, of which it may read the start alone.
    pub(crate) fn numbers(&self, embedding: &[f32]) -> Option<Result<Vec<f32>, Error>> {
        self.classifier.as_ref().map(|classifier| classifier.numbers(&embedding[..self.network.embedding_len()]))
    }
}

/// What the file does to its input before the first convolution, if anything.
pub(crate) fn normalisation(model: &ModelProto, folder: &Path) -> Result<Option<Affine>, Error> {
    let graph = graph(model)?;
    Ok(chain::walk(graph, &Constants::load(model, graph, folder)?)?.normalise)
}

fn graph(model: &ModelProto) -> Result<&GraphProto, Error> {
    model.graph.as_ref().ok_or_else(|| Error::BadOnnx("there is no graph in it".into()))
}

const NORMALISES: &str =
    "the file normalises its input itself: say with --input what it expects (bytes: 0 to 255, unit: 0 to 1)";

fn side(chain: &Graph, wanted: Option<usize>) -> Result<usize, Error> {
    let side = match (chain.input.side, wanted) {
        (Some(side), Some(wanted)) if side != wanted => {
            return Err(Error::BadArgument(format!("the file's input is {side} pixels wide and cannot be {wanted}")));
        }
        (side, wanted) => side.or(wanted),
    };
    let side =
        side.ok_or_else(|| Error::BadArgument("the file leaves its input's size open: give --side, say 224".into()))?;
    // The table is computed from the side, so that is checked first.
    Architecture { side, ..Architecture::KERAS }.validate().map(|()| side)
}

//! Ours, through the crate's public face: once on each set of instructions that this machine has.

use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use mobilenet::data::cache::{Cache, embed_files};
use mobilenet_core::Classifier;
use mobilenet_core::classifier::embedded_backbone;
use mobilenet_core::head::{argmax, softmax};
use mobilenet_core::network::{Arena, LaneSet, Network};
use serde_json::{Value, json};

use super::engine::{Classified, Engine, Failure, times};

pub struct Ours {
    network: Network,
    arena: Arena,
    inputs: Vec<Vec<u8>>,
    classifier: Classifier,
    /// Whether it is asked for folders of photos: the classifier runs on the fastest instructions, so only the first one is.
    does_photos: bool,
}

impl Ours {
    /// The fastest instructions first.
    pub fn all(classifier: &Classifier, inputs: &[Vec<u8>]) -> Result<Vec<Self>, Failure> {
        let backbone = embedded_backbone()?;
        let mut sets = LaneSet::available();
        // Plain arrays are for machines that have nothing else.
        if sets.len() > 1 {
            sets.retain(|set| *set != LaneSet::Portable);
        }
        let one = |(at, set): (usize, LaneSet)| {
            let network = Network::with_lanes(&backbone, set);
            let arena = network.arena();
            Self { network, arena, inputs: inputs.to_vec(), classifier: classifier.clone(), does_photos: at == 0 }
        };
        Ok(sets.into_iter().enumerate().map(one).collect())
    }
}

impl Engine for Ours {
    fn describe(&self) -> Value {
        let lanes = self.network.lanes().name();
        json!({ "engine": format!("mobilenet-web ({lanes})"), "threads": 1, "precision": "int8", "lanes": lanes })
    }

    fn run(&mut self, discarded: usize, timed: usize) -> Result<Vec<f64>, Failure> {
        let Self { network, arena, inputs, .. } = self;
        Ok(times(inputs, discarded, timed, |input| {
            black_box(network.embed(input, arena));
        }))
    }

    fn answers(&mut self) -> Result<Vec<Vec<f32>>, Failure> {
        let Self { network, arena, inputs, classifier, .. } = self;
        let one = |input: &Vec<u8>| softmax(&classifier.head().logits(&network.embed(input, arena)));
        Ok(inputs.iter().map(one).collect())
    }

    /// What `mobilenet train` does before it fits when it has no embeddings yet: reads, hashes, decodes, embeds, keeps.
    fn photos(&mut self, files: &[PathBuf]) -> Result<Option<Classified>, Failure> {
        if !self.does_photos {
            return Ok(None);
        }
        let folder = tempfile::tempdir()?;
        let start = Instant::now();
        let cache = Cache::open(folder.path(), self.classifier.embedder())?;
        let embeddings = embed_files(files, self.classifier.embedder(), Some(&cache), || ())?;
        let head = self.classifier.head();
        let classes = embeddings
            .into_iter()
            .map(|embedding| Ok(argmax(&head.logits(&embedding?))))
            .collect::<Result<_, Failure>>()?;
        Ok(Some(Classified { seconds: start.elapsed().as_secs_f64(), classes }))
    }
}

//! Ours, through the crate's public face.

use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use mobilenet::data::cache::{Cache, embed_files};
use mobilenet_core::Classifier;
use mobilenet_core::head::{argmax, softmax};
use serde_json::{Value, json};

use super::engine::{Classified, Engine, Failure, times};

pub struct Ours {
    classifier: Classifier,
    inputs: Vec<Vec<u8>>,
}

impl Ours {
    pub fn new(classifier: Classifier, inputs: Vec<Vec<u8>>) -> Self {
        Self { classifier, inputs }
    }
}

impl Engine for Ours {
    fn describe(&self) -> Value {
        json!({ "engine": "mobilenet-web", "threads": 1, "precision": "int8" })
    }

    fn run(&mut self, discarded: usize, timed: usize) -> Result<Vec<f64>, Failure> {
        let embedder = self.classifier.embedder();
        Ok(times(&self.inputs, discarded, timed, |input| {
            black_box(embedder.embed_input(input));
        }))
    }

    fn answers(&mut self) -> Result<Vec<Vec<f32>>, Failure> {
        let embeddings: Vec<_> =
            self.inputs.iter().map(|input| self.classifier.embedder().embed_input(input)).collect();
        Ok(embeddings.iter().map(|embedding| softmax(&self.classifier.head().logits(embedding))).collect())
    }

    /// What `mobilenet train` does before it fits when it has no embeddings yet: reads, hashes, decodes, embeds, keeps.
    fn photos(&mut self, files: &[PathBuf]) -> Result<Option<Classified>, Failure> {
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

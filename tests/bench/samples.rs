//! How good a head is by how many photos it was taught with, with the features of the last layer, of the tail, and of what is chosen:
//! `cargo bench -p mobilenet --bench samples -- DIR...`, each DIR with a folder of photos a class.
//!
//! For each number of photos a class, heads are taught on so many drawn at random, as the page teaches them, and asked for
//! all others (2,000 of them at the most). A table has the mean over draws of the accuracy and the loss, and for the tail the
//! standard error of its difference from the last layer.

use std::path::{Path, PathBuf};

use mobilenet::data::cache::Cache;
use mobilenet::data::dataset::Dataset;
use mobilenet::data::embed::embed_augmented;
use mobilenet_core::base::rng::Rng;
use mobilenet_core::fit::augment::Vary;
use mobilenet_core::fit::gradient::loss;
use mobilenet_core::fit::{Ingredients, Layers, Samples, Settings, teach};
use mobilenet_core::head::argmax;
use mobilenet_core::{Classifier, Error};

const DRAWS: u64 = 8;
const SIZES: [usize; 7] = [2, 5, 10, 15, 20, 40, 80];
const ASKED: usize = 2000;
const LAYERS: [Layers; 3] = [Layers::Last, Layers::Tail, Layers::Auto];

fn main() -> Result<(), Error> {
    // Cargo starts it in the folder of the package; paths are from the root of the project.
    std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .expect("the project is where it was built");
    let folders: Vec<PathBuf> =
        std::env::args_os().skip(1).filter(|word| word != "--bench").map(PathBuf::from).collect();
    folders.iter().try_for_each(|folder| measure(folder))
}

fn measure(folder: &Path) -> Result<(), Error> {
    let mut classifier = Classifier::embedded()?;
    let dataset = Dataset::scan(folder)?;
    let cache = Cache::open(Path::new("target/bench"), classifier.embedder())?;
    let samples = embed_augmented(&dataset, classifier.embedder(), Some(&cache), 0, Vary::Part, || ())?.samples;
    println!("{}: {} photos of {} classes", folder.display(), samples.len(), dataset.labels.len());
    println!("a class | last layer: acc, loss | tail: acc, loss (error) | chosen: acc, loss (error)");
    for size in SIZES {
        let mut scores = Vec::new();
        for draw in 0..DRAWS {
            let Some((taught, asked)) = drawn(&samples, dataset.labels.len(), size, draw) else { return Ok(()) };
            scores.push(LAYERS.map(|layers| score(&taught, &asked, &dataset.labels, layers, &mut classifier)));
        }
        let scores: Vec<[(f64, f64); 3]> =
            scores.into_iter().map(|scores| scores.map(|score| score.expect("sound samples"))).collect();
        let cell = |of: usize| {
            let accuracy = mean(scores.iter().map(|scores| scores[of].0));
            let loss = mean(scores.iter().map(|scores| scores[of].1));
            let gains: Vec<f64> = scores.iter().map(|scores| scores[of].0 - scores[0].0).collect();
            let variance = mean(gains.iter().map(|gain| (gain - mean(gains.iter().copied())).powi(2)));
            format!("{accuracy:.4} {loss:.4} ({:.4})", (variance / (DRAWS - 1) as f64).sqrt())
        };
        println!("{size:7} | {} | {} | {}", cell(0), cell(1), cell(2));
    }
    Ok(())
}

fn mean(numbers: impl Iterator<Item = f64> + Clone) -> f64 {
    numbers.clone().sum::<f64>() / numbers.count() as f64
}

/// `size` photos of each class at random, and the others; nothing where a class has no more than that.
fn drawn(samples: &Samples, classes: usize, size: usize, draw: u64) -> Option<(Samples, Samples)> {
    let mut rng = Rng::new(draw);
    let mut order: Vec<usize> = (0..samples.len()).collect();
    rng.shuffle(&mut order);
    let mut counts = vec![0; classes];
    let (taught, asked): (Vec<usize>, Vec<usize>) = order.into_iter().partition(|at| {
        let count = &mut counts[samples.classes[*at]];
        *count += 1;
        *count <= size
    });
    let select = |rows: &[usize]| Samples {
        embeddings: rows.iter().map(|at| samples.embeddings[*at].clone()).collect(),
        classes: rows.iter().map(|at| samples.classes[*at]).collect(),
    };
    let enough = counts.iter().all(|count| *count > size);
    enough.then(|| (select(&taught), select(&asked[..asked.len().min(ASKED)])))
}

/// Accuracy and loss on `asked` of a head that was taught on `taught`.
fn score(
    taught: &Samples,
    asked: &Samples,
    labels: &[String],
    features: Layers,
    classifier: &mut Classifier,
) -> Result<(f64, f64), Error> {
    let settings = Settings { recipe: Ingredients { features, ..Ingredients::default() }, ..Settings::default() };
    let bursts: Vec<usize> = (0..taught.len()).collect();
    let head = teach(taught, &bursts, labels, &settings, classifier.embedder(), |_| ())?.head;
    let (mut right, mut losses) = (0, 0.0);
    for (embedding, class) in asked.embeddings.iter().zip(&asked.classes) {
        let logits = head.logits(embedding);
        right += usize::from(argmax(&logits) == *class);
        losses += f64::from(loss(&logits, *class));
    }
    Ok((right as f64 / asked.len() as f64, losses / asked.len() as f64))
}

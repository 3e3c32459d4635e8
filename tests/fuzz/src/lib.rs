//! What the targets share: a bound on memory, seeds, and the smallest network there is.
//!
//! A target is a file of `targets/`: it says what an input is, what has to hold for it, and writes seeds to start from. Inputs
//! that once broke something stay in `seeds/`, a folder a target, and are tried first.

use std::alloc::System;
use std::path::{Path, PathBuf};

use cap::Cap;
use mobilenet_core::network::{Architecture, Backbone, Kind, Padding, Quantization, QuantizedLayer};
use mobilenet_core::picture::input::{Fit, InputSpec};
use mobilenet_core::base::rng::Rng;
use tempfile::TempDir;

pub mod graph;
pub mod signed;
pub mod unpacked;

/// Bytes that are in use at a time, at the most; a program that wants more is ended, which is a finding. libFuzzer looks once
/// a second only, and would blame another input.
#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, 1 << 30);

/// Another bound, for a target whose inputs may rightly take more.
pub fn allow_memory(bytes: usize) {
    MEMORY.set_limit(bytes).expect("less is in use as yet");
}

/// What a run takes the folder for seeds from, to fill it and end.
const SEEDS: &str = "MOBILENET_FUZZ_SEEDS";

/// Writes the seeds of a target where they are asked for.
pub fn seeds(make: impl FnOnce() -> Vec<Vec<u8>>) {
    let Some(folder) = std::env::var_os(SEEDS).map(PathBuf::from) else { return };
    std::fs::create_dir_all(&folder).expect("the folder for seeds can be made");
    for (at, seed) in make().into_iter().enumerate() {
        std::fs::write(folder.join(format!("seed-{at:02}")), seed).expect("a seed can be written");
    }
    std::process::exit(0);
}

/// A folder in memory where there is one, gone when it is dropped.
pub fn scratch() -> TempDir {
    let memory = Path::new("/dev/shm");
    let parent = if memory.is_dir() { memory.into() } else { std::env::temp_dir() };
    tempfile::tempdir_in(parent).expect("there is room for files")
}

/// Whether an error is of one of these codes; anything else is a finding.
#[track_caller]
pub fn expect_code(error: &mobilenet_core::Error, codes: &[&str]) {
    assert!(codes.contains(&error.code()), "{}: {error}", error.code());
}

/// The narrowest backbone on the smallest input, of random weights.
pub fn backbone() -> Backbone {
    let architecture = Architecture { width: 0.1, side: 32, padding: Padding::Same };
    let input = InputSpec { side: 32, fit: Fit::Squash, mean: [127.5; 3], std: [127.5; 3] };
    let mut rng = Rng::new(1);
    let layers = architecture.layers().into_iter().map(|layer| {
        let inputs = layer.weight_len() / layer.outputs;
        QuantizedLayer {
            weight: (0..layer.weight_len()).map(|_| rng.below(256) as u8 as i8).collect(),
            weight_scale: vec![0.01 / inputs as f32; layer.outputs],
            bias: (0..layer.outputs).map(|_| rng.below(2000) as i32 - 1000).collect(),
            output: match layer.kind {
                Kind::Project => Quantization { scale: 0.05, zero_point: 128 },
                _ => Quantization::RELU6,
            },
        }
    });
    Backbone::new(architecture, input, layers.collect()).unwrap()
}

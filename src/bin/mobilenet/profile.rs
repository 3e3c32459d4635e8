//! `mobilenet profile`: where the time of a frame goes, layer by layer, on one core of this machine.
//!
//! Each layer's time is the shortest of many frames: what others do on the machine only ever adds to it.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use mobilenet_web::classifier::embedded_backbone;
use mobilenet_web::kernel::peak;
use mobilenet_web::network::{Backbone, Layer, Network};
use mobilenet_web::report::table::table;
use mobilenet_web::{Error, Model};

use crate::terminal::print;

#[derive(clap::Args)]
pub struct Args {
    /// Model file: a backbone, a head (its backbone is the one compiled in), or both.
    model: PathBuf,
    /// Frames to run.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    frames: u32,
}

pub fn run(args: &Args) -> Result<ExitCode, Error> {
    let backbone = Model::open(&args.model)?.backbone.map_or_else(embedded_backbone, Ok)?;
    let layers = backbone.architecture.layers();
    let seconds = layer_seconds(&backbone, layers.len(), args.frames)?;
    let peak = peak_speed();
    let total: f64 = seconds.iter().sum();
    let mut rows = vec![["layer", "kind", "ms", "of time", "Gop/s", "of peak"].map(String::from).to_vec()];
    let row = |name: &str, kind: &str, seconds: f64, operations: f64| {
        let speed = operations / seconds / 1e9;
        let share = |part: f64| format!("{:.1} %", 100.0 * part);
        let ms = format!("{:.3}", seconds * 1e3);
        vec![name.into(), kind.into(), ms, share(seconds / total), format!("{speed:.1}"), share(speed / peak)]
    };
    for (layer, seconds) in layers.iter().zip(&seconds) {
        rows.push(row(&layer.name, &format!("{:?}", layer.kind).to_lowercase(), *seconds, operations(layer)));
    }
    rows.push(row("all", "", total, layers.iter().map(operations).sum()));
    print(&format!("{}\npeak of the integer product on one core: {peak:.1} Gop/s\n", table(&rows)))?;
    Ok(ExitCode::SUCCESS)
}

/// A multiplication and its addition are two.
fn operations(layer: &Layer) -> f64 {
    2.0 * layer.windows.out_side.pow(2) as f64 * layer.weight_len() as f64
}

fn layer_seconds(backbone: &Backbone, layers: usize, frames: u32) -> Result<Vec<f64>, Error> {
    let network = Network::new(backbone)?;
    let mut arena = network.arena();
    // Bytes without a pattern, so that no activation is zero all over.
    let input: Vec<u8> = (0..backbone.input.input_len()).map(|at| ((at * 7919) >> 3) as u8).collect();
    let mut shortest = vec![f64::INFINITY; layers];
    for _ in 0..frames {
        let mut seconds = vec![0.0; layers];
        let mut last = Instant::now();
        network.embed_layers(&input, &mut arena, &mut |layer| {
            let now = Instant::now();
            seconds[layer] += (now - last).as_secs_f64();
            last = now;
        });
        for (shortest, seconds) in shortest.iter_mut().zip(seconds) {
            *shortest = shortest.min(seconds);
        }
    }
    Ok(shortest)
}

/// Operations a nanosecond, the most of some tries.
fn peak_speed() -> f64 {
    let tries = (0..50).map(|_| {
        let start = Instant::now();
        peak::products(200_000) as f64 / start.elapsed().as_secs_f64() / 1e9
    });
    tries.fold(0.0, f64::max)
}

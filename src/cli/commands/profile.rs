//! `mobilenet profile`: where the time of a frame goes, as a table.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use crate::report::table::table;
use mobilenet_core::classifier::embedded_backbone;
use mobilenet_core::network::Network;
use mobilenet_core::network::profile::Profile;
use mobilenet_core::{Error, Model};

use crate::commands::terminal::print;

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
    let network = Network::new(&backbone);
    let begun = Instant::now();
    let profile = Profile::measure(&network, args.frames as usize, &|| begun.elapsed().as_secs_f64() * 1e3);
    let peak = profile.peak / 1e9;
    let lanes = profile.lanes;
    print(&format!(
        "{}\npeak of the integer product on one core: {peak:.1} Gop/s, with {lanes}\n",
        table(&rows(&profile))
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn rows(profile: &Profile) -> Vec<Vec<String>> {
    let total: f64 = profile.layers.iter().map(|layer| layer.millis).sum();
    let row = |name: &str, kind: &str, millis: f64, operations: f64| {
        let speed = operations / millis * 1e3;
        let share = |part: f64| format!("{:.1} %", 100.0 * part);
        let (ms, speed, of_peak) = (format!("{millis:.3}"), format!("{:.1}", speed / 1e9), share(speed / profile.peak));
        vec![name.into(), kind.into(), ms, share(millis / total), speed, of_peak]
    };
    let mut rows = vec![["layer", "kind", "ms", "of time", "Gop/s", "of peak"].map(String::from).to_vec()];
    for layer in &profile.layers {
        rows.push(row(&layer.name, &format!("{:?}", layer.kind).to_lowercase(), layer.millis, layer.operations));
    }
    rows.push(row("all", "", total, profile.layers.iter().map(|layer| layer.operations).sum()));
    rows
}

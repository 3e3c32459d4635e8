//! `mobilenet inspect`: what is in these folders, and is it any good?

use std::path::PathBuf;
use std::process::ExitCode;

use crate::data::dataset::Dataset;
use crate::data::doctor::{Finding, Severity, findings, scenes_across_splits};
use crate::data::embed::Embedded;
use crate::files::atomic;
use crate::report::contact_sheet::{CELLS, contact_sheet};
use crate::report::findings::details;
use crate::report::table::table;
use mobilenet_core::base::file;
use mobilenet_core::base::rng::Rng;
use mobilenet_core::picture::decode::decode;
use mobilenet_core::{Embedder, Error, Frame};
use serde_json::{Value, json};

use crate::commands::embedding_args::EmbedderArgs;
use crate::commands::examination::{embed_plain, examine};
use crate::commands::terminal::{print, print_json};

#[derive(clap::Args)]
pub struct Args {
    /// Folder with one folder of pictures a class.
    dir: PathBuf,
    /// The same for validation pictures.
    #[arg(long, value_name = "DIR")]
    val: Option<PathBuf>,
    /// Where the contact sheet of 25 labelled pictures goes.
    #[arg(long, value_name = "FILE", default_value = "contact-sheet.svg")]
    out: PathBuf,
    /// Which 25 pictures.
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// What tells scenes that are on both sides.
    #[command(flatten)]
    embedder: EmbedderArgs,
}

pub fn run(args: &mut Args) -> Result<ExitCode, Error> {
    atomic::check(&args.out)?;
    let train = Dataset::scan(&args.dir)?;
    let validation = args.val.as_deref().map(Dataset::scan).transpose()?;
    let examination = examine(&train, validation.as_ref(), None)?;
    let mut findings = findings(&examination, &train, validation.as_ref());
    if let Some(validation) = &validation {
        findings.extend(shared_scenes(&mut args.embedder, &train, validation, &findings)?);
        findings.sort_by_key(|finding| finding.severity);
    }
    let counts = count(&train, validation.as_ref());
    let cells = choose(&train, args.seed);
    if !cells.is_empty() {
        atomic::write(&args.out, contact_sheet(&cells).as_bytes())?;
    }
    let sheet = (!cells.is_empty()).then(|| args.out.display().to_string());
    if args.json {
        print_json(&as_json(&counts, &findings, sheet))?;
    } else {
        print(&as_text(&counts, &findings, sheet))?;
    }
    let fails = |finding: &Finding| finding.severity == Severity::Error || finding.is_unreadable();
    Ok(if findings.iter().any(fails) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Embeds both sides and looks for scenes that they share. Without classes in common, or a backbone, there is nothing to look at.
fn shared_scenes(
    args: &mut EmbedderArgs,
    train: &Dataset,
    validation: &Dataset,
    known: &[Finding],
) -> Result<Vec<Finding>, Error> {
    if train.labels != validation.labels || (args.backbone.is_none() && !cfg!(feature = "embedded")) {
        return Ok(Vec::new());
    }
    let backbone = args.load_backbone()?;
    let embedder = Embedder::new(&backbone);
    let cache = args.open_cache(&embedder)?;
    let embed = |dataset| embed_plain(dataset, &embedder, cache.as_ref());
    let sides = [embed(train)?, embed(validation)?];
    scenes_across_splits(sides.each_ref().map(Embedded::side), embedder.layers()[0], known)
}

/// Each label with its pictures to train on and, if there are such folders, to validate on.
fn count(train: &Dataset, validation: Option<&Dataset>) -> Vec<(String, usize, Option<usize>)> {
    let splits = || [Some(train), validation].into_iter().flatten();
    let mut labels: Vec<&String> = splits().flat_map(|dataset| &dataset.labels).collect();
    labels.sort();
    labels.dedup();
    let of_label = |dataset: &Dataset, label: &str| {
        let class = dataset.labels.iter().position(|known| known == label);
        class.map_or(0, |class| dataset.counts()[class])
    };
    let row = |label: &String| {
        (label.clone(), of_label(train, label), validation.map(|validation| of_label(validation, label)))
    };
    labels.into_iter().map(row).collect()
}

fn as_text(counts: &[(String, usize, Option<usize>)], findings: &[Finding], sheet: Option<String>) -> String {
    let total = counts.iter().map(|count| count.1).sum();
    let validation = counts.iter().map(|count| count.2).sum();
    let row = |label: &str, train: usize, validation: Option<usize>| {
        let numbers = [Some(train), validation].into_iter().flatten().map(|count| count.to_string());
        std::iter::once(label.to_owned()).chain(numbers).collect()
    };
    let has_validation = counts.iter().any(|count| count.2.is_some());
    let heading: &[&str] = if has_validation { &["class", "train", "validation"] } else { &["class", "pictures"] };
    let mut rows: Vec<Vec<String>> = vec![heading.iter().map(|word| (*word).to_owned()).collect()];
    rows.extend(counts.iter().map(|(label, train, validation)| row(label, *train, *validation)));
    rows.push(row("total", total, validation));
    let found = if findings.is_empty() { "\nnothing is wrong\n".into() } else { details(findings) };
    let sheet = sheet.map(|sheet| format!("\nwrote {sheet}\n")).unwrap_or_default();
    table(&rows) + &found + &sheet
}

fn as_json(counts: &[(String, usize, Option<usize>)], findings: &[Finding], sheet: Option<String>) -> String {
    let class = |(label, train, validation): &(String, usize, Option<usize>)| -> Value {
        json!({"label": label, "train": train, "validation": validation})
    };
    let classes: Vec<Value> = counts.iter().map(class).collect();
    format!("{}\n", json!({"classes": classes, "findings": findings, "contact_sheet": sheet}))
}

/// Random pictures that can be read.
fn choose(dataset: &Dataset, seed: u32) -> Vec<(String, Frame)> {
    let mut pictures: Vec<_> = dataset.pictures.iter().collect();
    Rng::new(seed.into()).shuffle(&mut pictures);
    let read = |(file, class): &(PathBuf, usize)| {
        let frame = file::read(file).and_then(|bytes| decode(&bytes)).ok()?;
        Some((dataset.labels[*class].clone(), frame))
    };
    pictures.into_iter().filter_map(read).take(CELLS).collect()
}

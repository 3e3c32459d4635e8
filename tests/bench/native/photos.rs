//! Whole folders of photos, from files to classes on all cores.

use std::path::{Path, PathBuf};

use mobilenet::data::dataset::pictures_in;
use serde_json::{Value, json};

use super::engine::{Engine, Failure};

const FURNITURE: &str = "../shared/data/furniture";
/// How often the sample pictures are taken where there are no photos.
const REPEATS: usize = 60;

/// The photos and what they are; the sample pictures again and again where the photos are not at hand.
fn files() -> Result<(Vec<PathBuf>, &'static str), Failure> {
    if Path::new(FURNITURE).is_dir() {
        return Ok((pictures_in(FURNITURE.as_ref())?, "furniture photos"));
    }
    let samples: Vec<PathBuf> = super::SAMPLES.iter().map(|label| format!("www/samples/{label}.jpg").into()).collect();
    let files = std::iter::repeat_n(samples, REPEATS).flatten().collect();
    Ok((files, "times one of the five sample pictures, for want of photos"))
}

/// Chunk by chunk, each engine in turn, so that whatever else the machine does falls on all alike.
pub fn measure(
    engines: &mut [Box<dyn Engine>],
    rows: &mut [Value],
    chunk: usize,
    chunks: usize,
) -> Result<(), Failure> {
    let (files, name) = files()?;
    let files: Vec<PathBuf> = files.chunks(chunk).take(chunks).flatten().cloned().collect();
    // Once, so that no engine is the first to read from the disk.
    for file in &files {
        std::fs::read(file)?;
    }
    let mut seconds = vec![0.0; engines.len()];
    let mut classes = vec![Vec::new(); engines.len()];
    for (at, part) in files.chunks(chunk).enumerate() {
        eprintln!("photos {} to {} of {}", at * chunk + 1, at * chunk + part.len(), files.len());
        for (engine, (seconds, classes)) in engines.iter_mut().zip(seconds.iter_mut().zip(&mut classes)) {
            if let Some(found) = engine.photos(part)? {
                *seconds += found.seconds;
                classes.extend(found.classes);
            }
        }
    }
    for (row, (seconds, theirs)) in rows.iter_mut().zip(seconds.iter().zip(&classes)) {
        if theirs.len() == files.len() {
            let same = theirs.iter().zip(&classes[0]).filter(|(theirs, ours)| theirs == ours).count();
            row["photos"] = json!(format!("{} {name}", files.len()));
            row["photos_per_second"] = json!(files.len() as f64 / seconds);
            row["photos_agreeing"] = json!(same as f64 / files.len() as f64);
        }
    }
    Ok(())
}

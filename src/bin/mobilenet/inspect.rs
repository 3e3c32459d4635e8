//! `mobilenet inspect`: what is in these folders?

use std::path::PathBuf;
use std::process::ExitCode;

use mobilenet_web::decode::decode;
use mobilenet_web::report::contact_sheet::{CELLS, contact_sheet};
use mobilenet_web::report::table::table;
use mobilenet_web::rng::Rng;
use mobilenet_web::train::dataset::Dataset;
use mobilenet_web::{Error, Frame, artefact};

use crate::terminal::print;

#[derive(clap::Args)]
pub struct Args {
    /// Folder with one folder of pictures a class.
    dir: PathBuf,
    /// Where the contact sheet of 25 labelled pictures goes.
    #[arg(long, value_name = "FILE", default_value = "contact-sheet.svg")]
    out: PathBuf,
    /// Which 25 pictures.
    #[arg(long, default_value_t = 1)]
    seed: u32,
}

pub fn run(args: &Args) -> Result<ExitCode, Error> {
    let dataset = Dataset::scan(&args.dir)?;
    let mut rows = vec![["class", "pictures"].map(String::from).to_vec()];
    let counts = dataset.labels.iter().zip(dataset.counts());
    rows.extend(counts.map(|(label, count)| vec![label.clone(), count.to_string()]));
    rows.push(vec!["total".into(), dataset.pictures.len().to_string()]);
    print(&table(&rows))?;
    for stray in &dataset.strays {
        eprintln!("not a picture, left out: {}", stray.display());
    }
    let (cells, failed) = choose(&dataset, args.seed);
    if !cells.is_empty() {
        artefact::write(&args.out, contact_sheet(&cells).as_bytes())?;
        print(&format!("wrote {}\n", args.out.display()))?;
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Random pictures that can be read, and whether any could not.
fn choose(dataset: &Dataset, seed: u32) -> (Vec<(String, Frame)>, bool) {
    let mut pictures: Vec<_> = dataset.pictures.iter().collect();
    Rng::new(seed.into()).shuffle(&mut pictures);
    let mut cells = Vec::new();
    let mut failed = false;
    for (file, class) in pictures {
        if cells.len() == CELLS {
            break;
        }
        match artefact::read(file).and_then(|bytes| decode(&bytes).map_err(Error::in_file(file))) {
            Ok(frame) => cells.push((dataset.labels[*class].clone(), frame)),
            Err(error) => {
                eprintln!("skipped: {error}");
                failed = true;
            }
        }
    }
    (cells, failed)
}

//! `mobilenet share`: a head as a link, and a link as a head.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::files::atomic;
use mobilenet_core::base::display_text;
use mobilenet_core::model::link;
use mobilenet_core::{Error, Model};

use crate::commands::terminal::print;

#[derive(clap::Args)]
pub struct Args {
    /// Model file whose head goes into a link; or a link, whose head goes into the file --out.
    model: OsString,
    /// Address of a page made by `mobilenet site`, which opens the link.
    #[arg(long, value_name = "ADDRESS", default_value = "")]
    page: String,
    /// Where the head of a link goes.
    #[arg(long, value_name = "FILE", default_value = "head.safetensors")]
    out: PathBuf,
}

pub fn run(args: &Args) -> Result<ExitCode, Error> {
    let link = args.model.to_str().filter(|text| text.contains(&format!("#{}", link::PREFIX)));
    let text = if let Some(link) = link {
        let model = link::open(link)?;
        atomic::write(&args.out, &model.to_bytes())?;
        format!("wrote {}\n", display_text::path(&args.out))
    } else {
        let path = Path::new(&args.model);
        let fragment = link::fragment(&Model::open(path)?).map_err(Error::in_file(path))?;
        format!("{}#{fragment}\n", args.page.trim_end_matches('#'))
    };
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

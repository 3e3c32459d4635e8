//! `mobilenet site`: the page as a folder for any static host.

use std::path::PathBuf;
use std::process::ExitCode;

use mobilenet_core::Error;
use mobilenet_core::base::display_text;

use crate::commands::page::PageArgs;
use crate::commands::terminal::print;
use crate::site;

#[derive(clap::Args)]
pub struct Args {
    /// Folder to write. If it exists, it must be empty or hold an older site, which is replaced.
    dir: PathBuf,
    /// Model file that the page opens as its built-in model, in place of the furniture model.
    model: Option<PathBuf>,
    #[command(flatten)]
    page: PageArgs,
}

pub fn run(args: &Args) -> Result<ExitCode, Error> {
    // Before the model is checked, which takes longer.
    site::check(&args.dir)?;
    let site = args.page.site(args.model.as_deref())?;
    site::write(&site, &args.dir)?;
    let bytes: usize = site.files().values().map(Vec::len).sum();
    print(&format!(
        "wrote {} ({} files, {:.1} MB)\nAny static host can serve it. To try it here, run `mobilenet serve {0}`.\n",
        display_text::path(&args.dir),
        site.files().len(),
        bytes as f64 / 1e6
    ))?;
    Ok(ExitCode::SUCCESS)
}

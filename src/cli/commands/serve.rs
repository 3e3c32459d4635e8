//! `mobilenet serve`: the page at an address of this machine.

use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use mobilenet_core::Error;

use crate::commands::page::PageArgs;
use crate::commands::terminal::print;
use crate::server::{Server, Source};

#[derive(clap::Args)]
pub struct Args {
    /// Folder to serve, or a model file to serve the page with. Without either, the page with its own model.
    #[arg(value_name = "DIR|MODEL")]
    what: Option<PathBuf>,
    /// Port to listen on; 0 picks a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Address to listen on; 0.0.0.0 lets other machines in. Browsers allow the camera and offline use only at localhost and
    /// over https.
    #[arg(long, value_name = "IP", default_value = "127.0.0.1")]
    address: IpAddr,
    #[command(flatten)]
    page: PageArgs,
}

pub fn run(args: &Args) -> Result<ExitCode, Error> {
    let source = match &args.what {
        Some(folder) if folder.is_dir() => Source::folder(folder)?,
        model => Source::memory(args.page.site(model.as_deref())?),
    };
    let server = Server::listen(source, args.address, args.port)?;
    print(&format!("{}\n", server.url()))?;
    match server.run()? {}
}

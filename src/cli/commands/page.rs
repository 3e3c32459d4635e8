//! The page that `mobilenet site` writes and `mobilenet serve` serves.

use std::path::{Path, PathBuf};

use mobilenet_core::Error;
use mobilenet_core::base::file;

use crate::site::{Site, missing, packed_site};

#[derive(clap::Args)]
pub struct PageArgs {
    /// Folder of a page to take in place of the one in this program: for tests.
    #[arg(long, value_name = "DIR", hide = true)]
    site: Option<PathBuf>,
}

impl PageArgs {
    /// The page, with a model if there is one.
    pub fn site(&self, model: Option<&Path>) -> Result<Site, Error> {
        let site = match &self.site {
            Some(folder) => Site::read(folder)?,
            None => packed_site().ok_or_else(|| missing(""))?,
        };
        let Some(model) = model else { return Ok(site) };
        site.with_model(file::read(model)?).map_err(Error::in_file(model))
    }
}

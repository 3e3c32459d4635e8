//! The options of subcommands that embed pictures for a head: with which backbone, and where embeddings are kept.

use std::path::{Path, PathBuf};

use crate::data::cache::Cache;
use mobilenet_core::base::display_text;
use mobilenet_core::classifier::embedded_backbone;
use mobilenet_core::network::Backbone;
use mobilenet_core::{Embedder, Error, Model};

use crate::commands::terminal::say;

#[derive(clap::Args)]
pub struct EmbedderArgs {
    /// A backbone made with `mobilenet backbone import`, instead of the one compiled in.
    #[arg(long, value_name = "FILE")]
    pub backbone: Option<PathBuf>,
    /// Folder for embeddings that are computed once [default: the user's cache folder].
    #[arg(long, value_name = "DIR")]
    pub cache: Option<PathBuf>,
    /// Keep no embeddings.
    #[arg(long, conflicts_with = "cache")]
    pub no_cache: bool,
}

impl EmbedderArgs {
    pub fn load_backbone(&self) -> Result<Backbone, Error> {
        let Some(path) = &self.backbone else { return embedded_backbone() };
        let model = Model::open(path)?;
        let reason = || Error::BadModel("it holds no backbone, only a head".into());
        model.backbone.ok_or_else(reason).map_err(Error::in_file(path))
    }

    pub fn cache_folder(&self) -> Option<PathBuf> {
        if self.no_cache {
            return None;
        }
        let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        // Who has no home is told of one that is not there, and it is not for us to make it.
        let home = || absolute("HOME").filter(|home| home.is_dir());
        let user = || absolute("XDG_CACHE_HOME").or_else(|| Some(home()?.join(".cache")));
        self.cache.clone().or_else(|| Some(user()?.join("mobilenet-web")))
    }

    /// Keeps no embeddings when the user's cache folder, which nobody asked for, cannot be written. A folder that was
    /// asked for is left to fail.
    fn give_up_unusable_cache(&mut self) {
        let Some(folder) = self.cache_folder().filter(|_| self.cache.is_none()) else { return };
        if let Err(error) = try_to_write(&folder) {
            say(format_args!(
                "warning: write into the cache folder {}: {error}: embeddings are not kept",
                display_text::path(&folder)
            ));
            self.no_cache = true;
        }
    }

    pub fn open_cache(&mut self, embedder: &Embedder) -> Result<Option<Cache>, Error> {
        self.give_up_unusable_cache();
        self.cache_folder().map(|folder| Cache::open(&folder, embedder)).transpose()
    }
}

/// Says what could not be kept, once everything is embedded.
pub fn warn_of_trouble(cache: Option<&Cache>) {
    if let Some(trouble) = cache.and_then(Cache::trouble) {
        say(format_args!(
            "warning: {trouble}: embeddings from there on were not kept, so another run computes them again"
        ));
    }
}

fn try_to_write(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    tempfile::tempfile_in(folder).map(drop)
}

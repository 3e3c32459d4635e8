//! The options of `mobilenet train`.

use std::path::{Path, PathBuf};

use mobilenet_web::classifier::embedded_backbone;
use mobilenet_web::network::Backbone;
use mobilenet_web::train::augment::Vary;
use mobilenet_web::train::calibrate::FALSE_REJECTIONS;
use mobilenet_web::view::Views;
use mobilenet_web::{Error, Model};

use crate::recipe::RecipeArgs;

/// More views of one picture than this teach nothing new, and would fill memory.
const VIEW_LIMIT: i64 = 100;

#[derive(clap::Args)]
pub struct Args {
    /// Folder with one folder of pictures a class.
    pub dir: PathBuf,
    /// The same for validation pictures. Without it a share of DIR is set aside.
    #[arg(long, value_name = "DIR")]
    pub val: Option<PathBuf>,
    /// Share of DIR to validate on when there is no --val.
    #[arg(long, default_value_t = 0.2, value_parser = share)]
    pub val_split: f64,
    /// Where the model goes; report.html, labels.txt, history.json, loss.svg and accuracy.svg go beside it.
    #[arg(long, value_name = "FILE", default_value = "model.safetensors")]
    pub out: PathBuf,
    /// Folder for a log of this run: history.csv, and an event log for TensorBoard.
    #[arg(long, value_name = "DIR")]
    pub logdir: Option<PathBuf>,
    /// Other views of each training picture (parts, mirrored, turned, in other light) to train on as well; 0 for none.
    #[arg(long, value_name = "VIEWS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=VIEW_LIMIT))]
    pub augment: u32,
    /// What these views differ in: the part that is seen and which way round, or also a small turn and the colours.
    #[arg(long, value_enum, default_value_t)]
    pub vary: Vary,
    /// What an answer is the mean of when pictures are validated: the picture, with its mirror image, or with the
    /// middle of both too.
    #[arg(long, value_enum, default_value_t)]
    pub views: Views,
    /// Cross-validate on the training pictures first, in this many parts.
    #[arg(long, value_name = "K")]
    pub folds: Option<usize>,
    /// Try other learning rates, weight decays, dropouts and smoothings on the training pictures first, and take the
    /// best.
    #[arg(long)]
    pub auto: bool,
    #[command(flatten)]
    pub recipe: RecipeArgs,
    /// Share of the validation pictures that may be rejected as none of the classes.
    #[arg(long, value_name = "SHARE", default_value_t = FALSE_REJECTIONS, value_parser = share)]
    pub false_rejections: f64,
    /// A backbone made with `mobilenet backbone import`, instead of the one compiled in.
    #[arg(long, value_name = "FILE")]
    pub backbone: Option<PathBuf>,
    /// Put the backbone into the model file too, so that it needs nothing else (2.3 MB instead of 14 KB).
    #[arg(long)]
    pub with_backbone: bool,
    /// Folder for embeddings that are computed once [default: the user's cache folder].
    #[arg(long, value_name = "DIR")]
    pub cache: Option<PathBuf>,
    /// Keep no embeddings.
    #[arg(long, conflicts_with = "cache")]
    pub no_cache: bool,
    /// Refuse to train when `mobilenet inspect` would find more than notes.
    #[arg(long)]
    pub strict: bool,
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if share > 0.0 && share < 1.0 { Ok(share) } else { Err("a share is more than 0 and less than 1".into()) }
}

impl Args {
    pub fn load_backbone(&self) -> Result<Backbone, Error> {
        let Some(path) = &self.backbone else { return embedded_backbone() };
        let model = Model::open(path)?;
        let reason = || Error::BadModel("it holds no backbone, only a head".into());
        model.backbone.ok_or_else(reason).map_err(Error::in_file(path))
    }

    /// Keeps no embeddings when the user's cache folder, which nobody asked for, cannot be written. A folder that was
    /// asked for is left to fail.
    pub fn give_up_unusable_cache(&mut self) {
        let Some(folder) = self.cache_folder().filter(|_| self.cache.is_none()) else { return };
        if let Err(error) = try_to_write(&folder) {
            eprintln!("warning: write into the cache folder {}: {error}: embeddings are not kept", folder.display());
            self.no_cache = true;
        }
    }

    pub fn cache_folder(&self) -> Option<PathBuf> {
        if self.no_cache {
            return None;
        }
        let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let user = || absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
        self.cache.clone().or_else(|| Some(user()?.join("mobilenet-web")))
    }
}

fn try_to_write(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    tempfile::tempfile_in(folder).map(drop)
}

//! The options of `mobilenet train`.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::commands::choice::{self, one_of};
use clap::builder::{PathBufValueParser, TypedValueParser};
use mobilenet_core::fit::augment::{VIEWS, Vary};
use mobilenet_core::fit::calibrate::FALSE_REJECTIONS;
use mobilenet_core::picture::view::Views;

use super::artefacts;
use crate::commands::embedding_args::EmbedderArgs;
use crate::commands::recipe_args::RecipeArgs;
use crate::data::embed::VIEW_LIMIT;

#[derive(clap::Args)]
pub struct Args {
    /// Folder with one folder of pictures a class; or a project that the page saved (a .zip file), which is taught as the page
    /// does it and says by itself how.
    #[arg(required_unless_present = "embeddings")]
    pub dir: Option<PathBuf>,
    /// The same for validation pictures. Without it a share of DIR is set aside.
    #[arg(long, value_name = "DIR")]
    pub val: Option<PathBuf>,
    /// Instead of DIR: files that `mobilenet embed` made, say 'shards/*.parquet'. However many there are, they are read
    /// from a scratch file in the cache folder and not held in memory; that they were sharded changes no bit.
    #[arg(long, value_name = "PATTERN", num_args = 1..,
          conflicts_with_all = ["dir", "val", "augment", "vary", "views", "strict"])]
    pub embeddings: Vec<OsString>,
    /// What --embeddings is, for validation; of several views of a picture the plain one counts. Without it a share of the pictures
    /// is set aside: copies of one stay together, its near-duplicates are not looked for.
    #[arg(long, value_name = "PATTERN", num_args = 1.., requires = "embeddings", conflicts_with = "dir")]
    pub val_embeddings: Vec<OsString>,
    /// Share of the pictures to validate on when no others are given.
    #[arg(long, default_value_t = 0.2, value_parser = share)]
    pub val_split: f64,
    /// Where the model goes; report.html, labels.txt, history.json, loss.svg and accuracy.svg go beside it.
    #[arg(long, value_name = "FILE", default_value = "model.safetensors", value_parser = PathBufValueParser::new().try_map(not_beside))]
    pub out: PathBuf,
    /// Folder for a log of this run: history.csv, and an event log for TensorBoard.
    #[arg(long, value_name = "DIR")]
    pub logdir: Option<PathBuf>,
    /// Other views of each training picture (parts, mirrored, turned, in other light) to train on as well; 0 for none,
    /// which takes an eighth of the time.
    #[arg(long, value_name = "VIEWS", default_value_t = VIEWS, value_parser = clap::value_parser!(u32).range(..=VIEW_LIMIT))]
    pub augment: u32,
    /// What these views differ in: the part that is seen and which way round, or also a small turn and the colours.
    #[arg(long, value_parser = one_of(choice::VARY), default_value = "part")]
    pub vary: Vary,
    /// What an answer is the mean of when pictures are validated: the picture, with its mirror image, or with the
    /// middle of both too.
    #[arg(long, value_parser = one_of(choice::VIEWS), default_value = "one")]
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
    #[command(flatten)]
    pub embedder: EmbedderArgs,
    /// Put the backbone into the model file too, so that it needs nothing else (2.3 MB instead of 14 KB).
    #[arg(long)]
    pub with_backbone: bool,
    /// Refuse to train when `mobilenet inspect` would find more than notes.
    #[arg(long)]
    pub strict: bool,
}

/// A model that has none of the names of what goes beside it.
fn not_beside(path: PathBuf) -> Result<PathBuf, String> {
    match path.file_name().and_then(|name| name.to_str()) {
        Some(name) if artefacts::BESIDE.contains(&name) => {
            Err(format!("{name} is written beside the model: give the model another name"))
        }
        _ => Ok(path),
    }
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if share > 0.0 && share < 1.0 { Ok(share) } else { Err("a share is more than 0 and less than 1".into()) }
}

//! `mobilenet embed`: one machine's share of embedding a dataset, as a Parquet file for `mobilenet train --embeddings`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::data::cache::{Cache, EmbeddedPicture, embed_views};
use crate::data::dataset::Dataset;
use crate::data::shards::{Origin, Row, Shard, Writer};
use crate::files::atomic;
use mobilenet_core::base::display_text;
use mobilenet_core::fit::augment::Vary;
use mobilenet_core::{Embedder, Error};

use crate::commands::bar::bar;
use crate::commands::choice::{VARY, one_of};
use crate::commands::embedding_args::{EmbedderArgs, warn_of_trouble};
use crate::commands::terminal::{print, say};
use crate::data::embed::{VIEW_LIMIT, drawn};

/// Embeddings that are held in memory at a time, about: 42 MB.
const ROWS: usize = 8192;

#[derive(clap::Args)]
pub struct Args {
    /// Folder with one folder of pictures a class.
    dir: PathBuf,
    /// Embed every Nth picture only, from the Ith on. I counts from 0, as JOB_COMPLETION_INDEX of Kubernetes and
    /// SLURM_ARRAY_TASK_ID do: the shards of three machines are 0/3, 1/3 and 2/3.
    #[arg(long, value_name = "I/N", default_value = "0/1")]
    shard: Shard,
    /// Where the embeddings go, with label, path and SHA-256 of each picture: a Parquet file.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Other views of each picture (parts, mirrored, turned, in other light) to embed as well; 0 for none.
    #[arg(long, value_name = "VIEWS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=VIEW_LIMIT))]
    augment: u32,
    /// What these views differ in: the part that is seen and which way round, or also a small turn and the colours.
    #[arg(long, value_parser = one_of(VARY), default_value = "part")]
    vary: Vary,
    #[command(flatten)]
    embedder: EmbedderArgs,
}

pub fn run(mut args: Args) -> Result<ExitCode, Error> {
    atomic::check(&args.out)?;
    let embedder = Embedder::new(&args.embedder.load_backbone()?);
    let cache = args.embedder.open_cache(&embedder)?;
    let args = &args;
    let dataset = Dataset::scan(&args.dir)?;
    let pictures = args.shard.of(&dataset.pictures);
    let mut writer = Writer::new(&args.out, &Origin::from(&embedder), &dataset.labels)?;
    let bar = bar(pictures.len(), "embedding");
    let mut embedded = 0;
    for chunk in pictures.chunks(ROWS.div_ceil(args.augment as usize + 1)) {
        let files: Vec<PathBuf> = chunk.iter().map(|(file, _)| file.clone()).collect();
        for (file, result) in files.iter().zip(embed(&files, args, &embedder, cache.as_ref(), || bar.inc(1))?) {
            match result.and_then(|picture| rows(&args.dir, file, picture)) {
                Ok(rows) => {
                    writer.write(&rows)?;
                    embedded += 1;
                }
                Err(error) => bar.suspend(|| say(format_args!("skipped: {error}"))),
            }
        }
    }
    writer.finish()?;
    bar.finish_and_clear();
    warn_of_trouble(cache.as_ref());
    print(&format!("wrote {} ({embedded} of {} pictures)\n", display_text::path(&args.out), dataset.pictures.len()))?;
    Ok(if embedded == pictures.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn embed(
    files: &[PathBuf],
    args: &Args,
    embedder: &Embedder,
    cache: Option<&Cache>,
    on_done: impl Fn() + Sync,
) -> Result<Vec<Result<EmbeddedPicture, Error>>, Error> {
    embed_views(files, drawn(args.augment, args.vary), embedder, cache, on_done)
}

/// The rows of a picture; its path says which class it is of.
fn rows(root: &Path, file: &Path, picture: EmbeddedPicture) -> Result<Vec<Row>, Error> {
    let parts = file.strip_prefix(root).unwrap_or(file).iter().map(|part| part.to_str()).collect::<Option<Vec<_>>>();
    let reason = || Error::BadDataset("the path is not Unicode, so it cannot be written down: rename it".into());
    let parts = parts.ok_or_else(reason).map_err(Error::in_file(file))?;
    let EmbeddedPicture { digest, embeddings } = picture;
    let row = |(view, embedding)| Row { label: parts[0].into(), path: parts.join("/"), digest, view, embedding };
    Ok((0..).zip(embeddings).map(row).collect())
}

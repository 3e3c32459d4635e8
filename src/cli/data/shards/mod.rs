//! Shards: embeddings as Parquet files, made on any number of machines and read by one.
//!
//! Embedding is a pure map over pictures, so a shard is every Nth picture of the sorted list, and machines need to know
//! nothing of each other. Parquet, because whatever runs on many machines reads it: what was embedded can be looked at,
//! joined and moved with the tools that are there. A file says in its metadata which backbone it is of and which
//! classes the whole dataset has, so that files that do not belong together are found out.
//!
//! Reading is two passes. The first takes labels, paths and digests, some hundred bytes a row, and puts the rows into
//! the order in which `mobilenet train DIR` would have them: by label, path and view. The second copies the embeddings
//! in this order into a scratch file, from which the fit reads. So the head has the same bits however the dataset was
//! sharded, and memory holds the index alone.

mod files;
mod read;
mod scratch;
mod write;

use std::fmt::Display;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema};

pub use self::files::find;
pub use self::read::Shards;
pub use self::scratch::Scratch;
pub use self::write::{Row, Writer};
use mobilenet_core::error::Error;
use mobilenet_core::network::embedder::Embedder;

// The columns, and the names of what a file says about itself.
const LABEL: &str = "label";
const PATH: &str = "path";
const DIGEST: &str = "sha256";
const VIEW: &str = "view";
const EMBEDDING: &str = "embedding";
const BACKBONE: &str = "mobilenet.backbone";
const LABELS: &str = "mobilenet.labels";
const VERSION: &str = "mobilenet.version";

/// The columns, in their order.
pub const COLUMNS: [&str; 5] = [LABEL, PATH, DIGEST, VIEW, EMBEDDING];

fn schema(features: usize) -> Schema {
    let item = Arc::new(Field::new_list_field(DataType::Float32, false));
    let types: [DataType; COLUMNS.len()] = [
        DataType::Utf8,
        DataType::Utf8,
        DataType::FixedSizeBinary(32),
        DataType::UInt32,
        DataType::FixedSizeList(item, features as i32),
    ];
    Schema::new(COLUMNS.iter().zip(types).map(|(name, kind)| Field::new(*name, kind, false)).collect::<Vec<_>>())
}

/// What embeddings are made by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Digest of the backbone.
    pub backbone: String,
    /// Numbers in an embedding.
    pub features: usize,
    /// Numbers of the last layer, which is all that earlier files have.
    pub last: usize,
}

impl From<&Embedder> for Origin {
    fn from(embedder: &Embedder) -> Self {
        Self { backbone: embedder.digest().into(), features: embedder.embedding_len(), last: embedder.features() }
    }
}

/// A part of a dataset: of `count` parts number `index`, from 0.
///
/// ```
/// use mobilenet::data::shards::Shard;
/// let shard: Shard = "1/3".parse()?;
/// assert_eq!(shard.of(&["a", "b", "c", "d", "e"]), ["b", "e"]);
/// assert!("3/3".parse::<Shard>().is_err());
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: usize,
    count: usize,
}

impl Shard {
    /// All of it.
    pub const WHOLE: Self = Self { index: 0, count: 1 };

    /// The elements of this shard: every `count`th, so that shards are alike in size and in their mix of classes.
    pub fn of<T: Clone>(self, sorted: &[T]) -> Vec<T> {
        sorted.iter().skip(self.index).step_by(self.count).cloned().collect()
    }
}

impl FromStr for Shard {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let numbers = text.split_once('/').and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        match numbers {
            Some((index, count)) if index < count => Ok(Self { index, count }),
            _ => Err(Error::BadArgument(format!("{text:?} is no shard: of three, they are called 0/3, 1/3 and 2/3"))),
        }
    }
}

/// What is wrong with a file of embeddings.
fn bad_file(path: &Path, reason: impl Display) -> Error {
    Error::in_file(path)(Error::BadDataset(reason.to_string()))
}

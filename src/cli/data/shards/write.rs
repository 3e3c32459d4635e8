//! Writing a shard, row group by row group.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::FixedSizeBinaryBuilder;
use arrow_array::{ArrayRef, FixedSizeListArray, Float32Array, RecordBatch, StringArray, UInt32Array};
use arrow_schema::{ArrowError, DataType, Schema};
use parquet::arrow::ArrowWriter;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};

use super::{BACKBONE, EMBEDDING, LABEL, LABELS, Origin, VERSION, schema};
use crate::files::atomic::Draft;
use mobilenet_core::error::Error;

/// Rows of a row group: 19 MB of 4736 numbers, which the writer holds until it is complete.
const GROUP: usize = 1024;

/// One view of a picture, embedded.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The class.
    pub label: String,
    /// Where the picture is in the dataset, its parts separated by `/`.
    pub path: String,
    /// SHA-256 of the picture file.
    pub digest: [u8; 32],
    /// Number of the view; 0 is the picture as it is.
    pub view: u32,
    /// The embedding.
    pub embedding: Vec<f32>,
}

/// A shard in the making: a file that is there once it is whole.
#[derive(Debug)]
pub struct Writer {
    draft: Draft,
    parquet: ArrowWriter<File>,
    schema: Schema,
    path: PathBuf,
}

impl Writer {
    /// Begins the file that will be at `path`. `labels` are those of the whole dataset.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be written.
    pub fn new(path: &Path, origin: &Origin, labels: &[String]) -> Result<Self, Error> {
        let draft = Draft::new(path)?;
        let file = draft.file().try_clone().map_err(Error::io("write", path))?;
        let schema = schema(origin.features);
        let properties = properties(origin, labels);
        let parquet = ArrowWriter::try_new(file, Arc::new(schema.clone()), Some(properties)).map_err(io(path))?;
        Ok(Self { draft, parquet, schema, path: path.into() })
    }

    /// Appends rows.
    ///
    /// # Errors
    /// [`Error::Io`] when they cannot be written, for instance because an embedding has another length.
    pub fn write(&mut self, rows: &[Row]) -> Result<(), Error> {
        let batch = columns(rows, &self.schema).map_err(|error| io(&self.path)(error.into()))?;
        self.parquet.write(&batch).map_err(io(&self.path))
    }

    /// Gives the file its name, once all its bytes are on disk.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be written.
    pub fn finish(self) -> Result<(), Error> {
        self.parquet.close().map_err(io(&self.path))?;
        self.draft.finish()
    }
}

/// Embeddings are written as they are: a dictionary or a checksum of extremes helps nobody to find them.
fn properties(origin: &Origin, labels: &[String]) -> WriterProperties {
    let labels = serde_json::to_string(labels).expect("strings always serialise");
    let about = [(BACKBONE, origin.backbone.as_str()), (LABELS, &labels), (VERSION, env!("CARGO_PKG_VERSION"))];
    WriterProperties::builder()
        .set_created_by(concat!("mobilenet-web ", env!("CARGO_PKG_VERSION")).into())
        .set_dictionary_enabled(false)
        .set_column_dictionary_enabled(LABEL.into(), true)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_max_row_group_row_count(Some(GROUP))
        .set_key_value_metadata(Some(about.map(|(key, value)| KeyValue::new(key.into(), value.to_owned())).into()))
        .build()
}

fn io(path: &Path) -> impl FnOnce(ParquetError) -> Error {
    let named = Error::io("write", path);
    |error| named(std::io::Error::other(error))
}

fn columns(rows: &[Row], schema: &Schema) -> Result<RecordBatch, ArrowError> {
    let DataType::FixedSizeList(item, features) = schema.field_with_name(EMBEDDING)?.data_type() else {
        unreachable!("the schema is this module's");
    };
    let mut digests = FixedSizeBinaryBuilder::with_capacity(rows.len(), 32);
    rows.iter().try_for_each(|row| digests.append_value(row.digest))?;
    let numbers: Float32Array = rows.iter().flat_map(|row| row.embedding.iter().copied()).collect::<Vec<f32>>().into();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(rows.iter().map(|row| &row.label))),
        Arc::new(StringArray::from_iter_values(rows.iter().map(|row| &row.path))),
        Arc::new(digests.finish()),
        Arc::new(UInt32Array::from_iter_values(rows.iter().map(|row| row.view))),
        Arc::new(FixedSizeListArray::try_new(Arc::clone(item), *features, Arc::new(numbers), None)?),
    ];
    RecordBatch::try_new(Arc::new(schema.clone()), columns)
}

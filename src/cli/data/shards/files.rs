//! Files of embeddings: which there are, and what they say about themselves.

use std::ffi::OsString;
use std::fmt::Display;
use std::fs::File;
use std::path::{Path, PathBuf};

use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, FieldRef, Schema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::file::metadata::ColumnChunkMetaData;

use super::{BACKBONE, LABELS, Origin, bad_file, schema};
use mobilenet_core::base::display_text;
use mobilenet_core::base::file;
use mobilenet_core::base::panic_guard::survived;
use mobilenet_core::error::Error;
use mobilenet_core::head::label_fault;

/// Rows that are decoded at a time: 5 MB of 4736 numbers.
const BATCH: usize = 256;

/// The files that patterns such as `shards/*.parquet` name, sorted.
///
/// # Errors
/// [`Error::BadArgument`] when a pattern is none, or names nothing; [`Error::Io`] when a folder cannot be read.
pub fn find(patterns: &[OsString]) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for pattern in patterns {
        // A file may have a name like a pattern, and one that is no text.
        if Path::new(pattern).is_file() {
            files.push(pattern.into());
            continue;
        }
        let pattern = pattern.to_string_lossy();
        let wrong = |reason: &str| Error::BadArgument(format!("{pattern:?} {reason}"));
        let before = files.len();
        for file in glob::glob(&pattern).map_err(|error| wrong(&format!("is no pattern: {error}")))? {
            files.push(file.map_err(|error| {
                let path = error.path().to_owned();
                Error::io("read", path)(error.into())
            })?);
        }
        if files.len() == before {
            return Err(wrong("names no file: make some with `mobilenet embed`"));
        }
    }
    files.sort();
    Ok(files)
}

/// The labels that all files agree on, and the numbers in an embedding.
pub(super) fn agreed(files: &[PathBuf], origin: &Origin) -> Result<(Vec<String>, usize), Error> {
    let mut agreed: Option<(Vec<String>, usize)> = None;
    for file in files {
        let (labels, features) = check_file(file, origin)?;
        let (first, length) = agreed.get_or_insert_with(|| (labels.clone(), features));
        if *length != features {
            let other = display_text::path(&files[0]);
            let reason = format!("its embeddings have {features} numbers, and those of {other} {length}");
            return Err(bad_file(file, format!("{reason}: embed again what is of an older version")));
        }
        if *first != labels {
            let (labels, first) = (labels.join(", "), first.join(", "));
            let reason =
                format!("its classes are {labels}, and those of {} are {first}", display_text::path(&files[0]));
            return Err(bad_file(file, format!("{reason}: embed one dataset, with the same folders on every machine")));
        }
    }
    let (labels, features) = agreed.unwrap_or_default();
    if labels.len() < 2 {
        let reason = "a classifier needs at least 2 classes: add a folder of pictures for another one and embed again";
        return Err(Error::BadDataset(reason.into()));
    }
    Ok((labels, features))
}

/// Checks what a file says about itself, and gives its labels and the numbers in an embedding.
fn check_file(file: &Path, origin: &Origin) -> Result<(Vec<String>, usize), Error> {
    let parquet = open(file)?;
    let is_old =
        |field: &FieldRef| matches!(field.data_type(), DataType::FixedSizeList(_, n) if *n as usize == origin.last);
    let features = if parquet.schema().fields().iter().any(is_old) { origin.last } else { origin.features };
    check_schema(parquet.schema(), features).map_err(|reason| bad_file(file, reason))?;
    let about = parquet.metadata().file_metadata().key_value_metadata();
    let value = |key: &str| {
        let found = about.into_iter().flatten().find(|entry| entry.key == key).and_then(|entry| entry.value.as_deref());
        found.ok_or_else(|| bad_file(file, format!("its metadata has no {key:?}: make it with `mobilenet embed`")))
    };
    let backbone = value(BACKBONE)?;
    if backbone != origin.backbone {
        let reason =
            format!("its embeddings are of backbone {backbone:.16}, and the one at hand is {:.16}", origin.backbone);
        return Err(bad_file(file, format!("{reason}: embed again, or choose the other with --backbone")));
    }
    let labels: Vec<String> = serde_json::from_str(value(LABELS)?)
        .map_err(|error| bad_file(file, format!("its labels are none: {error}")))?;
    if let Some((label, fault)) = labels.iter().find_map(|label| Some((label, label_fault(label)?))) {
        return Err(bad_file(file, format!("its label {label:?} {fault}")));
    }
    if labels.is_sorted_by(|a, b| a < b) {
        Ok((labels, features))
    } else {
        Err(bad_file(file, "its labels are not sorted"))
    }
}

fn check_schema(found: &Schema, features: usize) -> Result<(), String> {
    for expected in schema(features).fields() {
        let name = expected.name();
        let field = found.field_with_name(name).map_err(|_| {
            format!("it has no column {name:?}, so these are no embeddings: make them with `mobilenet embed`")
        })?;
        let is_alike = match (field.data_type(), expected.data_type()) {
            (DataType::FixedSizeList(a, n), DataType::FixedSizeList(b, m)) => a.data_type() == b.data_type() && n == m,
            (a, b) => a == b,
        };
        if !is_alike {
            return Err(format!("its column {name:?} is {} and not {}", field.data_type(), expected.data_type()));
        }
    }
    Ok(())
}

fn open(file: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>, Error> {
    let opened = file::open(file)?;
    let length = opened.metadata().map_err(Error::io("read", file))?.len();
    let none = |error: &dyn Display| {
        bad_file(file, format!("this is no Parquet file ({error}): make it with `mobilenet embed`"))
    };
    let parquet = guarded(|| ParquetRecordBatchReaderBuilder::try_new(opened), none)?;
    let mut columns = parquet.metadata().row_groups().iter().flat_map(|group| group.columns());
    if columns.all(|column| lies_within(column, length)) {
        Ok(parquet)
    } else {
        Err(damaged(file, &"a column lies beyond its end"))
    }
}

/// Whether the bytes of a column are in a file of this length.
fn lies_within(column: &ColumnChunkMetaData, length: u64) -> bool {
    let begin = column.dictionary_page_offset().unwrap_or(column.data_page_offset());
    let end = begin.checked_add(column.compressed_size()).and_then(|end| u64::try_from(end).ok());
    begin >= 0 && column.compressed_size() >= 0 && column.num_values() >= 0 && end.is_some_and(|end| end <= length)
}

/// What the reader of Parquet gives, or its refusal; on some files it panics.
fn guarded<T, E: Display>(
    work: impl FnOnce() -> Result<T, E>,
    named: impl FnOnce(&dyn Display) -> Error,
) -> Result<T, Error> {
    match survived(work) {
        Some(Ok(made)) => Ok(made),
        Some(Err(error)) => Err(named(&error)),
        None => Err(named(&"its reader cannot make sense of it")),
    }
}

fn damaged(file: &Path, error: &dyn Display) -> Error {
    bad_file(file, format!("it is damaged ({error}): embed again"))
}

/// Reads some columns, batch by batch.
pub(super) fn read(file: &Path, columns: &[&str]) -> Result<impl Iterator<Item = Result<RecordBatch, Error>>, Error> {
    let parquet = open(file)?;
    let mask = ProjectionMask::columns(parquet.parquet_schema(), columns.iter().copied());
    let parquet = parquet.with_projection(mask).with_batch_size(BATCH);
    let mut batches: ParquetRecordBatchReader = guarded(|| parquet.build(), |error| damaged(file, error))?;
    Ok(std::iter::from_fn(move || {
        let batch = guarded(|| batches.next().transpose(), |error| damaged(file, error)).transpose()?;
        Some(batch.and_then(|batch| match batch.columns().iter().any(|column| column.null_count() > 0) {
            true => Err(bad_file(file, "there are values missing in it: embed again")),
            false => Ok(batch),
        }))
    }))
}

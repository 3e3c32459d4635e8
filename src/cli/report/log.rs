//! Log: a run as it happens, for who watches it, in two files that other programs read.
//!
//! `history.csv` has the rows of `history.json` under the same names. `events.out.tfevents.*` is a [TensorBoard event
//! log][events]: [TFRecords][records], that is a length, its checksum, a message and its checksum, where a checksum is
//! a CRC-32C, turned and moved so that checksums of data which hold checksums stay good ones. The first message names
//! the version; each other one is an epoch, with `loss` and `accuracy` as groups of charts and `train` and `validation`
//! as charts within them.
//!
//! The folder is that of one run, since that is what TensorBoard calls a run: `tensorboard --logdir` of the folder above
//! it compares runs by the names of their folders. Another run into the same folder takes the place of the CSV file,
//! as it does of the other artefacts, and has an event log of its own, which TensorBoard expects never to be rewritten.
//!
//! An epoch is one write to each file, unbuffered: what is there after an interruption are whole lines and records.
//!
//! [events]: https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/util/event.proto
//! [records]: https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use prost::Message;

use mobilenet_core::error::Error;
use mobilenet_core::fit::Epoch;

const HEADING: &str = "epoch,loss,accuracy,validation_loss,validation_accuracy\n";
/// With this one, readers trust the steps instead of guessing whether a run was started again.
const FILE_VERSION: &str = "brain.Event:2";

/// `Event` of `event.proto`, where the last two are one of many.
#[derive(Clone, PartialEq, Message)]
struct Event {
    /// Seconds since 1970.
    #[prost(double, tag = "1")]
    wall_time: f64,
    #[prost(int64, tag = "2")]
    step: i64,
    #[prost(string, optional, tag = "3")]
    file_version: Option<String>,
    #[prost(message, optional, tag = "5")]
    summary: Option<Summary>,
}

/// `Summary` of `summary.proto`.
#[derive(Clone, PartialEq, Message)]
struct Summary {
    #[prost(message, repeated, tag = "1")]
    value: Vec<Value>,
}

/// `Summary.Value`, where a simple value is one of many kinds.
#[derive(Clone, PartialEq, Message)]
struct Value {
    #[prost(string, tag = "1")]
    tag: String,
    #[prost(float, optional, tag = "2")]
    simple_value: Option<f32>,
}

/// The log of a run in progress.
#[derive(Debug)]
pub struct Log {
    csv: Output,
    events: Output,
}

impl Log {
    /// Starts a log in `folder`, which is made if need be.
    ///
    /// # Errors
    /// [`Error::Io`] names the file that cannot be written.
    pub fn start(folder: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(folder).map_err(Error::io("make the folder", folder))?;
        let now = now();
        let mut events = Output::new_events(folder, now as u64)?;
        let version = Event { wall_time: now, file_version: Some(FILE_VERSION.into()), ..Event::default() };
        events.write(&record(&version.encode_to_vec()))?;
        let path = folder.join("history.csv");
        let file = File::create(&path).map_err(Error::io("write", &path))?;
        let mut csv = Output { path, file };
        csv.write(HEADING.as_bytes())?;
        Ok(Self { csv, events })
    }

    /// Adds an epoch.
    ///
    /// # Errors
    /// [`Error::Io`] names the file that cannot be written.
    pub fn epoch(&mut self, row: &Epoch) -> Result<(), Error> {
        let Epoch { epoch, loss, accuracy, validation_loss, validation_accuracy } = row;
        let line = format!("{epoch},{loss},{accuracy},{validation_loss},{validation_accuracy}\n");
        self.csv.write(line.as_bytes())?;
        self.events.write(&record(&event(row).encode_to_vec()))
    }
}

/// A file that grows.
#[derive(Debug)]
struct Output {
    path: PathBuf,
    file: File,
}

impl Output {
    /// An event log of its own: runs that start in the same second are told apart by a number.
    fn new_events(folder: &Path, seconds: u64) -> Result<Self, Error> {
        let mut number = 0;
        loop {
            let path = folder.join(format!("events.out.tfevents.{seconds}.mobilenet.{number}"));
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => return Ok(Self { path, file }),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(Error::io("write", &path)(error)),
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.file.write_all(bytes).map_err(Error::io("write", &self.path))
    }
}

/// Seconds since 1970.
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

fn event(row: &Epoch) -> Event {
    let scalars = [
        ("loss/train", row.loss),
        ("loss/validation", row.validation_loss),
        ("accuracy/train", row.accuracy),
        ("accuracy/validation", row.validation_accuracy),
    ];
    let value = scalars.map(|(tag, number)| Value { tag: tag.into(), simple_value: Some(number) });
    let summary = Some(Summary { value: value.into() });
    Event { wall_time: now(), step: row.epoch as i64, file_version: None, summary }
}

/// The TFRecord of a message.
fn record(message: &[u8]) -> Vec<u8> {
    let length = (message.len() as u64).to_le_bytes();
    [&length, &checksum(&length)[..], message, &checksum(message)].concat()
}

fn checksum(bytes: &[u8]) -> [u8; 4] {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked_crc(bytes: &[u8]) -> u32 {
        crc(bytes).rotate_left(17).wrapping_add(0xa282_ead8)
    }

    /// Castagnoli's polynomial, bit by bit.
    fn crc(bytes: &[u8]) -> u32 {
        let bit = |crc: u32| if crc & 1 == 1 { (crc >> 1) ^ 0x82f6_3b78 } else { crc >> 1 };
        !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| bit(crc)))
    }

    fn messages(mut bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        while !bytes.is_empty() {
            let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
            assert_eq!((word(4), word(8)), (0, masked_crc(&bytes[..8])));
            let end = 12 + word(0) as usize;
            assert_eq!(word(end), masked_crc(&bytes[12..end]));
            events.push(Event::decode(&bytes[12..end]).unwrap());
            bytes = &bytes[end + 4..];
        }
        events
    }

    fn rows() -> Vec<Epoch> {
        let row = |epoch: usize| Epoch {
            epoch,
            loss: 1.0 / epoch as f32,
            accuracy: 0.7,
            validation_loss: 1.0e-9,
            validation_accuracy: 1.0,
        };
        (1..=3).map(row).collect()
    }

    /// The event logs of a folder, in the order of their names.
    fn event_logs(folder: &Path) -> Vec<PathBuf> {
        let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut logs: Vec<PathBuf> = paths.filter(|path| path.to_string_lossy().contains(".tfevents.")).collect();
        logs.sort();
        logs
    }

    fn write_log(folder: &Path, rows: &[Epoch]) {
        let mut log = Log::start(folder).unwrap();
        rows.iter().for_each(|row| log.epoch(row).unwrap());
    }

    #[test]
    fn the_checksum_is_castagnolis() {
        assert_eq!(crc32c::crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc(b"123456789"), 0xe306_9283);
        assert_eq!(u32::from_le_bytes(checksum(b"123456789")), masked_crc(b"123456789"));
    }

    /// Laid out by hand from `event.proto` and `summary.proto`, so that a wrong field number cannot pass twice.
    #[test]
    fn messages_have_the_bytes_of_the_specification() {
        let value = Value { tag: "a".into(), simple_value: Some(1.0) };
        let event =
            Event { wall_time: 2.0, step: 3, file_version: None, summary: Some(Summary { value: vec![value] }) };
        let bytes = [
            &[0x09, 0, 0, 0, 0, 0, 0, 0, 0x40, 0x10, 3, 0x2a, 10][..],
            &[0x0a, 8, 0x0a, 1, b'a', 0x15, 0, 0, 0x80, 0x3f],
        ];
        assert_eq!(event.encode_to_vec(), bytes.concat());
        let version = Event { file_version: Some("v".into()), ..Event::default() };
        assert_eq!(version.encode_to_vec(), [0x1a, 1, b'v']);
    }

    #[test]
    fn the_event_log_says_what_was_logged() {
        let folder = tempfile::tempdir().unwrap();
        let started = now();
        write_log(&folder.path().join("new/run"), &rows());
        let logs = event_logs(&folder.path().join("new/run"));
        let events = messages(&std::fs::read(&logs[0]).unwrap());
        assert_eq!(events[0].file_version.as_deref(), Some("brain.Event:2"));
        assert!(events.iter().all(|event| (started..=now()).contains(&event.wall_time)));
        for (event, row) in events[1..].iter().zip(rows()) {
            let scalar = |tag: &str| event.summary.as_ref()?.value.iter().find(|value| value.tag == tag)?.simple_value;
            assert_eq!(event.step, row.epoch as i64);
            assert_eq!(scalar("loss/train"), Some(row.loss));
            assert_eq!(scalar("loss/validation"), Some(row.validation_loss));
            assert_eq!(scalar("accuracy/train"), Some(row.accuracy));
            assert_eq!(scalar("accuracy/validation"), Some(row.validation_accuracy));
        }
        assert_eq!(events.len(), 4);
    }

    #[test]
    fn the_csv_file_has_the_names_and_values_of_the_history() {
        let folder = tempfile::tempdir().unwrap();
        write_log(folder.path(), &rows());
        let csv = std::fs::read_to_string(folder.path().join("history.csv")).unwrap();
        let mut lines = csv.lines().map(|line| line.split(',').collect::<Vec<_>>());
        let names = lines.next().unwrap();
        for (line, row) in lines.by_ref().zip(rows()) {
            let history = serde_json::to_value(&row).unwrap();
            assert_eq!(history.as_object().unwrap().len(), names.len());
            for (name, text) in names.iter().zip(line) {
                assert_eq!(text.parse::<f32>().unwrap(), history[name].as_f64().unwrap() as f32, "{name}");
            }
        }
        assert_eq!((csv.lines().count(), csv.ends_with('\n')), (4, true));
    }

    #[test]
    fn another_run_replaces_the_csv_file_and_has_an_event_log_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        write_log(folder.path(), &rows());
        let first = std::fs::read(&event_logs(folder.path())[0]).unwrap();
        write_log(folder.path(), &rows()[..1]);
        assert_eq!(std::fs::read_to_string(folder.path().join("history.csv")).unwrap().lines().count(), 2);
        let logs = event_logs(folder.path());
        assert_eq!(logs.len(), 2);
        assert_eq!(std::fs::read(&logs[0]).unwrap(), first, "the first one is as it was");
    }

    #[test]
    fn what_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("history.csv")).unwrap();
        let error = Log::start(folder.path()).unwrap_err().to_string();
        assert!(error.starts_with("write ") && error.contains("history.csv: "), "{error}");
        std::fs::write(folder.path().join("file"), "").unwrap();
        let error = Log::start(&folder.path().join("file")).unwrap_err().to_string();
        assert!(error.contains("/file: "), "{error}");
    }
}

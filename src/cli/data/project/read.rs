//! Reading a project: nothing is taken for granted, and no memory or disk is taken before its size is known.

use std::collections::{BTreeSet, HashSet};
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use serde::Deserialize;
use zip::ZipArchive;
use zip::result::ZipError;

use super::metered::{Meter, Metered};
use super::{FORMAT, MANIFEST, Manifest, PICTURE_LIMIT, Project, SAMPLE_LIMIT};
use mobilenet_core::base::file;
use mobilenet_core::error::Error;

/// Entries of an archive: the pictures, and as many others as anyone may have put there.
const ENTRY_LIMIT: usize = 2 * SAMPLE_LIMIT;
/// Bytes of the list of entries, of which there are some hundred an entry.
const LIST_LIMIT: u64 = 32 << 20;
/// Bytes of `project.json`.
const MANIFEST_LIMIT: u64 = 64 << 20;
/// Bytes of all pictures together, which go to disk.
const TOTAL_LIMIT: u64 = 32 << 30;
/// Bytes of an entry's path.
const PATH_LIMIT: usize = 1000;
/// Bytes of a part of it that any file system takes.
const PART_LIMIT: usize = 200;
const REMEDY: &str = "save the project again in the page, or make it with `mobilenet project`";

/// See [`super::limits`].
pub(super) fn limits() -> [(&'static str, u64); 4] {
    [
        ("project.list.bytes", LIST_LIMIT),
        ("project.manifest.bytes", MANIFEST_LIMIT),
        ("project.path.bytes", PATH_LIMIT as u64),
        ("project.pictures.bytes", TOTAL_LIMIT),
    ]
}

impl Project {
    /// Reads a project, and writes its pictures into `folder`, each at its [`file`](super::Sample::file).
    ///
    /// # Errors
    /// [`Error::BadDataset`] names the archive, or the entry in it, and what is wrong with it; [`Error::Io`] when the archive
    /// cannot be read or the folder not be written.
    ///
    /// ```
    /// use mobilenet::data::project::Project;
    /// let folder = std::env::temp_dir();
    /// let error = Project::unpack(&folder.join("no such project.zip"), &folder).unwrap_err();
    /// assert_eq!(error.code(), "io");
    /// ```
    pub fn unpack(archive: &Path, folder: &Path) -> Result<Self, Error> {
        let meter = Meter::new(LIST_LIMIT);
        let reader = Metered { reader: BufReader::new(file::open(archive)?), meter: meter.clone() };
        let mut zip = ZipArchive::new(reader).map_err(unreadable).map_err(Error::in_file(archive))?;
        meter.lift();
        if zip.len() > ENTRY_LIMIT {
            return Err(Error::in_file(archive)(bad(format!("it has more than {ENTRY_LIMIT} entries"))));
        }
        let entry = |name: &str| Error::in_file(archive.join(name));
        let json = read_entry(&mut zip, MANIFEST, MANIFEST_LIMIT).map_err(entry(MANIFEST))?;
        let project = parse(&json).map_err(entry(MANIFEST))?;
        let mut left = TOTAL_LIMIT;
        for sample in &project.samples {
            let picture = read_entry(&mut zip, &sample.file, PICTURE_LIMIT.min(left)).map_err(entry(&sample.file))?;
            left -= picture.len() as u64;
            let path = folder.join(&sample.file);
            let parent = path.parent().unwrap_or(folder);
            std::fs::create_dir_all(parent).map_err(Error::io("make the folder", parent))?;
            std::fs::write(&path, picture).map_err(Error::io("write", &path))?;
        }
        Ok(project)
    }
}

fn bad(reason: String) -> Error {
    Error::BadDataset(format!("{reason}: {REMEDY}"))
}

fn unreadable(error: ZipError) -> Error {
    match error {
        ZipError::FileNotFound => bad("the archive has no such entry".into()),
        error => bad(format!("it cannot be read ({error})")),
    }
}

/// The bytes of an entry, of which there are `limit` at the most whatever the archive says.
fn read_entry(zip: &mut ZipArchive<impl Read + Seek>, name: &str, limit: u64) -> Result<Vec<u8>, Error> {
    let too_large = || bad(format!("it has more than {limit} bytes"));
    let entry = zip.by_name(name).map_err(unreadable)?;
    if entry.size() > limit {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    entry.take(limit + 1).read_to_end(&mut bytes).map_err(|error| unreadable(error.into()))?;
    if bytes.len() as u64 > limit { Err(too_large()) } else { Ok(bytes) }
}

/// Reads `project.json` and checks it.
fn parse(json: &[u8]) -> Result<Project, Error> {
    #[derive(Deserialize)]
    struct Version {
        format: u32,
    }
    let malformed = |error: serde_json::Error| bad(format!("it is damaged ({error})"));
    let Version { format } = serde_json::from_slice(json).map_err(malformed)?;
    if format != FORMAT {
        return Err(bad(format!("its format is {format}, this program reads {FORMAT}")));
    }
    let mut project = Project::from(serde_json::from_slice::<Manifest>(json).map_err(malformed)?);
    project.settings.validate()?;
    check(&project).map_err(bad)?;
    drop_empty_classes(&mut project);
    Ok(project)
}

/// A class that was only named in the page so far is none of its head's either.
fn drop_empty_classes(Project { labels, samples, .. }: &mut Project) {
    let begun: Vec<usize> = samples.iter().map(|sample| sample.label).collect::<BTreeSet<_>>().into_iter().collect();
    *labels = begun.iter().map(|label| std::mem::take(&mut labels[*label])).collect();
    for sample in samples {
        sample.label = begun.partition_point(|label| *label < sample.label);
    }
}

/// That every class, burst and file can be what it says; what is wrong otherwise. Labels are checked when they are taught.
fn check(project: &Project) -> Result<(), String> {
    let Project { labels, samples, .. } = project;
    if samples.is_empty() {
        return Err("it has no pictures".into());
    }
    if samples.len() > SAMPLE_LIMIT {
        return Err(format!("it has {} pictures, and {SAMPLE_LIMIT} are possible", samples.len()));
    }
    let mut seen = HashSet::new();
    for (at, sample) in samples.iter().enumerate() {
        let file = &sample.file;
        if sample.label >= labels.len() {
            return Err(format!(
                "sample {at} ({file:?}) has the label {}, and there are {}",
                sample.label,
                labels.len()
            ));
        }
        if file.len() > PATH_LIMIT || !file.split('/').all(is_safe) {
            return Err(format!("sample {at} has the file {file:?}, which is no plain path inside the archive"));
        }
        // Many a disk takes A.jpg and a.jpg for one file.
        if !seen.insert(file.to_lowercase()) {
            return Err(format!("sample {at} has the file {file:?}, which another one has too"));
        }
    }
    let is_file = |folder: &str| seen.contains(&folder.to_lowercase());
    let inside = |file: &&str| file.match_indices('/').any(|(end, _)| is_file(&file[..end]));
    if let Some(file) = samples.iter().map(|sample| sample.file.as_str()).find(inside) {
        return Err(format!("the file {file:?} is in a folder that is a file itself"));
    }
    Ok(())
}

/// Whether a part of a path is an ordinary name on every system: neither up, nor hidden, nor of another drive.
fn is_safe(part: &str) -> bool {
    let odd = |character: char| character.is_control() || "\\:*?\"<>|".contains(character);
    !part.is_empty()
        && part.len() <= PART_LIMIT
        && !part.starts_with('.')
        && !part.ends_with(['.', ' '])
        && !part.contains(odd)
}

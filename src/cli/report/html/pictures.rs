//! Pictures of the report: thumbnails with their names, read again from the files, as many at once as there are cores.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::format;
use crate::report::escape::escape;
use crate::report::thumbnail::square;
use mobilenet_core::base::file;
use mobilenet_core::picture::decode::decode;
use mobilenet_core::picture::frame::Frame;

const SIDE: usize = 132;
const QUALITY: u8 = 72;

/// A picture that can still be read.
pub fn read(file: &Path) -> Option<Frame> {
    decode(&file::read(file).ok()?).ok()
}

/// A file with the `folders` above it: enough to find it, and nobody's home folder.
pub fn short(file: &Path, folders: usize) -> String {
    let parts = file.components().rev().take(folders + 1);
    let mut parts: Vec<_> = parts.map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.reverse();
    parts.join("/")
}

/// Thumbnails side by side, each with what is said of it, in HTML, and as many `folders` of its name. Files that cannot be read are left out.
pub fn strip(files: &[(&PathBuf, String)], folders: usize) -> String {
    let figures: Vec<Option<String>> = files.par_iter().map(|(file, note)| figure(file, note, folders)).collect();
    let figures: String = figures.into_iter().flatten().collect();
    if figures.is_empty() {
        return "<p class=\"quiet\">None of these pictures can be read.</p>\n".into();
    }
    format!("<div class=\"strip\">\n{figures}</div>\n")
}

fn figure(file: &Path, note: &str, folders: usize) -> Option<String> {
    let thumbnail = square(&read(file)?, SIDE, QUALITY);
    let file = short(file, folders);
    let note = if note.is_empty() { String::new() } else { format!("{note}<br>") };
    Some(format!(
        "<figure><img src=\"{thumbnail}\" width=\"{SIDE}\" height=\"{SIDE}\" alt=\"{}\">\
         <figcaption>{note}{}</figcaption></figure>\n",
        escape(&file),
        format::file(&file)
    ))
}

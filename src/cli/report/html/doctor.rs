//! The doctor's findings with the pictures they are about, alike ones side by side.

use std::path::PathBuf;

use super::escape;
use super::format::{count, file, grouped};
use super::pictures::{short, strip};
use crate::data::doctor::Finding;
use crate::report::findings::{kinds, word};

/// Findings of a kind, and files of a finding, that are shown; the rest are counted.
const SHOWN: usize = 6;
const FILES: usize = 4;
/// Of a file: its class, and whether it is to train or to validate on.
const FOLDERS: usize = 2;

pub fn findings(findings: Option<&[Finding]>) -> String {
    let Some(findings) = findings else {
        return "<p>The pictures were embedded elsewhere, so the doctor did not see them: <code>mobilenet inspect</code> shows them \
                to it.</p>\n"
            .into();
    };
    if findings.is_empty() {
        return "<p>The doctor found nothing to remark on in these pictures.</p>\n".into();
    }
    kinds(findings).iter().map(|of_kind| kind(of_kind)).collect()
}

fn kind(of_kind: &[&Finding]) -> String {
    let Finding { kind, severity, remedy, .. } = of_kind[0];
    let shown: String = of_kind.iter().take(SHOWN).map(|found| finding(found)).collect();
    let more = match of_kind.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(
            "<p class=\"quiet\">And {} more, which <code>mobilenet inspect --json</code> lists.</p>\n",
            grouped(more)
        ),
    };
    let severity = word(*severity);
    format!(
        "<details open>\n<summary><h3>{}</h3> <span class=\"badge {severity}\">{severity}</span> \
         <span class=\"quiet\">{}</span></summary>\n<p>Remedy: {}.</p>\n<div class=\"findings\">\n{shown}</div>\n{more}</details>\n",
        escape(&kind.replace('-', " ")),
        count(of_kind.len(), "finding", "findings"),
        escape(remedy)
    )
}

fn finding(finding: &Finding) -> String {
    let detail = format!("<p>{}</p>\n", escape(&finding.detail));
    if finding.files.is_empty() {
        return format!("<div class=\"finding\">\n{detail}</div>\n");
    }
    let files: Vec<(&PathBuf, String)> = finding.files.iter().take(FILES).map(|file| (file, String::new())).collect();
    let line = |(path, _): &(&PathBuf, String)| format!("<p>{}</p>\n", file(&short(path, FOLDERS)));
    let is_picture = !finding.is_unreadable() && finding.kind != "stray";
    let pictures = if is_picture { strip(&files, FOLDERS) } else { files.iter().map(line).collect() };
    let more = match finding.files.len().saturating_sub(FILES) {
        0 => String::new(),
        more => format!("<p class=\"quiet\">And {} more like these.</p>\n", grouped(more)),
    };
    format!("<div class=\"finding\">\n{pictures}{detail}{more}</div>\n")
}

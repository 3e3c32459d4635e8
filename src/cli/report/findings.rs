//! The doctor's findings for a person: what is alike together, and never more files than one wants to read.

use std::path::PathBuf;

use crate::data::doctor::{Finding, Severity};
use mobilenet_core::base::display_text;

/// Findings of a kind, and files of a finding, that are shown; the rest are counted.
const SHOWN: usize = 5;

/// Findings of one kind after another; `--json` lists all of what is cut short here.
pub fn details(findings: &[Finding]) -> String {
    let mut lines = String::new();
    for of_kind in kinds(findings) {
        let first = of_kind[0];
        lines.push_str(&format!("\n{}: {} ({}): {}\n", word(first.severity), first.kind, of_kind.len(), first.remedy));
        for finding in of_kind.iter().take(SHOWN) {
            let about = finding.detail.as_str();
            let line =
                if finding.files.is_empty() { about.into() } else { format!("{}: {about}", names(&finding.files)) };
            lines.push_str(&format!("  {line}\n"));
        }
        if of_kind.len() > SHOWN {
            lines.push_str(&format!("  and {} more, which --json lists\n", of_kind.len() - SHOWN));
        }
    }
    lines
}

/// One line a kind.
pub fn summary(findings: &[Finding]) -> String {
    let line = |of_kind: &Vec<&Finding>| {
        let first = of_kind[0];
        let about = if first.files.is_empty() { first.detail.clone() } else { names(&first.files) };
        let more = if of_kind.len() > 1 { ", ..." } else { "" };
        format!("{}: {} ({}): {about}{more}\n", word(first.severity), first.kind, of_kind.len())
    };
    kinds(findings).iter().map(line).collect()
}

/// Findings of the same kind together, in the order of the first of each.
pub(super) fn kinds(findings: &[Finding]) -> Vec<Vec<&Finding>> {
    let mut kinds: Vec<Vec<&Finding>> = Vec::new();
    for finding in findings {
        match kinds.iter_mut().find(|of_kind| of_kind[0].kind == finding.kind) {
            Some(of_kind) => of_kind.push(finding),
            None => kinds.push(vec![finding]),
        }
    }
    kinds
}

fn names(files: &[PathBuf]) -> String {
    let shown: Vec<String> = files.iter().take(SHOWN).map(|file| display_text::path(file)).collect();
    let more = files.len().saturating_sub(SHOWN);
    shown.join(" = ") + &if more > 0 { format!(" = {more} more") } else { String::new() }
}

pub(super) fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(kind: &'static str, files: usize) -> Finding {
        let files = (0..files).map(|at| format!("{at}.jpg").into()).collect();
        Finding { kind, severity: Severity::Note, files, detail: "odd".into(), remedy: "look" }
    }

    #[test]
    fn what_is_alike_stands_together_and_long_lists_are_counted() {
        let mut findings = vec![finding("b", 1), finding("a", 0), finding("b", 7)];
        assert_eq!(
            details(&findings),
            "\nnote: b (2): look\n  0.jpg: odd\n  0.jpg = 1.jpg = 2.jpg = 3.jpg = 4.jpg = 2 more: odd\n\nnote: a (1): look\n  odd\n"
        );
        assert_eq!(summary(&findings), "note: b (2): 0.jpg, ...\nnote: a (1): odd\n");
        findings.extend((0..5).map(|_| finding("b", 1)));
        assert!(details(&findings).contains("  and 2 more, which --json lists\n"));
    }
}

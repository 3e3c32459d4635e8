//! Labels: which texts can name a class, wherever they come from.

use crate::base::display_text::breaks_line;
use crate::error::Error;

/// The most classes that a head may have.
///
/// ```
/// use mobilenet_core::Head;
/// use mobilenet_core::head::CLASS_LIMIT;
/// let labels = (0..=CLASS_LIMIT).map(|class| format!("class {class}")).collect();
/// let error = Head::new(labels, vec![0.0; CLASS_LIMIT + 1], vec![0.0; CLASS_LIMIT + 1], "digest".into()).unwrap_err();
/// assert_eq!(error.code(), "bad-model");
/// ```
pub const CLASS_LIMIT: usize = 10_000;
/// The most bytes that a label may have.
///
/// ```
/// use mobilenet_core::head::{LABEL_LIMIT, label_fault};
/// assert_eq!(label_fault(&"x".repeat(LABEL_LIMIT)), None);
/// assert!(label_fault(&"x".repeat(LABEL_LIMIT + 1)).is_some());
/// ```
pub const LABEL_LIMIT: usize = 200;

/// Why a text can be no label, if it cannot. Labels are lines of `labels.txt` and cells of tables.
///
/// ```
/// use mobilenet_core::head::label_fault;
/// assert_eq!(label_fault("chair"), None);
/// assert_eq!(label_fault("chair\nsofa"), Some("has a line break or another control character in it"));
/// ```
pub fn label_fault(label: &str) -> Option<&'static str> {
    match label {
        "" => Some("is empty"),
        _ if label.len() > LABEL_LIMIT => Some("is longer than 200 bytes"),
        _ if label.contains(breaks_line) => Some("has a line break or another control character in it"),
        _ => None,
    }
}

pub(super) fn check_labels(labels: &[String]) -> Result<(), Error> {
    let bad = |reason: String| Err(Error::BadModel(reason));
    if !(2..=CLASS_LIMIT).contains(&labels.len()) {
        return bad(format!("its head has {} labels; 2 to {CLASS_LIMIT} are possible", labels.len()));
    }
    if let Some((label, fault)) = labels.iter().find_map(|label| Some((label, label_fault(label)?))) {
        return bad(format!("the label {label:?} {fault}"));
    }
    match first_repeated(labels) {
        Some(label) => bad(format!("the label {label:?} is there twice")),
        None => Ok(()),
    }
}

fn first_repeated(labels: &[String]) -> Option<&String> {
    let mut seen = std::collections::HashSet::new();
    labels.iter().find(|label| !seen.insert(*label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_a_line_of_text() {
        for label in ["a", "стул", "=1+1", "pony\u{200B}", &"x".repeat(LABEL_LIMIT)] {
            assert_eq!(label_fault(label), None, "{label:?}");
        }
        for label in ["", "a\nb", "tab\t", "\u{1b}[2J", "\u{85}", "\u{2028}", &"x".repeat(LABEL_LIMIT + 1)] {
            assert!(label_fault(label).is_some(), "{label:?}");
        }
        assert!(label_fault(&"x".repeat(LABEL_LIMIT + 1)).unwrap().contains(&LABEL_LIMIT.to_string()));
    }
}

//! Labels: the names of a network's classes, from a text file with one a line, or from the network file itself.

use std::collections::{HashMap, HashSet};

use tract_onnx::pb::ModelProto;

use mobilenet_core::error::Error;
use mobilenet_core::head::{CLASS_LIMIT, LABEL_LIMIT, label_fault};

/// Names of classes, in the order of a network's outputs. No two are the same: ImageNet calls two classes "crane", of which the
/// second becomes "crane (2)".
#[derive(Clone, Debug, PartialEq)]
pub struct Labels(Vec<String>);

/// Bytes of a line: a label that is there twice gets a number behind it.
const LINE_LIMIT: usize = LABEL_LIMIT - " (10000)".len();
/// Outputs of a network by TensorFlow for ImageNet, whose first is for what is none of its 1,000 classes.
const WITH_BACKGROUND: usize = 1001;
const BACKGROUND: &str = "background";

impl Labels {
    /// Reads a text file: one label a line, blank lines at the end left out. WordNet's numbers before the labels, as ImageNet's
    /// `synset.txt` has them, are left out too.
    ///
    /// # Errors
    /// [`Error::BadArgument`] when it is no such text.
    ///
    /// ```
    /// use mobilenet_onnx::Labels;
    /// let labels = Labels::read("n01440764 tench\ncrane\ncrane\n".as_bytes())?;
    /// assert_eq!(labels.of(3)?, ["tench", "crane", "crane (2)"]);
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn read(file: &[u8]) -> Result<Self, Error> {
        let no_labels = |reason: String| Error::BadArgument(format!("these are no labels: {reason}"));
        let text = std::str::from_utf8(file).map_err(|_| no_labels("the file is no text in UTF-8".into()))?;
        let lines: Vec<&str> = text.trim_start_matches('\u{feff}').trim_end().lines().map(str::trim).collect();
        if lines.is_empty() || lines.len() > CLASS_LIMIT {
            return Err(no_labels(format!(
                "{} lines, where 2 to {CLASS_LIMIT} are possible, one a class",
                lines.len()
            )));
        }
        let fault = |line: &str| match line.len() > LINE_LIMIT {
            true => Some(format!("is longer than {LINE_LIMIT} bytes")),
            false => label_fault(line).map(String::from),
        };
        if let Some((at, fault)) = (1..).zip(&lines).find_map(|(at, line)| Some((at, fault(line)?))) {
            return Err(no_labels(format!("line {at} {fault}")));
        }
        Ok(Self(lines.into_iter().map(|line| without_number(line).to_owned()).collect()))
    }

    /// Those that the network file itself gives, as ours do.
    pub(super) fn in_file(model: &ModelProto) -> Option<Self> {
        let entry = model.metadata_props.iter().find(|entry| entry.key == "labels")?;
        let labels: Vec<String> = serde_json::from_slice(entry.value.as_bytes()).ok()?;
        Self::read(labels.join("\n").as_bytes()).ok()
    }

    /// "class 0" and so on.
    pub(super) fn numbered(classes: usize) -> Vec<String> {
        (0..classes).map(|class| format!("class {class}")).collect()
    }

    /// The labels of so many classes. The one that TensorFlow's networks have for the background is added or left out where only that
    /// can be meant.
    ///
    /// # Errors
    /// [`Error::BadArgument`] when they are more or fewer.
    pub fn of(&self, classes: usize) -> Result<Vec<String>, Error> {
        let labels = &self.0;
        let has_background = labels[0].eq_ignore_ascii_case(BACKGROUND);
        Ok(match labels.len() {
            count if count == classes => distinct(labels.clone()),
            count if count + 1 == classes && classes == WITH_BACKGROUND && !has_background => {
                distinct([&[BACKGROUND.to_owned()], &labels[..]].concat())
            }
            count if count == classes + 1 && has_background => distinct(labels[1..].to_vec()),
            count => {
                let reason = format!("the file of labels has {count} lines, and the network {classes} classes");
                return Err(Error::BadArgument(format!("{reason}: bring the labels that belong to it")));
            }
        })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

fn without_number(line: &str) -> &str {
    match line.split_once(' ') {
        Some((number, label))
            if number.len() == 9 && number.starts_with('n') && number[1..].bytes().all(|b| b.is_ascii_digit()) =>
        {
            label.trim_start()
        }
        _ => line,
    }
}

/// Numbers what is there before.
fn distinct(labels: Vec<String>) -> Vec<String> {
    let all: HashSet<String> = labels.iter().cloned().collect();
    let mut taken = HashSet::new();
    let mut counts: HashMap<String, usize> = HashMap::new();
    let mut name = |label: String| {
        let count = counts.entry(label.clone()).and_modify(|count| *count += 1).or_insert(1);
        if taken.insert(label.clone()) {
            return label;
        }
        loop {
            let numbered = format!("{label} ({count})");
            if !all.contains(&numbered) && taken.insert(numbered.clone()) {
                return numbered;
            }
            *count += 1;
        }
    };
    labels.into_iter().map(&mut name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(lines: &str) -> Labels {
        Labels::read(lines.as_bytes()).unwrap()
    }

    #[test]
    fn repeated_labels_are_numbered_and_stay_distinct() {
        let named = labels("crane\nowl\ncrane\ncrane (2)\ncrane\n").of(5).unwrap();
        assert_eq!(named, ["crane", "owl", "crane (3)", "crane (2)", "crane (4)"]);
    }

    #[test]
    fn a_numbered_label_is_one_that_a_head_may_have() {
        let long = "x".repeat(LINE_LIMIT);
        let named = labels(&format!("{long}\n").repeat(CLASS_LIMIT)).of(CLASS_LIMIT).unwrap();
        assert!(named.iter().all(|label| label.len() <= LABEL_LIMIT));
    }

    #[test]
    fn the_background_is_added_or_left_out_only_where_it_must_be_meant() {
        let thousand: String = (0..1000).map(|at| format!("label {at}\n")).collect();
        let named = labels(&thousand).of(1001).unwrap();
        assert_eq!((named.len(), named[0].as_str(), named[1].as_str()), (1001, "background", "label 0"));
        assert_eq!(labels("Background\na\nb").of(2).unwrap(), ["a", "b"]);
        for (lines, classes) in [("a\nb\nc", 2), ("a\nb", 3), ("background\na", 3)] {
            assert_eq!(labels(lines).of(classes).unwrap_err().code(), "bad-argument", "{lines:?} of {classes}");
        }
    }

    #[test]
    fn what_is_no_list_of_labels_is_refused() {
        let long = "x".repeat(LINE_LIMIT + 1);
        let many = "x\n".repeat(CLASS_LIMIT + 1);
        for file in [b"".as_slice(), b"\n\n", b"\xff\xfe", b"a\n\nb", b"a\n\x1b[2Jb", long.as_bytes(), many.as_bytes()]
        {
            assert_eq!(Labels::read(file).unwrap_err().code(), "bad-argument", "{file:.20?}");
        }
        assert_eq!(labels("\u{feff}a\r\nb\r\n\r\n").of(2).unwrap(), ["a", "b"]);
    }
}

//! Visible text: names that strangers gave to files and classes, as they may be shown.
//!
//! In a terminal a control character is a command, and in any line of text those that turn the direction of writing, or
//! show nothing at all, make one name pass for another. So they are written out. The joiners U+200C and U+200D stay: whole
//! languages need them.

use std::path::Path;

/// Whether a character is shown written out, because it acts instead of being seen: control characters, separators of
/// lines and paragraphs, Unicode's `Bidi_Control`, and spaces without a width.
///
/// ```
/// use mobilenet_core::base::display_text::acts;
/// assert!(acts('\n') && acts('\u{1b}') && acts('\u{202e}'));
/// assert!(!acts('é') && !acts(' '));
/// ```
pub fn acts(character: char) -> bool {
    breaks_line(character)
        || matches!(character, '\u{61C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}')
        || matches!(character, '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// Whether a line of text ends at a character, or is damaged by it.
pub(crate) fn breaks_line(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}')
}

/// A text with what acts instead of being seen written out, as in `\u{1b}`.
///
/// ```
/// use mobilenet_core::base::display_text::escape;
/// assert_eq!(escape("стул \u{1b}[31m\n"), "стул \\u{1b}[31m\\u{a}");
/// ```
pub fn escape(text: &str) -> String {
    written_out(text, |character, to| to.extend(character.escape_unicode()))
}

/// The same for text of several lines: line breaks stay.
///
/// ```
/// use mobilenet_core::base::display_text::escape_lines;
/// assert_eq!(escape_lines("one\ntwo\u{7}"), "one\ntwo\\u{7}");
/// ```
pub fn escape_lines(text: &str) -> String {
    text.split('\n').map(escape).collect::<Vec<_>>().join("\n")
}

/// The same for a JSON document: what acts becomes `\u001b` and the like, so it is still the same JSON.
///
/// ```
/// use mobilenet_core::base::display_text::escape_json;
/// let json = escape_json("[\"café\u{200b}\"]");
/// assert_eq!(json, r#"["café\u200b"]"#);
/// assert_eq!(serde_json::from_str::<Vec<String>>(&json).unwrap(), ["café\u{200b}"]);
/// ```
pub fn escape_json(text: &str) -> String {
    // All of them are below U+10000.
    written_out(text, |character, to| to.push_str(&format!("\\u{:04x}", u32::from(character))))
}

/// The path of a file, as it may be shown.
///
/// ```
/// use mobilenet_core::base::display_text::path;
/// assert_eq!(path("photos/a\tb.jpg".as_ref()), "photos/a\\u{9}b.jpg");
/// ```
pub fn path(path: &Path) -> String {
    escape(&path.to_string_lossy())
}

fn written_out(text: &str, write: impl Fn(char, &mut String)) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if acts(character) { write(character, &mut shown) } else { shown.push(character) }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_written_out_and_letters_of_all_languages_stay() {
        assert_eq!(escape("a\u{202e}b\u{9b}c\u{200b}\u{feff}\t"), "a\\u{202e}b\\u{9b}c\\u{200b}\\u{feff}\\u{9}");
        for name in ["كرسي", "می\u{200c}خواهم", "👩\u{200d}🔬", "椅子", "=1+1", "'\"<b>"] {
            assert_eq!(escape(name), name);
        }
        assert_eq!(escape_lines("a\nb\u{7}\n"), "a\nb\\u{7}\n");
    }

    #[test]
    fn json_stays_the_same_json() {
        let name = "a\u{1b}[2J\u{9b}\u{202e}\u{7f}\n椅";
        let json = escape_json(&serde_json::to_string(name).unwrap());
        assert!(json.chars().all(|character| !acts(character)), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), name);
    }
}

//! Escaping: labels and file names are whatever somebody named a folder, and end up inside HTML and SVG.

/// Text for an element or a quoted attribute. Control characters have no place there, and those that turn the direction of writing
/// could make one name pass for another: both become U+FFFD.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ if character.is_control() || turns_direction(character) => escaped.push('\u{FFFD}'),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// Unicode's `Bidi_Control`.
fn turns_direction(character: char) -> bool {
    matches!(character, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_out_of_an_element_or_an_attribute() {
        assert_eq!(escape("<b a=\"1\" c='2'>&"), "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;");
        assert_eq!(escape("gpj.\u{202E}exe\u{7}\n"), "gpj.\u{FFFD}exe\u{FFFD}\u{FFFD}");
        assert_eq!(escape("стул 椅子 كرسي"), "стул 椅子 كرسي");
    }
}

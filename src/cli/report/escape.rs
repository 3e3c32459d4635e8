//! Escaping: labels and file names are whatever somebody named a folder, and end up inside HTML and SVG.

use mobilenet_core::base::display_text::acts;

/// Text for an element or a quoted attribute. What would act there instead of being seen becomes U+FFFD.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ if acts(character) => escaped.push('\u{FFFD}'),
            _ => escaped.push(character),
        }
    }
    escaped
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

//! Numbers and names as a reader wants them.

use crate::report::escape::escape;

/// A share of one.
pub fn percent(share: f64) -> String {
    format!("{:.1}\u{a0}%", 100.0 * share)
}

/// Both ends of an interval of shares, small.
pub fn span([low, high]: [f64; 2]) -> String {
    format!("<small>{:.1}–{:.1}</small>", 100.0 * low, 100.0 * high)
}

/// Digits in groups of three.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let first = (digits.len() - 1) % 3 + 1;
    let (head, rest) = digits.split_at(first);
    let groups = rest.as_bytes().chunks(3).map(|group| String::from_utf8_lossy(group).into_owned());
    std::iter::once(head.to_owned()).chain(groups).collect::<Vec<_>>().join(",")
}

/// A count with its noun.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{}\u{a0}{}", grouped(number), if number == 1 { one } else { many })
}

/// Pictures, counted.
pub fn pictures(number: usize) -> String {
    count(number, "picture", "pictures")
}

/// A label or a file name in running text: whichever way it is written, it does not turn what is beside it.
pub fn name(text: &str) -> String {
    format!("<bdi>{}</bdi>", escape(text))
}

/// The name of a file; where it is too long for its place, it goes on after a folder.
pub fn file(text: &str) -> String {
    format!("<bdi class=\"file\">{}</bdi>", escape(text).replace('/', "/<wbr>"))
}

/// Nothing to say here, for the eye and for the ear.
pub const NONE: &str = "<span aria-label=\"none\">–</span>";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_readers() {
        assert_eq!([7, 999, 1000, 2_257_984].map(grouped), ["7", "999", "1,000", "2,257,984"]);
        assert_eq!(percent(0.95035), "95.0\u{a0}%");
        assert_eq!([1, 2].map(pictures), ["1\u{a0}picture", "2\u{a0}pictures"]);
        assert_eq!(span([0.5, 1.0]), "<small>50.0–100.0</small>");
    }
}

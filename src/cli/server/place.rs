//! Which file a request means: a path below the root, whatever the address says.

use std::path::{Component, Path};

const INDEX: &str = "index.html";

/// The path of a file below the root, with slashes; none for an address that leads out of it or makes no sense.
pub fn path_in(address: &str) -> Option<String> {
    // Decoded before `..` is resolved: what is decoded after that could hold new ones.
    let decoded = decode(address)?;
    let mut parts: Vec<&str> = Vec::new();
    for part in decoded.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part if is_name(part) => parts.push(part),
            _ => return None,
        }
    }
    if decoded.ends_with('/') {
        parts.push(INDEX);
    }
    Some(parts.join("/"))
}

/// Whether it is the name of one file in one folder to this system too, which may have other separators, and drives.
fn is_name(part: &str) -> bool {
    let mut components = Path::new(part).components();
    !part.contains('\0') && components.next() == Some(Component::Normal(part.as_ref())) && components.next().is_none()
}

/// The text of an address where every `%` is followed by two hexadecimal digits.
fn decode(address: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(address.len());
    let mut rest = address.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digit = |at: usize| char::from(*after.get(at)?).to_digit(16);
        bytes.push((digit(0)? * 16 + digit(1)?) as u8);
        rest = &after[2..];
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::path_in;

    #[test]
    fn no_address_leads_out_of_the_root() {
        let outside = [
            "/../secret.txt",
            "/%2e%2e/secret.txt",
            "/pkg/..%2f..%2fsecret.txt",
            "/..%2fsite-too/x",
            "//../secret.txt",
        ];
        for address in outside.into_iter().chain(["/a%00b", "/%E0%A4%A", "/%", "/%2", "/%zz", "/%ff", "/%+1"]) {
            assert_eq!(path_in(address), None, "{address}");
        }
    }

    #[test]
    fn an_address_is_a_path_below_the_root() {
        for (address, path) in [
            ("/", "index.html"),
            ("/docs/", "docs/index.html"),
            ("/pkg/../index.html", "index.html"),
            ("/pkg/./a.wasm", "pkg/a.wasm"),
            ("/%61%20b.js", "a b.js"),
            ("/%E6%A4%85.js", "\u{6905}.js"),
            ("/%252e%252e/x", "%2e%2e/x"),
        ] {
            assert_eq!(path_in(address).as_deref(), Some(path), "{address}");
        }
    }
}

//! Every public item of the core has a compiled example in its documentation: its own or, for a method, one of its type's that
//! calls it. It reads the sources as text, which rustfmt keeps in the shape that this relies on.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// A public type, function or constant.
struct Item {
    file: String,
    name: String,
    /// The type that it is a method or a constant of.
    of: Option<String>,
    /// What its examples are made of.
    example: String,
}

/// The items of a file, and its types with whether they are public.
fn items(file: &str, source: &str) -> (Vec<Item>, HashMap<String, bool>) {
    let (mut items, mut types) = (Vec::new(), HashMap::new());
    let (mut docs, mut of) = (Vec::new(), None);
    for line in source.lines().take_while(|line| *line != "mod tests {") {
        let code = line.trim_start();
        if let Some(text) = code.strip_prefix("///") {
            docs.push(text.trim());
            continue;
        }
        if code.starts_with("#[") {
            continue;
        }
        let example: Vec<&str> =
            docs.split(|line| line.starts_with("```")).skip(1).step_by(2).flatten().copied().collect();
        docs.clear();
        if let Some(header) = code.strip_prefix("impl").filter(|_| code.ends_with('{')) {
            let header =
                if header.starts_with('<') { header.split_once("> ").map_or("", |(_, rest)| rest) } else { header };
            of = Some(word(header.trim_start()));
            continue;
        }
        let (visibility, rest) = match code.split_once(' ') {
            Some((visibility, rest)) if visibility.starts_with("pub") => (visibility, rest),
            _ => ("", code),
        };
        let Some((kind, rest)) =
            rest.replace("const fn ", "fn ").split_once(' ').map(|(a, b)| (a.to_owned(), b.to_owned()))
        else {
            continue;
        };
        let is_type = ["struct", "enum", "trait", "type", "union"].contains(&kind.as_str());
        if is_type {
            types.insert(word(&rest), visibility == "pub");
        }
        if visibility == "pub" && (is_type || ["fn", "const", "static"].contains(&kind.as_str())) {
            let of = of.clone().filter(|_| line != code);
            items.push(Item { file: file.to_owned(), name: word(&rest), of, example: example.join("\n") });
        }
    }
    (items, types)
}

/// The name with which a text starts.
fn word(text: &str) -> String {
    text.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect()
}

/// The public items without an example.
fn lacking(sources: &[(String, String)]) -> Vec<String> {
    let files: Vec<_> = sources.iter().map(|(file, source)| items(file, source)).collect();
    let examples: HashMap<&str, &str> = files
        .iter()
        .flat_map(|(items, _)| items)
        .filter(|item| item.of.is_none())
        .map(|item| (item.name.as_str(), item.example.as_str()))
        .collect();
    let lacks = |item: &Item, types: &HashMap<String, bool>| {
        let Some(of) = &item.of else { return item.example.is_empty() };
        // A type of that name in the same file is the one that is meant.
        let is_public = types.get(of).copied().unwrap_or_else(|| examples.contains_key(of.as_str()));
        let example = examples.get(of.as_str()).copied().unwrap_or("");
        is_public && item.example.is_empty() && !names(example, &item.name)
    };
    let of_file = |(items, types): &(Vec<Item>, HashMap<String, bool>)| {
        let name = |item: &Item| match &item.of {
            Some(of) => format!("{}: {of}::{}", item.file, item.name),
            None => format!("{}: {}", item.file, item.name),
        };
        items.iter().filter(|item| lacks(item, types)).map(name).collect::<Vec<_>>()
    };
    files.iter().flat_map(of_file).collect()
}

/// Whether an example has `.name` or `::name` in it.
fn names(example: &str, name: &str) -> bool {
    let goes_on = |rest: &str| rest.starts_with(|next: char| next.is_alphanumeric() || next == '_');
    let is_named = |sign: &str| example.split(&format!("{sign}{name}")).skip(1).any(|rest| !goes_on(rest));
    is_named(".") || is_named("::")
}

fn read(folder: &Path, sources: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn every_public_item_has_an_example() {
    let mut sources = Vec::new();
    read(Path::new(env!("CARGO_MANIFEST_DIR")), &mut sources);
    assert!(sources.iter().map(|(file, source)| items(file, source).0.len()).sum::<usize>() > 200, "items are found");
    let lacking = lacking(&sources);
    assert!(lacking.is_empty(), "write an example for these, or make them pub(crate):\n{}", lacking.join("\n"));
}

#[test]
fn an_item_without_an_example_is_noticed() {
    let source = "
/// ```
/// assert_eq!(Shown::new().seen(), 1);
/// ```
#[derive(Debug)]
pub struct Shown<'a>(&'a str);

impl<'a> Shown<'a> {
    pub fn new() -> Self {}
    pub fn seen(&self) -> u8 {}
    pub fn unseen(&self) {}
    pub(crate) fn inner(&self) {}
}

/// Without.
pub const fn bare() {}

pub(crate) struct Hidden;

impl Hidden {
    pub fn method(&self) {}
}
";
    let lacking = lacking(&[("a.rs".to_owned(), source.to_owned())]);
    assert_eq!(lacking, ["a.rs: Shown::unseen", "a.rs: bare"]);
}

//! The report: one training run as a single HTML file that asks nobody for anything.
//!
//! Styles, drawings and thumbnails are inside it, there is no script, and a policy in its head forbids every request, so it can be
//! mailed, archived and opened years later. The same run gives the same bytes, but for the milliseconds a frame took.
//! Labels and file names are escaped, and none is ever part of a link: those are made of class numbers.

mod answers;
mod classes;
mod confusion;
mod curves;
mod doctor;
mod drawing;
mod facts;
mod format;
mod mistakes;
mod pictures;
#[cfg(all(test, feature = "embedded"))]
mod tests;

use std::path::PathBuf;

use self::answers::Answers;
use super::escape::escape;
use crate::data::doctor::Finding;
use mobilenet_core::error::Error;
use mobilenet_core::fit::{Epoch, Ingredients, Rows};
use mobilenet_core::head::Head;
use mobilenet_core::network::embedder::Embedder;

const STYLE: &str = include_str!("style.css");

/// No request of any kind, and no script: only what is in the file.
const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

/// A training run, as far as its report tells of it.
#[derive(Clone)]
pub struct Run<'a> {
    /// The command line, word by word.
    pub command: &'a [String],
    /// How the head was fitted.
    pub recipe: &'a Ingredients,
    /// Every epoch that ran.
    pub history: &'a [Epoch],
    /// The epoch that was kept, from 1.
    pub best_epoch: usize,
    /// The fitted head, calibrated or not.
    pub head: &'a Head,
    /// Pictures of each class it was fitted on.
    pub train_pictures: &'a [usize],
    /// Other views of each of them.
    pub augment: usize,
    /// What it was chosen on.
    pub validation: &'a dyn Rows,
    /// How many views of each of them its answer is the mean of.
    pub validation_views: usize,
    /// The pictures of `validation`, in the same order; none where only their embeddings are here.
    pub validation_files: &'a [PathBuf],
    /// What the doctor found, where it saw the pictures.
    pub findings: Option<&'a [Finding]>,
    /// [`Examination::digest`](crate::data::doctor::Examination::digest) of the pictures, likewise.
    pub data_digest: Option<&'a str>,
    /// Size of the model file.
    pub model_bytes: usize,
    /// What a frame takes on this machine, in milliseconds.
    pub millis: f64,
}

impl Run<'_> {
    fn labels(&self) -> &[String] {
        self.head.labels()
    }
}

/// The name of a section in links, its heading, and what is in it.
type Section = (&'static str, &'static str, String);

/// Writes the report. Pictures that cannot be read any more are left out; `embedder` looks at the mistakes again.
///
/// # Errors
/// [`Error::Io`] when validation rows that are on disk cannot be read.
pub fn report(run: &Run, embedder: &mut Embedder) -> Result<String, Error> {
    let answers = Answers::of(run)?;
    let sections: Vec<Section> = vec![
        ("classes", "Classes", classes::table(run, &answers)),
        ("confusion", "What is taken for what", confusion::confusion(run, &answers)),
        ("mistakes", "Most confident mistakes", mistakes::mistakes(run, &answers, embedder)),
        ("roc", "How well each class stands apart", curves::roc(run, &answers)),
        ("calibration", "How far it can be believed", curves::reliability(&answers)),
        ("threshold", "None of these", curves::threshold(run, &answers)),
        ("learning", "Learning", curves::learning(run)),
        ("data", "The data doctor", doctor::findings(run.findings)),
        ("run", "How to repeat it", facts::run(run)),
        ("card", "Model card", facts::card(run, &answers)),
    ];
    Ok(page(run, &facts::tiles(run, &answers), &sections))
}

fn page(run: &Run, tiles: &str, sections: &[Section]) -> String {
    let link = |(id, heading, _): &Section| format!("<li><a href=\"#{id}\">{heading}</a></li>");
    let links: String = sections.iter().map(link).collect();
    let section = |(id, heading, body): &Section| {
        format!(
            "<section id=\"{id}\" aria-labelledby=\"{id}-heading\">\n<h2 id=\"{id}-heading\">{heading}</h2>\n{body}</section>\n"
        )
    };
    let body: String = sections.iter().map(section).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>Training report: {}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the results</a>\n\
         <header>\n<p class=\"kind\">Training report</p>\n<h1>{}</h1>\n<p class=\"lead\">{}</p>\n{tiles}</header>\n\
         <nav aria-label=\"Sections\"><ul>{links}</ul></nav>\n<main id=\"main\" tabindex=\"-1\">\n{body}</main>\n\
         <footer><p>Written by mobilenet-web {}. Everything in this file is in this file.</p></footer>\n</body>\n</html>\n",
        escape(&facts::plain_title(run)),
        facts::title(run),
        facts::lead(run),
        env!("CARGO_PKG_VERSION")
    )
}

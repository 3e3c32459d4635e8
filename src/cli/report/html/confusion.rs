//! What is taken for what: a matrix whose numbers open the pictures behind them, and, where it would be too large to read, the
//! pairs of classes that are confused.

use std::collections::BTreeMap;

use super::Run;
use super::answers::Answers;
use super::format::{grouped, name, percent, pictures};
use super::pictures::strip;

/// A larger matrix is no longer read, it is searched.
const MATRIX: usize = 30;
/// Confused pairs that are listed.
const PAIRS: usize = 60;
/// Pictures of a cell, and of all cells, that are in the file.
const PER_CELL: usize = 12;
const ALL: usize = 240;

/// Pictures of one class that were given one label.
struct Cell {
    truth: usize,
    answer: usize,
    pictures: Vec<usize>,
    /// Of them, those in the file.
    shown: usize,
}

impl Cell {
    fn id(&self) -> String {
        format!("cell-{}-{}", self.truth, self.answer)
    }

    /// The number, as a link where there are pictures to open.
    fn number(&self, labels: &[String]) -> String {
        let count = grouped(self.pictures.len());
        if self.shown == 0 {
            return count;
        }
        let title = super::escape(&format!("{} taken for {}", labels[self.truth], labels[self.answer]));
        format!("<a href=\"#{}\" aria-label=\"{title}: {count}\">{count}</a>", self.id())
    }
}

pub fn confusion(run: &Run, answers: &Answers) -> String {
    let labels = run.labels();
    let cells = cells(answers, if run.validation_files.is_empty() { 0 } else { ALL });
    let table = if labels.len() > MATRIX { pairs(&cells, labels) } else { matrix(answers, &cells, labels) };
    let galleries: String =
        cells.iter().filter(|cell| cell.shown > 0).map(|cell| gallery(run, answers, cell)).collect();
    format!("{table}<div class=\"galleries\">\n{galleries}</div>\n")
}

/// Cells with pictures, mistakes first, the largest first, of which at most `left` are shown.
fn cells(answers: &Answers, mut left: usize) -> Vec<Cell> {
    let mut members: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for (at, pair) in answers.truths.iter().copied().zip(answers.answers.iter().copied()).enumerate() {
        members.entry(pair).or_default().push(at);
    }
    let cell = |((truth, answer), pictures)| Cell { truth, answer, pictures, shown: 0 };
    let mut cells: Vec<Cell> = members.into_iter().map(cell).collect();
    cells.sort_by_key(|cell| (cell.truth == cell.answer, std::cmp::Reverse(cell.pictures.len())));
    let share = (ALL / cells.len().max(1)).clamp(1, PER_CELL);
    for cell in &mut cells {
        cell.pictures.sort_by(|a, b| answers.probability(*b).total_cmp(&answers.probability(*a)));
        cell.shown = cell.pictures.len().min(share).min(left);
        left -= cell.shown;
    }
    cells
}

fn matrix(answers: &Answers, cells: &[Cell], labels: &[String]) -> String {
    let heads: String =
        labels.iter().map(|label| format!("<th scope=\"col\"><span>{}</span></th>", name(label))).collect();
    let row = |truth: usize| {
        let all: usize = answers.metrics.confusion[truth].iter().sum();
        let number = |answer: usize| match cells.iter().find(|cell| (cell.truth, cell.answer) == (truth, answer)) {
            None => "<td class=\"empty\">0</td>".to_owned(),
            Some(cell) => {
                let share = cell.pictures.len() as f64 / all as f64;
                let kind = if truth == answer { "right" } else { "wrong" };
                format!("<td class=\"{kind}\" style=\"--share:{share:.3}\">{}</td>", cell.number(labels))
            }
        };
        let numbers: String = (0..labels.len()).map(number).collect();
        format!("<tr><th scope=\"row\">{}</th>{numbers}</tr>\n", name(&labels[truth]))
    };
    let rows: String = (0..labels.len()).map(row).collect();
    format!(
        "<p>A row is what the pictures show, a column what they are taken for.{}</p>\n\
         <div class=\"wide\" role=\"region\" aria-label=\"Confusion matrix\" tabindex=\"0\"><table class=\"matrix\">\n\
         <caption>Validation pictures by class and answer</caption>\n\
         <thead><tr><th scope=\"col\">Class</th>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n",
        opens(cells)
    )
}

/// What a number does, where there are pictures.
fn opens(cells: &[Cell]) -> &'static str {
    if cells.iter().any(|cell| cell.shown > 0) { " A number opens the pictures behind it." } else { "" }
}

fn pairs(cells: &[Cell], labels: &[String]) -> String {
    let confused: Vec<&Cell> = cells.iter().filter(|cell| cell.truth != cell.answer).collect();
    if confused.is_empty() {
        return "<p>No class is taken for another.</p>\n".into();
    }
    let row = |cell: &&Cell| {
        let [truth, answer] = [cell.truth, cell.answer].map(|class| name(&labels[class]));
        format!(
            "<tr><th scope=\"row\">{truth}</th><td class=\"text\">{answer}</td><td>{}</td></tr>\n",
            cell.number(labels)
        )
    };
    let rows: String = confused.iter().take(PAIRS).map(row).collect();
    let more = confused.len().saturating_sub(PAIRS);
    let rest =
        if more > 0 { format!("<p class=\"quiet\">And {} more pairs.</p>\n", grouped(more)) } else { String::new() };
    format!(
        "<p>With {} classes a matrix would be too large to read: these are the pairs that are confused.{}</p>\n<div class=\"wide\" role=\"region\" aria-label=\"Confused pairs\" tabindex=\"0\"><table>\n\
         <caption>Pairs of classes, the most confused first</caption>\n<thead><tr><th scope=\"col\">Class</th>\
         <th scope=\"col\" class=\"text\">Taken for</th><th scope=\"col\">Pictures</th></tr></thead>\n\
         <tbody>\n{rows}</tbody>\n</table></div>\n{rest}",
        labels.len(),
        opens(cells)
    )
}

/// The pictures of a cell, the surest answer first.
fn gallery(run: &Run, answers: &Answers, cell: &Cell) -> String {
    let [truth, answer] = [cell.truth, cell.answer].map(|class| name(&run.labels()[class]));
    let heading =
        if cell.truth == cell.answer { format!("{truth}, named right") } else { format!("{truth} taken for {answer}") };
    let shown = &cell.pictures[..cell.shown];
    let file = |at: &usize| Some((run.validation_files.get(*at)?, percent(answers.probability(*at).into())));
    let more = match cell.pictures.len() - cell.shown {
        0 => String::new(),
        more => format!("<p class=\"quiet\">And {} more, less sure than these.</p>\n", pictures(more)),
    };
    let id = cell.id();
    format!(
        "<section class=\"gallery\" id=\"{id}\" aria-labelledby=\"{id}-heading\">\n<h3 id=\"{id}-heading\">{heading}</h3>\n{}{more}\
         <p><a href=\"#confusion\">Close</a></p>\n</section>\n",
        strip(&shown.iter().filter_map(file).collect::<Vec<_>>(), 1)
    )
}

//! Each class: how many pictures, how well it is found, and how sure one can be of that.

use super::Run;
use super::answers::Answers;
use super::format::{NONE, grouped, name, percent, span};
use mobilenet_core::fit::metrics::{ClassMetrics, interval};

pub fn table(run: &Run, answers: &Answers) -> String {
    let rows: String = (0..run.labels().len()).map(|class| row(run, answers, class)).collect();
    format!(
        "<p>Precision: of the pictures given this label, the share that is of this class. Recall: of the pictures of this class, \
         the share that is given this label. F1 is their harmonic mean. AUC: how often a picture of the class is given a higher \
         probability of it than another one.</p>\n<p class=\"quiet\">Small numbers are 95\u{a0}% Wilson intervals: where the true \
         share lies, given how few pictures it was counted on; of F1, by way of the Jaccard index it is a function of.</p>\n\
         <div class=\"wide\" role=\"region\" aria-label=\"Table of classes\" tabindex=\"0\"><table>\n\
         <caption>Each class on the validation pictures</caption>\n\
         <thead><tr><th scope=\"col\">Class</th><th scope=\"col\">Precision</th><th scope=\"col\">Recall</th>\
         <th scope=\"col\">F1</th><th scope=\"col\">AUC</th><th scope=\"col\">Validated on</th>\
         <th scope=\"col\">Trained on</th></tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n"
    )
}

fn row(run: &Run, answers: &Answers, class: usize) -> String {
    let ClassMetrics { label, precision, recall, f1, pictures } = &answers.metrics.classes[class];
    let confusion = &answers.metrics.confusion;
    let right = confusion[class][class];
    let given: usize = confusion.iter().map(|row| row[class]).sum();
    let trained = run.train_pictures.get(class).copied().unwrap_or(0);
    let f1_span = interval(right, given + pictures - right).map(|jaccard| 2.0 * jaccard / (1.0 + jaccard));
    format!(
        "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
        name(label),
        measured(*precision, interval(right, given), given),
        measured(*recall, interval(right, *pictures), *pictures),
        measured(*f1, f1_span, given + pictures),
        answers.areas[class].map_or(NONE.into(), |area| format!("{area:.3}")),
        grouped(*pictures),
        grouped(trained)
    )
}

/// A share of `count` pictures with its interval; of none there is nothing to say.
fn measured(share: f64, interval: [f64; 2], count: usize) -> String {
    if count == 0 { NONE.into() } else { format!("{} {}", percent(share), span(interval)) }
}

//! The curves: learning, ROC, reliability, and how many pictures a threshold rejects.

use super::Run;
use super::answers::Answers;
use super::drawing::Drawing;
use super::format::{name, percent, pictures};
use crate::report::plot;
use mobilenet_core::fit::metrics::{Bin, interval, reliability as bins, roc as roc_points};

/// ROC curves that are drawn; the rest are in the table of classes.
const CURVES: usize = 12;

/// Loss and accuracy by epoch: the same plots that lie beside the model.
pub fn learning(run: &Run) -> String {
    let plots: String = [("Loss", plot::loss(run.history)), ("Accuracy", plot::accuracy(run.history))]
        .into_iter()
        .filter_map(|(what, plot)| Some((what, plot.ok()?)))
        .map(|(what, plot)| format!("<figure class=\"plot\">{}</figure>\n", inline(what, &plot)))
        .collect();
    let epochs = run.history.len();
    let best = run.best_epoch;
    format!(
        "<p>{epochs} epochs ran. Epoch {best}, which has the lowest validation loss, was kept.</p>\n<div class=\"plots learning\">\n{plots}</div>\n"
    )
}

/// Inside HTML an SVG needs no name space and no size of its own, and does need a name.
fn inline(what: &str, svg: &str) -> String {
    let (_, rest) = svg.split_once('>').unwrap_or(("", svg));
    format!("<svg viewBox=\"0 0 720 440\" role=\"img\" aria-label=\"{what} by epoch, training and validation\">{rest}")
}

pub fn roc(run: &Run, answers: &Answers) -> String {
    let mut drawn: Vec<(f64, usize)> =
        answers.areas.iter().enumerate().filter_map(|(class, area)| Some(((*area)?, class))).collect();
    if drawn.is_empty() {
        return "<p>There are no validation pictures of two classes to tell apart.</p>\n".into();
    }
    let few = drawn.len() <= CURVES;
    if !few {
        drawn.sort_by(|a, b| a.0.total_cmp(&b.0));
        drawn.truncate(CURVES);
    }
    let figures: String = drawn.iter().map(|(area, class)| curve(run, answers, *class, *area)).collect();
    let which = if few { String::new() } else { format!(" The {CURVES} classes with the least area are drawn.") };
    format!(
        "<p>ROC curves, each class against the rest: the share of its own pictures that is found at each threshold of its \
         probability, over the share of others that comes with them. A perfect curve runs along the left and the upper \
         edge.{which}</p>\n<div class=\"plots small\">\n{figures}</div>\n"
    )
}

fn curve(run: &Run, answers: &Answers, class: usize, area: f64) -> String {
    let [own, others] = answers.one_against_rest(class);
    let label = &run.labels()[class];
    let about = format!("ROC curve of {label}, area {area:.3}");
    let drawing = Drawing::new(&about, [0.0, 1.0], "of others", "of its own")
        .line("even", &[[0.0, 0.0], [1.0, 1.0]])
        .line("curve", &roc_points(&own, &others))
        .finish();
    format!(
        "<figure class=\"plot\">{drawing}<figcaption><strong>{}</strong> AUC {area:.3}</figcaption></figure>\n",
        name(label)
    )
}

pub fn reliability(answers: &Answers) -> String {
    let error = percent(answers.calibration_error());
    let filled: Vec<Bin> = bins(&answers.believed()).into_iter().filter(|bin| bin.answers > 0).collect();
    let about = format!("Reliability diagram, expected calibration error {error}");
    let mut drawing = Drawing::new(&about, [0.0, 1.0], "probability it gave", "share that was right")
        .line("even", &[[0.0, 0.0], [1.0, 1.0]]);
    for bin in &filled {
        let x = bin.probability / bin.answers as f64;
        let [low, high] = interval(bin.right, bin.answers);
        drawing = drawing.line("whisker", &[[x, low], [x, high]]);
    }
    for bin in &filled {
        let point = [bin.probability, bin.right as f64].map(|sum| sum / bin.answers as f64);
        let share = bin.answers as f64 / answers.truths.len() as f64;
        drawing = drawing.dot(point, 3.0 + 7.0 * share.sqrt());
    }
    format!(
        "<div class=\"beside\"><figure class=\"plot\">{}</figure>\n<p>Expected calibration error: <strong>{error}</strong>. Of the \
         answers given with about 80\u{a0}%, about 80 in 100 should be right: dots on the diagonal. A dot is as large as it has \
         answers, the line through it is its 95\u{a0}% Wilson interval. The temperature was fitted on these very pictures, so \
         others may come out a little worse.</p></div>\n",
        drawing.finish()
    )
}

pub fn threshold(run: &Run, answers: &Answers) -> String {
    let Some(calibration) = run.head.calibration() else {
        return "<p>The model has no calibration: it takes every picture for one of its classes.</p>\n".into();
    };
    let mut sorted: Vec<f64> = answers.likenesses.iter().map(|likeness| f64::from(*likeness)).collect();
    sorted.sort_by(f64::total_cmp);
    let threshold = f64::from(calibration.threshold());
    let least = sorted.first().copied().unwrap_or(0.0).min(threshold);
    // Four steps of round numbers up to one.
    let from = ((least * 5.0).floor() / 5.0).clamp(-1.0, 0.8);
    let total = sorted.len().max(1) as f64;
    let mut points = vec![[from, 0.0]];
    for (at, likeness) in sorted.iter().enumerate() {
        points.extend([[*likeness, at as f64 / total], [*likeness, (at + 1) as f64 / total]]);
    }
    points.push([1.0, 1.0]);
    let rejected = answers.rejected(calibration.threshold());
    let about = format!("Share rejected by threshold; at {threshold:.3}, {} is rejected", percent(rejected));
    let drawing = Drawing::new(&about, [from, 1.0], "threshold of likeness", "share rejected")
        .line("mark", &[[threshold, 0.0], [threshold, 1.0]])
        .line("curve", &points)
        .dot([threshold, rejected], 5.0);
    format!(
        "<div class=\"beside\"><figure class=\"plot\">{}</figure>\n<p>A picture whose likeness to every class is less than \
         <strong>{threshold:.3}</strong> is answered with <q>none of these</q>. Of the {} to validate on, all of which are of a \
         class, this rejects <strong>{}</strong>. Likeness is the cosine between the picture's embedding and the nearest mean \
         direction of a class.</p></div>\n",
        drawing.finish(),
        pictures(sorted.len()),
        percent(rejected)
    )
}

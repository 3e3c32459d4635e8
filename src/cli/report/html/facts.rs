//! The run in words and numbers: headline, recipe, and the model card.

use super::Run;
use super::answers::{Answers, mean};
use super::escape;
use super::format::{NONE, count, grouped, name, percent, pictures, span};
use mobilenet_core::Head;
use mobilenet_core::fit::metrics::interval;
use mobilenet_core::head::Features;

/// Labels that a title has room for.
const TITLE: usize = 6;

/// The labels, as many as fit.
pub fn plain_title(run: &Run) -> String {
    titled(run, |label| label.into())
}

/// The same as HTML.
pub fn title(run: &Run) -> String {
    titled(run, name)
}

fn titled(run: &Run, write: impl Fn(&str) -> String) -> String {
    let shown: Vec<String> = run.labels().iter().take(TITLE).map(|label| write(label)).collect();
    let more = run.labels().len().saturating_sub(TITLE);
    shown.join(", ") + &if more > 0 { format!(" and {more} more") } else { String::new() }
}

pub fn lead(run: &Run) -> String {
    let views = if run.augment > 0 {
        format!(", each with {} more", count(run.augment, "view", "views"))
    } else {
        String::new()
    };
    format!(
        "{}, {} to train on{views}, {} to validate on.",
        count(run.labels().len(), "class", "classes"),
        pictures(run.train_pictures.iter().sum()),
        grouped(run.validation.rows())
    )
}

/// The numbers one asks for first.
pub fn tiles(run: &Run, answers: &Answers) -> String {
    let metrics = &answers.metrics;
    let right: usize = (0..run.labels().len()).map(|class| metrics.confusion[class][class]).sum();
    let f1 = mean(metrics.classes.iter().filter(|class| class.pictures > 0).map(|class| class.f1));
    let area = mean(answers.areas.iter().copied().flatten());
    let number = |number: Option<f64>| number.map_or(NONE.into(), |number| format!("{number:.3}"));
    let within = interval(right, metrics.pictures);
    let tiles = [
        ("Accuracy", percent(metrics.accuracy), span(within)),
        ("Mean F1", number(f1), "<small>of the classes</small>".into()),
        ("Mean AUC", number(area), "<small>of the classes</small>".into()),
        ("Calibration error", percent(answers.calibration_error()), "<small>expected</small>".into()),
        (
            "Model file",
            format!("{:.1}\u{a0}KB", run.model_bytes as f64 / 1e3),
            format!("<small>{} bytes</small>", grouped(run.model_bytes)),
        ),
        ("Time a frame", format!("{:.1}\u{a0}ms", run.millis), "<small>on one core here</small>".into()),
    ];
    let tile =
        |(what, value, more): &(&str, String, String)| format!("<div><dt>{what}</dt><dd>{value} {more}</dd></div>\n");
    format!("<dl class=\"tiles\">\n{}</dl>\n", tiles.iter().map(tile).collect::<String>())
}

pub fn run(run: &Run) -> String {
    let recipe = run.recipe;
    let text = |text: &dyn std::fmt::Debug| format!("{text:?}").to_lowercase();
    let rows = [
        ("Seed", recipe.seed.to_string()),
        ("mobilenet-web", env!("CARGO_PKG_VERSION").into()),
        ("Backbone, SHA-256", code(run.head.backbone())),
        ("Data, SHA-256", run.data_digest.map_or(NONE.into(), code)),
        ("Features", features(run.head)),
        ("Learning rate", format!("{}, {}", recipe.learning_rate, text(&recipe.schedule))),
        ("Weight decay", recipe.weight_decay.to_string()),
        ("Dropout", recipe.dropout.to_string()),
        ("Label smoothing", recipe.label_smoothing.to_string()),
        ("Class weights", text(&recipe.class_weights)),
        ("Batch", recipe.batch.to_string()),
        (
            "Epochs",
            format!("{} ran, {} at the most, {} without progress", run.history.len(), recipe.epochs, recipe.patience),
        ),
        ("Views of a training picture", (run.augment + 1).to_string()),
        ("Views of a validation picture", run.validation_views.to_string()),
        ("Temperature", run.head.calibration().map_or(NONE.into(), |known| format!("{:.4}", known.temperature()))),
        ("Threshold", run.head.calibration().map_or(NONE.into(), |known| format!("{:.4}", known.threshold()))),
    ];
    let row = |(what, value): &(&str, String)| format!("<div><dt>{what}</dt><dd>{value}</dd></div>\n");
    format!(
        "<pre class=\"command\" tabindex=\"0\"><code>{}</code></pre>\n<p>With the same version, pictures and seed this gives the same \
         model, byte for byte.</p>\n<dl class=\"facts\">\n{}</dl>\n<p class=\"quiet\">The digest of the data is SHA-256 over one line a \
         picture that can be read, sorted: <code>train</code> or <code>validation</code>, a tab, the label, a tab, SHA-256 of \
         the file, a line feed. It stays the same when files are moved or renamed within their class.</p>\n",
        escape(&run.command.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")),
        rows.iter().map(row).collect::<String>()
    )
}

/// How many numbers the head reads, and from where.
fn features(head: &Head) -> String {
    match head.features() {
        Features::First(count) => format!("{} of the last layer", grouped(*count)),
        Features::Chosen(positions) => {
            format!("{} of the last layer and of the filters of the last four blocks", grouped(positions.len()))
        }
    }
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", escape(text))
}

/// A word as a shell wants it.
fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./=,:+@%".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) { word.into() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

pub fn card(run: &Run, answers: &Answers) -> String {
    let labels: Vec<String> = run.labels().iter().map(|label| name(label)).collect();
    let small: Vec<String> =
        answers.metrics.classes.iter().filter(|class| class.pictures < 30).map(|class| name(&class.label)).collect();
    let few = match small.as_slice() {
        [] => String::new(),
        _ => format!(" Fewer than 30 validation pictures were there of {}: their numbers are rough.", listed(&small)),
    };
    let views = match run.validation_views {
        1 => String::new(),
        views => format!(", taking the mean of {views} views of each, which costs {views} times the time"),
    };
    let outside = match run.head.calibration() {
        Some(_) => "What is none of the classes is mostly answered with <q>none of these</q>, but not always.",
        None => "Whatever a picture shows, it is taken for one of the classes.",
    };
    format!(
        "<dl class=\"card-text\">\n\
         <div><dt>What it is</dt><dd>A linear head over a frozen, 8-bit MobileNetV2. It tells {} apart, one answer a picture, in \
         a browser or a terminal; pictures stay on the device.</dd></div>\n\
         <div><dt>What it was made from</dt><dd>{} in class folders, given by whoever ran the command above; the backbone had \
         learned from ImageNet before, and keeps its habits.</dd></div>\n\
         <div><dt>How good it is</dt><dd>It names {} of {} right that it was not fitted on{views}. The epoch, the temperature and the \
         threshold were chosen on these pictures, so expect a little less of others.{few}</dd></div>\n\
         <div><dt>What it is for</dt><dd>Pictures like those it was trained on: the same kinds of things, cameras and light.</dd></div>\n\
         <div><dt>What it is not for</dt><dd>Decisions about people, and anything where a wrong answer does harm. {outside} It \
         finds no places, counts nothing, and sees one class in a picture of several.</dd></div>\n</dl>\n",
        listed(&labels),
        pictures(run.train_pictures.iter().sum()),
        percent(answers.metrics.accuracy),
        pictures(answers.metrics.pictures)
    )
}

/// Names in a sentence, and never more than one wants to read.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 12;
    match names {
        [first @ .., last] if !first.is_empty() && names.len() <= SHOWN => format!("{} and {last}", first.join(", ")),
        _ if names.len() > SHOWN => format!("{} and {} more", names[..SHOWN].join(", "), names.len() - SHOWN),
        _ => names.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_a_shell() {
        assert_eq!(["a/b.c", "", "my photos", "it's"].map(quoted), ["a/b.c", "''", "'my photos'", r"'it'\''s'"]);
    }

    #[test]
    fn names_in_a_sentence() {
        let names = |count| listed(&vec!["a".to_owned(); count]);
        assert_eq!([names(1), names(2), names(3)], ["a", "a and a", "a, a and a"]);
        assert!(names(14).ends_with("a and 2 more"));
    }
}

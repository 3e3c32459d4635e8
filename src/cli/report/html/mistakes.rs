//! The most confident mistakes: each picture beside what the network looked at when it gave the wrong answer.

use super::Run;
use super::answers::Answers;
use super::format::{self, name, percent, pictures};
use super::pictures::{read, short};
use crate::report::escape::escape;
use crate::report::overlay::paint;
use crate::report::thumbnail::jpeg;
use mobilenet_core::classifier::heatmap;
use mobilenet_core::network::embedder::Embedder;
use mobilenet_core::picture::frame::Frame;
use mobilenet_core::picture::resize::{Region, resize};

const SHOWN: usize = 12;
/// The longer side, in pixels.
const SIDE: usize = 240;
const QUALITY: u8 = 76;

pub fn mistakes(run: &Run, answers: &Answers, embedder: &mut Embedder) -> String {
    let wrong = answers.mistakes();
    if wrong.is_empty() {
        return "<p>There is none: every validation picture is named right.</p>\n".into();
    }
    if run.validation_files.is_empty() {
        let named = pictures(wrong.len());
        return format!(
            "<p>{named} named wrong. They were embedded elsewhere, so they are not here to be shown.</p>\n"
        );
    }
    let shown = wrong.len().min(SHOWN);
    let cards: String = wrong[..shown].iter().filter_map(|at| card(run, answers, *at, embedder)).collect();
    let all = match wrong.len() - shown {
        0 => format!("{} named wrong, the surest answer first", pictures(shown)),
        _ => format!("The {shown} surest of {} named wrong", pictures(wrong.len())),
    };
    format!(
        "<p>{all}. Beside each is its class activation map: the brighter, the more of what speaks for the wrong \
         answer lies there.</p>\n<div class=\"cards\">\n{cards}</div>\n"
    )
}

fn card(run: &Run, answers: &Answers, at: usize, embedder: &mut Embedder) -> Option<String> {
    let file = run.validation_files.get(at)?;
    let frame = read(file)?;
    let (truth, answer) = (&run.labels()[answers.truths[at]], &run.labels()[answers.answers[at]]);
    let heatmap = heatmap(embedder, run.head, &frame, answers.answers[at]).ok()?;
    let size = size(&frame);
    let whole = Region::whole(&frame);
    let plain = jpeg(&resize(&frame, whole, size[0], size[1]), size, QUALITY);
    let heat = jpeg(&paint(&frame, &heatmap, size), size, QUALITY);
    let image = |source: &str, what: &str| {
        let [width, height] = size;
        format!("<img src=\"{source}\" width=\"{width}\" height=\"{height}\" alt=\"{}\">", escape(what))
    };
    Some(format!(
        "<figure class=\"card\"><div class=\"pair\">{}{}</div>\n<figcaption>{} taken for <strong>{}</strong>, {}\
         <br>{}</figcaption></figure>\n",
        image(&plain, &format!("{truth}: {}", short(file, 1))),
        image(&heat, &format!("The same, with the evidence for {answer} marked")),
        name(truth),
        name(answer),
        percent(answers.probability(at).into()),
        format::file(&short(file, 1))
    ))
}

/// The frame's shape, and never less than a pixel of it.
fn size(frame: &Frame) -> [usize; 2] {
    let longer = frame.width().max(frame.height());
    [frame.width(), frame.height()].map(|side| (side * SIDE / longer).max(1))
}

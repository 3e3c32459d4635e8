use std::path::Path;

use super::*;
use crate::data::doctor::Severity;
use mobilenet_core::classifier::embedded_backbone;
use mobilenet_core::fit::Samples;
use mobilenet_core::head::calibration::Calibration;

const HOSTILE: &str = "<img src=http://a.b/c onerror=\"x\">'&\u{202E}\u{7}";

/// A run whose numbers are made up and whose pictures are real.
struct Made {
    command: Vec<String>,
    recipe: Ingredients,
    history: Vec<Epoch>,
    head: Head,
    validation: Samples,
    files: Vec<PathBuf>,
    findings: Vec<Finding>,
}

impl Made {
    /// Picture `at` is of class `truths[at]` and looks like class `answers[at]`.
    fn new(folder: &Path, labels: &[&str], truths: &[usize], answers: &[usize]) -> Self {
        let features = embedded_backbone().unwrap().architecture().features();
        let direction = |class: usize| (0..features).map(|at| f32::from(u8::from(at == class))).collect::<Vec<_>>();
        let weight: Vec<f32> = (0..labels.len()).flat_map(direction).collect();
        let file = |at: usize| {
            let path = folder.join(format!("<{at}>&'.png"));
            image::RgbImage::from_pixel(30 + at as u32, 20, image::Rgb([at as u8 * 9, 90, 30])).save(&path).unwrap();
            path
        };
        let embedding =
            |(at, class): (usize, &usize)| direction(*class).iter().map(|one| one * (2 + at) as f32).collect();
        let epoch = Epoch { epoch: 1, loss: 0.5, accuracy: 0.8, validation_loss: 0.6, validation_accuracy: 0.7 };
        let calibration = Calibration::new(1.0, weight.clone(), 0.9).unwrap();
        Self {
            command: vec!["mobilenet".into(), HOSTILE.into()],
            recipe: Ingredients::default(),
            history: vec![epoch.clone(), Epoch { epoch: 2, ..epoch }],
            head: head(labels, weight.clone()).with_calibration(calibration).unwrap(),
            validation: Samples {
                embeddings: answers.iter().enumerate().map(embedding).collect(),
                classes: truths.into(),
            },
            files: (0..truths.len()).map(file).collect(),
            findings: Vec::new(),
        }
    }

    fn report(&self) -> String {
        let run = Run {
            command: &self.command,
            recipe: &self.recipe,
            history: &self.history,
            best_epoch: 1,
            head: &self.head,
            train_pictures: &vec![3; self.head.labels().len()],
            augment: 0,
            validation: &self.validation,
            validation_views: 1,
            validation_files: &self.files,
            findings: Some(&self.findings),
            data_digest: Some("abc"),
            model_bytes: 52_336,
            millis: 2.5,
        };
        let report = report(&run, &mut Embedder::new(&embedded_backbone().unwrap())).unwrap();
        check(&report);
        report
    }
}

/// Each value of an attribute.
fn values<'a>(report: &'a str, attribute: &str) -> Vec<&'a str> {
    report.split(&format!(" {attribute}=\"")).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

/// What holds for every report: it asks for nothing, runs nothing, and its links lead somewhere.
fn check(report: &str) {
    let mut bare = report.replace("&lt;img src=http://a.b/c", "");
    for picture in values(report, "src") {
        bare = bare.replace(picture, "");
    }
    for request in ["http:", "https:", "//", "url(", "@import", "<script", "<link", "<iframe", "<object", "srcset"] {
        assert!(!bare.contains(request), "{request}");
    }
    assert!(values(report, "src").iter().all(|source| source.starts_with("data:image/jpeg;base64,")));
    let ids = values(report, "id");
    for link in values(report, "href") {
        let id = link.strip_prefix('#').expect("links stay on the page");
        assert!(ids.contains(&id), "{link} leads nowhere");
    }
    for id in values(report, "aria-labelledby") {
        assert!(ids.contains(&id), "{id} names nothing");
    }
    assert!(ids.iter().enumerate().all(|(at, id)| !ids[..at].contains(id)), "an id is there twice");
    assert!(!report.contains(['\u{202E}', '\u{7}']));
    for element in ["section", "table", "figure", "details", "svg", "div", "bdi", "p"] {
        let opened = report.matches(&format!("<{element}>")).count() + report.matches(&format!("<{element} ")).count();
        assert_eq!(opened, report.matches(&format!("</{element}>")).count(), "{element} is left open");
    }
}

fn head(labels: &[&str], weight: Vec<f32>) -> Head {
    let labels: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
    let bias = vec![0.0; labels.len()];
    Head::new(labels, weight, bias, "0f".into()).unwrap()
}

#[test]
fn the_same_run_has_the_same_report_and_every_section() {
    let folder = tempfile::tempdir().unwrap();
    let made = Made::new(folder.path(), &["bed", "sofa"], &[0, 0, 1, 1, 1], &[0, 1, 1, 1, 1]);
    let report = made.report();
    assert_eq!(report, made.report());
    assert!(report.contains("href=\"#cell-0-1\"") && report.contains("id=\"cell-0-1\""), "the mistake can be opened");
    assert!(!report.contains("id=\"cell-1-0\""), "and what never happened cannot");
    assert_eq!(report.matches("class=\"card\"").count(), 1);
    assert!(report.contains("80.0\u{a0}%") && report.contains("2.5\u{a0}ms") && report.contains("52,336 bytes"));
    // Five thumbnails in the matrix, and the mistake with its map.
    assert_eq!(values(&report, "src").len(), 7);
    assert_eq!(values(&report, "alt").len(), 7);
}

#[test]
fn labels_and_file_names_stay_text() {
    let folder = tempfile::tempdir().unwrap();
    // No label has a control character; a file and a finding may.
    let labels = [HOSTILE.trim_end_matches('\u{7}'), "</bdi><svg onload=y>"];
    let mut made = Made::new(folder.path(), &labels, &[0, 0, 1], &[0, 1, 1]);
    let detail = HOSTILE.into();
    made.findings.push(Finding {
        kind: "blank",
        severity: Severity::Note,
        files: made.files.clone(),
        detail,
        remedy: "x",
    });
    let report = made.report();
    assert!(!report.contains("<img src=http") && !report.contains("<svg onload"), "a label became a tag");
    assert!(report.contains("&lt;img src=http://a.b/c onerror=&quot;x&quot;&gt;&#39;&amp;\u{FFFD}\u{FFFD}"));
    assert!(report.contains("&lt;1&gt;&amp;&#39;.png"));
}

#[test]
fn findings_show_alike_pictures_side_by_side_and_count_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let mut made = Made::new(folder.path(), &["a", "b"], &[0, 1, 1, 1, 1, 1, 1], &[0, 1, 1, 1, 1, 1, 1]);
    let finding = |files: &[PathBuf]| Finding {
        kind: "near-duplicate",
        severity: Severity::Warning,
        files: files.into(),
        detail: "nearly the same picture".into(),
        remedy: "look",
    };
    made.findings = vec![finding(&made.files); 9];
    made.findings.push(finding(&[]));
    let report = made.report();
    let data = report.split("<section id=\"data\"").nth(1).unwrap().split("</section>").next().unwrap();
    assert_eq!(data.matches("<img").count(), 6 * 4);
    assert!(data.contains("And 3 more like these") && data.contains("And 4 more, which"), "{data}");
}

#[test]
fn a_run_may_lack_anything() {
    let folder = tempfile::tempdir().unwrap();
    let mut made = Made::new(folder.path(), &["a", "b", "absent"], &[0, 0, 1], &[0, 0, 1]);
    made.head = head(&["a", "b", "absent"], made.head.weight().to_vec());
    made.history.clear();
    std::fs::write(&made.files[0], "no picture").unwrap();
    std::fs::remove_file(&made.files[2]).unwrap();
    let report = made.report();
    assert!(report.contains("every validation picture is named right") && report.contains("no calibration"));
    assert!(report.contains("None of these pictures can be read"));
    made.validation = Samples::default();
    made.files.clear();
    made.report();
}

#[test]
fn two_hundred_classes_are_pairs_and_no_matrix() {
    let folder = tempfile::tempdir().unwrap();
    let labels: Vec<String> = (0..200).map(|class| format!("class {class}")).collect();
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    let truths = [vec![7; 20], vec![9; 5]].concat();
    let answers = [vec![199; 20], vec![9; 5]].concat();
    let report = Made::new(folder.path(), &labels, &truths, &answers).report();
    assert!(!report.contains("class=\"matrix\"") && report.contains("href=\"#cell-7-199\""));
    assert!(report.contains("And 8\u{a0}pictures more"), "12 of 20 are shown");
    assert!(report.len() < 1_000_000, "{}", report.len());
}

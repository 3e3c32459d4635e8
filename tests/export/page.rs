//! `mobilenet export --format html`: a model goes into a page, and not a byte else is changed.

#![cfg(feature = "embedded")]

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mobilenet_core::Model;
use mobilenet_core::classifier::embedded_backbone;
use tempfile::TempDir;

const FURNITURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../src/core/models/furniture.safetensors");
const BACKBONE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../src/core/models/mobilenet_v2_1.0_224.safetensors");
const BEFORE: &str = "<!doctype html>\r\n<title>\u{e9}\u{1f6cb}</title>\n<script data-part=\"other\">AAAA</script>\n\
                      <script type=\"application/octet-stream\" data-part=\"model\">";
const AFTER: &str = "</script>\n<script type=\"module\">run()</script>\n";

/// A folder with an empty page in it.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("page.html"), [BEFORE, AFTER].concat()).unwrap();
    folder
}

fn export(model: &Path, page: &Path, out: &Path) -> Command {
    let mut command = Command::cargo_bin("mobilenet").unwrap();
    command.args(["export", "--format", "html"]).arg(model).arg("--page").arg(page).arg("--out").arg(out);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The model in a page that is otherwise the empty one.
fn model_in(page: &Path) -> Model {
    let html = fs::read_to_string(page).unwrap();
    let letters = html.strip_prefix(BEFORE).unwrap().strip_suffix(AFTER).unwrap();
    Model::from_bytes(&STANDARD.decode(letters).unwrap()).unwrap()
}

fn save(model: &Model, path: PathBuf) -> PathBuf {
    fs::write(&path, model.to_bytes()).unwrap();
    path
}

#[test]
fn a_model_goes_into_a_page_and_a_page_with_one_takes_another() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let furniture = Model::open(Path::new(FURNITURE)).unwrap();
    let printed = export(Path::new(FURNITURE), &at("page.html"), &at("furniture.html")).output().unwrap();
    assert!(printed.status.success(), "{}", text(&printed.stderr));
    assert!(text(&printed.stdout).contains("opens by a double click"), "{}", text(&printed.stdout));
    assert_eq!(model_in(&at("furniture.html")), furniture);

    let mut other = furniture.clone();
    // Who shares a model chooses its labels.
    let labels = ["</script><script>alert(1)</script>", "<!--<script>", "\"'&amp;", "\u{202e}", "table"];
    other.head = Some(other.head.unwrap().renamed(labels.map(String::from).to_vec()).unwrap());
    other.backbone = Some(embedded_backbone().unwrap());
    let file = save(&other, at("other.safetensors"));
    export(&file, &at("furniture.html"), &at("other.html")).assert().success();
    assert_eq!(model_in(&at("other.html")), other, "labels, and a backbone of its own");

    export(Path::new(FURNITURE), &at("other.html"), &at("again.html")).assert().success();
    assert_eq!(fs::read(at("again.html")).unwrap(), fs::read(at("furniture.html")).unwrap());
}

#[test]
fn what_makes_no_page_writes_none_and_says_why() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let (furniture, page, out) = (Path::new(FURNITURE), at("page.html"), at("out.html"));
    fs::write(at("other.html"), "<p>no place</p>").unwrap();
    fs::write(at("picture.html"), [0xff, 0xd8, 0xff]).unwrap();
    fs::write(at("twice.html"), [BEFORE, AFTER, BEFORE, AFTER].concat()).unwrap();
    fs::write(at("script.html"), [BEFORE, "alert(1)", AFTER].concat()).unwrap();
    let mut damaged = fs::read(FURNITURE).unwrap();
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    fs::write(at("damaged.safetensors"), damaged).unwrap();
    let mut liar = Model::open(furniture).unwrap();
    liar.self_test.logits[0] += 1.0;
    let liar = save(&liar, at("liar.safetensors"));
    let refuse = |command: &mut Command, reason: &str| {
        let refused = command.output().unwrap();
        assert_eq!(refused.status.code(), Some(1), "{reason}");
        assert!(text(&refused.stderr).contains(reason), "{reason}: {}", text(&refused.stderr));
        assert!(!out.exists(), "{reason}");
    };
    for name in ["other.html", "picture.html", "twice.html", "script.html"] {
        refuse(&mut export(furniture, &at(name), &out), &format!("{name}: this page has no place for a model"));
    }
    refuse(&mut export(furniture, &at("missing.html"), &out), "missing.html");
    refuse(&mut export(Path::new(BACKBONE), &page, &out), "224.safetensors: it holds no head");
    refuse(&mut export(&at("damaged.safetensors"), &page, &out), "damaged.safetensors");
    refuse(&mut export(&liar, &page, &out), "liar.safetensors");
    refuse(export(furniture, &page, &out).args(["--precision", "float"]), "a page computes in int8");
    let mut onnx = Command::cargo_bin("mobilenet").unwrap();
    onnx.args(["export", FURNITURE, "--format", "onnx", "--page"]).arg(&page).arg("--out").arg(&out);
    refuse(&mut onnx, "--page goes with --format html");
}

//! The examples that run natively, in `src/cli/examples`: the program, and the notebook on files that we export for it.
//!
//! The notebook needs a Python that has `tests/export/requirements.txt`, named by `MOBILENET_PYTHON`; `./build.sh test` installs
//! one. Without it that test is skipped. The examples for browsers are tested in `tests/package`.

#[path = "../harness/mod.rs"]
mod harness;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

use harness::{ROOT, Result, Suite, ensure, missing_python};

const LABELS: [&str; 5] = ["bed", "chair", "sofa", "swivelchair", "table"];

fn main() -> ExitCode {
    let mut suite = Suite::default();
    suite.add("the program names every sample", names_samples);
    suite.add("the program tells what it cannot read and goes on", goes_on);
    suite.add("the program says how it is called", says_usage);
    suite.add("the notebook has no outputs", is_without_outputs);
    suite.add_unless(missing_python(), "the notebook runs what we export", runs_notebook);
    suite.run()
}

fn names_samples() -> Result {
    let samples = Path::new(ROOT).join("www/samples");
    let output = folder(&[samples.as_os_str().into()])?;
    let printed = String::from_utf8_lossy(&output.stdout);
    let mut lines = printed.lines();
    equal(lines.next(), Some("file,answer,probability"))?;
    for label in LABELS {
        let line = lines.next().ok_or("too few lines")?;
        let start = format!("\"{}\",{label},", samples.join(format!("{label}.jpg")).display());
        let probability = line.strip_prefix(&start).and_then(|number| number.parse::<f32>().ok());
        let is_sure = probability.is_some_and(|probability| (0.5..=1.0).contains(&probability));
        ensure(is_sure, || format!("{line} should begin with {start} and end with a number above a half"))?;
    }
    equal(lines.next(), None)?;
    equal(output.status.code(), Some(0))
}

fn goes_on() -> Result {
    let folder_of_two = tempfile::tempdir()?;
    fs::write(folder_of_two.path().join("damaged.jpg"), b"no picture")?;
    // Its name would end a cell, and its grey is no furniture.
    let grey = folder_of_two.path().join("grey \"one\".png");
    image::RgbImage::from_pixel(64, 48, image::Rgb([128; 3])).save(&grey)?;
    let output = folder(&[folder_of_two.path().into()])?;
    let (printed, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let start = format!("file,answer,probability\n\"{}/grey \"\"one\"\".png\",,0.", folder_of_two.path().display());
    ensure(printed.starts_with(&start), || printed.to_string())?;
    equal(printed.lines().count(), 2)?;
    ensure(told.starts_with("error: ") && told.contains("damaged.jpg"), || told.to_string())?;
    equal(output.status.code(), Some(1))?;
    equal(folder(&[folder_of_two.path().join("nowhere").into()])?.status.code(), Some(1))
}

fn says_usage() -> Result {
    let output = folder(&[])?;
    equal(String::from_utf8_lossy(&output.stderr).as_ref(), "usage: folder DIR\n")?;
    equal(output.status.code(), Some(2))
}

fn is_without_outputs() -> Result {
    let notebook = fs::read(Path::new(ROOT).join("src/cli/examples/python/exported.ipynb"))?;
    let notebook: serde_json::Value = serde_json::from_slice(&notebook)?;
    let cells = notebook["cells"].as_array().ok_or("no cells")?;
    let code: Vec<_> = cells.iter().filter(|cell| cell["cell_type"] == "code").collect();
    ensure(!code.is_empty(), || "no code".into())?;
    ensure(
        code.iter().all(|cell| cell["outputs"] == serde_json::json!([]) && cell["execution_count"].is_null()),
        || "clear its outputs before it is committed".into(),
    )
}

/// In a copy of the folders that it expects around it.
fn runs_notebook() -> Result {
    let python = std::env::var_os("MOBILENET_PYTHON").ok_or("there is no Python")?;
    let root = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let (samples, beside) = (root.path().join("www/samples"), root.path().join("src/cli/examples/python"));
    fs::create_dir_all(&samples).and_then(|()| fs::create_dir_all(&beside))?;
    for label in LABELS {
        let name = format!("{label}.jpg");
        fs::copy(Path::new(ROOT).join("www/samples").join(&name), samples.join(&name))?;
    }
    for format in ["onnx", "tflite"] {
        let mut export = Command::new(env!("CARGO_BIN_EXE_mobilenet"));
        export.arg("export").arg(Path::new(ROOT).join("src/core/models/furniture.safetensors"));
        succeed(export.args(["--format", format, "--out", &format!("furniture.{format}")]).current_dir(&beside))?;
    }
    let mut notebook = Command::new(python);
    notebook.arg(Path::new(ROOT).join("tests/export/notebook.py"));
    notebook.arg(Path::new(ROOT).join("src/cli/examples/python/exported.ipynb"));
    let printed = succeed(notebook.current_dir(&beside))?;
    let mut lines = printed.lines();
    for label in LABELS {
        let words: Vec<_> = lines.next().ok_or("too few lines")?.split_whitespace().collect();
        let [file, "ONNX", onnx, _, "TFLite", tflite, _] = words[..] else { return Err(printed.into()) };
        equal([file, onnx, tflite], [&format!("{label}.jpg"), label, label])?;
    }
    let last = lines.next().ok_or("too few lines")?;
    let largest = last.strip_prefix("largest difference of a probability: ").ok_or("no difference")?;
    let largest: f32 = largest.parse()?;
    ensure(largest < 0.01, || format!("the runtimes differ by {largest}"))
}

/// Runs the example program, which `cargo test` builds and a single `--test` does not.
fn folder(arguments: &[OsString]) -> Result<Output> {
    let this = std::env::current_exe()?;
    let program: PathBuf =
        this.parent().and_then(Path::parent).ok_or("no target folder")?.join("examples").join("folder");
    let program = program.with_extension(std::env::consts::EXE_EXTENSION);
    ensure(program.is_file(), || {
        format!("build it: cargo build --release --example folder, for {}", program.display())
    })?;
    Ok(Command::new(program).args(arguments).output()?)
}

fn succeed(command: &mut Command) -> Result<String> {
    let output = command.output()?;
    let told = || format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    ensure(output.status.success(), told)?;
    Ok(String::from_utf8(output.stdout)?)
}

fn equal<T: PartialEq + std::fmt::Debug>(found: T, wanted: T) -> Result {
    ensure(found == wanted, || format!("{found:?} should be {wanted:?}"))
}

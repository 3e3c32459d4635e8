//! The program copied into a folder where nothing else is: what it does with the page inside it, and what it says without one.
//!
//! `./build.sh build` gives it its page.

#[path = "../harness/mod.rs"]
mod harness;
mod program;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

use harness::{Result, Suite};
use mobilenet_core::Model;
use mobilenet_core::base::digest::sha256;
use program::{FURNITURE, Program, assert_fails, assert_success, stderr, stdout};
use tempfile::TempDir;

const WITHOUT: &str = "this program was built without its page";

fn main() -> ExitCode {
    let (_folder, program) = alone();
    let output = run(&program, &["site", "page"]);
    let missing = || stderr(&output).contains(WITHOUT).then(|| "the program was built without its page".to_owned());
    let there = if missing().is_some() { None } else { Some("the program has its page".to_owned()) };
    let node = Command::new("node").arg("--version").output().err().map(|_| "there is no Node".to_owned());
    let mut suite = Suite::default();
    suite.add_unless(missing(), "it makes a site, whose files have the digests in its list", makes_site);
    suite.add_unless(missing(), "it exports a page", exports_page);
    suite.add_unless(missing().or(node), "it verifies a model", verifies);
    suite.add_unless(missing(), "without Node it says what to install", needs_node);
    suite.add_unless(there, "without its page it says what to do", says_what_to_do);
    suite.run()
}

/// The program in a folder of its own.
fn alone() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("mobilenet");
    fs::copy(env!("CARGO_BIN_EXE_mobilenet"), &program).unwrap();
    (folder, program)
}

fn run(program: &Path, arguments: &[&str]) -> Output {
    Command::new(program).args(arguments).current_dir(program.parent().unwrap()).output().unwrap()
}

fn makes_site() -> Result {
    let (folder, program) = alone();
    for arguments in [&["site", "page"][..], &["site", "mine", FURNITURE]] {
        assert_success(&run(&program, arguments));
        let site = folder.path().join(arguments[1]);
        let worker = fs::read_to_string(site.join("sw.js"))?;
        let lines = worker.lines().filter_map(|line| line.strip_prefix("  '")?.strip_suffix("',")?.split_once("': '"));
        let files: Vec<_> = lines.filter(|(_, digest)| digest.len() == 64).collect();
        assert!(files.len() > 25, "{} files", files.len());
        for (path, digest) in files {
            assert_eq!(sha256(&fs::read(site.join(path))?), digest, "{path}");
        }
    }
    assert!(!folder.path().join("page/model.safetensors").exists());
    assert!(folder.path().join("mine/model.safetensors").exists());
    Ok(())
}

fn exports_page() -> Result {
    let (folder, program) = alone();
    assert_success(&run(&program, &["export", FURNITURE, "--format=html"]));
    let page = fs::read_to_string(folder.path().join("furniture.html"))?;
    assert!(page.contains("data-part=\"model\">eN") && page.len() > 1 << 20, "{} bytes", page.len());
    Ok(())
}

/// Two pictures in each of two folders that have labels of the furniture head as names.
fn photos(folder: &Path) -> Result {
    let pictures = Program::new();
    pictures.pictures("photos", 2);
    let labels = Model::open(Path::new(FURNITURE))?.head.unwrap().labels().to_vec();
    fs::create_dir(folder.join("photos"))?;
    for (from, to) in ["bright", "dark"].iter().zip(labels) {
        fs::rename(pictures.path("photos").join(from), folder.join("photos").join(to))?;
    }
    Ok(())
}

fn verifies() -> Result {
    let (folder, program) = alone();
    photos(folder.path())?;
    let output = run(&program, &["verify", FURNITURE, "photos"]);
    assert_success(&output);
    assert!(stdout(&output).contains("probabilities equal bit for bit            4 of 4"), "{}", stdout(&output));
    Ok(())
}

fn needs_node() -> Result {
    let (folder, program) = alone();
    photos(folder.path())?;
    let mut command = Command::new(program);
    command.args(["verify", FURNITURE, "photos"]).current_dir(folder.path()).env("PATH", "");
    assert_fails(&command.output()?, &["`node` was not found", "install Node 20"]);
    Ok(())
}

fn says_what_to_do() -> Result {
    let (folder, program) = alone();
    photos(folder.path())?;
    let export = ["export", FURNITURE, "--format=html"];
    for (arguments, remedy) in [
        (&["site", "page"][..], "./build.sh build"),
        (&["serve", "--port=0"], "./build.sh build"),
        (&export, "--page"),
        (&["verify", FURNITURE, "photos"], "--wasm"),
    ] {
        assert_fails(&run(&program, arguments), &[WITHOUT, remedy]);
    }
    assert!(!folder.path().join("page").exists());
    Ok(())
}

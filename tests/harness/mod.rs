//! Tests of what not every machine has: photos, other runtimes.
//!
//! A test that can't run here is reported as ignored, with the reason, and listed again at the end. With
//! `MOBILENET_REQUIRE_PHOTOS=1` it fails instead. Apart from that these programs take the options of any `cargo test`:
//! a filter, `--list`, `--test-threads`.

#![allow(dead_code, reason = "each test program uses a part")]

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use libtest_mimic::{Arguments, Completion, Failed, Trial};

/// The root of the project.
pub const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Any error becomes a failure, so a test may use `?` throughout.
pub type Result<T = ()> = std::result::Result<T, Failed>;

/// The tests of one program.
#[derive(Default)]
pub struct Suite {
    trials: Vec<Trial>,
    /// Names of tests, by the reason.
    skipped: Arc<Mutex<BTreeMap<String, Vec<String>>>>,
}

impl Suite {
    /// A test that runs everywhere.
    pub fn add(&mut self, name: impl Into<String>, test: impl FnOnce() -> Result + Send + 'static) {
        self.add_unless(None, name, test);
    }

    /// A test that is skipped if something is `missing`.
    pub fn add_unless(
        &mut self,
        missing: Option<String>,
        name: impl Into<String>,
        test: impl FnOnce() -> Result + Send + 'static,
    ) {
        let (name, skipped) = (name.into(), Arc::clone(&self.skipped));
        self.trials.push(Trial::ignorable_test(name.clone(), move || match missing {
            None => test().map(|()| Completion::Completed),
            Some(reason) if std::env::var_os("MOBILENET_REQUIRE_PHOTOS").is_some() => {
                Err(format!("it would be skipped because {reason}").into())
            }
            Some(reason) => {
                skipped.lock().unwrap().entry(reason.clone()).or_default().push(name);
                Ok(Completion::ignored_with(reason))
            }
        }));
    }

    /// Several tests at a time.
    pub fn run(self) -> ExitCode {
        self.run_with(Arguments::from_args())
    }

    /// One test at a time, unless `--test-threads` asks for more: these use every core themselves, or are timed.
    pub fn run_serially(self) -> ExitCode {
        let mut arguments = Arguments::from_args();
        arguments.test_threads.get_or_insert(1);
        self.run_with(arguments)
    }

    fn run_with(self, arguments: Arguments) -> ExitCode {
        let conclusion = libtest_mimic::run(&arguments, self.trials);
        let skipped = self.skipped.lock().unwrap();
        let told: String = skipped.iter().map(|(reason, names)| paragraph(reason, names)).collect();
        print!("{told}");
        keep(&told);
        conclusion.exit_code()
    }
}

fn paragraph(reason: &str, names: &[String]) -> String {
    format!("skipped because {reason}:\n    {}\n", names.join("\n    "))
}

/// Adds what was skipped to the file that `MOBILENET_SKIPPED` names: a run of many programs shows it all at its end.
fn keep(told: &str) {
    let Some(path) = std::env::var_os("MOBILENET_SKIPPED") else { return };
    let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
    file.write_all(told.as_bytes()).unwrap();
}

/// A file or folder that is not part of the project: below `MOBILENET_SHARED`, by default `../shared`.
pub fn shared(path: &str) -> PathBuf {
    let folder =
        std::env::var_os("MOBILENET_SHARED").map_or_else(|| PathBuf::from(ROOT).join("../shared"), PathBuf::from);
    folder.join(path)
}

/// Why a test that needs this file or folder can't run.
pub fn missing(path: &str) -> Option<String> {
    let path = shared(path);
    (!path.exists()).then(|| format!("{} does not exist", path.display()))
}

/// Why a test that needs Python can't run.
pub fn missing_python() -> Option<String> {
    std::env::var_os("MOBILENET_PYTHON").is_none().then(|| "MOBILENET_PYTHON names no Python".into())
}

/// Fails for `reason` if something does not hold.
pub fn ensure(holds: bool, reason: impl FnOnce() -> String) -> Result {
    if holds { Ok(()) } else { Err(reason().into()) }
}

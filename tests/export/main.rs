//! Exported files in the runtimes that they are for, fed with the very bytes that our engine is fed with, and compared with it.
//!
//! The runtimes come from PyPI (`MOBILENET_PYTHON` names a Python that has `tests/export/requirements.txt`) and npm
//! (`tests/export/node_modules`); `./build.sh test` installs both. Without them, or without the photos, a test is skipped.
//!
//! Other runtimes are not equal to our engine, and there is no bound to derive: a rounding that differs in an early layer may move
//! everything after it. Tolerances are the largest difference ever seen and half as much again; what they still let through
//! the planted faults show.

#[path = "../harness/mod.rs"]
mod harness;

mod answers;
mod cases;
mod runtime;

use std::process::ExitCode;

use harness::{Result, Suite, missing};
use runtime::{RUNTIMES, Runtime};

fn main() -> ExitCode {
    let mut suite = Suite::default();
    for runtime in &RUNTIMES {
        let absent = || runtime.missing();
        let mut add = |missing: Option<String>, test: &str, run: fn(&Runtime) -> Result| {
            suite.add_unless(missing, format!("{}: {test}", runtime.name), move || run(runtime));
        };
        add(absent(), "pictures", cases::pictures);
        add(absent(), "a head of the last layer", cases::last_layer);
        add(absent(), "planted faults", cases::rejects_faults);
        if runtime.takes_backbones {
            add(absent(), "other shapes", cases::other_shapes);
        }
        add(absent().or_else(|| missing(cases::PHOTO_FOLDER)), "photos", cases::photos);
    }
    suite.run()
}

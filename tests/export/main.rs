//! Exported files in the runtimes that they are for, fed with the very bytes that our engine is fed with, and compared with it.
//!
//! The runtimes come from PyPI (`MOBILENET_PYTHON` names a Python that has `tests/export/requirements.txt`) and npm
//! (`tests/export/node_modules`); `./build.sh test` installs both. Without them, or without the photos, a test says "skipped".
//!
//! Other runtimes are not equal to our engine, and there is no bound to derive: a rounding that differs in an early layer may move
//! everything after it. Tolerances are the largest difference ever seen and half as much again; what they still let through
//! the planted faults show.

#[cfg(feature = "embedded")]
mod answers;
#[cfg(feature = "embedded")]
mod cases;
#[cfg(feature = "embedded")]
mod runtime;

#[cfg(not(feature = "embedded"))]
fn main() {
    println!("skipped: the embedded model is not compiled in");
}

#[cfg(feature = "embedded")]
fn main() -> std::process::ExitCode {
    cases::run()
}

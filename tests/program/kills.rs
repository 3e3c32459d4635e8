//! `kill -9` at any moment of every run that writes: what is there under a final name is whole, and another run ends as if
//! nothing had been.
//!
//! `KILLS=200 cargo test --release --test kills` for a campaign; each run is killed at moments drawn by lot.

#![cfg(all(feature = "embedded", unix))]

mod program;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use mobilenet_core::base::rng::Rng;
use program::{Program, Writing, assert_success, writings};

/// Kills in all, when nobody asks for more: one or two a run.
const KILLS: usize = 14;
const OLD: &[u8] = b"an older artefact";

/// Files of a folder by name, but for those that say by theirs that they are not whole. Of the report, which holds times, only how it
/// ends.
fn whole_files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
        let (path, name) = (entry.path(), entry.file_name().into_string().unwrap());
        if path.is_dir() {
            files.extend(whole_files(&path).into_iter().map(|(inner, bytes)| (Path::new(&name).join(inner), bytes)));
        } else if !(name.starts_with('.') && name.ends_with(".partial")) {
            let bytes = fs::read(&path).unwrap();
            let from = if name == "report.html" { bytes.len().saturating_sub(8) } else { 0 };
            files.insert(name.into(), bytes[from..].into());
        }
    }
    files
}

/// A run that writes, what it leaves when nothing happens to it, and how long it takes to.
struct Target<'a> {
    program: &'a Program,
    writing: &'a Writing,
    expected: BTreeMap<PathBuf, Vec<u8>>,
    time: Duration,
}

impl<'a> Target<'a> {
    fn new(program: &'a Program, writing: &'a Writing) -> Self {
        program.forget();
        let begun = Instant::now();
        assert_success(&program.run(&writing.out_in("out")));
        let (time, expected) = (begun.elapsed(), whole_files(&program.path("out")));
        assert!(!expected.is_empty(), "{} writes", writing.name);
        Self { program, writing, expected, time }
    }

    /// Whether the run was killed before it was done.
    fn kill(&self, rng: &mut Rng) -> bool {
        let Self { program, writing, expected, time } = self;
        program.forget();
        let is_old = rng.below(2) == 1;
        if is_old {
            expected.keys().for_each(|name| drop(program.write(Path::new("out").join(name), OLD)));
        }
        let mut command = program.command(&writing.out_in("out"));
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        sleep(time.mul_f32(rng.uniform() * 1.1));
        child.kill().unwrap();
        let killed = child.wait().unwrap().signal().is_some();
        for (name, bytes) in whole_files(&program.path("out")) {
            let is_whole = expected.get(&name) == Some(&bytes) || is_old && OLD.ends_with(&bytes);
            assert!(is_whole, "{}: {name:?} of {} bytes", writing.name, bytes.len());
        }
        assert_success(&program.run(&writing.out_in("out")));
        assert!(whole_files(&program.path("out")) == *expected, "{}: another run ends the same", writing.name);
        killed
    }
}

impl Program {
    fn forget(&self) {
        for folder in ["out", "cache"] {
            let _ = fs::remove_dir_all(self.path(folder));
        }
    }
}

#[test]
fn a_killed_run_leaves_nothing_half_written_and_another_one_ends_the_same() {
    let wanted = std::env::var("KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let program = Program::new();
    let writings = writings(&program);
    let targets: Vec<Target> = writings.iter().map(|writing| Target::new(&program, writing)).collect();
    let mut rng = Rng::new(wanted as u64);
    let (mut kills, mut tries) = (vec![0; targets.len()], 0);
    while kills.iter().sum::<usize>() < wanted {
        let at = tries % targets.len();
        kills[at] += usize::from(targets[at].kill(&mut rng));
        tries += 1;
        assert!(tries < 10 * (wanted + targets.len()), "most moments are before the end");
    }
    let counts: Vec<String> = targets.iter().zip(&kills).map(|(t, n)| format!("{} {n}", t.writing.name)).collect();
    eprintln!("killed {} times in {tries} runs: {}", kills.iter().sum::<usize>(), counts.join(", "));
}

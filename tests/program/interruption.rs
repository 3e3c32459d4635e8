//! Training that is interrupted, or finds no room: no file under its final name is ever anything but whole, and what was
//! computed is not computed again.

#![cfg(all(feature = "embedded", unix))]

mod program;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;
use std::thread::sleep;
use std::time::Duration;

use mobilenet_core::Classifier;
use mobilenet_core::base::rng::Rng;
use program::{assert_fails, assert_success, noise, stderr};
use tempfile::TempDir;

const PICTURES: [(&str, u8); 2] = [("train", 12), ("val", 6)];
const ARTEFACTS: [&str; 6] =
    ["accuracy.svg", "history.json", "labels.txt", "loss.svg", "model.safetensors", "report.html"];
const SIGINT: i32 = 2;
const SIGKILL: i32 = 9;

/// Pictures, and what training on them leaves when nothing happens to it.
struct Reference {
    pictures: PathBuf,
    artefacts: BTreeMap<String, Vec<u8>>,
    /// Bytes of the caches.
    embeddings: u64,
    fingerprints: u64,
}

static REFERENCE: LazyLock<Reference> = LazyLock::new(|| {
    // A static value is never dropped, so no temporary folder.
    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).join("interruption");
    let _ = fs::remove_dir_all(&pictures);
    make_pictures(&pictures);
    let run = Run { root: tempfile::tempdir().unwrap() };
    assert_success(&run.command(&pictures, &[]).output().unwrap());
    let artefacts = files(&run.out());
    assert_eq!(artefacts.keys().collect::<Vec<_>>(), ARTEFACTS);
    Classifier::open(&run.model()).expect("the model passes its self-test");
    let (embeddings, fingerprints) = (run.cached("embeddings"), run.cached("fingerprints"));
    Reference { pictures, artefacts, embeddings, fingerprints }
});

/// Two classes of noise that differ in brightness, for training and validation.
fn make_pictures(root: &Path) {
    let mut rng = Rng::new(1);
    for (set, pictures) in PICTURES {
        for (label, base) in [("bright", 128.0), ("dark", 0.0)] {
            let folder = root.join(set).join(label);
            fs::create_dir_all(&folder).unwrap();
            for at in 0..pictures {
                fs::write(folder.join(format!("{at}.png")), noise(&mut rng, base)).unwrap();
            }
        }
    }
}

/// A cache and a place for artefacts.
struct Run {
    root: TempDir,
}

impl Run {
    fn new() -> Self {
        LazyLock::force(&REFERENCE);
        Self { root: tempfile::tempdir().unwrap() }
    }

    fn out(&self) -> PathBuf {
        self.root.path().join("out")
    }

    fn model(&self) -> PathBuf {
        self.out().join("model.safetensors")
    }

    fn cache(&self) -> PathBuf {
        self.root.path().join("cache/mobilenet-web")
    }

    /// Bytes of the cache whose name starts like this.
    fn cached(&self, name: &str) -> u64 {
        let entries = fs::read_dir(self.cache()).into_iter().flatten().map(Result::unwrap);
        let named = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(name));
        named.map(|entry| entry.metadata().unwrap().len()).sum()
    }

    fn command(&self, pictures: &Path, options: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mobilenet"));
        command.arg("train").arg(pictures.join("train")).arg("--val").arg(pictures.join("val"));
        command.arg("--out").arg(self.model()).args(options);
        command.env("XDG_CACHE_HOME", self.root.path().join("cache"));
        command
    }

    fn train(&self, options: &[&str]) -> Output {
        self.command(&REFERENCE.pictures, options).output().unwrap()
    }

    fn start(&self, options: &[&str]) -> Child {
        let mut command = self.command(&REFERENCE.pictures, options);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Trains where no file can grow beyond `blocks`: of 512 bytes as POSIX has it, of 1024 in some shells.
    fn train_with_little_room(&self, blocks: u32, options: &[&str]) -> Output {
        let command = self.command(&REFERENCE.pictures, options);
        let mut shell = Command::new("sh");
        // Without the signal that goes with it, too large a file is an error of the write, as a full disk is.
        shell.arg("-c").arg(format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\""));
        shell.arg(command.get_program()).args(command.get_args());
        shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell.output().unwrap()
    }

    /// What is there under a final name is whole: from an uninterrupted run, or the model that was there before.
    fn assert_whole(&self, old_model: Option<&[u8]>) {
        for (name, bytes) in files(&self.out()) {
            let is_old = name == "model.safetensors" && old_model == Some(&bytes);
            assert!(is_old || REFERENCE.artefacts.get(&name) == Some(&bytes), "{name} of {} bytes", bytes.len());
        }
    }

    /// Another run ends as if there had been no interruption, and embeds only what the interrupted one had not.
    fn assert_goes_on(&self) {
        let embedded = self.cached("embeddings");
        assert_success(&self.train(&[]));
        assert!(files(&self.out()) == REFERENCE.artefacts);
        // A record that was made again would be there twice.
        assert_eq!(self.cached("embeddings"), REFERENCE.embeddings, "from {embedded}");
        assert_eq!(self.cached("fingerprints"), REFERENCE.fingerprints);
    }
}

/// Files by name, but for those that say by theirs that they are not whole. Of the report, which holds times and paths, only how it ends.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(Result::unwrap);
    let content = |name: &str, path| match fs::read(path).unwrap() {
        report if name == "report.html" => report[report.len().saturating_sub(8)..].into(),
        bytes => bytes,
    };
    let named = entries.map(|entry| {
        let name = entry.file_name().into_string().unwrap();
        (name.clone(), content(&name, entry.path()))
    });
    named.filter(|(name, _)| !(name.starts_with('.') && name.ends_with(".partial"))).collect()
}

/// Sends the signal, and says which one the process ended by: none if it was done before.
fn interrupt(mut child: Child, signal: i32) -> Option<i32> {
    if signal == SIGKILL {
        child.kill().unwrap();
    } else {
        let kill = Command::new("kill").arg(format!("-{signal}")).arg(child.id().to_string()).status().unwrap();
        assert!(kill.success(), "a child that was not waited for is there");
    }
    let status = child.wait().unwrap();
    assert!(status.success() || status.signal() == Some(signal), "{status}");
    status.signal()
}

/// Moments to interrupt a training at, as bytes of embeddings and number of artefacts that are there, whole or not. By
/// what was done and not by the clock, which says little on a busy machine.
fn moments() -> impl Iterator<Item = (u64, usize)> {
    let all = REFERENCE.embeddings;
    let embedding = (0..=8).map(move |part| (all * part / 8, 0));
    embedding.chain((1..=ARTEFACTS.len()).map(move |written| (all, written)))
}

fn interrupted_training_goes_on(signal: i32, moments: impl Iterator<Item = (u64, usize)>) {
    let (mut while_embedding, mut while_writing) = (0, 0);
    for (index, (embedded, written)) in moments.enumerate() {
        let run = Run::new();
        let old_model = (index % 2 == 1).then_some(&b"an older model"[..]);
        if let Some(bytes) = old_model {
            fs::create_dir(run.out()).unwrap();
            fs::write(run.model(), bytes).unwrap();
        }
        let new_files = || fs::read_dir(run.out()).map_or(0, Iterator::count) - usize::from(old_model.is_some());
        let mut child = run.start(&[]);
        while child.try_wait().unwrap().is_none() && (run.cached("embeddings") < embedded || new_files() < written) {
            sleep(Duration::from_micros(100));
        }
        let interrupted = interrupt(child, signal).is_some();
        run.assert_whole(old_model);
        while_embedding += u32::from(interrupted && (1..REFERENCE.embeddings).contains(&run.cached("embeddings")));
        while_writing += u32::from(interrupted && (1..ARTEFACTS.len()).contains(&new_files()));
        run.assert_goes_on();
    }
    eprintln!("signal {signal}: interrupted {while_embedding} times while embedding, {while_writing} while writing");
    assert!(while_embedding > 1);
}

#[test]
fn a_killed_training_leaves_nothing_half_written_and_goes_on() {
    interrupted_training_goes_on(SIGKILL, moments());
}

#[test]
fn ctrl_c_leaves_nothing_half_written_and_goes_on() {
    interrupted_training_goes_on(SIGINT, moments().step_by(3));
}

/// Bytes of whole TFRecords.
fn whole_records(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(length) = bytes.get(at..at + 8) {
        let end = at + 16 + u64::from_le_bytes(length.try_into().unwrap()) as usize;
        if end > bytes.len() {
            break;
        }
        at = end;
    }
    at
}

#[test]
fn an_interrupted_log_has_whole_lines_and_records() {
    for signal in [SIGINT, SIGKILL] {
        let run = Run::new();
        let log = run.root.path().join("log");
        assert_success(&run.train(&[]));
        let mut child = run.start(&["--epochs=10000", "--patience=10000", "--logdir", log.to_str().unwrap()]);
        let csv = || fs::read_to_string(log.join("history.csv")).unwrap_or_default();
        while csv().lines().count() < 20 && child.try_wait().unwrap().is_none() {
            sleep(Duration::from_millis(10));
        }
        assert_eq!(interrupt(child, signal), Some(signal));
        let csv = csv();
        assert!(csv.ends_with('\n') && csv.lines().all(|line| line.split(',').count() == 5));
        let is_events = |(name, _): &(String, Vec<u8>)| name.starts_with("events.out.tfevents.");
        let (_, events) = files(&log).into_iter().find(is_events).unwrap();
        assert_eq!(whole_records(&events), events.len());
    }
}

#[test]
fn a_cache_without_room_costs_nothing_but_time() {
    let run = Run::new();
    let output = run.train_with_little_room(800, &[]);
    assert_success(&output);
    let said = stderr(&output);
    assert!(said.contains("/embeddings-") && said.contains("File too large"), "{said}");
    assert!(files(&run.out()) == REFERENCE.artefacts, "no picture was left out");
    assert!((1..REFERENCE.embeddings).contains(&run.cached("embeddings")));
    run.assert_goes_on();
}

#[test]
fn a_model_without_room_leaves_the_old_one() {
    let run = Run::new();
    assert_success(&run.train(&[]));
    // The cache has all it needs, so that only the model, 2.3 MB with its backbone, is too large.
    let output = run.train_with_little_room(2048, &["--with-backbone"]);
    assert_fails(&output, &["error: write ", "/model.safetensors: ", "File too large"]);
    assert!(files(&run.out()) == REFERENCE.artefacts);
    assert_eq!(fs::read_dir(run.out()).unwrap().count(), ARTEFACTS.len(), "and nothing else");
}

#[test]
fn a_log_without_room_is_named() {
    let run = Run::new();
    assert_success(&run.train(&[]));
    let log = run.root.path().join("log");
    let options = ["--epochs=3000", "--patience=3000", "--logdir", log.to_str().unwrap()];
    let output = run.train_with_little_room(200, &options);
    assert_fails(&output, &["error: write ", "/log/", "File too large"]);
    assert!(files(&run.out()) == REFERENCE.artefacts);
}

#[test]
fn a_cache_folder_that_cannot_be_written_is_done_without_unless_it_was_asked_for() {
    let run = Run::new();
    // A file in its place: permissions would not keep an administrator out.
    fs::write(run.root.path().join("cache"), "").unwrap();
    let output = run.train(&[]);
    assert_success(&output);
    assert!(stderr(&output).contains("warning: write into the cache folder"), "{}", stderr(&output));
    assert!(files(&run.out()) == REFERENCE.artefacts);
    let run = Run::new();
    let cache = run.root.path().join("file/cache");
    fs::write(run.root.path().join("file"), "").unwrap();
    assert_fails(&run.train(&["--cache", cache.to_str().unwrap()]), &["error: ", "/file/cache: "]);
    assert!(!run.out().exists());
}

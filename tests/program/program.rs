//! The program as a process, in a folder of its own, for tests that disturb it.

#![allow(dead_code, reason = "each test program uses a part")]

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use mobilenet_core::base::rng::Rng;
use tempfile::TempDir;

pub const FURNITURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../src/core/models/furniture.safetensors");
const BACKBONE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../src/core/models/mobilenet_v2_1.0_224.safetensors");

/// A folder to work in, with a cache.
pub struct Program {
    root: TempDir,
}

impl Program {
    pub fn new() -> Self {
        Self { root: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root.path().join(name)
    }

    pub fn write(&self, name: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    /// In this folder, with a cache in it.
    pub fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mobilenet"));
        command.args(arguments).current_dir(self.root.path()).env("XDG_CACHE_HOME", self.path("cache"));
        command
    }

    pub fn run(&self, arguments: &[impl AsRef<OsStr>]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The same in a shell, as `"$@"`: what else the script does with it.
    pub fn shell(&self, script: &str, arguments: &[impl AsRef<OsStr>]) -> Output {
        let mut shell = Command::new("sh");
        shell.args(["-c", script, "sh", env!("CARGO_BIN_EXE_mobilenet")]).args(arguments);
        shell.current_dir(self.root.path()).env("XDG_CACHE_HOME", self.path("cache")).output().unwrap()
    }

    /// The same with little memory and time, of which a bomb wants more.
    pub fn run_within(&self, megabytes: u32, seconds: u32, arguments: &[impl AsRef<OsStr>]) -> Output {
        self.shell(&format!("ulimit -v {}; exec timeout -s KILL {seconds} \"$@\"", megabytes * 1024), arguments)
    }

    /// Two classes of noise, bright and dark, in the folder `name`.
    pub fn pictures(&self, name: &str, count: usize) {
        let mut rng = Rng::new(count as u64);
        for (label, base) in [("bright", 128.0), ("dark", 0.0)] {
            for at in 0..count {
                self.write(Path::new(name).join(label).join(format!("{at}.png")), noise(&mut rng, base));
            }
        }
    }
}

/// A picture of 64 x 48 pixels.
pub fn noise(rng: &mut Rng, base: f64) -> Vec<u8> {
    let mut channel = || (base + f64::from(rng.uniform()) * 127.0) as u8;
    let pixel = |_, _| image::Rgb([channel(), channel(), channel()]);
    let mut file = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_fn(64, 48, pixel).write_to(&mut file, image::ImageFormat::Png).unwrap();
    file.into_inner()
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// It ended by itself, and not in a panic (101), out of memory (134) or time (137).
#[track_caller]
pub fn assert_ends(output: &Output, about: &str) {
    let code = output.status.code();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(code, Some(0..=2)) && !said.contains("panicked"), "{about}: {:?} {said}", output.status);
}

#[track_caller]
pub fn assert_success(output: &Output) {
    assert!(output.status.success(), "{:?} {}", output.status, String::from_utf8_lossy(&output.stderr));
}

/// It failed, and said why and where.
#[track_caller]
pub fn assert_fails(output: &Output, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_ends(output, &words.join(" "));
    assert_eq!(output.status.code(), Some(1), "{said}");
    for word in words {
        assert!(said.contains(word), "{word:?} is missing in: {said}");
    }
}

/// A run that writes, but for where to.
pub struct Writing {
    pub name: &'static str,
    pub arguments: Vec<String>,
    /// What `--out` is to be.
    pub out: &'static str,
    /// Whether it keeps embeddings or needs a folder of scratch files.
    pub scratch: bool,
}

/// One of every kind, and what they need in the folder of the program: pictures, shards, a project, a head, a link.
pub fn writings(program: &Program) -> Vec<Writing> {
    program.pictures("photos", 8);
    program.pictures("val", 3);
    for (set, out) in [("photos", "photos.parquet"), ("val", "val.parquet")] {
        assert_success(&program.run(&["embed", set, "--no-cache", "--out", out]));
    }
    assert_success(&program.run(&["project", "photos", "--out", "project.zip"]));
    assert_success(&program.run(&["export", FURNITURE, "--format=onnx", "--precision=float", "--out=float.onnx"]));
    program.write("page.html", "<script type=\"application/octet-stream\" data-part=\"model\"></script>");
    let link = stdout(&program.run(&["share", FURNITURE, "--page", "https://example.org/"]));
    let picture = "photos/dark/0.png";
    let writing = |name, arguments: &[&str], out, scratch| {
        let arguments = arguments.iter().map(|word| (*word).to_owned()).collect();
        Writing { name, arguments, out, scratch }
    };
    let train = ["train", "photos", "--val", "val", "--augment=1"];
    let import = ["backbone", "import", "float.onnx", "--input=bytes", "--calibrate=photos"];
    let shards = ["train", "--embeddings", "photos.parquet", "--val-embeddings", "val.parquet"];
    vec![
        writing("train", &train, "model.safetensors", true),
        writing("train from shards", &shards, "model.safetensors", true),
        writing("train a project", &["train", "project.zip"], "model.safetensors", true),
        writing("embed", &["embed", "photos", "--augment=1"], "shard.parquet", true),
        writing("project", &["project", "photos"], "project.zip", false),
        writing("inspect", &["inspect", "photos"], "sheet.svg", false),
        writing("export onnx", &["export", FURNITURE, "--format=onnx"], "model.onnx", false),
        writing("export tflite", &["export", FURNITURE, "--format=tflite"], "model.tflite", false),
        writing("export tfjs", &["export", FURNITURE, "--format=tfjs"], "tfjs/", false),
        writing("export safetensors", &["export", BACKBONE, "--format=safetensors"], "model.safetensors", false),
        writing("export html", &["export", FURNITURE, "--format=html", "--page=page.html"], "page.html", false),
        writing("import", &import, "backbone.safetensors", false),
        writing("explain", &["explain", FURNITURE, picture], "why.png", false),
        writing("share", &["share", link.trim()], "head.safetensors", false),
    ]
}

impl Writing {
    /// With its artefacts in `folder`.
    pub fn out_in(&self, folder: &str) -> Vec<String> {
        let out = format!("{folder}/{}", self.out);
        [&self.arguments[..], &["--out".into(), out]].concat()
    }
}

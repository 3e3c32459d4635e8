//! Places that cannot be written: full and read-only disks, folders and devices in the place of files, files in the place
//! of folders, and a terminal that is full or gone.

#![cfg(all(feature = "embedded", target_os = "linux"))]

mod program;

use std::fs;
use std::os::unix::fs::symlink;

use program::{Program, assert_ends, assert_fails, assert_success, stderr, stdout, writings};

/// Runs `"$@"` with a small disk in the folder `disk`, where `old` is, and says in files what is there afterwards. A disk of its own
/// needs the rights of an administrator.
fn with_disk(state: &str) -> String {
    format!(
        "exec unshare -m sh -ec '
        mount -t tmpfs -o size=64k none disk
        printf old >disk/old; for file in $FILES; do mkdir -p $(dirname disk/$file); printf old >disk/$file; done
        {state}
        (cd disk; find . | sort) >before
        code=0; \"$@\" || code=$?
        (cd disk; find . | sort) >after
        cat $(for file in old $FILES; do echo disk/$file; done) >kept
        exit $code' \"$0\" \"$@\""
    )
}

const FULL: &str = "cat /dev/zero >disk/filler 2>/dev/null || true";
const READ_ONLY: &str = "mount -o remount,ro disk";

fn can_mount(program: &Program) -> bool {
    fs::create_dir_all(program.path("disk")).unwrap();
    let tried = std::process::Command::new("unshare")
        .args(["-m", "mount", "-t", "tmpfs", "none", "disk"])
        .current_dir(program.path(""))
        .output();
    tried.is_ok_and(|output| output.status.success())
}

/// `skipped` is counted in the output of `cargo test`, where nobody may mount.
fn disk_or_skip() -> Option<Program> {
    let program = Program::new();
    if can_mount(&program) {
        return Some(program);
    }
    eprintln!("skipped: no disk can be mounted here (1 skipped)");
    None
}

#[test]
fn a_full_or_read_only_disk_is_named_and_keeps_what_was_there() {
    let Some(program) = disk_or_skip() else { return };
    let mut faults = 0;
    for writing in &writings(&program) {
        let names = match writing.out {
            "tfjs/" => "tfjs/model.json".into(),
            "model.safetensors" if writing.name.starts_with("train") => {
                "model.safetensors labels.txt report.html".into()
            }
            out => out.to_owned(),
        };
        for (state, reason) in [(FULL, "No space left"), (READ_ONLY, "Read-only file system")] {
            let script = format!("export FILES='{names}'; {}", with_disk(state));
            let output = program.shell(&script, &writing.out_in("disk"));
            assert_fails(&output, &["error: ", "disk/", reason]);
            let read = |name: &str| fs::read_to_string(program.path(name)).unwrap();
            assert_eq!(read("before"), read("after"), "{}: nothing is left", writing.name);
            assert_eq!(read("kept").replace("old", ""), "", "{}: what was there stays", writing.name);
            faults += 1;
        }
    }
    eprintln!("{faults} runs onto full and read-only disks");
}

#[test]
fn a_full_disk_for_the_cache_or_temporary_files_costs_time_or_is_named() {
    let Some(program) = disk_or_skip() else { return };
    let writings = writings(&program);
    for writing in writings.iter().filter(|writing| writing.scratch) {
        for place in
            ["XDG_CACHE_HOME=$PWD/disk", "HOME=$PWD/disk XDG_CACHE_HOME=", "HOME= XDG_CACHE_HOME= TMPDIR=$PWD/disk"]
        {
            let script = format!("export FILES= {place}; {}", with_disk(FULL));
            let output = program.shell(&script, &writing.out_in("out"));
            // Shards are read into a scratch file, and a project is unpacked: those need the room.
            let needs = ["train from shards", "train a project"].contains(&writing.name);
            if needs {
                assert_fails(&output, &["error: ", "/disk", "No space left"]);
            } else {
                assert_success(&output);
                let is_cache = !place.contains("TMPDIR");
                assert_eq!(
                    stderr(&output).contains("No space left"),
                    is_cache,
                    "{}: {}",
                    writing.name,
                    stderr(&output)
                );
            }
            let partial = fs::read_to_string(program.path("after")).unwrap();
            assert!(!partial.contains(".scratch") && !partial.contains(".partial"), "{}: {partial}", writing.name);
        }
    }
}

#[test]
fn what_is_no_place_for_a_file_is_refused_before_any_work() {
    let program = Program::new();
    program.write("file", "");
    symlink("/dev/null", program.path("device.json")).unwrap();
    for writing in &writings(&program) {
        let run = |out: &str| program.run(&[&writing.arguments[..], &["--out".into(), out.into()]].concat());
        assert_fails(&run("file/inside"), &["file"]);
        if writing.out == "tfjs/" {
            assert_fails(&run("file"), &["file"]);
            continue;
        }
        for folder in ["photos", ".", "photos/"] {
            assert_fails(&run(folder), &["error: ", "irectory"]);
        }
        for device in ["/dev/null", "/dev/full", "device.json"] {
            assert_fails(&run(device), &[device, "a pipe or a device"]);
        }
    }
    fs::create_dir_all(program.path("taken/report.html")).unwrap();
    let output = program.run(&["train", "photos", "--out=taken/model"]);
    assert_fails(&output, &["taken/report.html", "is a directory"]);
    assert_eq!(stdout(&output), "", "refused before anything was computed");
    assert_eq!(fs::read_dir(program.path("taken")).unwrap().count(), 1);
    use std::os::unix::fs::FileTypeExt;
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device(), "and devices are what they were");
}

#[test]
fn a_terminal_that_is_full_or_gone_breaks_nothing() {
    let program = Program::new();
    program.pictures("photos", 5);
    assert_success(&program.run(&["train", "photos", "--augment=0", "--out=trained/model"]));
    program.write("photos/dark/broken.png", "no picture");
    let commands = [
        "train photos --augment=0 --out=out/model",
        "embed photos --out=out/shard",
        "project photos --out=out/project.zip",
        "inspect photos --out=out/sheet.svg",
        "inspect photos --json",
        "evaluate trained/model photos",
        "classify trained/model photos",
        "classify trained/model photos --json",
        "explain trained/model photos/dark/0.png --out=out/why.png",
        "export trained/model --format=tfjs --out=out/tfjs",
        "share trained/model",
        "summary trained/model",
        "profile trained/model --frames=1",
    ]
    .map(|words| words.split(' ').collect::<Vec<_>>());
    for command in &commands {
        let about = command.join(" ");
        let usual = program.run(command).status.code();
        let code = |script: &str| {
            let output = program.shell(script, command);
            assert_ends(&output, &format!("{about} {script}"));
            assert!(!stdout(&output).contains("panicked"), "{about} {script}: {}", stdout(&output));
            output.status.code()
        };
        let full = program.shell("exec \"$@\" >/dev/full", command);
        assert_fails(&full, &["standard output", "No space left"]);
        assert_eq!(code("exec \"$@\" 2>/dev/full"), usual, "{about}");
        assert_eq!(code("exec \"$@\" >&- 2>&-"), usual, "{about}");
        assert_eq!(code("exec \"$@\" <&- >/dev/null 2>&1"), usual, "{about}");
        // As `head` ends: at once, or after a line.
        code("\"$@\" 2>&1 | true");
        code("\"$@\" 2>&1 | head -n 1");
        let quiet = program.shell("\"$@\" | head -n 1", command);
        assert!(!stderr(&quiet).contains("roken pipe"), "{about}: {}", stderr(&quiet));
    }
    eprintln!("{} commands, 7 terminals each", commands.len());
}

#[test]
fn a_run_whose_reader_has_gone_writes_its_model_all_the_same() {
    let program = Program::new();
    program.pictures("photos", 6);
    assert_success(&program.run(&["train", "photos", "--augment=0", "--out=a/model"]));
    assert_success(&program.shell("\"$@\" | true", &["train", "photos", "--augment=0", "--out=b/model"]));
    let read = |name: &str| fs::read(program.path(name)).unwrap();
    assert_eq!(read("a/model"), read("b/model"));
}

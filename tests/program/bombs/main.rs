//! Bombs: small files that claim, or become, a great deal. Each has to end, in bounded memory, with an answer or a reason.

#![cfg(all(feature = "embedded", target_os = "linux"))]

#[path = "../program.rs"]
mod program;

mod archives;
mod networks;
mod pictures;

use std::fs;

use program::{FURNITURE, Program, assert_ends, assert_fails, assert_success, stdout};

/// Megabytes of address space: 0.6 GB for the deepest picture, the rest for the program and its threads.
const MEMORY: u32 = 1200;
/// Seconds, of a machine that does other things too; each bomb takes less than two of an idle one.
const TIME: u32 = 60;

#[test]
fn pictures_end_in_bounded_memory() {
    let program = Program::new();
    let bombs = pictures::bombs();
    let mut answered = Vec::new();
    for (name, bytes) in &bombs {
        program.write(format!("photos/bed/{name}"), bytes);
        let output = program.run_within(MEMORY, TIME, &["classify", FURNITURE, &format!("photos/bed/{name}")]);
        assert_ends(&output, name);
        assert!(stdout(&output).contains(name) && stdout(&output).lines().count() == 1, "{name}: {}", stdout(&output));
        answered.extend(output.status.success().then_some(*name));
    }
    assert_eq!(answered, pictures::HARMLESS);
    // All together, where each thread may hold one.
    for words in ["inspect photos", "evaluate MODEL photos", "embed photos --out=x.parquet"] {
        let words: Vec<String> = words.split(' ').map(|word| word.replace("MODEL", FURNITURE)).collect();
        let output = program.run_within(MEMORY * 4, TIME * 5, &words);
        assert_ends(&output, &words.join(" "));
        assert_eq!(output.status.code(), Some(1), "a batch goes on, and tells");
    }
}

fn nested(depth: usize) -> String {
    "[".repeat(depth) + &"]".repeat(depth)
}

#[test]
fn models_that_lie_are_refused() {
    let program = Program::new();
    let furniture = fs::read(FURNITURE).unwrap();
    let header = |json: &str| [&(json.len() as u64).to_le_bytes(), json.as_bytes()].concat();
    let manifest = |json: &str| {
        let json = serde_json::json!({ "__metadata__": { "mobilenet_web": json } }).to_string();
        header(&json)
    };
    let longest = [&u64::MAX.to_le_bytes()[..], b"{}"].concat();
    let tensor =
        r#"{"head.weight":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,18446744073709551615]}}"#;
    let zlib_of_zeros = pictures::zeros(1 << 30);
    let cases: [(&str, Vec<u8>); 12] = [
        ("nested header", header(&nested(100_000))),
        ("nested value", header(&format!("{{\"a\":{}}}", nested(100_000)))),
        ("nested manifest", manifest(&nested(100_000))),
        ("nested labels", manifest(&format!("{{\"format\":1,\"head\":{{\"labels\":{}}}}}", nested(100_000)))),
        ("longest header", longest),
        ("header beyond the file", [&100_000_000u64.to_le_bytes()[..], b"{}"].concat()),
        ("tensor beyond the file", header(tensor)),
        (
            "many tensors",
            header(&format!(
                "{{{}}}",
                (0..200_000)
                    .map(|at| format!("\"{at}\":{{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}"))
                    .collect::<Vec<_>>()
                    .join(",")
            )),
        ),
        ("compressed bomb", zlib_of_zeros.clone()),
        ("compressed twice", {
            let mut twice = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
            std::io::Write::write_all(&mut twice, &zlib_of_zeros).unwrap();
            twice.finish().unwrap()
        }),
        ("gzip", [&b"\x1f\x8b\x08\0\0\0\0\0\0\x03"[..], &zlib_of_zeros[2..]].concat()),
        ("cut short", furniture[..furniture.len() / 2].into()),
    ];
    let mut runs = 0;
    for (name, bytes) in &cases {
        let path = program.write(name, bytes);
        let path = path.to_str().unwrap();
        for arguments in [
            vec!["summary", path],
            vec!["classify", path, "."],
            vec!["export", path, "--format=onnx"],
            vec!["train", ".", "--backbone", path],
        ] {
            let output = program.run_within(MEMORY, TIME, &arguments);
            assert_fails(&output, &[name, "no usable model"]);
            runs += 1;
        }
    }
    let sparse = program.path("sparse");
    fs::File::create(&sparse).unwrap().set_len(1 << 40).unwrap();
    for arguments in [["summary", "sparse"], ["share", "sparse"]] {
        assert_fails(&program.run_within(MEMORY, TIME, &arguments), &["sparse", "larger than 256 MB"]);
    }
    eprintln!("{} runs", runs + 2);
}

/// Bytes of a shard changed one by one, and cut short everywhere: an error or the same model, never a panic.
/// `CHANGES=2000 cargo test --release --test bombs` for a campaign.
#[test]
fn shards_that_lie_are_refused() {
    let count = std::env::var("CHANGES").map_or(40, |count| count.parse().unwrap());
    let program = Program::new();
    program.pictures("photos", 3);
    assert_success(&program.run(&["embed", "photos", "--out=whole.parquet"]));
    let whole = fs::read(program.path("whole.parquet")).unwrap();
    let mut rng = mobilenet_core::base::rng::Rng::new(11);
    let footer = 2000.min(whole.len());
    for change in 0..count {
        let mut bytes = whole.clone();
        // Most of what says how long things are is at the end.
        let at = if change % 4 == 0 { rng.below(bytes.len()) } else { bytes.len() - 1 - rng.below(footer) };
        match change % 3 {
            0 => bytes.truncate(at),
            1 => bytes[at] ^= 1 << rng.below(8),
            _ => bytes[at] = [0, 0x7f, 0x80, 0xff][rng.below(4)],
        }
        program.write("changed.parquet", &bytes);
        let output = program.run_within(
            MEMORY * 2,
            TIME,
            &["train", "--embeddings=changed.parquet", "--epochs=2", "--out=out/model"],
        );
        assert_ends(&output, &format!("change {change} at {at} of {}", whole.len()));
    }
    eprintln!("{count} changed shards");
}

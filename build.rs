//! Compiles the side module: the kernels once more, as a wasm of a few KB with relaxed SIMD that the engine carries and links if the browser
//! has that (`src/kernel/link.rs` says why it cannot be compiled in). The kernels depend on nothing, so one run of the compiler does it.

use std::env;
use std::path::Path;
use std::process::Command;

const KERNELS: &str = "src/kernel";

fn main() {
    println!("cargo:rerun-if-changed={KERNELS}");
    println!("cargo:rerun-if-changed=build.rs");
    if env::var("CARGO_CFG_TARGET_ARCH").unwrap() != "wasm32" || env::var_os("CARGO_FEATURE_ENGINE").is_none() {
        return;
    }
    // The functions of the side module get places of their own in the engine's table.
    println!("cargo:rustc-link-arg=--growable-table");
    let path = Path::new(&env::var_os("OUT_DIR").unwrap()).join("side.wasm");
    compile(&path);
    assert!(!has_data(&std::fs::read(&path).unwrap()), "the side module has data, which would lie over the engine's");
}

fn compile(path: &Path) {
    let root = Path::new(KERNELS).join("lib.rs");
    let options =
        ["opt-level=3", "panic=abort", "lto=fat", "codegen-units=1", "strip=symbols", "llvm-args=-disable-lsr"];
    let features = "target-feature=+simd128,+relaxed-simd";
    let linking = ["link-arg=--import-memory", "link-arg=-zstack-size=0"];
    let status = Command::new(env::var_os("RUSTC").unwrap())
        .arg(root)
        .args(["--crate-name", "side", "--crate-type", "cdylib", "--edition", "2024", "--cfg", "side_module"])
        .args(["--target", "wasm32-unknown-unknown", "--cap-lints", "allow", "-o"])
        .arg(path)
        .args(options.into_iter().chain([features]).chain(linking).flat_map(|option| ["-C", option]))
        .status();
    assert!(status.is_ok_and(|status| status.success()), "the side module does not compile");
}

/// Whether a module puts data into its memory, which is the engine's. (A stack it cannot have: one of no bytes traps when it is used.)
fn has_data(wasm: &[u8]) -> bool {
    const DATA: u8 = 11;
    let mut rest = &wasm[8..];
    while let Some((id, after)) = rest.split_first() {
        if *id == DATA {
            return true;
        }
        rest = after;
        let length = number(&mut rest);
        rest = &rest[length..];
    }
    false
}

/// LEB128.
fn number(bytes: &mut &[u8]) -> usize {
    let mut value = 0;
    for at in 0.. {
        let byte = bytes[at];
        value |= usize::from(byte & 0x7F) << (7 * at);
        if byte < 0x80 {
            *bytes = &bytes[at + 1..];
            break;
        }
    }
    value
}

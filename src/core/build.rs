//! Which head is compiled in: the committed furniture head, or the one that `MOBILENET_HEAD` names.

use std::path::Path;

fn main() {
    // Without a word of it Cargo would build anew for whatever file changed, a test or a page.
    println!("cargo:rerun-if-changed=build.rs");
    // Who compiles none in has nothing to compile anew for another one.
    if std::env::var_os("CARGO_FEATURE_EMBEDDED").is_none() {
        return;
    }
    println!("cargo:rerun-if-env-changed=MOBILENET_HEAD");
    let root = Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../..");
    let head = std::env::var("MOBILENET_HEAD").unwrap_or_else(|_| "www/models/furniture.safetensors".into());
    println!("cargo:rustc-env=MOBILENET_HEAD={}", root.join(head).display());
}

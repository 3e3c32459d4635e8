//! `project.json`, in an archive that has every file that it names.
#![no_main]

use std::collections::BTreeSet;
use std::io::{Cursor, Write as _};

use libfuzzer_sys::fuzz_target;
use mobilenet_fuzz::seeds;
use mobilenet_fuzz::unpacked::unpack;
use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fuzz_target!(init: seeds(examples), |data: &[u8]| unpack(&archive(data)));

fn archive(manifest: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    let mut add = |name: &str, content: &[u8]| {
        if zip.start_file(name, options).is_ok() {
            zip.write_all(content).unwrap();
        }
    };
    add("project.json", manifest);
    files(manifest).iter().for_each(|file| add(file, b"x"));
    zip.finish().unwrap().into_inner()
}

fn files(manifest: &[u8]) -> BTreeSet<String> {
    let manifest: Value = serde_json::from_slice(manifest).unwrap_or_default();
    let samples = manifest["samples"].as_array().into_iter().flatten();
    samples.filter_map(|sample| Some(sample["file"].as_str()?.to_owned())).collect()
}

fn examples() -> Vec<Vec<u8>> {
    let samples = r#"[{"file":"s/a/1.jpg","label":0,"burst":0,"name":"one.jpg"},{"file":"s/a/2.jpg","label":0,"burst":0},
        {"file":"s/b/3.jpg","label":2,"burst":1},{"file":"s/b/4.jpg","label":2,"burst":7}]"#;
    let recipe = r#"{"features":"tail","seed":3,"dropout":0.25,"learning_rate":0.01,"schedule":"cosine","weight_decay":0.001,"label_smoothing":0.1,
        "class_weights":"balanced","batch":2,"epochs":5,"patience":2}"#;
    let whole = format!(
        r#"{{"format":1,"labels":["a","none","b"],"recipe":{recipe},"validation_share":0.3,"false_rejections":0.1,"samples":{samples}}}"#
    );
    let least = format!(r#"{{"format":1,"labels":["a","","b"],"samples":{samples}}}"#);
    vec![whole.into_bytes(), least.into_bytes()]
}

//! Project archives as they come: ZIP files of any bytes.
#![no_main]

use std::io::{Cursor, Write as _};

use libfuzzer_sys::fuzz_target;
use mobilenet_fuzz::seeds;
use mobilenet_fuzz::unpacked::unpack;
use zip::CompressionMethod::{Deflated, Stored};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fuzz_target!(init: seeds(examples), |data: &[u8]| unpack(data));

fn examples() -> Vec<Vec<u8>> {
    let manifest = r#"{"format":1,"labels":["a","b"],"samples":[{"file":"s/a/1.jpg","label":0,"burst":0},{"file":"s/b/2.jpg","label":1,"burst":1}]}"#;
    let archive = |method| {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(method);
        for (name, content) in [("project.json", manifest), ("s/a/1.jpg", "first"), ("s/b/2.jpg", "second")] {
            zip.start_file(name, options).unwrap();
            zip.write_all(content.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    };
    vec![archive(Stored), archive(Deflated), archive(Stored)[..300].to_vec()]
}

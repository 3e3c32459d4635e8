//! A page for tests: the parts of it that the program looks at, without a wasm that would have to be built.

use std::path::Path;

use mobilenet_core::base::digest::sha256;

use super::program::Program;

/// What is not kept on the device.
pub const UNLISTED: [&str; 2] = ["docs/index.html", "wasm/mobilenet_onnx_bg.wasm"];

const INDEX: &str = include_str!("../../www/index.html");
const MANIFEST: &str = include_str!("../../www/manifest.webmanifest");
const WORKER: &str = include_str!("../../www/sw.js");

impl Program {
    /// Writes a page into the folder `name`, as `./build.sh build` does.
    pub fn page(&self, name: &str) {
        let files = [
            ("built-in.js", "export const builtInModel = () => null;"),
            ("index.html", INDEX),
            ("manifest.webmanifest", MANIFEST),
            ("samples/bed.jpg", "bed"),
            ("wasm/mobilenet_web_bg.wasm", "engine"),
        ];
        let at = |path: &str| Path::new(name).join(path);
        files.iter().for_each(|(path, text)| drop(self.write(at(path), text)));
        UNLISTED.iter().for_each(|path| drop(self.write(at(path), "not kept")));
        let lines: Vec<String> =
            files.iter().map(|(path, text)| format!("  '{path}': '{}',", sha256(text.as_bytes()))).collect();
        let list = lines.join("\n");
        let version = &sha256((WORKER.trim_end().to_owned() + &list).as_bytes())[..16];
        let worker = WORKER.replace("const VERSION = ''", &format!("const VERSION = '{version}'"));
        self.write(at("sw.js"), worker.replace("const FILES = {\n", &format!("const FILES = {{\n{list}\n")));
    }
}

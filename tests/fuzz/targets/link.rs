//! Links: an address from anywhere, and a head compressed as links carry it.
#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use mobilenet_fuzz::{expect_code, seeds};
use mobilenet_core::{Head, Model};
use mobilenet_core::model::link;

fuzz_target!(init: seeds(examples), |data: &[u8]| {
    // As they are, and as the bytes in a link's letters.
    open(&String::from_utf8_lossy(data));
    open(&(link::PREFIX.to_owned() + &URL_SAFE_NO_PAD.encode(data)));
});

fn open(address: &str) {
    match link::open(address) {
        Err(error) => expect_code(&error, &["bad-model"]),
        Ok(model) => match link::fragment(&model) {
            Err(error) => expect_code(&error, &["bad-argument", "link-too-long"]),
            Ok(fragment) => {
                let again = link::open(&format!("https://example.org/{fragment}")).expect("a link that was made opens");
                assert_eq!(again.head, model.head);
            }
        },
    }
}

fn examples() -> Vec<Vec<u8>> {
    let model = Model::from_bytes(include_bytes!("../../../src/core/models/furniture.safetensors")).unwrap();
    let mut small = model.clone();
    let head = small.head.take().unwrap();
    let (labels, bias) = (head.labels()[..2].to_vec(), head.bias()[..2].to_vec());
    small.head = Some(Head::new(labels, (0..8).map(|at| at as f32).collect(), bias, head.backbone().into()).unwrap());
    small.self_test.logits.truncate(2);
    let links = [model, small].map(|model| link::fragment(&model).unwrap());
    let packed = links.iter().map(|link| URL_SAFE_NO_PAD.decode(&link[link::PREFIX.len()..]).unwrap());
    packed.chain(links.iter().map(|link| link.clone().into_bytes())).collect()
}

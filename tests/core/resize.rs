//! Resize equals Pillow 11.3.0's bilinear filter byte for byte, natively and in the browser.

use mobilenet_core::Frame;
use mobilenet_core::base::digest::sha256;
use mobilenet_core::picture::resize::{Region, resize};

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

/// Made by `tests/pictures/make.py`.
const TRUTH: &str = include_str!("../pictures/resize.txt");

/// The bytes that `make.py` computes too.
fn formula(width: usize, height: usize) -> Vec<u8> {
    let rows = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    rows.flat_map(|(x, y)| (0..3).map(move |channel| (x * x * 31 + y * 57 + x * y * 13 + channel * 101) as u8))
        .collect()
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn equals_pillow_byte_for_byte() {
    assert_eq!(TRUTH.lines().count(), 30);
    for line in TRUTH.lines() {
        let (sides, digest) = line.rsplit_once(' ').unwrap();
        let sides: Vec<usize> = sides.split(' ').map(|side| side.parse().unwrap()).collect();
        let frame = Frame::from_rgb(sides[0], sides[1], formula(sides[0], sides[1])).unwrap();
        let whole = Region { x: 0, y: 0, width: sides[0], height: sides[1] };
        assert_eq!(sha256(&resize(&frame, whole, sides[2], sides[3])), digest, "{sides:?}");
    }
}

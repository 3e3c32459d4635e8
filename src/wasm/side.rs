//! Side: links the side module, the loops that multiply bytes, if this browser has relaxed SIMD and means by it what is exact.

use std::cell::Cell;

use js_sys::WebAssembly::{Instance, Module, Table};
use js_sys::{Array, Function, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use mobilenet_kernel::link::{self, OPERANDS, Reading, reading_of};

const MODULE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/side.wasm"));

/// Its loops, in the order of `mobilenet_kernel::job::Loop`.
const LOOPS: [&str; 3] = ["product", "depthwise", "peak"];

/// Calls of the probe, and products in each: half a millisecond. A browser that has a second compiler for what is called often shows it in
/// this time, and answers the same or is not trusted.
const CALLS: usize = 64;
const ROUNDS: u32 = 1000;

thread_local! {
    static TRIED: Cell<bool> = const { Cell::new(false) };
}

/// Links it, the first time that it is called; networks that are packed from then on use it.
pub fn link_once() {
    if !TRIED.replace(true) {
        // What throws is a browser without relaxed SIMD, or a policy that forbids a second module.
        let _ = try_link();
    }
}

/// Nothing more is linked, and networks that are packed from now on do without.
pub fn forbid() {
    TRIED.set(true);
    link::unlink();
}

fn try_link() -> Result<(), JsValue> {
    let memory = Object::new();
    Reflect::set(&memory, &"memory".into(), &wasm_bindgen::memory())?;
    let imports = Object::new();
    Reflect::set(&imports, &"env".into(), &memory)?;
    let module = Module::new(&Uint8Array::new_from_slice(MODULE).into())?;
    let exports = Instance::new(&module, &imports)?.exports();
    let function = |name: &str| Reflect::get(&exports, &name.into())?.dyn_into::<Function>();
    if let Some(reading) = probe(&function("probe")?)? {
        let table: Table = wasm_bindgen::function_table().dyn_into()?;
        let first = table.grow(LOOPS.len() as u32)?;
        for (place, name) in (first..).zip(LOOPS) {
            table.set(place, &function(name)?)?;
        }
        link::link(first as usize, reading);
    }
    Ok(())
}

/// How bytes are read, if every call says the same.
fn probe(probe: &Function) -> Result<Option<Reading>, JsValue> {
    let mut found = None;
    for call in 0..CALLS {
        let mut sums = [0_i32; 4];
        let address = |pointer: *const u8| JsValue::from(pointer as usize);
        let flip = JsValue::from(0);
        let arguments: Array =
            [flip, address(OPERANDS.as_ptr().cast()), JsValue::from(ROUNDS), address((&raw mut sums).cast())]
                .into_iter()
                .collect();
        probe.apply(&JsValue::NULL, &arguments)?;
        let reading = reading_of(std::hint::black_box(sums), ROUNDS);
        if reading.is_none() || (call > 0 && reading != found) {
            return Ok(None);
        }
        found = reading;
    }
    Ok(found)
}

// Tells mobilenet-web where the converter of ONNX files is: `setOnnxConverter` of that package says what for.
//
// It imports nothing, so that a script tag can load it too. On a server, where nothing asks for the address, it does no harm.

Object.assign(globalThis, { [Symbol.for('mobilenet-web.onnx-converter')]: new URL('./mobilenet_onnx_bg.wasm', import.meta.url) });

export {};

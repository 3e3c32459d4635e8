// Where the converter of ONNX files is: a wasm of 12 MB that is not part of this package. mobilenet-web-onnx has it.
//
// That package leaves the address under a symbol that both know, and imports nothing: so a script tag can load it as well, before or
// after this package, and it works with every copy of this package on the page.

const PLACE = Symbol.for('mobilenet-web.onnx-converter');

const places = /** @type {{ [PLACE]?: URL | string }} */ (/** @type {unknown} */ (globalThis));

/**
 * Has ONNX files opened by a converter that the page hosts itself. Importing mobilenet-web-onnx does the same with the one that it has.
 *
 * @param {URL | string} wasm address of mobilenet_onnx_bg.wasm, of the same version as this package
 */
export function setOnnxConverter(wasm) {
  places[PLACE] = wasm;
}

/** @returns {string | null} a complete address; null where the page has no converter */
export function onnxConverter() {
  const wasm = places[PLACE];
  // Next.js has a path in place of an address.
  return wasm === undefined ? null : new URL(String(wasm), document.baseURI).href;
}

// An ONNX file on its way to the worker, together with what it does not say by itself.
//
// Both travel as one Blob: so it is opened, remembered, and opened again by a fresh worker as any model file is. First a mark
// that no model file begins with, then the length of the settings, the settings as JSON, and the file.

/**
 * @typedef {import('../../wasm/mobilenet_onnx.js').OnnxSettings} OnnxSettings
 * @typedef {{ settings: OnnxSettings, file: Uint8Array<ArrayBuffer> }} OnnxFile
 */

const MARK = new TextEncoder().encode('mobilenet-onnx 1\n');

// The first field of an ONNX file is its version. A safetensors file may begin with the same byte, but has a brace at 8.
const [VERSION, BRACE] = [0x08, 0x7b];

/**
 * @param {Blob} file
 * @param {OnnxSettings} settings
 */
export function pack(file, settings) {
  const json = new TextEncoder().encode(JSON.stringify(settings));
  return new Blob([MARK, new Uint32Array([json.length]), json, file]);
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes of a model file
 * @returns {OnnxFile | null} null for what is none
 */
export function unpack(bytes) {
  if (!MARK.every((byte, at) => bytes[at] === byte)) {
    return bytes[0] === VERSION && bytes[8] !== BRACE ? { settings: { name: 'an ONNX file' }, file: bytes } : null;
  }
  const begin = MARK.length + 4;
  const end = begin + new DataView(bytes.buffer, bytes.byteOffset).getUint32(MARK.length, true);
  return { settings: JSON.parse(new TextDecoder().decode(bytes.subarray(begin, end))), file: bytes.subarray(end) };
}

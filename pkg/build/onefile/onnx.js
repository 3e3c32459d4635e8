// In place of `pkg/engine/worker/onnx.js`: the converter of ONNX files is too large for the page to carry.

/** @returns {Promise<never>} */
export async function openOnnx() {
  const message = 'This page is one file, which leaves out what reads ONNX files to stay small. Open the page at its address on the web instead.';
  throw Object.assign(new Error(message), { code: 'not-in-one-file' });
}

// In place of `www/engine/builtin.js`: the built-in model is the one that `mobilenet export --format html` put into the page,
// or else that inside the wasm.

import { Classifier } from '../wasm/mobilenet_web.js';
import { address, fetch, isCarried } from './carried.js';

/** @type {Uint8Array} of the model in the page */
let carried;

/** @returns {Promise<Classifier>} */
export async function openBuiltIn() {
  if (!isCarried('model')) return Classifier.embedded();
  return Classifier.fromBytes(await builtInHead());
}

/** @returns {Promise<Uint8Array>} its model file */
export async function builtInHead() {
  if (!isCarried('model')) return Classifier.headFile();
  carried ??= new Uint8Array(await (await fetch(address('model'))).arrayBuffer());
  return carried;
}

/**
 * @param {Classifier} builtIn
 * @returns {Uint8Array} a model file with its backbone: its own if that is another than the one inside the wasm
 */
export function builtInBackbone(builtIn) {
  const embedded = Classifier.embedded();
  const same = embedded.info.backbone === builtIn.info.backbone;
  embedded.free();
  return same ? Classifier.backboneFile() : carried;
}

// In place of `pkg/engine/worker/builtin.js` in a page that has a model of its own. Only where the model's file is differs: a site has it
// beside the page (`builtin-file.js` here), a page that is one file has it inside (`pkg/build/onefile/builtin-file.js`).

import { Classifier } from '../../wasm/mobilenet_web.js';
import { builtInFile } from './builtin-file.js';

/** @type {Uint8Array | null} the model's file; null for the model inside the wasm */
let file = null;

/** @returns {Promise<Classifier>} */
export async function openBuiltIn() {
  file = await builtInFile();
  return file ? Classifier.fromBytes(file) : Classifier.embedded();
}

/** @returns {Promise<Uint8Array>} its model file */
export async function builtInHead() {
  return file ?? Classifier.headFile();
}

/**
 * @param {Classifier} builtIn
 * @returns {Uint8Array} a model file with its backbone: its own if that is another than the one inside the wasm
 */
export function builtInBackbone(builtIn) {
  const embedded = Classifier.embedded();
  const same = embedded.info.backbone === builtIn.info.backbone;
  embedded.free();
  return same || !file ? Classifier.backboneFile() : file;
}

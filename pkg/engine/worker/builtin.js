// Which model is the built-in one: that inside the wasm. A page that has another one has `pkg/build/site/builtin.js` in place of this.

import { Classifier } from '../../wasm/mobilenet_web.js';

/** @returns {Promise<Classifier>} */
export async function openBuiltIn() {
  return Classifier.embedded();
}

/** @returns {Promise<Uint8Array>} its model file */
export async function builtInHead() {
  return Classifier.headFile();
}

/**
 * @param {Classifier} _builtIn
 * @returns {Uint8Array} a model file with its backbone
 */
export function builtInBackbone(_builtIn) {
  return Classifier.backboneFile();
}

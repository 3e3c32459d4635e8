// Which model is the built-in one: that inside the wasm. A page that is one file has a place for another (`pkg/onefile`).

import { Classifier } from '../wasm/mobilenet_web.js';

/** @returns {Promise<Classifier>} */
export async function openBuiltIn() {
  return Classifier.embedded();
}

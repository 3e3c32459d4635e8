// In place of `www/engine/builtin.js`: the built-in model is the one that `mobilenet export --format html` put into the page,
// or else that inside the wasm.

import { Classifier } from '../wasm/mobilenet_web.js';
import { address, fetch, isCarried } from './carried.js';

/** @returns {Promise<Classifier>} */
export async function openBuiltIn() {
  if (!isCarried('model')) return Classifier.embedded();
  const response = await fetch(address('model'));
  return Classifier.fromBytes(new Uint8Array(await response.arrayBuffer()));
}

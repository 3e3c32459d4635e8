// In place of `pkg/build/site/builtin-file.js`: the model that `mobilenet export --format html` put into the page, or none.

import { address, fetch, isCarried } from './carried.js';

/** @returns {Promise<Uint8Array | null>} its file; null for the model inside the wasm */
export async function builtInFile() {
  return isCarried('model') ? new Uint8Array(await (await fetch(address('model'))).arrayBuffer()) : null;
}

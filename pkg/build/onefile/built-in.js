// Where the built-in model is: inside the page, if `mobilenet export --format html` put one there.

import { isCarried } from './blocks.js';
import { address } from './carried.js';

/** @returns {string | null} address of its file; null for the model inside the wasm */
export const builtInModel = () => (isCarried('model') ? address('model') : null);

// Peers that are Rust crates: each is compiled with the same two calls, `new Network(file)` and `run(numbers)`.

import { emptyTensor, fill, resizer } from './input.mjs';

/**
 * @typedef {{ run(numbers: Float32Array): Float32Array }} Network
 * @typedef {{ default: () => Promise<unknown>, Network: new (file: Uint8Array) => Network }} Module what wasm-bindgen makes of such a crate
 */

/**
 * @param {() => Promise<Module>} fetchModule
 * @returns {import('../page/engine.mjs').Load}
 */
export function loader(fetchModule) {
  return async ({ model, type }) => {
    const start = async () => {
      const module = await fetchModule();
      await module.default();
      return module;
    };
    const [file, { Network }] = await Promise.all([model(), start()]);
    const network = new Network(file);
    const [resize, pixels] = [resizer(), /** @type {Float32Array} */ (emptyTensor(type))];
    return {
      prepare: (input) => Float32Array.from(input),
      infer: (input) => network.run(input),
      classify(picture) {
        fill(pixels, resize(picture));
        return network.run(pixels);
      },
    };
  };
}

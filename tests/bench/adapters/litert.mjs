// LiteRT.js: XNNPACK in wasm. It picks the build with relaxed SIMD by itself; threads are a build of their own.

import { Tensor, loadAndCompile, loadLiteRt } from '@litertjs/core';
import { SHAPE, emptyTensor, fill, resizer } from './input.mjs';

const WASM = new URL('../node_modules/@litertjs/core/wasm/', import.meta.url).href;

/** @type {import('../page/engine.mjs').Load} */
export async function load({ model, type, threads }) {
  const [file] = await Promise.all([model(), loadLiteRt(WASM, { threads: threads > 1 })]);
  const network = await loadAndCompile(file, { accelerator: 'wasm', cpuOptions: { numThreads: threads } });
  const [resize, pixels] = [resizer(), emptyTensor(type)];

  /** @param {Tensor} input */
  async function infer(input) {
    const [output] = /** @type {[Tensor]} */ (await network.run(input));
    const probabilities = output.toTypedArray();
    output.delete();
    return probabilities;
  }

  return {
    prepare(input) {
      pixels.set(input);
      return new Tensor(pixels, SHAPE);
    },
    infer,
    async classify(picture) {
      fill(pixels, resize(picture));
      const input = new Tensor(pixels, SHAPE);
      const probabilities = await infer(input);
      input.delete();
      return probabilities;
    },
  };
}

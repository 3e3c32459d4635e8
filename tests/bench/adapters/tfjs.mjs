// TensorFlow.js with its wasm backend, from the scripts that its guide loads by tag.

import { SHAPE, emptyTensor, fill, resizer } from './input.mjs';

const SCRIPTS = ['core/dist/tf-core', 'converter/dist/tf-converter', 'backend-wasm/dist/tf-backend-wasm'];
const PACKAGES = new URL('../node_modules/@tensorflow/', import.meta.url).href;

/**
 * @typedef {import('@tensorflow/tfjs-core').Tensor} Tensor
 * @typedef {typeof import('@tensorflow/tfjs-core') & typeof import('@tensorflow/tfjs-converter')} Core
 * @typedef {Core & { wasm: typeof import('@tensorflow/tfjs-backend-wasm') }} TensorFlow what the three scripts make together
 */

/** @param {string} url */
function script(url) {
  return new Promise((loaded, failed) => {
    // Run in this order, fetched together.
    document.head.append(Object.assign(document.createElement('script'), { src: url, async: false, onload: loaded, onerror: failed }));
  });
}

/** @type {import('../page/engine.mjs').Load} */
export async function load({ url, type, threads }) {
  await Promise.all(SCRIPTS.map((name) => script(`${PACKAGES}tfjs-${name}.es2017.min.js`)));
  const tf = /** @type {TensorFlow} */ (/** @type {any} */ (globalThis).tf);
  tf.wasm.setWasmPaths(`${PACKAGES}tfjs-backend-wasm/dist/`);
  tf.wasm.setThreadsCount(threads);
  await tf.setBackend('wasm');
  const network = await tf.loadGraphModel(url);
  const [resize, pixels] = [resizer(), emptyTensor(type)];

  /** @param {Tensor} input */
  async function infer(input) {
    const output = /** @type {Tensor} */ (network.predict(input));
    const probabilities = await output.data();
    output.dispose();
    return probabilities;
  }

  return {
    prepare: (input) => tf.tensor(Float32Array.from(input), SHAPE, 'float32'),
    infer,
    async classify(picture) {
      fill(pixels, resize(picture));
      const input = tf.tensor(pixels, SHAPE, 'float32');
      const probabilities = await infer(input);
      input.dispose();
      return probabilities;
    },
  };
}

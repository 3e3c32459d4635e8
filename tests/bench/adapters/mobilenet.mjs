// Ours, as a page loads it: the wasm is on its way while the script is.

import { asPicture } from './input.mjs';

const PACKAGE = '../../../pkg/wasm/mobilenet_web';

/** @type {import('../page/engine.mjs').Load} */
export const load = () => open({ relaxedSimd: true });

/**
 * @param {{ relaxedSimd: boolean }} allowed what may be used where the browser has it
 * @returns {Promise<import('../page/engine.mjs').Engine>}
 */
export async function open({ relaxedSimd }) {
  const wasm = fetch(new URL(`${PACKAGE}_bg.wasm`, import.meta.url));
  const { default: init, Classifier, forbidRelaxedSimd } = await import(`${PACKAGE}.js`);
  await init({ module_or_path: wasm });
  if (!relaxedSimd) forbidRelaxedSimd();
  const classifier = /** @type {any} */ (Classifier.embedded());
  /** @type {string[]} */
  const labels = classifier.labels;
  /** @param {{ predictions: { label: string, probability: number }[] }} answer */
  const inOrder = ({ predictions }) => labels.map((label) => predictions.find((one) => one.label === label)?.probability);
  /** @param {{ data: Uint8ClampedArray, width: number, height: number }} picture */
  const classify = ({ data, width, height }) => inOrder(classifier.classifyRgba(data, width, height, labels.length));
  return {
    labels,
    lanes: classifier.info.lanes,
    prepare: asPicture,
    // It gives the embedding. A picture that has the network's size already is not resized, so this is the network.
    infer: ({ data, width, height }) => classifier.embedRgba(data, width, height),
    classify,
    classifyFile: (file) => inOrder(classifier.classifyBytes(file, labels.length)),
    answer: (input) => classify(asPicture(input)),
  };
}

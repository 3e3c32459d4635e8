// MediaPipe: takes pictures, not tensors, so its network is timed with a picture that already has the network's size.

import { FilesetResolver, ImageClassifier } from '@mediapipe/tasks-vision';
import { asPicture } from './input.mjs';

const WASM = new URL('../node_modules/@mediapipe/tasks-vision/wasm', import.meta.url).href;

/** @type {import('../page/engine.mjs').Load} */
export async function load({ model }) {
  const [file, fileset] = await Promise.all([model(), FilesetResolver.forVisionTasks(WASM)]);
  const classifier = await ImageClassifier.createFromOptions(fileset, {
    baseOptions: { modelAssetBuffer: file, delegate: 'CPU' },
    runningMode: 'IMAGE',
  });

  /** @param {ImageData} picture */
  function classify(picture) {
    /** @type {number[]} */
    const probabilities = [];
    for (const { index, score } of classifier.classify(picture).classifications[0]?.categories ?? []) probabilities[index] = score;
    return probabilities;
  }

  return {
    prepare: asPicture,
    infer: classify,
    classify,
  };
}

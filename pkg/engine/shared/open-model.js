// Heads over backbones: opening a model file, and answering to an embedding. The same in the worker and in Node.

import { Classifier } from '../../wasm/mobilenet_web.js';

/**
 * @typedef {import('../../wasm/mobilenet_web.js').Head} Head
 * @typedef {import('../../wasm/mobilenet_web.js').Answer} HeadAnswer
 * @typedef {Pick<Classifier, 'embedBytes' | 'embedImageData' | 'infoWith' | 'free'> & Partial<Pick<Classifier, 'heatmap'>>} Engine some have no
 *   heatmaps
 * @typedef {object} Open
 * @property {Engine} engine
 * @property {Pick<Head, 'answer' | 'labels' | 'free'>} head
 * @property {import('../worker/onnx.js').Onnx} [onnx] of an ONNX file: what became of it
 * @property {Blob} [lowered] a model file that was made of it
 *
 * @typedef {{ label: string, values: Float32Array }} Heatmap a square of logits, row by row: what each place says for the label
 * @typedef {object} Wishes
 * @property {number} topK
 * @property {boolean | string} heatmap that of the likeliest class, or of the label
 * @property {boolean} [embedding] whether to give it as well
 *
 * @typedef {HeadAnswer & { heatmap?: Heatmap, embedding?: Float32Array }} WishedAnswer
 */

/**
 * A model file says by its digest which backbone it wants, but not whether it brings that along: where the shared one is
 * the wrong one, the file alone is tried, and its error is the one to tell.
 *
 * @param {Classifier} shared
 * @param {Uint8Array} bytes
 * @returns {{ engine: Classifier, head: Head }}
 */
export function openOver(shared, bytes) {
  try {
    return { engine: shared, head: shared.openHead(bytes) };
  } catch (error) {
    if (codeOf(error) !== 'wrong-backbone') throw error;
    const engine = Classifier.fromBytes(bytes);
    return { engine, head: engine.ownHead() };
  }
}

/**
 * @param {Open} open whose engine has seen this picture last
 * @param {Float32Array} embedding
 * @param {Wishes} wishes
 * @returns {WishedAnswer}
 */
export function answerOf({ engine, head }, embedding, wishes) {
  const answer = head.answer(embedding, wishes.topK);
  const label = wishes.heatmap === true ? answer.predictions[0]?.label : wishes.heatmap;
  return {
    ...answer,
    ...(wishes.embedding && { embedding }),
    ...(label && engine.heatmap && { heatmap: { label, values: engine.heatmap(/** @type {Head} */ (head), head.labels.indexOf(label)) } }),
  };
}

/** @param {unknown} error */
export function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

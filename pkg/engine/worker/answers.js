// Answers of open heads to a picture or a frame.

import { answerOf } from '../shared/open-model.js';
import { started } from './engine.js';
import { post } from './post.js';

/**
 * @typedef {import('./worker.js').Answer} Answer
 * @typedef {import('./worker.js').Engine} Engine
 * @typedef {import('./worker.js').Open} Open
 * @typedef {import('./worker.js').Wishes} Wishes
 */

/**
 * The heads over one backbone share one pass of the network.
 *
 * @param {Open[]} heads
 * @param {(engine: Engine) => Float32Array} pass
 * @param {Wishes} wishes
 * @returns {Answer[]}
 */
export function answersOf(heads, pass, wishes) {
  /** @type {Map<Engine, { embedding: Float32Array, millis: number }>} */
  const passes = new Map();
  return heads.map((open) => {
    let passed = passes.get(open.engine);
    if (!passed) {
      checkWhenHot();
      const begun = performance.now();
      passed = { embedding: pass(open.engine), millis: performance.now() - begun };
      passes.set(open.engine, passed);
    }
    return { ...answerOf(open, passed.embedding, wishes), millis: passed.millis };
  });
}

/** Passes of the network after which what runs often has been compiled anew. */
const HOT = 100;
let passCount = 0;

/**
 * The instructions of relaxed SIMD mean one thing in one browser, says the specification. Browsers have several compilers, so it is asked
 * once more when the last of them has had its turn.
 */
function checkWhenHot() {
  if (++passCount !== HOT || started().info.lanes !== 'relaxed-simd') return;
  try {
    started().checkAgain();
  } catch (error) {
    post({ distrusted: true });
    // A crash, after which a fresh worker answers.
    throw new Error(`relaxed SIMD computes otherwise once it is compiled anew: ${error}`);
  }
}

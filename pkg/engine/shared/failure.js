// What can go wrong, in one shape everywhere: a stable code, and a message with a remedy.
//
// The engine throws plain errors of the same name and with the same codes; `from` makes them instances of this class.

/**
 * Of the engine, then of what is around it, then of `<mobilenet-classifier>` and `<mobilenet-teacher>`. Whoever needs a new
 * one adds it here, and the table of errors in `pkg/README.md` has to say what it means.
 *
 * @typedef {'empty-file' | 'unsupported-format' | 'corrupt-picture' | 'picture-too-large' | 'bad-model' | 'wrong-backbone'
 *   | 'self-test-failed' | 'bad-argument' | 'bad-onnx' | 'not-mobilenet' | 'bad-dataset' | 'link-too-long' | 'engine-crashed'
 *   | 'out-of-memory'} EngineCode
 * @typedef {'load-failed' | 'worker-blocked' | 'browser-too-old' | 'model-missing' | 'unreadable-file' | 'unreadable-picture'
 *   | 'noisy-canvas' | 'converter-missing' | 'onnx-not-installed' | 'disposed' | 'cancelled' | 'unexpected'} LoadCode
 * @typedef {'address-blocked' | 'no-picture' | 'sample-missing' | 'camera-denied' | 'camera-failed' | 'camera-framed' | 'camera-in-use'
 *   | 'camera-insecure' | 'camera-lost' | 'camera-missing' | 'camera-off' | 'camera-replaced'
 *   | 'bad-label' | 'duplicate-label' | 'no-such-class' | 'too-many-classes' | 'bad-recipe' | 'bad-project' | 'storage-failed'
 *   | 'storage-full' | 'storage-unavailable'} ElementCode
 * @typedef {EngineCode | LoadCode | ElementCode} Code
 */

/** An error with a kebab-case `code` that pages and tests compare. */
export class MobilenetError extends Error {
  /**
   * @param {Code} code
   * @param {string} message what happened and what to do about it
   */
  constructor(code, message) {
    super(message);
    this.name = 'MobilenetError';
    this.code = code;
  }

  /**
   * Any thrown value as one of these, so that whoever reports one always has a code.
   *
   * @param {unknown} error
   */
  static from(error) {
    if (error instanceof MobilenetError) return error;
    if (!(error instanceof Error)) return new MobilenetError('unexpected', String(error));
    const code = error.name === 'MobilenetError' && 'code' in error ? error.code : 'unexpected';
    return new MobilenetError(/** @type {Code} */ (code), error.message);
  }
}

/** Why there is no answer, where somebody decided so. */
export function cancelled() {
  return new MobilenetError('cancelled', 'stopped before it was classified');
}

/**
 * Stops waiting as soon as the signal says so. The work itself goes on, for others who may wait for it.
 *
 * @template Value
 * @param {Promise<Value>} work
 * @param {AbortSignal} [signal]
 * @returns {Promise<Value>}
 */
export function unlessAborted(work, signal) {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const stop = () => reject(cancelled());
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

// What the page's own scripts call it.
export { MobilenetError as Failure };

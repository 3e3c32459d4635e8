// The API in a page: `load` gives a classifier, whose work is done by the one worker that all classifiers and elements of the
// page share.

import { Classifier as BaseClassifier } from '../shared/classifier.js';
import { client } from './client.js';
import { MobilenetError, unlessAborted } from '../shared/failure.js';
import { watchFrames } from './frames.js';
import { fetchModel, nameOf } from '../shared/model-file.js';
import { UNNAMED, onnxSettings } from '../shared/onnx-file.js';
import { readOptions } from '../shared/options.js';
import { readPicture } from './pictures.js';

export { MobilenetError } from '../shared/failure.js';
export { setOnnxConverter } from './converter.js';
export { setWorker } from './spawn.js';

/**
 * @typedef {import('../shared/classifier.js').Answer} Answer
 * @typedef {import('../shared/classifier.js').Heatmap} Heatmap
 * @typedef {import('../shared/classifier.js').Prediction} Prediction
 * @typedef {import('../shared/classifier.js').Info} Info
 * @typedef {import('../shared/classifier.js').Epoch} Epoch
 * @typedef {import('../shared/classifier.js').Settings} Settings
 * @typedef {import('../shared/failure.js').Code} Code
 * @typedef {import('../shared/onnx-file.js').OnnxSettings} OnnxSettings what an ONNX file does not say by itself
 * @typedef {import('./pictures.js').Picture} Picture
 * @typedef {import('./session.js').Session} Session
 * @typedef {import('../worker/worker.js').Progress} Progress bytes of the engine; total is null where unknown
 * @typedef {import('../shared/classifier.js').Sample<Picture>} Sample
 * @typedef {PageClassifier} Classifier
 * @typedef {string | URL | Blob | ArrayBuffer | Uint8Array} ModelSource address or bytes of a model file
 *
 * @typedef {object} LiveOptions
 * @property {number} [topK]
 * @property {(answer: Answer) => void} [onAnswer]
 * @property {(error: MobilenetError) => void} [onError] why it has stopped by itself; without it, it is reported to the console
 *
 * @typedef {import('../shared/classifier.js').Engine<Picture> & { session: Session }} PageEngine
 */

/**
 * Opens a model.
 *
 * @param {ModelSource | null} [model] without one the model inside the wasm, which knows furniture
 * @param {{ onnx?: Partial<OnnxSettings>, onProgress?: (progress: Progress) => void, signal?: AbortSignal }} [options] onnx: opens the file as an
 *   ONNX file. Without it, a file that looks like one is opened with nothing stated
 * @returns {Promise<Classifier>}
 */
export async function load(model = null, options) {
  const { onnx, onProgress, signal } = readOptions(options);
  signal?.throwIfAborted();
  const session = client.openSession({ onProgress });
  try {
    const settings = onnx && onnxSettings(onnx, calledBy(model));
    const file = model === null ? null : await fileOf(model, signal);
    const engine = await openEngine(session, file, { onnx: settings, signal });
    // What an ONNX file was converted to, where it was.
    return new PageClassifier(engine, session.model);
  } catch (error) {
    session.close();
    signal?.throwIfAborted();
    throw MobilenetError.from(error);
  }
}

/**
 * Relaxed SIMD is used where the browser means by it what is exact: faster, and the same bits. This is for who wants to see that.
 *
 * @param {boolean} allowed to classifiers that are loaded while there are no others; they share one worker
 */
export function setRelaxedSimd(allowed) {
  client.allowRelaxedSimd(allowed);
}

/** A classifier that also follows a video. */
class PageClassifier extends /** @type {typeof BaseClassifier<Picture>} */ (BaseClassifier) {
  #session;
  #watching = new AbortController();

  /**
   * @param {PageEngine} engine
   * @param {Blob | null} model
   */
  constructor(engine, model) {
    super(engine, model);
    this.#session = engine.session;
  }

  /**
   * Classifies what a video element shows, a camera for example, until `stop`. The newest frame wins where frames come faster
   * than answers, and nothing is done while the tab is hidden.
   *
   * @param {HTMLVideoElement} video
   * @param {LiveOptions} [options]
   */
  start(video, options) {
    const { topK = 5, onAnswer = () => {}, onError = reportError } = readOptions(options);
    this.stop();
    const { signal } = (this.#watching = new AbortController());
    const lose = (/** @type {unknown} */ error) => {
      if (signal.aborted) return;
      this.stop();
      onError(MobilenetError.from(error));
    };
    const follow = async (/** @type {ImageBitmap} */ frame) => {
      const [answer] = (await this.#session.classifyFrame(frame, { topK })) ?? [];
      if (answer && !signal.aborted) onAnswer(answer);
    };
    watchFrames(video, () => !signal.aborted, (frame) => void follow(frame).catch(lose)).catch(lose);
  }

  stop() {
    this.#watching.abort();
  }

  /** @override */
  dispose() {
    this.stop();
    super.dispose();
  }
}

/**
 * @param {Session} session
 * @param {Blob | null} file
 * @param {{ onnx?: OnnxSettings, signal?: AbortSignal }} options signal: also ends the session, which frees the worker at once
 * @returns {Promise<PageEngine>}
 */
async function openEngine(session, file, { onnx, signal }) {
  const end = () => session.close();
  signal?.addEventListener('abort', end);
  try {
    const opened = await unlessAborted(session.openModel(file, onnx), signal);
    return {
      session,
      opened,
      answer: (source, wishes, signal) => answer(session, source, { ...wishes, signal }),
      teach: (input, onEpoch, signal) => session.teach(input, onEpoch, { signal, own: true }),
      open: (model, signal) => openEngine(client.openSession(), model, { signal }),
      close: end,
    };
  } catch (error) {
    end();
    throw error;
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

/**
 * @param {Session} session
 * @param {Picture} source
 * @param {import('./session.js').Options} options
 */
async function answer(session, source, options) {
  const picture = await readPicture(source);
  const [answer] = await (picture instanceof Blob ? session.classifyPicture(picture, options) : session.classifyPixels(picture, options));
  if (answer) return answer;
  throw new TypeError('no answer');
}

/**
 * @param {ModelSource} model
 * @param {AbortSignal} [signal]
 */
function fileOf(model, signal) {
  if (model instanceof Blob) return model;
  if (typeof model !== 'string' && !(model instanceof URL)) return new Blob([/** @type {BlobPart} */ (model)]);
  return fetchModel(addressOf(model), signal);
}

/**
 * @param {ModelSource | null} model
 * @returns {string} what to call what is made of it
 */
function calledBy(model) {
  if (model instanceof File) return model.name;
  return typeof model === 'string' || model instanceof URL ? nameOf(addressOf(model)) : UNNAMED;
}

/** @param {string | URL} model */
function addressOf(model) {
  try {
    return new URL(model, document.baseURI);
  } catch {
    throw new MobilenetError('model-missing', `that is no address of a model: ${model}. Check it, then try again`);
  }
}

// What the page around an element is told, as events; a failure is shown as well.

import { Failure } from '../engine/shared/failure.js';

/**
 * @typedef {import('../engine/worker/worker.js').Answer} Answer
 * @typedef {import('../engine/worker/worker.js').Progress} Progress
 * @typedef {'camera' | 'video'} Origin
 * @typedef {import('./model-slot.js').OpenModel} OpenModel
 * @typedef {import('./pictures.js').Source} Source
 */

/** Every event leaves the shadow roots that the element is in. */
const UP = { bubbles: true, composed: true };

/** Dispatches them on an element. */
export class Events {
  #element;
  #onFailure;
  /** Whether the person knows that the browser falsifies what is live. */
  #warned = false;

  /**
   * @param {EventTarget} element
   * @param {(failure: Failure, name: string, ofFile: boolean) => void} onFailure
   */
  constructor(element, onFailure) {
    this.#element = element;
    this.#onFailure = onFailure;
  }

  /** A camera or video begins: the person is warned once more if its pixels are falsified. */
  begin() {
    this.#warned = false;
  }

  /**
   * @param {Answer} answer
   * @param {Source | Origin} source
   * @param {string} name of the file
   */
  answered({ predictions, rejected, millis, noisy }, source, name) {
    this.#element.dispatchEvent(new CustomEvent('classified', { ...UP, detail: { predictions, rejected, millis, source, name } }));
    const live = source === 'camera' || source === 'video';
    if (!noisy || (live && this.#warned)) return;
    this.#warned = live;
    this.failed(falsified(), source, name);
  }

  /**
   * @param {unknown} error
   * @param {Source | Origin | 'model'} source
   * @param {string} [name] of the file, which the engine does not know
   */
  failed(error, source, name = '') {
    const failure = Failure.from(error);
    const { code, message: reason } = failure;
    // Somebody wanted it so.
    if (code === 'cancelled') return;
    const message = name ? `${name}: ${reason}` : reason;
    this.#onFailure(failure, name, !['camera', 'video', 'model'].includes(source));
    this.#element.dispatchEvent(new CustomEvent('classifier-error', { ...UP, detail: { code, message, source, name } }));
  }

  /** @param {OpenModel} model */
  opened(model) {
    this.#element.dispatchEvent(new CustomEvent('model-opened', { ...UP, detail: model }));
  }

  /** @param {Progress} progress of an ONNX file */
  progressed(progress) {
    this.#element.dispatchEvent(new CustomEvent('model-progress', { ...UP, detail: progress }));
  }

  /** The camera was started or stopped. */
  cameraChanged() {
    this.#element.dispatchEvent(new CustomEvent('camera-changed', { ...UP, detail: null }));
  }
}

function falsified() {
  const why = 'This browser changes the pixels that a page reads, against fingerprinting, so the answer may be wrong.';
  return new Failure('noisy-canvas', `${why} Allow this page to read canvas data, or choose picture files, which are not touched.`);
}

/// <reference lib="esnext.disposable" preserve="true" />

// A classifier as promises: what the API is in a page and in Node. What differs is behind an `Engine`.
//
// - An aborted call rejects with the reason of its signal, an `AbortError` where none was given, as `fetch` does. All other
//   failures are a `MobilenetError`.
// - After `dispose` every call rejects with the code `disposed`, also those that are under way.

import { MobilenetError } from './failure.js';
import { fitInput } from './fit-input.js';
import { kindOf, readOptions } from './options.js';

/**
 * @typedef {import('../../wasm/mobilenet_web.js').Prediction} Prediction
 * @typedef {import('../../wasm/mobilenet_web.js').Info} Info
 * @typedef {import('../../wasm/mobilenet_studio.js').Epoch} Epoch
 * @typedef {import('../../wasm/mobilenet_studio.js').Settings} Settings
 * @typedef {import('../../wasm/mobilenet_studio.js').Taught} Taught
 * @typedef {import('./open-model.js').Wishes} Wishes
 * @typedef {import('../worker/worker.js').TeachInput} TeachInput
 * @typedef {{ labels: string[], info: Info }} Model
 *
 * @typedef {object} Answer
 * @property {Prediction[]} predictions the likeliest classes, likeliest first
 * @property {boolean} rejected whether it is none of the classes: the predictions then only say which one is nearest
 * @property {number} millis of decoding, resizing and the network
 * @property {true} [noisy] there where the browser falsified the pixels of a canvas, video or image, so that the answer may be wrong; files
 *   are decoded by the engine and never are
 *
 * @typedef {Answer & { label: string, side: number, values: Float32Array }} Heatmap `side * side` logits, row by row: what each
 *   place of the picture says for the label. Above zero speaks for it, below against it.
 */

/**
 * @template Source
 * @typedef {{ label: string, burst?: unknown, source: Source } | { label: string, burst?: unknown, embedding: Float32Array }} Sample
 *   samples of one burst, such as frames of one film, are alike: they are never both fitted on and validated on
 */

/**
 * @template Source
 * @typedef {object} FitOptions
 * @property {string[]} [labels] in the order of the classes; without them in the order in which the samples bring them
 * @property {Settings} [settings] as `mobilenet train` has them, where they are left out
 * @property {(epoch: Epoch) => void} [onEpoch]
 * @property {AbortSignal} [signal]
 */

/**
 * @template Source
 * @typedef {object} Engine one open model
 * @property {Model} opened
 * @property {(source: Source, wishes: Wishes, signal?: AbortSignal) => Promise<import('../worker/worker.js').Answer>} answer
 * @property {(input: TeachInput, onEpoch: (epoch: Epoch) => void, signal?: AbortSignal) => Promise<Taught>} teach
 * @property {(model: Blob, signal?: AbortSignal) => Promise<Engine<Source>>} open another model over the same backbone
 * @property {() => void} close
 */

/** @template Source */
export class Classifier {
  #engine;
  #disposed = false;
  /** The model file, to be kept and opened again; null is the model inside the wasm. */
  model;
  /** @type {readonly Epoch[]} the epochs of the fit that it comes from */
  history = [];
  /** @type {readonly (readonly number[])[]} `confusion[truth][answer]`: samples that the fit was validated on */
  confusion = [];

  /**
   * @param {Engine<Source>} engine
   * @param {Blob | null} model
   */
  constructor(engine, model) {
    this.#engine = engine;
    this.model = model;
  }

  get labels() {
    return this.#engine.opened.labels;
  }

  get info() {
    return this.#engine.opened.info;
  }

  /**
   * @param {Source} source
   * @param {{ topK?: number, signal?: AbortSignal }} [options]
   * @returns {Promise<Answer>}
   */
  async classify(source, options) {
    const { topK = 5, signal } = readOptions(options);
    const { predictions, rejected, millis, noisy } = await this.#answer(source, { topK, heatmap: false }, signal);
    return { predictions, rejected, millis, ...(noisy && { noisy }) };
  }

  /**
   * @param {Source} source
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<Float32Array>} what the heads over its backbone answer to
   */
  async embed(source, options) {
    const { signal } = readOptions(options);
    const { embedding } = await this.#answer(source, { topK: 1, heatmap: false, embedding: true }, signal);
    return /** @type {Float32Array} */ (embedding);
  }

  /**
   * Where in the picture the evidence for a label is; without one for the likeliest.
   *
   * @param {Source} source
   * @param {{ label?: string, topK?: number, signal?: AbortSignal }} [options]
   * @returns {Promise<Heatmap>}
   */
  async heatmap(source, options) {
    const { label, topK = 5, signal } = readOptions(options);
    if (label !== undefined && !this.labels.includes(label)) {
      const asked = typeof label === 'string' ? `"${label}"` : kindOf(label);
      throw new MobilenetError('bad-argument', `this model has no label ${asked}: it knows ${this.labels.join(', ')}`);
    }
    const { predictions, rejected, millis, noisy, heatmap } = await this.#answer(source, { topK, heatmap: label ?? true }, signal);
    if (!heatmap) throw new MobilenetError('bad-model', 'this model has no heatmaps: it is an ONNX file that runs in float');
    return { ...heatmap, side: Math.sqrt(heatmap.values.length), predictions, rejected, millis, ...(noisy && { noisy }) };
  }

  /**
   * Fits a head of one's own over the same backbone, as `mobilenet train` does.
   *
   * @param {Iterable<Sample<Source>>} samples
   * @param {FitOptions<Source>} [options]
   * @returns {Promise<this>} a new classifier, whose `model` is the file to keep
   */
  async fit(samples, options) {
    const { labels, settings = {}, onEpoch = () => {}, signal } = readOptions(options);
    const embed = (/** @type {Source} */ source) => this.embed(source, { signal });
    return this.#guard(signal, async () => {
      const input = await fitInput(samples, { labels, settings, layers: this.info.layers, embed });
      const taught = await this.#engine.teach(input, onEpoch, signal);
      const model = new Blob([new Uint8Array(taught.model)]);
      const Same = /** @type {new (engine: Engine<Source>, model: Blob) => this} */ (this.constructor);
      const engine = await this.#engine.open(model, signal);
      // Nobody gets it then.
      if (this.#disposed) engine.close();
      const fitted = new Same(engine, model);
      return Object.assign(fitted, { history: taught.history, confusion: taught.confusion });
    });
  }

  /** Lets go of the model. The last one that is disposed of ends the worker. */
  dispose() {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#engine.close();
  }

  // Where there is no such symbol yet, a method that nobody calls.
  [Symbol.dispose]() {
    this.dispose();
  }

  /**
   * @param {Source} source
   * @param {Wishes} wishes
   * @param {AbortSignal} [signal]
   */
  async #answer(source, wishes, signal) {
    if (!Number.isInteger(wishes.topK) || wishes.topK < 1) {
      throw new MobilenetError('bad-argument', `topK is a number from 1, not ${kindOf(wishes.topK)}`);
    }
    // The engine counts to 2^32 only.
    const topK = Math.min(wishes.topK, this.labels.length);
    return this.#guard(signal, () => this.#engine.answer(source, { ...wishes, topK }, signal));
  }

  /**
   * @template Value
   * @param {AbortSignal | undefined} signal
   * @param {() => Promise<Value>} work
   */
  async #guard(signal, work) {
    const check = () => {
      signal?.throwIfAborted();
      if (this.#disposed) throw new MobilenetError('disposed', 'this classifier was disposed of. Load it again');
    };
    check();
    try {
      const value = await work();
      check();
      return value;
    } catch (error) {
      check();
      throw MobilenetError.from(error);
    }
  }
}

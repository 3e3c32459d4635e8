// The classifier as promises: queueing, cancelling and crash recovery in front of `worker.js`.
//
// - One request is in flight at a time. Pictures wait in order; of the frames that wait, the newest one wins.
// - Nothing can interrupt the wasm, so to cancel a request is to replace its worker.
// - After a crash the worker is replaced as well, and a picture is tried once more on the fresh one. The compiled module
//   is handed over, so the wasm is fetched only once.

import { Failure } from './failure.js';

/**
 * @typedef {import('./worker.js').Answer} Answer
 * @typedef {import('./worker.js').Model} Model
 * @typedef {import('./worker.js').Prediction} Prediction
 * @typedef {import('./worker.js').Progress} Progress
 * @typedef {import('./worker.js').Reply} Reply
 * @typedef {import('./worker.js').Request} Request
 *
 * @typedef {object} Job
 * @property {Request} request
 * @property {AbortSignal} [signal]
 * @property {(value: any) => void} resolve
 * @property {(error: unknown) => void} reject
 */

/** A failure that a fresh worker can mend. */
class Crash extends Failure {}

/** One worker and the one request that it is busy with. */
class Engine {
  #worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  /** @type {Pick<Job, 'resolve' | 'reject'> | null} */
  #waiting = null;

  /** @param {(progress: Progress) => void} onProgress */
  constructor(onProgress) {
    this.#worker.onmessage = ({ data }) => this.#receive(data, onProgress);
    this.#worker.onerror = () =>
      this.#waiting?.reject(new Crash('load-failed', 'A script of the classifier could not be loaded. Reload the page to try again.'));
  }

  /**
   * @param {Request} request
   * @returns {Promise<any>}
   */
  ask(request) {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#worker.postMessage(request, request.kind === 'frame' ? [request.frame] : []);
    });
  }

  /** @param {Failure} reason why the request in flight gets no answer */
  end(reason) {
    this.#worker.terminate();
    this.#waiting?.reject(reason);
  }

  /**
   * @param {Reply} reply
   * @param {(progress: Progress) => void} onProgress
   */
  #receive(reply, onProgress) {
    if ('progress' in reply) return onProgress(reply.progress);
    if ('value' in reply) return this.#waiting?.resolve(reply.value);
    const { code, message, crashed } = reply.trouble;
    this.#waiting?.reject(crashed ? new Crash(code, message) : new Failure(code, message));
  }
}

/** The promise facade that the page talks to. */
export class Client {
  #onProgress;
  /** @type {Engine | null} */
  #engine = null;
  /** @type {Promise<Model> | null} */
  #loaded = null;
  /** @type {WebAssembly.Module | null} */
  #module = null;
  /** @type {Blob | null} */
  #model = null;
  /** @type {Job[]} */
  #queue = [];
  /** @type {Job | null} */
  #newestFrame = null;
  #busy = false;
  #lostFrames = 0;

  /** @param {{ onProgress?: (progress: Progress) => void }} [options] */
  constructor({ onProgress = () => {} } = {}) {
    this.#onProgress = onProgress;
  }

  /**
   * Starts the worker, or waits for the one that is starting. After a failure the next call tries again.
   *
   * @returns {Promise<Model>}
   */
  load() {
    this.#loaded ??= this.#start();
    return this.#loaded;
  }

  /**
   * @param {Blob} picture the bytes of a picture file, decoded by the engine
   * @param {{ topK: number, signal?: AbortSignal }} options
   * @returns {Promise<Answer>}
   */
  classifyPicture(picture, { topK, signal }) {
    return this.#enqueue({ kind: 'picture', picture, topK }, signal);
  }

  /**
   * @param {ImageBitmap} frame is transferred, and gone afterwards
   * @param {{ topK: number }} options
   * @returns {Promise<Answer | null>} null where a newer frame took its place
   */
  classifyFrame(frame, { topK }) {
    this.#dropWaitingFrame();
    return new Promise((resolve, reject) => {
      this.#newestFrame = { request: { kind: 'frame', frame, topK }, resolve, reject };
      this.#work();
    });
  }

  /**
   * Opens a model file, or with null the model inside the wasm. A refused file leaves the open model in place.
   *
   * @param {Blob | null} model
   * @returns {Promise<Model>}
   */
  async openModel(model) {
    const opened = await this.#enqueue({ kind: 'open', model });
    this.#model = model;
    return opened;
  }

  /**
   * @param {number} frames to measure
   * @returns {Promise<import('./worker.js').Profile>}
   */
  profile(frames) {
    return this.#enqueue({ kind: 'profile', frames });
  }

  /**
   * @param {Request} request
   * @param {AbortSignal} [signal]
   * @returns {Promise<any>}
   */
  #enqueue(request, signal) {
    return new Promise((resolve, reject) => {
      this.#queue.push({ request, signal, resolve, reject });
      this.#work();
    });
  }

  #dropWaitingFrame() {
    const job = this.#newestFrame;
    this.#newestFrame = null;
    if (job?.request.kind === 'frame') job.request.frame.close();
    job?.resolve(null);
  }

  #nextJob() {
    const picture = this.#queue.shift();
    if (picture) return picture;
    const frame = this.#newestFrame;
    this.#newestFrame = null;
    return frame;
  }

  async #work() {
    if (this.#busy) return;
    this.#busy = true;
    for (let job = this.#nextJob(); job; job = this.#nextJob()) {
      await this.#answer(job).then(job.resolve, job.reject);
    }
    this.#busy = false;
  }

  /** @param {Job} job */
  async #answer(job) {
    try {
      return await this.#ask(job);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      this.#replace(error);
      // A frame went down with its worker; the camera brings the next one soon. Twice in a row is no accident.
      if (job.request.kind === 'frame') return this.#lostFrames++ ? Promise.reject(error) : null;
    }
    return this.#ask(job).catch((error) => {
      if (error instanceof Crash) this.#replace(error);
      throw error;
    });
  }

  /** @param {Job} job */
  async #ask({ request, signal }) {
    await this.load();
    const cancel = () => this.#replace(cancelled());
    if (signal?.aborted) throw cancelled();
    signal?.addEventListener('abort', cancel);
    try {
      const value = await this.#engine?.ask(request);
      this.#lostFrames = 0;
      return value;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** @returns {Promise<Model>} */
  async #start() {
    this.#engine = new Engine(this.#onProgress);
    try {
      const { module, model } = await this.#engine.ask({ kind: 'start', module: this.#module, model: this.#model });
      this.#module = module;
      return model;
    } catch (error) {
      this.#engine.end(cancelled());
      this.#loaded = null;
      throw error;
    }
  }

  /** @param {Failure} reason */
  #replace(reason) {
    this.#engine?.end(reason);
    this.#loaded = null;
    // Started at once, so that the next request need not wait for it; that request also reports a failure.
    this.load().catch(() => {});
  }
}

function cancelled() {
  return new Failure('cancelled', 'stopped before it was classified');
}

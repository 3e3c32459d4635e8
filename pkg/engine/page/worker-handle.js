// One worker and the one request that it is busy with: the only module of a page that talks to `worker.js`.
//
// A worker that says nothing for half a minute is taken for dead. Its request is given up at once: tried again it would most
// likely keep the person waiting for as long once more.

import { Failure } from '../shared/failure.js';
import { Patience } from '../shared/patience.js';
import { spawn } from './spawn.js';

/**
 * @typedef {import('./session.js').Job} Job
 * @typedef {import('./session.js').Session} Session
 * @typedef {import('../worker/worker.js').Epoch} Epoch
 * @typedef {import('../worker/worker.js').Progress} Progress
 * @typedef {import('../worker/worker.js').Reply} Reply
 * @typedef {import('../worker/worker.js').Request} Request
 *
 * @typedef {object} Listeners
 * @property {() => void} onDistrust the worker that follows is to do without relaxed SIMD
 * @property {(progress: Progress) => void} onProgress
 * @property {(wasm: ArrayBuffer) => void} onStudio it was fetched, to be handed to the worker that may have to follow
 * @property {(moments: number[]) => void} onRequests when the worker's own requests began, in milliseconds since 1970
 */

/** A failure that a fresh worker can mend. */
export class Crash extends Failure {}

/** Nothing was heard of the worker; the next request gets a fresh one. */
export class Silence extends Failure {}

/** What is over soon. A fit, an export and an ONNX file may take any time. */
const PROMPT = ['start', 'picture', 'frame', 'embed', 'sample'];

/** One worker and the one request that it is busy with. */
export class WorkerHandle {
  #worker;
  /** @type {Pick<Job, 'resolve' | 'reject' | 'onEpoch'> | null} */
  #waiting = null;
  /** @type {Failure | null} */
  #ended = null;
  #prepared = () => {};
  #patience = new Patience();
  /** The sessions whose heads this worker has, each with the model that it was opened from; null is the model inside the wasm. */
  heads = /** @type {Map<Session, Blob | null>} */ (new Map());

  /** @param {Listeners} listeners */
  constructor(listeners) {
    const { worker, lost } = spawn();
    this.#worker = worker;
    worker.onmessage = ({ data }) => this.#receive(data, listeners);
    // Not every browser has properties for both.
    for (const type of ['error', 'messageerror']) {
      worker.addEventListener(type, () => {
        const { code, message } = lost();
        this.#settle()?.reject(new Crash(code, message));
      });
    }
  }

  /**
   * @param {Request} request
   * @param {(epoch: Epoch) => void} [onEpoch]
   * @returns {Promise<any>}
   */
  ask(request, onEpoch) {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      this.#waiting = { resolve, reject, onEpoch };
      if (PROMPT.includes(request.kind)) this.#patience.begin(() => this.#settle()?.reject(silence(request)));
      this.#worker.postMessage(request, 'frame' in request && request.frame instanceof ImageBitmap ? [request.frame] : []);
    });
  }

  /** @returns {Promise<void>} kept as well when nothing comes of it: who needs it tries again, and hears why it fails */
  prepare() {
    return new Promise((resolve) => {
      if (this.#ended) return resolve();
      this.#prepared = resolve;
      this.#worker.postMessage({ kind: 'prepare' });
    });
  }

  /** @param {Failure} reason why the request in flight gets no answer */
  end(reason) {
    this.#ended = reason;
    this.#prepared();
    this.#worker.terminate();
    this.#settle()?.reject(reason);
  }

  /** Who waited, and does not any more. */
  #settle() {
    const waiting = this.#waiting;
    this.#waiting = null;
    this.#patience.end();
    return waiting;
  }

  /**
   * @param {Reply} reply
   * @param {Listeners} listeners
   */
  #receive(reply, { onDistrust, onProgress, onRequests, onStudio }) {
    if ('value' in reply) return this.#settle()?.resolve(reply.value);
    this.#patience.renew();
    if ('progress' in reply) return onProgress(reply.progress);
    if ('epoch' in reply) return this.#waiting?.onEpoch?.(reply.epoch);
    if ('alive' in reply) return;
    if ('distrusted' in reply) return onDistrust();
    if ('requests' in reply) return onRequests(reply.requests);
    if ('studio' in reply) {
      if (reply.studio) onStudio(reply.studio);
      return this.#prepared();
    }
    const { code, message, crashed } = reply.trouble;
    const known = /** @type {import('../shared/failure.js').Code} */ (code);
    this.#settle()?.reject(crashed ? new Crash(known, message) : new Failure(known, message));
  }
}

/** @param {Request} request that nobody answered */
function silence({ kind }) {
  return kind === 'start'
    ? new Failure('load-failed', 'Nothing more of the classifier arrives: a file of it is missing, or the network or the device is too busy. Try again, or reload the page.')
    : new Silence('engine-crashed', 'the classifier gave no answer for half a minute and was started again. Bring it once more, or choose another one');
}

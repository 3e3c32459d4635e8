// Pictures that were brought together, one after the other, so that each can be followed, and a stop loses nothing but what
// still waits.

import { Failure, cancelled } from '../engine/shared/failure.js';

/**
 * @typedef {import('../engine/worker/worker.js').Answer} Answer
 * @typedef {import('./pictures.js').Source} Source
 *
 * @typedef {object} Arrival
 * @property {(signal: AbortSignal) => Promise<Blob | ImageBitmap | ImageData>} read asked for the picture when its turn has come
 * @property {string} name of the file
 * @property {Source} source
 * @property {AbortSignal} [signal]
 * @property {(answer: Answer) => void} onAnswer
 * @property {(failure: Failure) => void} onFailure
 */

/** A queue of pictures. */
export class Batch {
  #classify;
  #onBusy;
  /** @type {Arrival[]} */
  #waiting = [];
  /** @type {AbortController | null} that of the picture at work */
  #current = null;

  /**
   * @param {object} work
   * @param {(arrival: Arrival, signal: AbortSignal) => Promise<Answer>} work.classify
   * @param {(busy: boolean) => void} work.onBusy
   */
  constructor({ classify, onBusy }) {
    this.#classify = classify;
    this.#onBusy = onBusy;
  }

  get busy() {
    return this.#current !== null;
  }

  /** @param {Arrival[]} arrivals */
  add(arrivals) {
    this.#waiting = this.#waiting.concat(arrivals);
    this.#work();
  }

  /** Ends the picture at work as well, at the price of a new worker. */
  stop() {
    this.drop();
    this.#current?.abort();
  }

  /** Forgets what waits. */
  drop() {
    for (const { onFailure } of this.#waiting.splice(0)) onFailure(cancelled());
  }

  async #work() {
    if (this.busy) return;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      if (!this.busy) this.#onBusy(true);
      this.#current = new AbortController();
      await this.#finish(next, this.#current);
    }
    this.#current = null;
    this.#onBusy(false);
  }

  /**
   * @param {Arrival} arrival
   * @param {AbortController} controller
   */
  async #finish(arrival, controller) {
    const { signal, onAnswer, onFailure } = arrival;
    const abort = () => controller.abort();
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) abort();
    try {
      onAnswer(await this.#classify(arrival, controller.signal));
    } catch (error) {
      onFailure(Failure.from(error));
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }
}

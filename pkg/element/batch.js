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
  /** @type {{ arrival: Arrival, forget: () => void }[]} forget: its signal is no longer listened to */
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
    for (const arrival of arrivals) {
      const { signal } = arrival;
      const withdraw = () => this.#withdraw(arrival);
      this.#waiting.push({ arrival, forget: () => signal?.removeEventListener('abort', withdraw) });
      signal?.addEventListener('abort', withdraw);
      if (signal?.aborted) withdraw();
    }
    this.#work();
  }

  /** Ends the picture at work as well, at the price of a new worker. */
  stop() {
    this.drop();
    this.#current?.abort();
  }

  /** Forgets what waits. */
  drop() {
    for (const { arrival } of [...this.#waiting]) this.#withdraw(arrival);
  }

  /** @param {Arrival} arrival whose turn has not come yet */
  #withdraw(arrival) {
    const waiting = this.#waiting.find((each) => each.arrival === arrival);
    if (!waiting) return;
    this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
    waiting.forget();
    arrival.onFailure(cancelled());
  }

  #next() {
    const waiting = this.#waiting.shift();
    waiting?.forget();
    return waiting?.arrival;
  }

  async #work() {
    if (this.busy || !this.#waiting.length) return;
    for (let next = this.#next(); next; next = this.#next()) {
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

// Pictures that were brought together: begun in order, and told in order, so that each can be followed. A few at a time are begun
// where several workers answer (`pool.js`); a stop loses nothing but those and what still waits.

import { FEW } from '../engine/page/pool.js';
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
  #ahead;
  #onBusy;
  /** @type {{ arrival: Arrival, forget: () => void }[]} forget: its signal is no longer listened to */
  #waiting = [];
  /** @type {Set<AbortController>} those of the pictures at work */
  #atWork = new Set();
  /** @type {Promise<void>} the last picture that was begun is done, and all before it */
  #lastDone = Promise.resolve();
  busy = false;
  /** Whether it is at more pictures than anybody follows, until all are done. */
  many = false;

  /**
   * @param {object} work
   * @param {(arrival: Arrival, signal: AbortSignal, turn: Promise<void>) => Promise<Answer>} work.classify turn: all pictures before it are
   *   done, so that it may be shown
   * @param {() => number} [work.ahead] how many are best begun at once
   * @param {(busy: boolean) => void} work.onBusy
   */
  constructor({ classify, ahead = () => 1, onBusy }) {
    this.#classify = classify;
    this.#ahead = ahead;
    this.#onBusy = onBusy;
  }

  /** How many are not done. */
  get left() {
    return this.#atWork.size + this.#waiting.length;
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

  /** Ends the pictures at work as well, at the price of new workers. */
  stop() {
    this.drop();
    for (const controller of this.#atWork) controller.abort();
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

  #work() {
    const most = this.left > FEW ? this.#ahead() : 1;
    this.many ||= this.left > FEW;
    while (this.#atWork.size < most) {
      const next = this.#waiting.shift();
      if (!next) return;
      next.forget();
      this.#setBusy(true);
      const controller = new AbortController();
      this.#atWork.add(controller);
      this.#lastDone = this.#finish(next.arrival, controller, this.#lastDone);
    }
  }

  /**
   * @param {Arrival} arrival
   * @param {AbortController} controller
   * @param {Promise<void>} turn
   */
  async #finish(arrival, controller, turn) {
    const { signal, onAnswer, onFailure } = arrival;
    const abort = () => controller.abort();
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) abort();
    try {
      const answer = await this.#classify(arrival, controller.signal, turn);
      await turn;
      onAnswer(answer);
    } catch (error) {
      await turn;
      onFailure(Failure.from(error));
    } finally {
      signal?.removeEventListener('abort', abort);
    }
    this.#atWork.delete(controller);
    this.#work();
    this.#setBusy(this.#atWork.size > 0);
  }

  /** @param {boolean} busy */
  #setBusy(busy) {
    if (busy === this.busy) return;
    this.busy = busy;
    this.many &&= busy;
    this.#onBusy(busy);
  }
}

// Further workers for many pictures: how many there are, when one starts, and when it ends.
//
// - The first worker isn't part of the pool: it does everything. The others only take pictures that would have to wait for it, so a
//   single picture and a camera are handled as if there were no pool.
// - Another worker starts when every worker is busy and a few pictures wait. A start takes about as long as a large photo and costs
//   the memory of a whole engine. The worker is given the compiled module, so no wasm is fetched or compiled.
// - There are as many workers as cores, but at most four, because each takes memory. A camera gets one core to itself, and a
//   device with little memory has fewer workers.
// - They end after ten seconds without work, which also releases what large photos took: the memory of a wasm never shrinks.
// - If one can't start, or memory runs out, the page does without them from then on, since one worker may still manage.

import { cancelled } from '../shared/failure.js';

/**
 * @typedef {import('./worker-slot.js').WorkerSlot} WorkerSlot
 *
 * @typedef {object} Host
 * @property {() => WorkerSlot} make
 * @property {(slot: WorkerSlot) => void} onReady
 * @property {() => void} onGone
 * @property {() => boolean} isLive whether a camera or video runs
 */

const MOST = 4;
/** How many pictures have to wait before another worker is worth starting. A batch this small is classified one by one. */
export const FEW = 4;
/** Enough to keep every worker busy and still have a few waiting, so that the last worker starts too. */
const AHEAD = MOST + FEW;
const IDLE_MILLIS = 10_000;
// In GB, rounded to a power of two; only Chromium reports it.
const LITTLE_MEMORY = 4;

/**
 * How many workers there may be, including the first one.
 *
 * @param {{ hardwareConcurrency?: number, deviceMemory?: number } | undefined} machine
 * @param {boolean} live whether a camera or video runs
 */
function mostWorkers({ hardwareConcurrency: cores = 1, deviceMemory: memory = Infinity } = {}, live) {
  const most = Math.min(cores, memory < LITTLE_MEMORY ? 1 : memory === LITTLE_MEMORY ? 2 : MOST);
  return Math.max(1, live ? most - 1 : most);
}

/** All workers but the first. */
export class Pool {
  #host;
  /** @type {WorkerSlot[]} ready or starting */
  #slots = [];
  /** @type {Map<WorkerSlot, ReturnType<typeof setTimeout> | undefined>} that are ready, each with the timer that ends it when idle */
  #ready = new Map();
  #barred = false;

  /** @param {Host} host */
  constructor(host) {
    this.#host = host;
  }

  get slots() {
    return [...this.#slots];
  }

  /** How many pictures a caller should ask for at once: one if there is only one worker. */
  get ahead() {
    return this.#most > 1 ? AHEAD : 1;
  }

  get #most() {
    if (this.#barred) return 1;
    return mostWorkers(globalThis.navigator, this.#host.isLive());
  }

  /** @param {number} waiting pictures that no worker has begun, while the first one is busy */
  grow(waiting) {
    const starting = this.#slots.length - this.#ready.size;
    // Each one that is starting will take a few.
    if (waiting < FEW * (starting + 1) || this.#slots.length + 1 >= this.#most) return;
    if ([...this.#ready.keys()].some((slot) => !slot.busy)) return;
    const slot = this.#host.make();
    this.#slots.push(slot);
    slot.start().then(
      () => {
        if (!this.#slots.includes(slot)) return;
        this.#ready.set(slot, undefined);
        this.rest(slot);
        this.#host.onReady(slot);
      },
      () => {
        // If it was ended while starting, it is gone already.
        if (this.#slots.includes(slot)) this.#barred = true;
        this.#remove(slot);
      },
    );
  }

  /** @param {WorkerSlot} slot that could take another picture */
  allows(slot) {
    return this.#ready.has(slot) && this.#slots.indexOf(slot) + 1 < this.#most;
  }

  /** @param {WorkerSlot} slot that has answered; ends it if nothing more comes, or if it can't go on */
  rest(slot) {
    if (!this.#ready.has(slot)) return;
    if (this.#barred || !slot.running) return this.#remove(slot);
    clearTimeout(this.#ready.get(slot));
    this.#ready.set(slot, setTimeout(() => slot.busy || this.#remove(slot), IDLE_MILLIS));
  }

  /**
   * Memory has run out: each worker ends as soon as it has answered, and no other one starts.
   *
   * @returns {boolean} whether there was any worker to end
   */
  disband() {
    this.#barred = true;
    const some = this.#slots.length > 0;
    for (const slot of this.slots) if (!slot.busy) this.#remove(slot);
    return some;
  }

  end() {
    for (const slot of this.slots) this.#remove(slot);
  }

  /** @param {WorkerSlot} slot */
  #remove(slot) {
    clearTimeout(this.#ready.get(slot));
    this.#ready.delete(slot);
    this.#slots = this.#slots.filter((other) => other !== slot);
    slot.end(cancelled());
    this.#host.onGone();
  }
}

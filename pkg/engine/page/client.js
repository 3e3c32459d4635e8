// The classifier as promises: who asks, in turns, and which worker answers.
//
// - The page has one worker, with one backbone in it, and more of them for a while where many pictures wait (`pool.js`). Whoever
//   wants answers opens a session, which has a head of its own. The first session starts the worker, the last one that closes
//   ends it.
// - Each worker has one request in flight at a time, and sessions take turns. The first worker does everything; the others only
//   answer pictures, and in each session the answers come in order (`job-queue.js`).

import { cancelled } from '../shared/failure.js';
import { builtInModel } from './built-in.js';
import { Pool } from './pool.js';
import { Session, release } from './session.js';
import { Crowded, WorkerSlot } from './worker-slot.js';

/**
 * @typedef {import('./session.js').Job} Job
 * @typedef {import('./worker-handle.js').Listeners} Listeners
 * @typedef {import('../worker/worker.js').Progress} Progress
 */

/** The owner of the workers. */
export class Client {
  /** @type {WebAssembly.Module | null} */
  #module = null;
  /** @type {ArrayBuffer | null} the wasm that teaches and exports */
  #studio = null;
  /** @type {Session[]} in the order of their turns */
  #sessions = [];
  /** @type {Job[]} what ran out of memory beside other workers, and is tried by the first one alone */
  #again = [];
  #first = this.#makeSlot({ first: true });
  /** @type {Pool} */
  #pool = new Pool({
    make: () => this.#makeSlot({ first: false }),
    onReady: () => this.work(),
    onGone: () => this.work(),
    isLive: () => this.#sessions.some(({ isLive }) => isLive),
  });
  #lastId = 0;
  /** @type {Listeners['onRequests']} */
  #onRequests = () => {};
  #relaxedSimd = true;

  /** @param {boolean} allowed whether workers that are started from now on may use relaxed SIMD */
  allowRelaxedSimd(allowed) {
    this.#relaxedSimd = allowed;
  }

  /** @param {Listeners['onRequests']} onRequests told of the workers' own requests */
  followRequests(onRequests) {
    this.#onRequests = onRequests;
  }

  /** How many pictures are best asked for at once. */
  get ahead() {
    return this.#pool.ahead;
  }

  /** @param {{ onProgress?: (progress: Progress) => void }} [options] */
  openSession({ onProgress = () => {} } = {}) {
    const session = new Session(this, ++this.#lastId, onProgress);
    this.#sessions.push(session);
    // Started at once, so that the first request need not wait for it; that request also reports a failure.
    this.#first.start().catch(() => {});
    return session;
  }

  /** Fetches what teaches, exports and makes links ahead, so that nothing has to be fetched when it is needed. */
  async prepareStudio() {
    await this.#first.prepareStudio();
  }

  /** @param {Session} session is closed, and gets no further turn */
  leave(session) {
    this.#sessions = this.#sessions.filter((other) => other !== session);
    const slots = [this.#first, ...this.#pool.slots];
    if (this.#sessions.length) {
      for (const slot of slots) slot.close(session);
      return this.work();
    }
    for (const job of this.#again.splice(0)) job.reject(cancelled());
    this.#first.end(cancelled());
    this.#pool.end();
  }

  /** Answers what waits, as far as there is a worker that has nothing to do. */
  work() {
    this.#serve(this.#first);
    for (const slot of this.#pool.slots) this.#serve(slot);
    if (this.#module && this.#first.busy) this.#pool.grow(this.#sessions.reduce((sum, { waiting }) => sum + waiting, 0));
  }

  /** @param {WorkerSlot} slot */
  async #serve(slot) {
    if (slot.busy) return;
    slot.busy = true;
    for (let job = this.#nextJob(slot); job; job = this.#nextJob(slot)) {
      const begun = job;
      await slot.answer(job).then(job.resolve, (error) => (error instanceof Crowded ? this.#again.push(begun) : begun.reject(error)));
      // A frame may not have got as far as the worker.
      release(job);
      if (slot !== this.#first) this.#pool.rest(slot);
      // What waited for this one may be for another worker.
      this.work();
    }
    slot.busy = false;
  }

  /** @param {WorkerSlot} slot */
  #nextJob(slot) {
    const chore = slot.chore();
    if (chore) return chore;
    const first = slot === this.#first;
    const helped = this.#pool.slots.length > 0;
    if (first && this.#again.length) return helped ? null : this.#again.shift();
    if (!first && !this.#pool.allows(slot)) return null;
    for (const session of [...this.#sessions]) {
      const job = first ? session.next(helped) : session.nextPicture();
      if (!job) continue;
      // Served, and back to the end of the line.
      this.#sessions.push(...this.#sessions.splice(this.#sessions.indexOf(session), 1));
      return job;
    }
    return null;
  }

  /**
   * @param {{ first: boolean }} options only the first worker teaches and exports, and is there as long as a session is
   * @returns {WorkerSlot}
   */
  #makeSlot({ first }) {
    return new WorkerSlot({
      equipment: () => ({ kind: 'start', module: this.#module, studio: first ? this.#studio : null, relaxedSimd: this.#relaxedSimd, model: builtInModel() }),
      onModule: (module) => (this.#module = module),
      listeners: {
        onDistrust: () => this.allowRelaxedSimd(false),
        onProgress: (progress) => this.#sessions.forEach(({ onProgress }) => onProgress(progress)),
        onRequests: (moments) => this.#onRequests(moments),
        onStudio: (wasm) => (this.#studio = wasm),
      },
      isOpen: (session) => this.#sessions.includes(session),
      goesOn: () => first && this.#sessions.length > 0,
      makeRoom: () => this.#pool.disband(),
    });
  }
}

/** The page's one client. */
export const client = new Client();

// A session's waiting jobs, and the order in which their answers are given.
//
// Several workers may answer a session's pictures at the same time (`pool.js`). To the caller it looks like one worker:
// - Answers to pictures are given in the order in which the pictures came; an early answer waits for those before it.
// - A model is opened once no earlier picture is at work any more, and before any later picture is begun.
// - A cancelled job is refused at once.

import { cancelled } from '../shared/failure.js';

/**
 * @typedef {import('./session.js').Job} Job
 * @typedef {import('../worker/worker.js').Request} Request
 *
 * @typedef {object} Entry
 * @property {Job} job
 * @property {boolean} begun
 * @property {(() => void) | null} settle what has become of it, as long as it is not yet told
 */

/** What any worker can do. A queued frame is a picture that a page had as pixels. */
const PICTURES = ['picture', 'frame', 'embed'];
/** What is answered in order. Other jobs may take minutes, and no picture has to wait for them. */
const ORDERED = [...PICTURES, 'sample'];

/** The queue of a session. */
export class JobQueue {
  /** @type {Entry[]} */
  #waiting = [];
  /** @type {Entry[]} ordered ones without an answer, waiting or begun */
  #unanswered = [];
  #atWork = 0;
  #opening = false;
  #closed = false;

  /** How many pictures a further worker could begin. */
  get pictures() {
    return this.#opening ? 0 : this.#waiting.slice(0, this.#barrier).filter(isPicture).length;
  }

  /** Index of the first job before which all pictures have to be done. */
  get #barrier() {
    const place = this.#waiting.findIndex(({ job }) => job.request.kind === 'open');
    return place < 0 ? this.#waiting.length : place;
  }

  /**
   * @param {Job} given
   * @param {(value: any) => void} onValue is told before anything else is begun
   * @returns {() => void} gives it up, unless a worker has it: then the client has to stop that worker
   */
  add(given, onValue) {
    /** @type {Entry} */
    const entry = {
      begun: false,
      settle: null,
      job: {
        ...given,
        resolve: (value) => this.#end(entry, () => (onValue(value), given.resolve(value))),
        reject: (error) => this.#end(entry, () => given.reject(error)),
      },
    };
    this.#waiting.push(entry);
    if (ORDERED.includes(given.request.kind)) this.#unanswered.push(entry);
    return () => {
      if (!entry.begun || entry.settle) entry.job.reject(cancelled());
    };
  }

  /** @returns {Job | null} what the first worker does next */
  next() {
    return this.#take(this.#barrier === 0 && this.#atWork > 0 ? -1 : 0);
  }

  /** @returns {Job | null} what another worker does next */
  nextPicture() {
    const place = this.#opening ? -1 : this.#waiting.findIndex(isPicture);
    return this.#take(place < this.#barrier ? place : -1);
  }

  /** @param {number} place */
  #take(place) {
    const [entry] = place < 0 ? [] : this.#waiting.splice(place, 1);
    if (!entry) return null;
    entry.begun = true;
    this.#atWork++;
    this.#opening = entry.job.request.kind === 'open';
    return entry.job;
  }

  /** Refuses what waits. */
  close() {
    this.#closed = true;
    const ready = this.#unanswered.filter(({ settle }) => settle);
    for (const { job } of [...ready, ...this.#waiting]) job.reject(cancelled());
  }

  /**
   * @param {Entry} entry
   * @param {() => void} settle gives its outcome to the caller
   */
  #end(entry, settle) {
    const { begun, job } = entry;
    // It had an outcome already, and is given up before its turn.
    const again = entry.settle !== null;
    entry.settle = settle;
    if (!begun) this.#waiting = this.#waiting.filter((other) => other !== entry);
    else if (!again) this.#atWork--;
    if (job.request.kind === 'open') this.#opening = false;
    if (this.#closed || job.signal?.aborted || !this.#unanswered.includes(entry)) {
      this.#unanswered = this.#unanswered.filter((other) => other !== entry);
      settle();
    }
    while (this.#unanswered[0]?.settle) this.#unanswered.shift()?.settle?.();
  }
}

/** @param {Entry} entry */
function isPicture({ job }) {
  return PICTURES.includes(job.request.kind);
}

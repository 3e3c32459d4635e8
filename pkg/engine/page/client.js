// The classifier as promises: turns and crash recovery in front of the worker.
//
// - The page has one worker, with one backbone in it. Whoever wants answers opens a session, which has a head of its own.
//   The first session starts the worker, the last one that closes ends it.
// - One request is in flight at a time, and sessions take turns.
// - Nothing can interrupt the wasm, so to cancel a request is to replace its worker.
// - After a crash the worker is replaced as well, and a picture is tried once more on the fresh one. The compiled module
//   is handed over, so the wasm is fetched only once. The fresh worker opens each head when its session's turn comes. One
//   that crashes before it is ready is not replaced until something is asked of it.

import { builtInModel } from './built-in.js';
import { Failure, cancelled, unlessAborted } from '../shared/failure.js';
import { Session, release } from './session.js';
import { Crash, Silence, WorkerHandle } from './worker-handle.js';

/**
 * @typedef {import('./session.js').Job} Job
 * @typedef {import('./worker-handle.js').Listeners} Listeners
 * @typedef {import('../worker/worker.js').Progress} Progress
 * @typedef {import('../worker/worker.js').Request} Request
 */

/** The owner of the worker. */
export class Client {
  /** @type {Promise<WorkerHandle> | null} */
  #starting = null;
  /** @type {WorkerHandle | null} the one that is running or starting */
  #handle = null;
  /** @type {WebAssembly.Module | null} */
  #module = null;
  /** @type {ArrayBuffer | null} the wasm that teaches and exports */
  #studio = null;
  /** @type {Session[]} in the order of their turns */
  #sessions = [];
  /** @type {Job[]} what is done before anything else */
  #chores = [];
  #busy = false;
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

  /** @param {{ onProgress?: (progress: Progress) => void }} [options] */
  openSession({ onProgress = () => {} } = {}) {
    const session = new Session(this, ++this.#lastId, onProgress);
    this.#sessions.push(session);
    // Started at once, so that the first request need not wait for it; that request also reports a failure.
    this.#start().catch(() => {});
    return session;
  }

  /** Fetches what teaches, exports and makes links ahead, so that nothing has to be fetched when it is needed. */
  async prepareStudio() {
    await this.#start().then((handle) => handle.prepare(), () => {});
  }

  /** @param {Session} session is closed, and gets no further turn */
  leave(session) {
    this.#sessions = this.#sessions.filter((other) => other !== session);
    if (!this.#sessions.length) return this.#end(cancelled());
    if (!this.#handle?.heads.delete(session)) return;
    this.#chores.push({ request: { kind: 'close', head: session.id }, sessions: [], resolve() {}, reject() {} });
    this.work();
  }

  /** Answers what waits, if that is not being done already. */
  async work() {
    if (this.#busy) return;
    this.#busy = true;
    for (let job = this.#nextJob(); job; job = this.#nextJob()) {
      await this.#answer(job).then(job.resolve, job.reject);
      // A frame may not have got as far as the worker.
      release(job);
    }
    this.#busy = false;
  }

  #nextJob() {
    const chore = this.#chores.shift();
    if (chore) return chore;
    for (const session of [...this.#sessions]) {
      const job = session.next();
      if (!job) continue;
      // Served, and back to the end of the line.
      this.#sessions.push(...this.#sessions.splice(this.#sessions.indexOf(session), 1));
      return job;
    }
    return null;
  }

  /** @param {Job} job */
  async #answer(job) {
    const [session] = job.sessions;
    try {
      return await this.#ask(job);
    } catch (error) {
      if (error instanceof Silence) this.#replace(error);
      if (!(error instanceof Crash)) throw error;
      this.#replace(error);
      // What was transferred went down with its worker. The camera brings its next frame soon; twice in a row is no accident.
      if (job.request.kind === 'sample') throw error;
      if (job.request.kind === 'frame') return session?.loseFrame() ? null : Promise.reject(error);
    }
    return this.#ask(job).catch((error) => {
      if (error instanceof Crash || error instanceof Silence) this.#replace(error);
      throw error;
    });
  }

  /** @param {Job} job */
  async #ask({ request, sessions, signal, onEpoch }) {
    // A worker that starts for this request goes on for the next one.
    const handle = await unlessAborted(this.#start(), signal);
    const cancel = () => this.#replace(cancelled());
    signal?.addEventListener('abort', cancel);
    try {
      for (const session of sessions) if (!handle.heads.has(session)) await this.#openAgain(handle, session, request);
      const value = await handle.ask(request, onEpoch);
      for (const session of sessions) {
        handle.heads.add(session);
        session.recover();
        // It was closed meanwhile.
        if (!this.#sessions.includes(session)) this.leave(session);
      }
      return value;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  /**
   * @param {WorkerHandle} handle
   * @param {Session} session
   * @param {Request} request that needs its head
   */
  async #openAgain(handle, session, request) {
    if (request.kind === 'open') return;
    await handle.ask(session.reopening);
    handle.heads.add(session);
  }

  /** Starts the worker, or waits for the one that is starting. After a failure the next call tries again. */
  #start() {
    if (this.#starting) return this.#starting;
    const starting = this.#startWorker();
    this.#starting = starting;
    starting.catch(() => {
      if (this.#starting === starting) this.#end(cancelled());
    });
    return starting;
  }

  async #startWorker() {
    try {
      const handle = new WorkerHandle({
        onDistrust: () => this.allowRelaxedSimd(false),
        onProgress: (progress) => this.#sessions.forEach(({ onProgress }) => onProgress(progress)),
        onRequests: (moments) => this.#onRequests(moments),
        onStudio: (wasm) => (this.#studio = wasm),
      });
      this.#handle = handle;
      this.#module = await handle.ask({ kind: 'start', module: this.#module, studio: this.#studio, relaxedSimd: this.#relaxedSimd, model: builtInModel() });
      return handle;
    } catch (error) {
      // Another one would crash as well; whoever asks next has it tried.
      throw error instanceof Crash ? new Failure(error.code, error.message) : error;
    }
  }

  /** @param {Failure} reason */
  #end(reason) {
    this.#handle?.end(reason);
    this.#handle = null;
    this.#starting = null;
    this.#chores = [];
  }

  /** @param {Failure} reason */
  #replace(reason) {
    this.#end(reason);
    if (this.#sessions.length) this.#start().catch(() => {});
  }
}

/** The page's one client. */
export const client = new Client();

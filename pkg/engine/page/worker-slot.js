// A place for one worker: it starts the worker, opens the heads that a job needs, and replaces the worker that crashes, falls silent
// or is given up.
//
// - Nothing can interrupt the wasm, so to cancel a job is to replace its worker.
// - After a crash a picture is tried once more on a fresh worker, which is given the compiled module, so the wasm is fetched only once.
//   It opens each head when a job needs it. One that crashes before it is ready is not replaced until something is asked of it.

import { Failure, cancelled, unlessAborted } from '../shared/failure.js';
import { Crash, Silence, WorkerHandle } from './worker-handle.js';

/**
 * @typedef {import('./session.js').Job} Job
 * @typedef {import('./session.js').Session} Session
 * @typedef {import('./worker-handle.js').Listeners} Listeners
 * @typedef {import('../worker/worker.js').StartRequest} StartRequest
 *
 * @typedef {object} Host
 * @property {() => StartRequest} equipment what a worker starts with
 * @property {(module: WebAssembly.Module) => void} onModule a worker has started with it
 * @property {Listeners} listeners
 * @property {(session: Session) => boolean} isOpen
 * @property {() => boolean} goesOn whether a worker that is lost is followed by another one before anything is asked
 * @property {() => boolean} makeRoom memory has run out; whether other workers have some of it
 */

/** Memory ran out while other workers had some of it: the first worker tries again, once it is alone. */
export class Crowded extends Failure {}

/** One worker at a time. */
export class WorkerSlot {
  #host;
  /** @type {Promise<WorkerHandle> | null} */
  #starting = null;
  /** @type {WorkerHandle | null} the one that is running or starting */
  #handle = null;
  /** @type {Job[]} what is done before anything else */
  #chores = [];
  /** Whether it is at work; for `client.js`, which hands out the work. */
  busy = false;

  /** @param {Host} host */
  constructor(host) {
    this.#host = host;
  }

  get running() {
    return this.#handle !== null;
  }

  /** What to do before anything else, if anything. */
  chore() {
    return this.#chores.shift();
  }

  async prepareStudio() {
    await this.start().then((handle) => handle.prepare(), () => {});
  }

  /** @param {Session} session whose head is closed, if this worker has it, when its turn comes */
  close(session) {
    if (!this.#handle?.heads.delete(session)) return;
    this.#chores.push({ request: { kind: 'close', head: session.id }, sessions: [], resolve() {}, reject() {} });
  }

  /** @param {Job} job */
  async answer(job) {
    const [session] = job.sessions;
    try {
      return await this.#ask(job);
    } catch (error) {
      if (error instanceof Silence) this.#replace(error);
      if (!(error instanceof Crash)) throw error;
      this.#replace(error);
      const crowded = error.code === 'out-of-memory' && this.#host.makeRoom();
      // What was transferred went down with its worker. The camera brings its next frame soon; twice in a row is no accident.
      if (job.request.kind === 'sample') throw error;
      if (job.request.kind === 'frame') return session?.loseFrame() ? null : Promise.reject(error);
      if (crowded) throw new Crowded(error.code, error.message);
    }
    return this.#ask(job).catch((error) => {
      if (error instanceof Crash || error instanceof Silence) this.#replace(error);
      throw error;
    });
  }

  /** @param {Job} job */
  async #ask({ request, sessions, signal, onEpoch }) {
    // A worker that starts for this request goes on for the next one.
    const handle = await unlessAborted(this.start(), signal);
    const cancel = () => this.#replace(cancelled());
    signal?.addEventListener('abort', cancel);
    try {
      for (const session of sessions) if (request.kind !== 'open') await this.#open(handle, session);
      const value = await handle.ask(request, onEpoch);
      for (const session of sessions) {
        if (request.kind === 'open') handle.heads.set(session, value.lowered ?? request.model);
        session.recover();
        // It was closed meanwhile.
        if (!this.#host.isOpen(session)) this.close(session);
      }
      return value;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  /**
   * @param {WorkerHandle} handle
   * @param {Session} session whose head may not be open there, or be that of the model before
   */
  async #open(handle, session) {
    const { model } = session;
    if (handle.heads.has(session) && handle.heads.get(session) === model) return;
    await handle.ask(session.reopening);
    handle.heads.set(session, model);
  }

  /** Starts the worker, or waits for the one that is starting. After a failure the next call tries again. */
  start() {
    if (this.#starting) return this.#starting;
    const starting = this.#startWorker();
    this.#starting = starting;
    starting.catch(() => {
      if (this.#starting === starting) this.end(cancelled());
    });
    return starting;
  }

  async #startWorker() {
    try {
      const handle = new WorkerHandle(this.#host.listeners);
      this.#handle = handle;
      this.#host.onModule(await handle.ask(this.#host.equipment()));
      return handle;
    } catch (error) {
      // Another one would crash as well; whoever asks next has it tried.
      throw error instanceof Crash ? new Failure(error.code, error.message) : error;
    }
  }

  /** @param {Failure} reason */
  end(reason) {
    this.#handle?.end(reason);
    this.#handle = null;
    this.#starting = null;
    this.#chores = [];
  }

  /** @param {Failure} reason */
  #replace(reason) {
    this.end(reason);
    if (this.#host.goesOn()) this.start().catch(() => {});
  }
}

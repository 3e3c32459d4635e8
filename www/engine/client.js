// The classifier as promises: queueing, cancelling and crash recovery in front of `worker.js`.
//
// - The page has one worker, with one backbone in it. Whoever wants answers opens a session, which has a head of its own.
//   The first session starts the worker, the last one that closes ends it.
// - One request is in flight at a time, and sessions take turns. In a session pictures wait in order; of the frames that
//   wait, the newest one wins.
// - Nothing can interrupt the wasm, so to cancel a request is to replace its worker.
// - After a crash the worker is replaced as well, and a picture is tried once more on the fresh one. The compiled module
//   is handed over, so the wasm is fetched only once. The fresh worker opens each head when its session's turn comes. One
//   that crashes before it is ready is not replaced until something is asked of it.
// - A worker that says nothing for half a minute is taken for dead. Its request is given up at once: tried again it would
//   most likely keep the person waiting for as long once more.

import { Failure } from './failure.js';
import { Patience } from './patience.js';
import { spawn } from './spawn.js';

/**
 * @typedef {import('./worker.js').Answer} Answer
 * @typedef {import('./worker.js').Heatmap} Heatmap
 * @typedef {import('./worker.js').Model} Model
 * @typedef {import('./worker.js').Prediction} Prediction
 * @typedef {import('./worker.js').Progress} Progress
 * @typedef {import('./worker.js').Reply} Reply
 * @typedef {import('./worker.js').Request} Request
 * @typedef {import('./worker.js').Epoch} Epoch
 * @typedef {import('./worker.js').Taught} Taught
 * @typedef {import('./worker.js').TeachInput} TeachInput
 *
 * @typedef {object} Options
 * @property {number} topK
 * @property {boolean | string} [heatmap] that of the likeliest class, or of the label
 * @property {boolean} [embedding] whether the answer has it too
 * @property {AbortSignal} [signal]
 * @property {Session[]} [others] who answer as well, over the same pass of the network
 *
 * @typedef {object} Job
 * @property {Request} request
 * @property {Session[]} sessions whose heads have to be open for it; the first one asks
 * @property {AbortSignal} [signal]
 * @property {(epoch: Epoch) => void} [onEpoch]
 * @property {(value: any) => void} resolve
 * @property {(error: unknown) => void} reject
 *
 * @typedef {object} Listeners
 * @property {(progress: Progress) => void} onProgress
 * @property {(wasm: ArrayBuffer) => void} onStudio it was fetched, to be handed to the worker that may have to follow
 * @property {(moments: number[]) => void} onRequests when the worker's own requests began, in milliseconds since 1970
 */

/** A failure that a fresh worker can mend. */
class Crash extends Failure {}

/** Nothing was heard of the worker; the next request gets a fresh one. */
class Silence extends Failure {}

/** What is over soon. A fit, an export and an ONNX file may take any time. */
const PROMPT = ['start', 'picture', 'frame', 'embed', 'sample'];

/** One worker and the one request that it is busy with. */
class Engine {
  #worker;
  /** @type {Pick<Job, 'resolve' | 'reject' | 'onEpoch'> | null} */
  #waiting = null;
  /** @type {Failure | null} */
  #ended = null;
  #prepared = () => {};
  #patience = new Patience();
  /** The sessions whose heads this worker has. */
  heads = /** @type {Set<Session>} */ (new Set());

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
  #receive(reply, { onProgress, onRequests, onStudio }) {
    this.#patience.renew();
    if ('progress' in reply) return onProgress(reply.progress);
    if ('epoch' in reply) return this.#waiting?.onEpoch?.(reply.epoch);
    if ('requests' in reply) return onRequests(reply.requests);
    if ('studio' in reply) {
      if (reply.studio) onStudio(reply.studio);
      return this.#prepared();
    }
    if ('value' in reply) return this.#settle()?.resolve(reply.value);
    const { code, message, crashed } = reply.trouble;
    const known = /** @type {import('./failure.js').Code} */ (code);
    this.#settle()?.reject(crashed ? new Crash(known, message) : new Failure(known, message));
  }
}

/** @param {Request} request that nobody answered */
function silence({ kind }) {
  return kind === 'start'
    ? new Failure('load-failed', 'Nothing more of the classifier arrives: a file of it is missing, or the network or the device is too busy. Try again, or reload the page.')
    : new Silence('engine-crashed', 'the classifier gave no answer for half a minute and was started again. Bring it once more, or choose another one');
}

/** The owner of the worker. */
export class Client {
  /** @type {Promise<Engine> | null} */
  #starting = null;
  /** @type {Engine | null} the one that is running or starting */
  #engine = null;
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
  onRequests = () => {};

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
    await this.#start().then((engine) => engine.prepare(), () => {});
  }

  /** @param {Session} session is closed, and gets no further turn */
  leave(session) {
    this.#sessions = this.#sessions.filter((other) => other !== session);
    if (!this.#sessions.length) return this.#end(cancelled());
    if (!this.#engine?.heads.delete(session)) return;
    this.#chores.push({ request: { kind: 'close', head: session.id }, sessions: [], resolve() {}, reject() {} });
    this.work();
  }

  /** Answers what waits, if that is not being done already. */
  async work() {
    if (this.#busy) return;
    this.#busy = true;
    for (let job = this.#nextJob(); job; job = this.#nextJob()) {
      await this.#answer(job).then(job.resolve, job.reject);
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
      // A frame went down with its worker; the camera brings the next one soon. Twice in a row is no accident.
      if (job.request.kind === 'frame') return session && session.lostFrames++ === 0 ? null : Promise.reject(error);
    }
    return this.#ask(job).catch((error) => {
      if (error instanceof Crash) this.#replace(error);
      throw error;
    });
  }

  /** @param {Job} job */
  async #ask({ request, sessions, signal, onEpoch }) {
    const engine = await this.#start();
    const cancel = () => this.#replace(cancelled());
    if (signal?.aborted) throw cancelled();
    signal?.addEventListener('abort', cancel);
    try {
      for (const session of sessions) if (!engine.heads.has(session)) await this.#openAgain(engine, session, request);
      const value = await engine.ask(request, onEpoch);
      for (const session of sessions) {
        engine.heads.add(session);
        session.lostFrames = 0;
        // It was closed meanwhile.
        if (!this.#sessions.includes(session)) this.leave(session);
      }
      return value;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  /**
   * @param {Engine} engine
   * @param {Session} session
   * @param {Request} request that needs its head
   */
  async #openAgain(engine, session, request) {
    if (request.kind === 'open') return;
    await engine.ask({ kind: 'open', head: session.id, model: session.model });
    engine.heads.add(session);
  }

  /** Starts the worker, or waits for the one that is starting. After a failure the next call tries again. */
  #start() {
    this.#starting ??= this.#startEngine();
    return this.#starting;
  }

  async #startEngine() {
    /** @type {Engine | null} */
    let engine = null;
    try {
      engine = new Engine({
        onProgress: (progress) => this.#sessions.forEach(({ onProgress }) => onProgress(progress)),
        onRequests: (moments) => this.onRequests(moments),
        onStudio: (wasm) => (this.#studio = wasm),
      });
      this.#engine = engine;
      this.#module = await engine.ask({ kind: 'start', module: this.#module, studio: this.#studio });
      return engine;
    } catch (error) {
      if (this.#engine === engine) this.#end(cancelled());
      // Another one would crash as well; whoever asks next has it tried.
      throw error instanceof Crash ? new Failure(error.code, error.message) : error;
    }
  }

  /** @param {Failure} reason */
  #end(reason) {
    this.#engine?.end(reason);
    this.#engine = null;
    this.#starting = null;
    this.#chores = [];
  }

  /** @param {Failure} reason */
  #replace(reason) {
    this.#end(reason);
    if (this.#sessions.length) this.#start().catch(() => {});
  }
}

/** What one asks of the worker, with a head of one's own. */
export class Session {
  #client;
  /** @type {Job[]} */
  #queue = [];
  /** @type {Job | null} */
  #newestFrame = null;
  #closed = false;
  /** @type {Blob | null} what a fresh worker has to open; null is the model inside the wasm */
  model = null;
  /** Frames in a row that went down with their workers. */
  lostFrames = 0;

  /**
   * @param {Client} client
   * @param {number} id of its head
   * @param {(progress: Progress) => void} onProgress
   */
  constructor(client, id, onProgress) {
    this.#client = client;
    this.id = id;
    this.onProgress = onProgress;
  }

  /**
   * Opens a model file, or with null the model inside the wasm. A refused file leaves the open model in place.
   *
   * @param {Blob | null} model
   * @returns {Promise<Model>}
   */
  async openModel(model) {
    const opened = await this.#enqueue({ kind: 'open', head: this.id, model });
    this.model = model;
    return opened;
  }

  /**
   * @param {Blob} picture the bytes of a picture file, decoded by the engine
   * @param {Options} options
   * @returns {Promise<Answer[]>} its own answer, then those of the others
   */
  classifyPicture(picture, { topK, heatmap = false, embedding, signal, others = [] }) {
    const sessions = [this, ...others];
    return this.#enqueue({ kind: 'picture', heads: idsOf(sessions), picture, topK, heatmap, embedding }, { signal, sessions });
  }

  /**
   * @param {ImageBitmap | ImageData} frame waits in order, as a picture does; a bitmap is transferred, and gone afterwards
   * @param {Options} options
   * @returns {Promise<Answer[]>} as of `classifyPicture`
   */
  async classifyPixels(frame, { topK, heatmap = false, embedding, signal, others = [] }) {
    const sessions = [this, ...others];
    const request = /** @type {Request} */ ({ kind: 'frame', heads: idsOf(sessions), frame, topK, heatmap, embedding });
    const answers = await this.#enqueue(request, { signal, sessions });
    if (answers) return answers;
    throw new Failure('engine-crashed', 'the classifier crashed with this picture and was started again. Bring it once more');
  }

  /**
   * @param {ImageBitmap} frame is transferred, and gone afterwards
   * @param {Options} options
   * @returns {Promise<Answer[] | null>} as of `classifyPicture`; null where a newer frame took its place
   */
  classifyFrame(frame, { topK, heatmap = false, others = [] }) {
    this.#dropWaitingFrame();
    return new Promise((resolve, reject) => {
      const sessions = [this, ...others];
      const request = /** @type {Request} */ ({ kind: 'frame', heads: idsOf(sessions), frame, topK, heatmap });
      if (this.#closed) return reject(cancelled());
      this.#newestFrame = { request, sessions, resolve, reject };
      this.#client.work();
    });
  }

  /**
   * @param {number} frames to measure
   * @returns {Promise<import('./worker.js').Profile>}
   */
  profile(frames) {
    return this.#enqueue({ kind: 'profile', frames });
  }

  /**
   * @param {Blob} picture the bytes of a picture file
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<Float32Array>} what every head over the shared backbone answers to
   */
  embed(picture, { signal } = {}) {
    return this.#enqueue({ kind: 'embed', picture }, { signal, sessions: [] });
  }

  /**
   * @param {ImageBitmap} frame is transferred, and gone afterwards
   * @returns {Promise<{ picture: Blob, embedding: Float32Array }>} the frame as a picture file, and that file's embedding
   */
  sample(frame) {
    return this.#enqueue({ kind: 'sample', frame }, { sessions: [] });
  }

  /**
   * Fits a head over the shared backbone.
   *
   * @param {TeachInput} input
   * @param {(epoch: Epoch) => void} onEpoch
   * @param {{ signal?: AbortSignal, own?: boolean }} [options] own: the embeddings are of this session's model, which is refused
   *   where that has another backbone
   * @returns {Promise<Taught>}
   */
  teach(input, onEpoch, { signal, own = false } = {}) {
    return this.#enqueue({ kind: 'teach', head: own ? this.id : null, input }, { signal, sessions: own ? [this] : [], onEpoch });
  }

  /**
   * @param {import('./worker.js').ExportWishes} wishes
   * @returns {Promise<import('./worker.js').Exported>} the open model for another runtime, as `mobilenet export` makes it
   */
  export(wishes) {
    return this.#enqueue({ kind: 'export', model: this.model, ...wishes }, { sessions: [] });
  }

  /** @returns {Promise<string>} the fragment of an address that carries the open head, without the `#`, as `mobilenet share` makes it */
  link() {
    return this.#enqueue({ kind: 'link', model: this.model }, { sessions: [] });
  }

  /** @returns {Promise<Blob>} the open model as a file */
  async file() {
    return new Blob([await this.#enqueue({ kind: 'file', model: this.model }, { sessions: [] })]);
  }

  /** What waits gets no answer any more. */
  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.#dropWaitingFrame();
    for (const job of this.#queue.splice(0)) {
      release(job);
      job.reject(cancelled());
    }
    this.#client.leave(this);
  }

  /** What to do when it is this session's turn, if anything. */
  next() {
    const picture = this.#queue.shift();
    if (picture) return picture;
    const frame = this.#newestFrame;
    this.#newestFrame = null;
    return frame;
  }

  /**
   * @param {Request} request
   * @param {{ signal?: AbortSignal, sessions?: Session[], onEpoch?: (epoch: Epoch) => void }} [options]
   * @returns {Promise<any>}
   */
  #enqueue(request, { signal, sessions = [this], onEpoch } = {}) {
    let withdraw = () => {};
    const answered = new Promise((resolve, reject) => {
      const job = { request, sessions, signal, onEpoch, resolve, reject };
      this.#queue.push(job);
      withdraw = () => this.#withdraw(job);
    });
    // One that has begun is cancelled by who does it.
    signal?.addEventListener('abort', withdraw);
    if (this.#closed || signal?.aborted) withdraw();
    this.#client.work();
    return answered.finally(() => signal?.removeEventListener('abort', withdraw));
  }

  /** @param {Job} job */
  #withdraw(job) {
    const place = this.#queue.indexOf(job);
    if (place < 0) return;
    this.#queue.splice(place, 1);
    release(job);
    job.reject(cancelled());
  }

  #dropWaitingFrame() {
    const job = this.#newestFrame;
    this.#newestFrame = null;
    if (job) release(job);
    job?.resolve(null);
  }
}

/** @param {Job} job that never gets to the worker */
function release({ request }) {
  if (request.kind === 'frame' && request.frame instanceof ImageBitmap) request.frame.close();
}

/** @param {Session[]} sessions */
function idsOf(sessions) {
  return sessions.map(({ id }) => id);
}

/** The page's one client. */
export const client = new Client();

/** Why there is no answer, where somebody decided so. */
export function cancelled() {
  return new Failure('cancelled', 'stopped before it was classified');
}

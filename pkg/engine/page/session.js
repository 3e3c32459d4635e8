// What one asks of the page's workers, with a head of one's own. In a session pictures wait in order; of the frames that wait, the
// newest one wins.

import { Failure, cancelled } from '../shared/failure.js';
import { onnxConverter } from './converter.js';
import { JobQueue } from './job-queue.js';

/**
 * @typedef {import('../worker/worker.js').Answer} Answer
 * @typedef {import('../worker/worker.js').Epoch} Epoch
 * @typedef {import('../worker/worker.js').Model} Model
 * @typedef {import('../worker/worker.js').OpenRequest} OpenRequest
 * @typedef {import('../shared/onnx-file.js').OnnxSettings} OnnxSettings
 * @typedef {import('../worker/worker.js').Progress} Progress
 * @typedef {import('../worker/worker.js').Request} Request
 * @typedef {import('../worker/worker.js').Taught} Taught
 * @typedef {import('../worker/worker.js').TeachInput} TeachInput
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
 * @typedef {object} Turns what `client.js` does for a session
 * @property {() => void} work answers what waits
 * @property {(session: Session) => void} leave gives it no further turn
 * @property {number} ahead how many pictures are best asked for at once
 */

// The slowest device still classifies a frame in this time.
const LIVE_MILLIS = 2000;

/** What one asks of the worker, with a head of one's own. */
export class Session {
  #turns;
  #queue = new JobQueue();
  /** @type {Job | null} */
  #newestFrame = null;
  /** When a frame was asked for last. */
  #frameAt = -Infinity;
  #closed = false;
  /** An ONNX file that runs in float takes long to open, and much memory: by one worker only. */
  #sharable = true;
  /** @type {Blob | null} */
  #model = null;
  /** @type {OnnxSettings | undefined} */
  #onnx;
  /** Frames in a row that went down with their workers. */
  #lostFrames = 0;

  /**
   * @param {Turns} turns
   * @param {number} id of its head
   * @param {(progress: Progress) => void} onProgress
   */
  constructor(turns, id, onProgress) {
    this.#turns = turns;
    this.id = id;
    this.onProgress = onProgress;
  }

  /** The open model's file; null is the model inside the wasm. */
  get model() {
    return this.#model;
  }

  /** @returns {OpenRequest} what a fresh worker has to open */
  get reopening() {
    return this.#opening(this.#model, this.#onnx);
  }

  /** How many pictures are best asked for at once, by whoever has many: one where only one worker answers. */
  get ahead() {
    return this.#sharable ? this.#turns.ahead : 1;
  }

  /** How many pictures a further worker could begin. */
  get waiting() {
    return this.#sharable ? this.#queue.pictures : 0;
  }

  /** Whether it is asked about frames, one after the other. */
  get isLive() {
    return performance.now() - this.#frameAt < LIVE_MILLIS;
  }

  /** @returns {boolean} whether a frame that went down with its worker may be let go: twice in a row is no accident */
  loseFrame() {
    return this.#lostFrames++ === 0;
  }

  /** A worker has answered. */
  recover() {
    this.#lostFrames = 0;
  }

  /**
   * Opens a model file, or with null the model inside the wasm. A refused file leaves the open model in place.
   *
   * @param {Blob | null} model
   * @param {OnnxSettings} [onnx] opens it as an ONNX file; without them, a file that looks like one is opened with none stated
   * @returns {Promise<Model>}
   */
  openModel(model, onnx) {
    // Known before the next picture is begun, by whichever worker.
    const onValue = (/** @type {Model} */ { onnx: read, lowered }) => {
      // An ONNX file that was converted need not be converted again.
      this.#model = lowered ?? model;
      this.#onnx = lowered ? undefined : onnx;
      this.#sharable = !read || Boolean(lowered);
    };
    return this.#enqueue(this.#opening(model, onnx), { onValue });
  }

  /**
   * @param {Blob | null} model
   * @param {OnnxSettings} [onnx]
   * @returns {OpenRequest}
   */
  #opening(model, onnx) {
    const converter = onnxConverter();
    return { kind: 'open', head: this.id, model, ...(onnx && { onnx }), ...(model && converter && { converter }) };
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
    this.#frameAt = performance.now();
    return new Promise((resolve, reject) => {
      const sessions = [this, ...others];
      const request = /** @type {Request} */ ({ kind: 'frame', heads: idsOf(sessions), frame, topK, heatmap });
      const job = { request, sessions, resolve, reject };
      if (this.#closed) return refuse(job);
      this.#newestFrame = job;
      this.#turns.work();
    });
  }

  /**
   * @param {number} frames to measure
   * @returns {Promise<import('../worker/worker.js').Profile>}
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
   * @param {import('../worker/worker.js').ExportWishes} wishes
   * @returns {Promise<import('../worker/worker.js').Exported>} the open model for another runtime, as `mobilenet export` makes it
   */
  export(wishes) {
    return this.#enqueue({ kind: 'export', model: this.#model, ...wishes }, { sessions: [] });
  }

  /** @returns {Promise<string>} the fragment of an address that carries the open head, without the `#`, as `mobilenet share` makes it */
  link() {
    return this.#enqueue({ kind: 'link', model: this.#model }, { sessions: [] });
  }

  /** @returns {Promise<Blob>} the open model as a file */
  async file() {
    return new Blob([await this.#enqueue({ kind: 'file', model: this.#model }, { sessions: [] })]);
  }

  /** What waits gets no answer any more. */
  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.#dropWaitingFrame();
    this.#queue.close();
    this.#turns.leave(this);
  }

  /**
   * What the first worker does when it is this session's turn, if anything.
   *
   * @param {boolean} helped whether others do pictures, so that frames can go first
   */
  next(helped) {
    const job = helped && this.#newestFrame ? null : this.#queue.next();
    if (job) return job;
    const frame = this.#newestFrame;
    this.#newestFrame = null;
    return frame;
  }

  /** What another worker does when it is this session's turn, if anything. */
  nextPicture() {
    return this.#sharable ? this.#queue.nextPicture() : null;
  }

  /**
   * @param {Request} request
   * @param {{ signal?: AbortSignal, sessions?: Session[], onEpoch?: (epoch: Epoch) => void, onValue?: (value: any) => void }} [options] onValue
   *   is told before anything else is begun
   * @returns {Promise<any>}
   */
  #enqueue(request, { signal, sessions = [this], onEpoch, onValue = () => {} } = {}) {
    let withdraw = () => {};
    const answered = new Promise((resolve, reject) => {
      const refused = (/** @type {unknown} */ error) => (release({ request }), reject(error));
      withdraw = this.#queue.add({ request, sessions, signal, onEpoch, resolve, reject: refused }, onValue);
    });
    // One that has begun is cancelled by who does it.
    signal?.addEventListener('abort', withdraw);
    if (this.#closed || signal?.aborted) withdraw();
    this.#turns.work();
    return answered.finally(() => signal?.removeEventListener('abort', withdraw));
  }

  #dropWaitingFrame() {
    const job = this.#newestFrame;
    this.#newestFrame = null;
    if (job) release(job);
    job?.resolve(null);
  }
}

/** @param {Job} job that never gets to the worker */
function refuse(job) {
  release(job);
  job.reject(cancelled());
}

/** @param {Pick<Job, 'request'>} job whose frame nobody needs any more; one that was transferred is gone already */
export function release({ request }) {
  if ('frame' in request && request.frame instanceof ImageBitmap) request.frame.close();
}

/** @param {Session[]} sessions */
function idsOf(sessions) {
  return sessions.map(({ id }) => id);
}

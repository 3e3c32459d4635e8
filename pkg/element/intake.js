// Pictures on their way to an answer: files that were chosen, dropped or pasted, and what a page's script has. Each is classified
// when its turn has come; then it is shown, and whoever brought it is told.

import { Failure, cancelled, unlessAborted } from '../engine/shared/failure.js';
import { Batch } from './batch.js';
import { compared } from './comparison.js';
import { isVideo } from './film.js';
import { fileOf, readable } from './pictures.js';

/**
 * @typedef {import('../engine/page/session.js').Session} Session
 * @typedef {import('../engine/worker/worker.js').Answer} Answer
 * @typedef {import('./batch.js').Arrival} Arrival
 * @typedef {import('./pictures.js').Found} Found
 * @typedef {import('./pictures.js').Picture} Picture
 * @typedef {import('./pictures.js').Source} Source
 *
 * @typedef {object} Host
 * @property {import('./view.js').View} view
 * @property {import('./live.js').Live} live makes room on the stage, and plays a video that comes alone
 * @property {import('./model-slot.js').ModelSlot} models
 * @property {() => string} base of an address that is not absolute
 * @property {(busy: boolean) => void} onBusy whether pictures wait
 * @property {(answer: Answer, source: Source, name: string) => void} onAnswer
 * @property {(error: unknown, source: Source, name?: string) => void} onFailure
 */

/** Takes in what is brought to an element. */
export class Intake {
  #host;
  #batch;

  /** @param {Host} host */
  constructor(host) {
    this.#host = host;
    this.#batch = new Batch({
      classify: (arrival, signal) => this.#classifyArrival(arrival, signal),
      onBusy: (busy) => {
        if (busy) host.view.hideFailure();
        host.onBusy(busy);
      },
    });
  }

  /** Ends the picture at work as well, at the price of a new worker. */
  stop() {
    this.#batch.stop();
  }

  /** Forgets what waits. */
  drop() {
    this.#batch.drop();
  }

  /**
   * @param {Picture | URL | string} source
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<Answer>}
   */
  async classify(source, { signal } = {}) {
    const picture = await readable(source, { base: this.#host.base(), signal }).catch((error) => {
      this.#host.onFailure(error, 'script');
      throw error;
    });
    const name = picture instanceof File ? picture.name : '';
    const read = async () => picture;
    return new Promise((resolve, reject) => this.#take([{ read, name, source: 'script', signal, onAnswer: resolve, onFailure: reject }]));
  }

  /**
   * @param {(File | Found)[]} files
   * @param {Source} source
   */
  receive(files, source) {
    files = this.#host.models.takeOnnx(files);
    for (const file of files) if (isModel(file)) this.#host.models.open(file).catch(() => {});
    const pictures = files.filter((file) => !isModel(file));
    const [first] = pictures;
    if (!first) return;
    // Reported already.
    if (pictures.length === 1 && isVideo(first)) return void this.#host.live.playVideo(first).catch(() => {});
    if (!this.#batch.busy) this.#host.view.clearLines();
    this.#take(pictures.map((file) => this.#arrivalOf(foundIn(file), source)));
  }

  /**
   * @param {Found} found
   * @param {Source} source
   * @returns {Arrival}
   */
  #arrivalOf(found, source) {
    const { name, read } = found;
    const { answer, fail } = this.#host.view.addLine(name, (given) => this.#showAgain(found, given));
    return { read, name, source, onAnswer: answer, onFailure: fail };
  }

  /** @param {Arrival[]} arrivals */
  #take(arrivals) {
    this.#host.live.stop();
    if (!this.#batch.busy && arrivals.every(({ source }) => source === 'script')) this.#host.view.clearLines();
    this.#batch.add(arrivals.map((arrival) => this.#watched(arrival)));
  }

  /**
   * @param {Arrival} arrival
   * @returns {Arrival} that also shows and tells what becomes of it
   */
  #watched(arrival) {
    const { name, source, onAnswer, onFailure } = arrival;
    return {
      ...arrival,
      onAnswer: (answer) => {
        onAnswer(answer);
        this.#host.onAnswer(answer, source, name);
        this.#host.view.sayAnswer(answer, name);
      },
      onFailure: (failure) => {
        onFailure(failure);
        if (failure.code === 'cancelled') return;
        // What was shown before is not the answer to this file.
        this.#host.view.showNothing();
        this.#host.onFailure(failure, source, name);
      },
    };
  }

  /**
   * @param {Arrival} arrival
   * @param {AbortSignal} signal
   */
  async #classifyArrival({ read, name }, signal) {
    await unlessAborted(this.#host.models.ready, signal);
    const picture = await read(signal);
    if (isVideo(picture)) throw new Failure('unsupported-format', 'a video is not played among other files. Bring it alone');
    const session = this.#host.models.session;
    if (!session) throw cancelled();
    const options = { topK: this.#host.view.topK, heatmap: true, signal, others: this.#host.models.others() };
    const { answer, file } = await (picture instanceof Blob
      ? { answer: compared(await session.classifyPicture(picture, options)), file: picture }
      : classifyPixels(session, picture, options));
    // It has left the document, where nobody would give free again what it shows.
    if (session !== this.#host.models.session) throw cancelled();
    this.#host.live.stop();
    this.#host.view.showPicture(file, name, answer);
    return answer;
  }

  /**
   * @param {Found} found
   * @param {Answer} answer
   */
  async #showAgain({ name, read }, answer) {
    try {
      const file = await read();
      this.#host.live.stop();
      this.#host.view.showPicture(file, name, answer);
      this.#host.view.sayAnswer(answer, name);
    } catch (error) {
      this.#host.onFailure(error, 'file', name);
    }
  }
}

/**
 * Only where it comes as a file of its own, not somewhere in a folder.
 *
 * @param {File | Found} file
 * @returns {file is File}
 */
function isModel(file) {
  return file instanceof File && file.name.endsWith('.safetensors');
}

/**
 * @param {File | Found} file
 * @returns {Found}
 */
function foundIn(file) {
  if (!(file instanceof File)) return file;
  return { name: file.name, read: async () => file };
}

/**
 * @param {Session} session
 * @param {ImageBitmap | ImageData} pixels
 * @param {import('../engine/page/session.js').Options} options
 */
async function classifyPixels(session, pixels, options) {
  // Begun before the pixels are given away.
  const file = fileOf(pixels);
  const answer = compared(await session.classifyPixels(pixels, options));
  return { answer, file: await file };
}

// Pictures on their way to an answer: files that were chosen, dropped or pasted, and what a page's script has. Each is classified
// when its turn has come; then it is shown, and whoever brought it is told.

import { cancelled, unlessAborted } from '../engine/shared/failure.js';
import { arrivalOf } from './arrivals.js';
import { Batch } from './batch.js';
import { fileOf, readable } from './pictures.js';

/**
 * @typedef {import('../engine/page/session.js').Session} Session
 * @typedef {import('./arrivals.js').Arriving} Arriving
 * @typedef {import('./batch.js').Arrival} Arrival
 * @typedef {import('./comparison.js').Compared} Answer
 * @typedef {import('./model-slot.js').OpenModel} OpenModel
 * @typedef {import('./pictures.js').Found} Found
 * @typedef {import('./pictures.js').Picture} Picture
 * @typedef {import('./pictures.js').Source} Source
 *
 * @typedef {object} Host
 * @property {import('./view.js').View} view
 * @property {import('./results.js').Results} results
 * @property {import('./notice.js').Notice} notice
 * @property {import('./live.js').Live} live makes room on the stage, and plays a video that comes alone
 * @property {import('./model-slot.js').ModelSlot} models
 * @property {import('./events.js').Events} events
 * @property {() => string} base of an address that is not absolute
 * @property {(busy: boolean) => void} onBusy whether pictures wait
 */

// To show a large photo costs the browser as much time as the answer costs the engine. So only a few of many pictures are shown, and the last.
const SHOWN_MILLIS = 5000;

/** Takes in what is brought to an element. */
export class Intake {
  #host;
  #batch;
  /** When a picture was shown last. */
  #shownAt = -Infinity;
  /** @type {WeakMap<Answer, OpenModel>} the model that can still explain an answer */
  #explainable = new WeakMap();

  /** @param {Host} host */
  constructor(host) {
    this.#host = host;
    this.#batch = new Batch({
      classify: this.#classify.bind(this),
      ahead: () => host.models.session?.ahead ?? 1,
      onBusy: (busy) => {
        this.#shownAt = -Infinity;
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
      this.#host.events.failed(error, 'script');
      throw error;
    });
    const name = picture instanceof File ? picture.name : '';
    this.#begin();
    return new Promise((answer, fail) => {
      this.#batch.add([{ ...this.#arrival({ name, read: async () => picture }, 'script', { answer, fail }), signal }]);
    });
  }

  /**
   * @param {(File | Found)[]} files
   * @param {Source} source
   */
  receive(files, source) {
    const came = files.map(arrivalOf);
    const arrivals = came.some(({ kind }) => kind === 'model') ? this.#host.models.take(files).map(arrivalOf) : came;
    const [first] = arrivals;
    if (!first) return;
    // Reported already.
    if (arrivals.length === 1 && first.kind === 'video') return void this.#host.live.playVideo(/** @type {File} */ (first.file)).catch(() => {});
    this.#begin();
    this.#batch.add(arrivals.map((found) => this.#arrival(found, source, this.#host.results.add(found.name, (given) => this.#showAgain(found, given)))));
  }

  /** Makes room on the stage, and for another table where the one before is done. */
  #begin() {
    const { live, notice, results } = this.#host;
    if (live.active) live.stop();
    if (this.#batch.busy) return;
    notice.hide();
    results.clear();
  }

  /**
   * @param {Pick<Arrival, 'name' | 'read'>} found
   * @param {Source} source
   * @param {{ answer: (answer: Answer) => void, fail: (failure: import('../engine/shared/failure.js').Failure) => void }} line
   * @returns {Arrival} of which the page is told as well
   */
  #arrival({ name, read }, source, line) {
    const { view, events } = this.#host;
    return {
      name,
      read,
      source,
      onAnswer: (answer) => {
        line.answer(answer);
        events.answered(answer, source, name);
      },
      onFailure: (failure) => {
        line.fail(failure);
        if (failure.code === 'cancelled') return;
        // What was shown before is not the answer to this file.
        view.showNothing();
        events.failed(failure, source, name);
      },
    };
  }

  /**
   * @param {Arrival} arrival
   * @param {AbortSignal} signal
   * @param {Promise<void>} turn
   * @returns {Promise<Answer>}
   */
  async #classify({ read, name }, signal, turn) {
    const { models, view } = this.#host;
    await unlessAborted(models.ready, signal);
    const picture = await read(signal);
    const { session, model, others } = models;
    if (!session) throw cancelled();
    const wishes = { ...view.wishes, signal, others };
    const { answers: [own, builtIn], file } = await (picture instanceof Blob
      ? { answers: await session.classifyPicture(picture, wishes), file: picture }
      : classifyPixels(session, picture, wishes));
    await turn;
    // Something else was started by now, or the element has left the document, where nothing would release what it shows.
    if (signal.aborted || session !== models.session) throw cancelled();
    const answer = /** @type {Answer} */ (builtIn ? { ...own, builtIn } : own);
    if (model && model.onnx?.kind !== 'float' && picture instanceof Blob) this.#explainable.set(answer, model);
    if (!this.#isPassedOver()) {
      view.showPicture(file, name, answer);
      if (view.unexplained) this.explain();
    }
    return answer;
  }

  /** Whether the stage does without this picture: it is one of many. */
  #isPassedOver() {
    const now = performance.now();
    if (this.#batch.many && this.#batch.left > 1 && now - this.#shownAt < SHOWN_MILLIS) return true;
    this.#shownAt = now;
    return false;
  }

  /** Asks for the heatmap of the picture on the stage, if it is wanted now and was not when the picture was classified. */
  async explain() {
    const { view, models, events } = this.#host;
    const { picture, answer } = view.unexplained ?? {};
    if (!picture || !answer || !models.session || this.#explainable.get(answer) !== models.model) return;
    try {
      const [explained] = await models.session.classifyPicture(picture, { topK: 1, heatmap: true });
      view.explain(answer, explained?.heatmap);
    } catch (error) {
      events.failed(error, 'file');
    }
  }

  /**
   * @param {Arriving} found
   * @param {Answer} answer
   */
  async #showAgain({ name, read }, answer) {
    const { view, live } = this.#host;
    try {
      const file = await read();
      live.stop();
      view.showPicture(file, name, answer);
      if (view.unexplained) this.explain();
    } catch (error) {
      this.#host.events.failed(error, 'file', name);
    }
  }
}

/**
 * Its heatmap is asked for at once, since the pixels are given away.
 *
 * @param {Session} session
 * @param {ImageBitmap | ImageData} pixels
 * @param {import('../engine/page/session.js').Options} options
 */
async function classifyPixels(session, pixels, options) {
  // Begun before the pixels are given away.
  const file = fileOf(pixels);
  const answers = await session.classifyPixels(pixels, { ...options, heatmap: true });
  return { answers, file: await file };
}

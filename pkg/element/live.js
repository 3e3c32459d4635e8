// The camera and videos: one at a time in the video element of the stage, classified frame by frame, and their buttons.

import { Failure, cancelled } from '../engine/shared/failure.js';
import { Camera } from './camera.js';
import { Film } from './film.js';
import { part } from './parts.js';

/**
 * @typedef {import('./events.js').Origin} Origin
 *
 * @typedef {object} Host
 * @property {import('./view.js').View} view
 * @property {import('./results.js').Results} results
 * @property {import('./notice.js').Notice} notice
 * @property {import('../words/writer.js').Writer} writer
 * @property {import('./model-slot.js').ModelSlot} models
 * @property {import('./events.js').Events} events
 * @property {() => void} onBegin ends what else is under way
 * @property {() => string} choice which camera the button opens
 */

export const CAMERA_BUTTONS = `
<button id="camera" class="button" part="button" type="button"></button>
<select id="camera-choice" class="button" part="button" data-say-label="camera.which" hidden></select>`;

export const STOP_VIDEO = '<button id="stop-video" class="button" part="button" type="button" data-say="video.stop"></button>';

/** What moves on the stage. */
export class Live {
  #host;
  #camera;
  #film;
  #button;
  #choice;
  /** Whether a camera was asked for; it need not run yet. */
  #wanted = false;
  /** Whether the stage and the button show a camera. */
  #shown = false;

  /**
   * @param {ShadowRoot} root
   * @param {Host} host
   */
  constructor(root, host) {
    this.#host = host;
    const video = part(root, 'video', HTMLVideoElement);
    this.#camera = new Camera(video, {
      ...this.#listeners('camera'),
      // Asked for by its id, one that is gone is replaced, and that is reported.
      onLost: (failure, unplugged) => (unplugged ? this.#openCamera(unplugged) : this.#lose(failure, 'camera')),
      onStill: (still) => this.#showStill(still),
    });
    this.#film = new Film(video, this.#listeners('video'));
    this.#button = part(root, 'camera', HTMLButtonElement);
    this.#choice = part(root, 'camera-choice', HTMLSelectElement);
    this.#button.addEventListener('click', () => (this.#camera.running || this.#shown ? this.stopCamera() : this.#openCamera(host.choice())));
    this.#writeButton('camera.start');
    this.#choice.addEventListener('change', () => this.#openCamera(this.#choice.value));
    part(root, 'stop-video', HTMLButtonElement).addEventListener('click', () => this.stopVideo());
  }

  get stream() {
    return this.#camera.stream;
  }

  /** Whether there is something to stop. */
  get active() {
    return this.#wanted || this.#film.running;
  }

  grab() {
    return this.#camera.grab();
  }

  /** Goes on after the element was moved in its document. */
  resume() {
    this.#camera.resume();
    this.#film.resume();
  }

  /** Classifies again what stands still, for a wish that it was not classified with. */
  repeat() {
    this.#film.repeat();
  }

  stop() {
    this.stopCamera();
    this.stopVideo();
  }

  /** @param {string} choice of the attribute, which a running camera follows */
  changeCamera(choice) {
    if (this.#camera.running) this.#openCamera(choice);
  }

  /** @param {string} choice */
  #openCamera(choice) {
    // Reported already.
    this.startCamera(choice).catch(() => {});
  }

  /** @param {string} choice */
  async startCamera(choice) {
    const present = this.#begin();
    this.stopVideo();
    this.#wanted = true;
    try {
      if (!present) throw new Failure('camera-off', 'The classifier is not on the page. Put it there, then start the camera.');
      if (!(await this.#camera.start(choice))) return;
      this.#shown = true;
      this.#host.results.clear();
      this.#host.view.showCamera();
      this.#writeButton('camera.stop');
      this.#host.events.cameraChanged();
      if (this.#camera.replaced) this.#host.events.failed(replaced(), 'camera');
      await this.#offerCameras();
    } catch (error) {
      this.stopCamera();
      this.#host.events.failed(error, 'camera');
      throw error;
    }
  }

  /** @returns {boolean} whether the element is in a document */
  #begin() {
    const { onBegin, notice, events, models } = this.#host;
    onBegin();
    notice.hide();
    events.begin();
    return models.session !== null;
  }

  stopCamera() {
    this.#wanted = false;
    this.#camera.stop();
    if (!this.#shown) return;
    this.#shown = false;
    this.#host.view.showNothing();
    this.#choice.hidden = true;
    this.#writeButton('camera.start');
    this.#host.events.cameraChanged();
  }

  /** @param {boolean} still it goes on by itself when frames come again */
  #showStill(still) {
    if (!still) return this.#host.notice.hide();
    const message = 'The camera runs and sends no picture: it may be covered, switched off, or in use by another program. It goes on by itself.';
    this.#host.events.failed(new Failure('camera-off', message), 'camera');
  }

  /** @param {'camera.start' | 'camera.stop'} key of what it does now */
  #writeButton(key) {
    this.#host.writer.write(this.#button, (words) => words.say(key));
  }

  async #offerCameras() {
    const cameras = await this.#camera.list();
    const inUse = this.#camera.deviceId;
    this.#choice.replaceChildren(...cameras.map(({ label, deviceId }) => new Option(label, deviceId, false, deviceId === inUse)));
    this.#choice.hidden = cameras.length < 2;
  }

  /** @param {Blob} file */
  async playVideo(file) {
    const present = this.#begin();
    this.stop();
    try {
      if (!present) throw cancelled();
      this.#host.results.clear();
      this.#host.view.showVideo(nameOf(file));
      await this.#film.start(file);
    } catch (error) {
      this.#host.view.showNothing();
      this.#host.events.failed(error, 'video', nameOf(file));
      throw error;
    }
  }

  stopVideo() {
    if (!this.#film.running) return;
    this.#film.stop();
    this.#host.view.showNothing();
  }

  /** @param {Origin} origin */
  #listeners(origin) {
    return {
      onFrame: (/** @type {ImageBitmap} */ frame) => void this.#classify(frame, origin),
      onLost: (/** @type {Failure} */ failure) => this.#lose(failure, origin),
    };
  }

  /**
   * @param {unknown} error
   * @param {Origin} origin
   */
  #lose(error, origin) {
    const name = nameOf(this.#film.file);
    this.stop();
    this.#host.events.failed(error, origin, name);
  }

  /**
   * @param {ImageBitmap} frame
   * @param {Origin} origin
   */
  async #classify(frame, origin) {
    const { file } = this.#film;
    // Answers on their way when that was stopped would overwrite what is shown now.
    const goesOn = () => (this.#camera.running || this.#film.running) && this.#film.file === file;
    try {
      const answer = await this.#answer(frame);
      if (!answer || !goesOn()) return;
      this.#host.view.showFrame(answer);
      this.#host.events.answered(answer, origin, nameOf(file));
      this.#host.view.sayFrame(answer);
    } catch (error) {
      if (goesOn()) this.#lose(error, origin);
    }
  }

  /**
   * @param {ImageBitmap} frame
   * @returns {Promise<import('./comparison.js').Compared | null>} null where a newer frame took its place
   */
  async #answer(frame) {
    const { models, view } = this.#host;
    if (models.session && models.model) {
      const [answer = null, builtIn] = (await models.session.classifyFrame(frame, { ...view.wishes, others: models.others })) ?? [];
      return answer && { ...answer, ...(builtIn && { builtIn }) };
    }
    frame.close();
    return null;
  }
}

function replaced() {
  return new Failure('camera-replaced', 'The chosen camera is no longer there, so another one was started.');
}

/** @param {Blob | null} file */
function nameOf(file) {
  return file instanceof File ? file.name : '';
}

// <mobilenet-classifier>: names what is in pictures and in front of a camera, on the device. `define.js` registers it.
//
// Attributes, each with a property of the same name (`top-k` is `topK`):
// - `head`: address of a model file to open instead of the built-in model.
// - `top-k`: how many predictions to give and to show; without it all of up to ten labels, or the five best of more.
// - `threshold`: what the likeliest label must reach, 0 to 1; below it the answer is "Not sure". Default 0.6.
// - `camera`: which one to open: `environment` (the default) looks away from the person, `user` at them; or a device's id.
// - `mirror`: shows camera and pictures mirrored. Display only: what is classified is never mirrored, so the answer is the same.
// - `heatmap`: shows where the evidence for the likeliest label is, over the picture or the camera.
// - `compare`: while another model is open, says what the built-in one sees as well, over the same pass of the network.
// - `lang`: the language of its words; without it that of the nearest element around it that has one, or of the document, also
//   when that changes. There are English, German, French, Spanish, Portuguese, Chinese (Simplified), Japanese, Hindi and Arabic
//   (from right to left), and English for all others. Labels are what the author of the model wrote and are never translated;
//   since a model does not say their language, screen readers are told the same one for them. Events and saved files are the
//   same in every language.
//
// Methods:
// - `classify(source, { signal })`: a promise of the answer to a File, Blob, image, canvas or video element, ImageData or
//   ImageBitmap, which is shown as well. The bytes of files are decoded by the engine, with the same result on every device;
//   pixels are taken as they are. A string or URL is the address of a picture, fetched as far as the `connect-src` of the page's
//   policy and the server (CORS) allow it; otherwise the code is `address-blocked`. Nothing is ever fetched without such a call
//   or a pasted address.
// - `receive(files, source)`: takes files as if they were dropped here: pictures, a video that comes alone, and models by their
//   `.safetensors` or `.onnx`; of the latter labels as well, a `.txt` with one a line, together or afterwards. A file may also be `{ name, read }`, where `read` gives a promise of it when its turn has come.
// - `startCamera()`, `stopCamera()`; `grab()`: a promise of what the camera sees now, as an ImageBitmap that is not mirrored.
// - `playVideo(file)`: plays a video file (what the browser can play: MP4, WebM) on the stage, without sound at first, and
//   classifies what it shows until `stopVideo()`, or until something else comes. While the tab is hidden it pauses. The page's
//   policy has to allow `media-src blob:`. A promise that it plays.
// - `openModel(blob, name, { quiet })`: a promise of the opened model; `openModel(null)` goes back to the built-in one.
// - `stateOnnx({ levels, fit })`: opens the open ONNX file anew, with what it does not say by itself.
// - `refuse(failure, source, name)`: reports a failure as one of the element's own.
// A promise of these is rejected with a `MobilenetError`, which has a `code`; the element shows and tells it too.
//
// Folders are dropped, or chosen by "Choose a folder" where there is a mouse: all that is below them is classified in natural
// order, but for hidden files, and named by its path below the folder. Of several files together there is a table, of which
// the first hundred rows are shown, and more on demand; it can be kept as JSON, or as CSV, where an apostrophe keeps
// spreadsheets from taking the name of a file for a formula.
//
// Read-only properties: `results`, those of the files that were brought last, as far as they are done, as an array of
// `{ name, predictions, rejected, error }`, where `error` is null or `{ code, message }`; `ready`, a promise that a model is open (after a failure the next look at it tries again); `model`,
// `{ labels, info, name }`, null before; `stream`, that of the running camera, or null; `session`, its line to the worker, null outside
// of a document.
//
// Events, which bubble and are composed:
// - `classified`: `{ predictions, rejected, millis, source, name }`; source is file, drop, paste, sample, script, camera or video.
// - `classifier-error`: `{ code, message, source, name }`; source may be model as well.
// - `model-opened`: the new `model`.
// - `model-progress`: `{ stage, loaded, total }` while an ONNX file is opened; stage is fetching, reading or converting.
// - `camera-changed`: nothing; `stream` says whether it runs now.
//
// Slots: `empty` is on the stage while nothing else is, `actions` is among the buttons, `hint` beside them while the stage is
// empty, `aside` beside the answer; everything else comes under the stage. Parts: frame, stage, picture, video, heatmap, caption, controls, button, button-primary, notice,
// answer, headline, detail, loading, bars, bar, bar-best, time, labels, results. Custom properties: see `base.css`.
//
// State for style sheets and tests, as attributes: `data-ready` while a model is open and none is being opened, `data-busy` while
// pictures wait, `data-dropping` while files are held over it.
//
// All elements of a page share one worker and one backbone; it ends when the last one leaves the document.

import { client } from '../engine/client.js';
import { Failure, cancelled } from '../engine/failure.js';
import { fetchModel, nameOf } from '../engine/model-file.js';
import { Follower, languageOf } from '../words/follower.js';
import { Writer } from '../words/writer.js';
import { Batch } from './batch.js';
import { Comparison, compared } from './comparison.js';
import { isVideo } from './film.js';
import { Live } from './live.js';
import { OnnxFiles } from './onnx.js';
import { Opener } from './opener.js';
import { fileOf, listenToChooser, listenToDrops, listenToFolderChooser, readable } from './pictures.js';
import { SURE } from './predictions.js';
import { build, part } from './template.js';
import { View } from './view.js';

/**
 * @typedef {import('../engine/worker.js').Answer} Answer
 * @typedef {import('../engine/session.js').Session} Session
 * @typedef {import('./batch.js').Arrival} Arrival
 * @typedef {import('./export.js').Result} Result
 * @typedef {import('./pictures.js').Found} Found
 * @typedef {import('./pictures.js').Picture} Picture
 * @typedef {import('./pictures.js').Source} Source
 * @typedef {import('../engine/worker.js').Model & { name: string | null }} OpenModel name is null for the model inside the wasm
 * @typedef {import('./opener.js').ModelFile} ModelFile
 * @typedef {import('./live.js').Origin} Origin
 */

const PROPERTIES = ['head', 'topK', 'threshold', 'camera', 'mirror', 'heatmap', 'compare'];

/** The custom element. */
export class MobilenetClassifier extends HTMLElement {
  static observedAttributes = ['head', 'top-k', 'threshold', 'camera', 'mirror', 'heatmap', 'lang'];

  /** @type {Session | null} while it is in a document */
  #session = null;
  #connection = signalled();
  /** @type {OpenModel | null} */
  #model = null;
  /** Whether the person knows that the browser falsifies what is live. */
  #warned = false;
  /** @type {ModelFile | null} what `openModel` was given, to be opened again after a time outside the document */
  #chosen = null;

  #follower = new Follower(this, (words) => this.#setWords(words));
  #view;
  #live;
  #batch;
  #comparison = new Comparison();
  #onnx = new OnnxFiles((model, name) => this.openModel(model, name));
  #opener;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    const writer = new Writer(build(root, this.#follower.ready));
    this.#view = new View(root, writer);
    this.#live = new Live(root, {
      view: this.#view,
      writer,
      onBegin: () => this.#beginLive(),
      choice: () => this.camera,
      classify: (frame) => this.#classifyFrame(frame),
      onAnswer: (answer, origin, name) => this.#tell(answer, origin, name),
      onFailure: (error, origin, name) => this.#report(error, origin, name),
      onCamera: () => this.#emit('camera-changed', null),
    });
    this.#batch = new Batch({
      classify: (arrival, signal) => this.#classifyArrival(arrival, signal),
      onBusy: (busy) => {
        if (busy) this.#view.hideFailure();
        this.toggleAttribute('data-busy', busy);
      },
    });
    this.#opener = new Opener({
      open: (read) => this.#open(read),
      first: () => this.#firstModel(),
      onChange: (open) => this.toggleAttribute('data-ready', open),
    });
    this.#listen(root);
  }

  /** @param {ShadowRoot} root */
  #listen(root) {
    const listeners = {
      onFiles: (/** @type {(File | Found)[]} */ files, /** @type {Source} */ source) => this.receive(files, source),
      onFailure: (/** @type {Failure} */ failure, /** @type {Source} */ source) => this.refuse(failure, source),
    };
    listenToChooser(part(root, 'pictures', HTMLInputElement), listeners);
    listenToFolderChooser(part(root, 'folder', HTMLInputElement), listeners);
    listenToDrops(this, { ...listeners, onHover: (over) => this.toggleAttribute('data-dropping', over) });
    part(root, 'again', HTMLButtonElement).addEventListener('click', () => this.#load());
    part(root, 'stop', HTMLButtonElement).addEventListener('click', () => this.#batch.stop());
    part(root, 'evidence', HTMLButtonElement).addEventListener('click', () => (this.heatmap = !this.heatmap));
    part(root, 'mirror', HTMLButtonElement).addEventListener('click', () => (this.mirror = !this.mirror));
  }

  connectedCallback() {
    this.#follower.start();
    // Only moved, which pauses a video.
    if (this.#session) return this.#live.resume();
    for (const name of PROPERTIES) this.#upgrade(name);
    this.#session = client.openSession({ onProgress: (progress) => this.#showProgress(progress) });
    this.#connection.signal();
    this.#load();
  }

  /** Also once more, where that failed. */
  #load() {
    this.#view.hideFailure();
    this.#view.showLoading();
    this.ready.catch((error) => this.#report(error, 'model'));
  }

  disconnectedCallback() {
    // By then it may be in the document again, somewhere else.
    queueMicrotask(() => this.isConnected || this.#release());
  }

  /** Where a document moves it without taking it out. */
  connectedMoveCallback() {}

  #release() {
    this.#follower.stop();
    this.#live.stop();
    this.#comparison.close();
    this.#session?.close();
    this.#session = null;
    this.#batch.drop();
    this.#view.showNothing();
    this.#view.clearLines();
    this.#view.hideFailure();
    this.#model = null;
    this.#connection = signalled();
    this.#opener.reset();
  }

  /**
   * A property that was set before the element was defined hides the one of the class.
   *
   * @param {string} name
   */
  #upgrade(name) {
    if (!Object.getOwnPropertyDescriptor(this, name)) return;
    const value = Reflect.get(this, name);
    Reflect.deleteProperty(this, name);
    Reflect.set(this, name, value);
  }

  /**
   * @param {string} name
   * @param {string | null} before
   * @param {string | null} now
   */
  attributeChangedCallback(name, before, now) {
    if (before === now) return;
    switch (name) {
      case 'head':
        this.#chosen = null;
        if (this.#session) this.#opener.next(() => this.#firstModel()).catch((error) => this.#report(error, 'model'));
        break;
      case 'top-k':
        this.#view.setTopK(this.topK);
        break;
      case 'threshold':
        this.#view.setThreshold(this.threshold);
        break;
      case 'camera':
        this.#live.changeCamera(this.camera);
        break;
      case 'mirror':
        this.#view.setMirror(this.mirror);
        break;
      case 'heatmap':
        this.#view.setHeatmap(this.heatmap);
        if (this.heatmap) this.#live.repeat();
        break;
      case 'lang':
        this.#view.setLang(languageOf(this));
        break;
    }
  }

  // Properties

  get head() {
    return this.getAttribute('head');
  }

  /** @param {string | null} address */
  set head(address) {
    this.#reflect('head', address);
  }

  /** @returns {number | null} */
  get topK() {
    const count = Number(this.getAttribute('top-k'));
    return Number.isInteger(count) && count > 0 ? count : null;
  }

  /** @param {number | null} count */
  set topK(count) {
    this.#reflect('top-k', count);
  }

  /** @returns {number} */
  get threshold() {
    const least = Number(this.getAttribute('threshold') || SURE);
    return least >= 0 && least <= 1 ? least : SURE;
  }

  /** @param {number | null} least */
  set threshold(least) {
    this.#reflect('threshold', least);
  }

  /** @returns {string} */
  get camera() {
    return this.getAttribute('camera') || 'environment';
  }

  /** @param {string | null} choice */
  set camera(choice) {
    this.#reflect('camera', choice);
  }

  get mirror() {
    return this.hasAttribute('mirror');
  }

  /** @param {boolean} on */
  set mirror(on) {
    this.toggleAttribute('mirror', Boolean(on));
  }

  get heatmap() {
    return this.hasAttribute('heatmap');
  }

  /** @param {boolean} on */
  set heatmap(on) {
    this.toggleAttribute('heatmap', Boolean(on));
  }

  get compare() {
    return this.hasAttribute('compare');
  }

  /** @param {boolean} on */
  set compare(on) {
    this.toggleAttribute('compare', Boolean(on));
  }

  /** @returns {Promise<void>} */
  get ready() {
    return this.#opener.ready;
  }

  get model() {
    return this.#model;
  }

  get stream() {
    return this.#live.stream;
  }

  /** @returns {Result[]} */
  get results() {
    return this.#view.results;
  }

  /** @returns {Session | null} */
  get session() {
    return this.#session;
  }

  /**
   * @param {string} name
   * @param {string | number | null | undefined} value
   */
  #reflect(name, value) {
    if (value === null || value === undefined) this.removeAttribute(name);
    else this.setAttribute(name, String(value));
  }

  /** @param {import('../words/words.js').Words} words */
  #setWords(words) {
    this.#view.setWords(words);
    this.#view.setLang(languageOf(this));
  }

  // Models

  /**
   * @param {Blob | null} blob null goes back to the model inside the wasm
   * @param {string} [name] to call it by
   * @param {{ quiet?: boolean }} [options] quiet: it is not read out, and what went wrong before stays told
   * @returns {Promise<OpenModel>}
   */
  async openModel(blob, name = blob instanceof File ? blob.name : 'A model', { quiet = false } = {}) {
    const file = { blob, name: blob && name };
    try {
      const model = await this.#opener.next(async () => file);
      this.#chosen = file;
      if (quiet) return model;
      this.#view.hideFailure();
      this.#view.sayModel(model);
      return model;
    } catch (error) {
      this.#report(error, 'model', blob ? name : '');
      throw error;
    }
  }

  /**
   * @param {() => Promise<ModelFile>} read
   * @returns {Promise<OpenModel>}
   */
  async #open(read) {
    await this.#connection.happens;
    const session = this.#session;
    if (!session) throw cancelled();
    try {
      const { blob, name } = await read();
      const opened = { ...(await session.openModel(blob)), name };
      // A fresh worker need not convert it again.
      if (opened.lowered) session.model = opened.lowered;
      if (session === this.#session) this.#showModel(opened);
      return opened;
    } catch (error) {
      if (session === this.#session && !this.#model) this.#view.showNoModel(Failure.from(error).code);
      throw error;
    }
  }

  /** The one that it was given last, or the one that its attribute names, or the one inside the wasm. */
  async #firstModel() {
    if (this.#chosen) return this.#chosen;
    if (!this.head) return { blob: null, name: null };
    const address = new URL(this.head, this.baseURI);
    return { blob: await fetchModel(address), name: nameOf(address) };
  }

  /** @param {import('../engine/worker.js').Progress} progress */
  #showProgress(progress) {
    if (progress.stage) this.#emit('model-progress', progress);
    else if (!this.#model) this.#view.showProgress(progress);
  }

  /**
   * @param {Partial<import('../engine/onnx-file.js').OnnxSettings>} settings
   * @returns {Promise<void>}
   */
  stateOnnx(settings) {
    return this.#onnx.change(settings);
  }

  /** @param {OpenModel} model */
  #showModel(model) {
    this.#model = model;
    if (!model.onnx) this.#onnx.forget();
    this.#view.showModel(model);
    this.#view.setLang(languageOf(this));
    this.#emit('model-opened', model);
  }

  // Pictures

  /**
   * @param {Picture | URL | string} source
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<Answer>}
   */
  async classify(source, { signal } = {}) {
    const picture = await readable(source, { base: this.baseURI, signal }).catch((error) => {
      this.#report(error, 'script');
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
    files = this.#onnx.take(files);
    for (const file of files) if (isModel(file)) this.openModel(file).catch(() => {});
    const pictures = files.filter((file) => !isModel(file));
    const [first] = pictures;
    if (!first) return;
    // Reported already.
    if (pictures.length === 1 && isVideo(first)) return void this.playVideo(first).catch(() => {});
    if (!this.#batch.busy) this.#view.clearLines();
    this.#take(pictures.map((file) => this.#arrivalOf(foundIn(file), source)));
  }

  /**
   * @param {Found} found
   * @param {Source} source
   * @returns {Arrival}
   */
  #arrivalOf(found, source) {
    const { name, read } = found;
    const { answer, fail } = this.#view.addLine(name, (given) => this.#showAgain(found, given));
    return { read, name, source, onAnswer: answer, onFailure: fail };
  }

  /** @param {Arrival[]} arrivals */
  #take(arrivals) {
    this.#live.stop();
    if (!this.#batch.busy && arrivals.every(({ source }) => source === 'script')) this.#view.clearLines();
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
        this.#tell(answer, source, name);
        this.#view.sayAnswer(answer, name);
      },
      onFailure: (failure) => {
        onFailure(failure);
        if (failure.code === 'cancelled') return;
        // What was shown before is not the answer to this file.
        this.#view.showNothing();
        this.#report(failure, source, name);
      },
    };
  }

  /**
   * @param {Arrival} arrival
   * @param {AbortSignal} signal
   */
  async #classifyArrival({ read, name }, signal) {
    await this.ready;
    const picture = await read(signal);
    if (isVideo(picture)) throw new Failure('unsupported-format', 'a video is not played among other files. Bring it alone');
    const session = this.#session;
    if (!session) throw cancelled();
    const options = { topK: this.#view.topK, heatmap: true, signal, others: this.#others() };
    const { answer, file } = await (picture instanceof Blob
      ? { answer: compared(await session.classifyPicture(picture, options)), file: picture }
      : classifyPixels(session, picture, options));
    // It has left the document, where nobody would give free again what it shows.
    if (session !== this.#session) throw cancelled();
    this.#live.stop();
    this.#view.showPicture(file, name, answer);
    return answer;
  }

  /**
   * @param {Found} found
   * @param {Answer} answer
   */
  async #showAgain({ name, read }, answer) {
    try {
      const file = await read();
      this.#live.stop();
      this.#view.showPicture(file, name, answer);
      this.#view.sayAnswer(answer, name);
    } catch (error) {
      this.#report(error, 'file', name);
    }
  }

  // The camera and videos

  /**
   * Shows the camera that the attribute names and classifies what it sees until `stopCamera`, or until a picture comes.
   *
   * @returns {Promise<void>}
   */
  startCamera() {
    return this.#live.startCamera(this.camera);
  }

  stopCamera() {
    this.#live.stopCamera();
  }

  /** @returns {Promise<ImageBitmap>} what the camera sees now, never mirrored */
  grab() {
    return this.#live.grab();
  }

  /**
   * @param {Blob} file
   * @returns {Promise<void>}
   */
  playVideo(file) {
    return this.#live.playVideo(file);
  }

  stopVideo() {
    this.#live.stopVideo();
  }

  #beginLive() {
    this.#batch.stop();
    this.#view.hideFailure();
    this.#warned = false;
    return this.#session !== null;
  }

  /** @param {ImageBitmap} frame */
  async #classifyFrame(frame) {
    if (this.#session && this.#model) {
      const answers = await this.#session.classifyFrame(frame, { topK: this.#view.topK, heatmap: this.heatmap, others: this.#others() });
      return answers && compared(answers);
    }
    frame.close();
    return null;
  }

  /** Who answers as well. */
  #others() {
    return this.#comparison.sessions(this.compare && this.#model?.name !== null);
  }

  // What the page is told

  /**
   * @param {Answer} answer
   * @param {Source | Origin} source
   * @param {string} name of the file
   */
  #tell({ predictions, rejected, millis, noisy }, source, name) {
    this.#emit('classified', { predictions, rejected, millis, source, name });
    const live = source === 'camera' || source === 'video';
    if (!noisy || (live && this.#warned)) return;
    this.#warned = live;
    this.#report(falsified(), source, name);
  }

  /**
   * Reports what went wrong on the page around it as if it had gone wrong here.
   *
   * @param {unknown} error
   * @param {Source | 'model'} source
   * @param {string} [name] of the file
   */
  refuse(error, source, name) {
    this.#report(error, source, name);
  }

  /**
   * @param {unknown} error
   * @param {Source | Origin | 'model'} source
   * @param {string} [name] of the file, which the engine does not know
   */
  #report(error, source, name = '') {
    const failure = Failure.from(error);
    const { code, message: reason } = failure;
    // Somebody wanted it so.
    if (code === 'cancelled') return;
    const message = name ? `${name}: ${reason}` : reason;
    this.#view.showFailure(failure, name, !['camera', 'video', 'model'].includes(source));
    this.#emit('classifier-error', { code, message, source, name });
  }

  /**
   * @param {string} type
   * @param {object | null} detail
   */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true, detail }));
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
 * @param {import('../engine/session.js').Options} options
 */
async function classifyPixels(session, pixels, options) {
  // Begun before the pixels are given away.
  const file = fileOf(pixels);
  const answer = compared(await session.classifyPixels(pixels, options));
  return { answer, file: await file };
}

function falsified() {
  const why = 'This browser changes the pixels that a page reads, against fingerprinting, so the answer may be wrong.';
  return new Failure('noisy-canvas', `${why} Allow this page to read canvas data, or choose picture files, which are not touched.`);
}

/** A promise, and how to keep it. */
function signalled() {
  let signal = () => {};
  const happens = /** @type {Promise<void>} */ (new Promise((resolve) => (signal = resolve)));
  return { happens, signal };
}

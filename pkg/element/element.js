// <mobilenet-classifier>: names what is in pictures and in front of a camera, on the device. `define.js` registers it.
//
// Attributes, each with a property of the same name (`top-k` is `topK`):
// - `head`: address of a model file to open instead of the built-in model.
// - `top-k`: how many predictions to give and to show; without it all of up to ten labels, or the five best of more.
// - `threshold`: what the likeliest label must reach, 0 to 1; below it the answer is "Not sure". Default 0.6.
// - `camera`: which one to open: `environment` (the default) looks away from the person, `user` at them; or a device's id. Where
//   that device is gone another camera is opened, and the code `camera-replaced` says so.
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
// - `openModel(blob, name, { quiet, onnx })`: a promise of the opened model; `openModel(null)` goes back to the built-in one. `onnx` has what
//   an ONNX file does not say by itself: `{ labels, levels, fit }`.
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
// - `classifier-error`: `{ code, message, source, name }`; source may be model as well, also where that of `head` fails, which
//   "Try again" then opens anew.
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
import { Follower, languageOf } from '../words/follower.js';
import { Writer } from '../words/writer.js';
import { ClassifierAttributes, upgrade } from './attributes.js';
import { Events } from './events.js';
import { Intake } from './intake.js';
import { Live } from './live.js';
import { Loading } from './loading.js';
import { ModelSlot, addressOf } from './model-slot.js';
import { noticeIn } from './notice.js';
import { part } from './parts.js';
import { listenToChooser, listenToDrops, listenToFolderChooser } from './pictures.js';
import { resultsIn } from './results.js';
import { build } from './template.js';
import { View } from './view.js';

/**
 * @typedef {import('../engine/page/session.js').Session} Session
 * @typedef {import('../engine/worker/worker.js').Answer} Answer
 * @typedef {import('../files/export.js').Result} Result
 * @typedef {import('./model-slot.js').OpenModel} OpenModel
 * @typedef {import('../engine/shared/onnx-file.js').OnnxSettings} OnnxSettings
 * @typedef {import('./pictures.js').Found} Found
 * @typedef {import('./pictures.js').Picture} Picture
 * @typedef {import('./pictures.js').Source} Source
 */

/** The custom element: a shell that puts its parts together. */
export class MobilenetClassifier extends ClassifierAttributes {
  /** What each attribute changes. */
  static #changes = /** @type {Record<string, (element: MobilenetClassifier) => void>} */ ({
    head: (element) => element.#models.restart(),
    'top-k': (element) => element.#view.setTopK(element.topK),
    threshold: (element) => element.#changeThreshold(),
    camera: (element) => element.#live.changeCamera(element.camera),
    mirror: (element) => element.#view.setMirror(element.mirror),
    heatmap: (element) => element.#changeHeatmap(),
    compare: (element) => element.#models.compare(),
    lang: (element) => element.#view.setLang(languageOf(element)),
  });
  static observedAttributes = Object.keys(MobilenetClassifier.#changes);

  #follower = new Follower(this, (words) => this.#setWords(words));
  #view;
  #results;
  #notice;
  #events;
  #models;
  #live;
  #intake;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    const writer = new Writer(build(root, this.#follower.ready));
    const notice = (this.#notice = noticeIn(root, writer));
    const view = (this.#view = new View(root, writer, notice));
    const results = (this.#results = resultsIn(root, writer));
    const events = (this.#events = new Events(this, (failure, name, ofFile) => {
      // In a list every file has its own line for this.
      if (ofFile && results.shown) view.sayFailure(failure, name);
      else notice.show(failure, name);
    }));
    const models = (this.#models = this.#makeModels({ view, results, notice, events, loading: new Loading(root, writer) }));
    const parts = { view, results, notice, events, models };
    const live = (this.#live = new Live(root, { ...parts, writer, onBegin: () => this.#intake.stop(), choice: () => this.camera }));
    this.#intake = new Intake({ ...parts, live, base: () => this.baseURI, onBusy: (busy) => this.toggleAttribute('data-busy', busy) });
    this.#listen(root);
  }

  /** @param {Pick<import('./model-slot.js').Host, 'view' | 'results' | 'notice' | 'events' | 'loading'>} parts */
  #makeModels(parts) {
    return new ModelSlot({
      ...parts,
      address: () => (this.head ? addressOf(this.head, this.baseURI) : null),
      compares: () => this.compare,
      onOpen: (open) => this.toggleAttribute('data-ready', open),
      onModel: () => this.#view.setLang(languageOf(this)),
    });
  }

  /** @param {ShadowRoot} root */
  #listen(root) {
    const listeners = {
      onFiles: this.#intake.receive.bind(this.#intake),
      onFailure: this.#events.failed.bind(this.#events),
    };
    listenToChooser(part(root, 'pictures', HTMLInputElement), listeners);
    listenToFolderChooser(part(root, 'folder', HTMLInputElement), listeners);
    listenToDrops(this, { ...listeners, onHover: (over) => this.toggleAttribute('data-dropping', over) });
    part(root, 'again', HTMLButtonElement).addEventListener('click', () => this.#openAgain(root));
    part(root, 'stop', HTMLButtonElement).addEventListener('click', () => this.#intake.stop());
    part(root, 'evidence', HTMLButtonElement).addEventListener('click', () => (this.heatmap = !this.heatmap));
    part(root, 'mirror', HTMLButtonElement).addEventListener('click', () => (this.mirror = !this.mirror));
  }

  /** @param {ShadowRoot} root */
  #openAgain(root) {
    // The button disappears, and would leave the keyboard at the top of the page.
    part(root, 'answer', HTMLElement).focus({ preventScroll: true });
    this.#models.again();
  }

  connectedCallback() {
    this.#follower.start();
    // Only moved, which pauses a video.
    if (this.session) return this.#live.resume();
    upgrade(this);
    this.#models.connect();
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
    this.#models.disconnect();
    this.#intake.drop();
    this.#view.showNothing();
    this.#results.clear();
    this.#notice.hide();
    this.#models.reset();
  }

  /**
   * @param {string} name
   * @param {string | null} before
   * @param {string | null} now
   */
  attributeChangedCallback(name, before, now) {
    if (before !== now) MobilenetClassifier.#changes[name]?.(this);
  }

  #changeThreshold() {
    this.#view.setThreshold(this.threshold);
    this.#results.setThreshold(this.threshold);
  }

  #changeHeatmap() {
    this.#view.setHeatmap(this.heatmap);
    this.#intake.explain();
    if (this.heatmap) this.#live.repeat();
  }

  /** @param {import('../words/words.js').Words} words */
  #setWords(words) {
    this.#view.setWords(words);
    this.#view.setLang(languageOf(this));
  }

  // Properties without an attribute

  /** @returns {Promise<void>} */
  get ready() {
    return this.#models.ready;
  }

  get model() {
    return this.#models.model;
  }

  get stream() {
    return this.#live.stream;
  }

  /** @returns {Result[]} */
  get results() {
    return this.#results.all;
  }

  /** @returns {Session | null} */
  get session() {
    return this.#models.session;
  }

  // Models

  /**
   * @param {Blob | null} blob null goes back to the model inside the wasm
   * @param {string} [name] to call it by
   * @param {{ quiet?: boolean, onnx?: Partial<OnnxSettings> }} [options] quiet: it is not read out, and what went wrong before stays told; onnx:
   *   the file is an ONNX file, and this is what it does not say by itself
   * @returns {Promise<OpenModel>}
   */
  openModel(blob, name, options) {
    return this.#models.open(blob, name, options);
  }

  /**
   * @param {Partial<OnnxSettings>} settings
   * @returns {Promise<void>}
   */
  stateOnnx(settings) {
    return this.#models.stateOnnx(settings);
  }

  // Pictures

  /**
   * @param {Picture | URL | string} source
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<Answer>}
   */
  classify(source, options) {
    return this.#intake.classify(source, options);
  }

  /**
   * @param {(File | Found)[]} files
   * @param {Source} source
   */
  receive(files, source) {
    this.#intake.receive(files, source);
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

  /**
   * Reports what went wrong on the page around it as if it had gone wrong here.
   *
   * @param {unknown} error
   * @param {Source | 'model'} source
   * @param {string} [name] of the file
   */
  refuse(error, source, name) {
    this.#events.failed(error, source, name);
  }
}

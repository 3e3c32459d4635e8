// The model of an element: opened over the element's session, one after the other, with the built-in one beside it where that
// is wanted.

import { client } from '../engine/page/client.js';
import { Failure, cancelled } from '../engine/shared/failure.js';
import { fetchModel, nameOf } from '../engine/shared/model-file.js';
import { onnxSettings } from '../engine/shared/onnx-file.js';
import { Comparison } from './comparison.js';
import { OnnxFiles } from './onnx.js';
import { Opener } from './opener.js';

/**
 * @typedef {import('../engine/page/session.js').Session} Session
 * @typedef {import('../engine/worker/worker.js').Progress} Progress
 * @typedef {import('./opener.js').ModelFile} ModelFile
 * @typedef {import('../engine/shared/onnx-file.js').OnnxSettings} OnnxSettings
 * @typedef {import('./pictures.js').Found} Found
 * @typedef {import('../engine/worker/worker.js').Model & { name: string | null }} OpenModel name is null for the model inside the wasm
 *
 * @typedef {object} Host
 * @property {import('./view.js').View} view
 * @property {import('./results.js').Results} results
 * @property {import('./loading.js').Loading} loading
 * @property {import('./notice.js').Notice} notice
 * @property {import('./events.js').Events} events
 * @property {() => URL | null} address of the model to begin with; null is the model inside the wasm
 * @property {() => boolean} compares whether the built-in model is asked as well while another one is open
 * @property {(open: boolean) => void} onOpen false while a model is being opened
 * @property {(model: OpenModel) => void} onModel it is open and shown
 */

/** Holds one model, and the session that answers with it. */
export class ModelSlot {
  #host;
  /** @type {Session | null} while the element is in a document */
  #session = null;
  #connection = signalled();
  /** @type {OpenModel | null} */
  #model = null;
  /** @type {ModelFile | null} what `open` was given, to be opened again after a time outside the document */
  #chosen = null;
  #comparison = new Comparison();
  #onnx = new OnnxFiles((model, name, onnx) => this.open(model, name, { onnx }));
  #opener;

  /** @param {Host} host */
  constructor(host) {
    this.#host = host;
    this.#opener = new Opener({
      open: (read) => this.#open(read),
      first: () => this.#first(),
      onChange: host.onOpen,
    });
  }

  get session() {
    return this.#session;
  }

  get model() {
    return this.#model;
  }

  /** @returns {Promise<void>} a model is open */
  get ready() {
    return this.#opener.ready;
  }

  /** Who answers as well. */
  get others() {
    return this.#comparison.sessions;
  }

  /** Has the built-in model answer as well, or no longer: the wish has changed, or the model. */
  compare() {
    if (this.#session && this.#model && this.#model.name !== null && this.#host.compares()) this.#comparison.open();
    else this.#comparison.close();
  }

  /** The element is in a document. */
  connect() {
    this.#session = client.openSession({ onProgress: (progress) => this.#showProgress(progress) });
    this.#connection.signal();
    this.load();
  }

  /** Opens the model to begin with; also once more, where that failed. */
  load() {
    this.#host.notice.hide();
    this.#report(this.ready);
  }

  /** The same because the person asks for it, who hears how it goes: the button that was pressed is gone by then. */
  async again() {
    const { view, loading, notice } = this.#host;
    notice.hide();
    loading.begin();
    view.sayLoading();
    const opened = await this.#report(this.#model ? this.#opener.next(() => this.#first()) : this.ready);
    if (opened && this.#model) view.sayModel(this.#model);
  }

  /** The element has left its document, and gets no more answers. */
  disconnect() {
    this.#comparison.close();
    this.#session?.close();
    this.#session = null;
  }

  /** Forgets the open model, until the element is in a document again. */
  reset() {
    this.#model = null;
    this.#connection = signalled();
    this.#opener.reset();
  }

  /** Begins with another model, because its address has changed. */
  restart() {
    this.#chosen = null;
    if (!this.#session) return;
    this.#host.notice.hide();
    this.#report(this.#opener.next(() => this.#first()));
  }

  /**
   * @param {Promise<unknown>} opening the model to begin with; where that fails, the one before stays open
   * @returns {Promise<boolean>} whether it is open
   */
  async #report(opening) {
    try {
      await opening;
      return true;
    } catch (error) {
      if (this.#model) this.#host.loading.showFailure(Failure.from(error).code, 'loading.kept');
      this.#host.events.failed(error, 'model');
      return false;
    }
  }

  /**
   * @param {Blob | Promise<Blob> | null} model null goes back to the model inside the wasm; what is asked for meanwhile waits for a promise too
   * @param {string} [name] to call it by
   * @param {{ quiet?: boolean, onnx?: Partial<OnnxSettings> | Promise<OnnxSettings> }} [options] quiet: it is not read out, and what went wrong
   *   before stays told; onnx: the file is an ONNX file
   * @returns {Promise<OpenModel>}
   */
  async open(model, name = model instanceof File ? model.name : 'A model', { quiet = false, onnx } = {}) {
    /** @type {ModelFile | null} */
    let file = null;
    try {
      const opened = await this.#opener.next(async () => {
        const [blob, stated] = await Promise.all([model, onnx]);
        return (file = { blob, name: model && name, onnx: stated && onnxSettings(stated, name) });
      });
      this.#chosen = file;
      if (quiet) return opened;
      this.#host.notice.hide();
      this.#host.view.sayModel(opened);
      return opened;
    } catch (error) {
      this.#host.events.failed(error, 'model', model ? name : '');
      throw error;
    }
  }

  /**
   * Opens the models among these; those of ONNX with their labels.
   *
   * @param {(File | Found)[]} files
   * @returns {(File | Found)[]} the others
   */
  take(files) {
    const others = this.#onnx.take(files);
    // Reported already.
    for (const file of others) if (isModel(file)) this.open(file).catch(() => {});
    return others.filter((file) => !isModel(file));
  }

  /**
   * @param {Partial<OnnxSettings>} settings
   * @returns {Promise<void>}
   */
  stateOnnx(settings) {
    return this.#onnx.change(settings);
  }

  /**
   * @param {() => Promise<ModelFile>} read
   * @returns {Promise<OpenModel>}
   */
  async #open(read) {
    await this.#connection.happens;
    const session = this.#session;
    if (!session) throw cancelled();
    if (!this.#model) this.#host.loading.begin();
    try {
      const { blob, name, onnx } = await read();
      const opened = { ...(await session.openModel(blob, onnx)), name };
      if (session === this.#session) this.#show(opened);
      return opened;
    } catch (error) {
      if (session === this.#session && !this.#model) this.#host.loading.showFailure(Failure.from(error).code, 'loading.failed');
      throw error;
    }
  }

  /** The one that it was given last, or the one that its address names, or the one inside the wasm. */
  async #first() {
    if (this.#chosen) return this.#chosen;
    const address = this.#host.address();
    if (!address) return { blob: null, name: null };
    return { blob: await fetchModel(address), name: nameOf(address) };
  }

  /** @param {Progress} progress */
  #showProgress(progress) {
    if (progress.stage) this.#host.events.progressed(progress);
    // The rest of the engine may still arrive when the model has failed already.
    else if (!this.#model && this.#opener.busy) this.#host.loading.showProgress(progress);
  }

  /** @param {OpenModel} model */
  #show(model) {
    this.#model = model;
    if (!model.onnx) this.#onnx.forget();
    this.compare();
    this.#host.view.showModel(model);
    this.#host.results.setLabels(model.labels);
    this.#host.loading.showModel(model);
    this.#host.onModel(model);
    this.#host.events.opened(model);
  }
}

/**
 * @param {string} head
 * @param {string} base
 */
export function addressOf(head, base) {
  try {
    return new URL(head, base);
  } catch {
    throw new Failure('model-missing', `“${head}” is not an address of a model. Correct the attribute "head", then try again.`);
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

/** A promise, and how to keep it. */
function signalled() {
  let signal = () => {};
  const happens = /** @type {Promise<void>} */ (new Promise((resolve) => (signal = resolve)));
  return { happens, signal };
}

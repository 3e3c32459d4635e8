// Opens models one after the other, and knows when one is open.

/**
 * @typedef {import('../engine/shared/onnx-file.js').OnnxSettings} OnnxSettings
 * @typedef {{ blob: Blob | null, name: string | null, onnx?: OnnxSettings }} ModelFile null and null is the model inside the wasm
 */

/**
 * What is asked for while a model is being opened waits for it, in order.
 *
 * @template T
 */
export class Opener {
  #open;
  #first;
  #onChange;
  /** @type {Promise<void> | null} */
  #ready = null;
  #isOpening = false;

  /**
   * @param {object} work
   * @param {(read: () => Promise<ModelFile>) => Promise<T>} work.open
   * @param {() => Promise<ModelFile>} work.first reads the model to begin with, as soon as there is somebody to open it
   * @param {(open: boolean) => void} work.onChange false while one is being opened
   */
  constructor({ open, first, onChange }) {
    this.#open = open;
    this.#first = first;
    this.#onChange = onChange;
  }

  /** Whether one is being opened. */
  get busy() {
    return this.#isOpening;
  }

  /** Whether something is open. Where that failed, who asks for it next starts anew. */
  get ready() {
    return this.#ready ?? this.#follow(this.#open(this.#first));
  }

  /**
   * A model that is refused leaves the one before in place.
   *
   * @param {() => Promise<ModelFile>} read
   */
  next(read) {
    const before = this.ready;
    const opened = before.catch(() => {}).then(() => this.#open(read));
    this.#follow(opened.catch(() => before));
    return opened;
  }

  /** Begins anew with the first. */
  reset() {
    this.#ready = null;
    this.#isOpening = false;
    this.#onChange(false);
  }

  /** @param {Promise<unknown>} opened */
  #follow(opened) {
    this.#isOpening = true;
    this.#onChange(false);
    const settle = (/** @type {boolean} */ open) => {
      // Another one is being opened meanwhile, or it began anew.
      if (this.#ready !== ready) return;
      this.#isOpening = false;
      if (!open) this.#ready = null;
      this.#onChange(open);
    };
    const ready = opened.then(() => {});
    this.#ready = ready;
    ready.then(
      () => settle(true),
      () => settle(false),
    );
    return ready;
  }
}

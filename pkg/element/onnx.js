// ONNX files among those that come: each with its labels, which may come with it or afterwards, and with what somebody states
// about it.

/**
 * @typedef {import('../engine/shared/onnx-file.js').OnnxSettings} OnnxSettings
 * @typedef {import('./pictures.js').Found} Found
 */

// Far more than 10,000 labels are.
const LABELS_LIMIT = 4e6;

/** Brings ONNX files to whoever opens models, and remembers the one that is open. */
export class OnnxFiles {
  #open;
  /** @type {{ file: File, settings: OnnxSettings } | null} */
  #current = null;

  /** @param {(model: Blob, name: string, settings: Promise<OnnxSettings>) => Promise<unknown>} open */
  constructor(open) {
    this.#open = open;
  }

  /**
   * Opens the ONNX files among these; a text beside them, or one that comes while such a file is open, holds labels.
   *
   * @param {(File | Found)[]} files
   * @returns {(File | Found)[]} the others
   */
  take(files) {
    const networks = files.filter(isOnnx);
    const labels = files.find(isLabels);
    if (!networks.length && !(labels && this.#current)) return files;
    // Whoever opens them reports what goes wrong.
    for (const file of networks) this.#read(file, { name: file.name }, labels).catch(() => {});
    if (!networks.length) this.#change({}, labels).catch(() => {});
    return files.filter((file) => !isOnnx(file) && file !== /** @type {File | Found | undefined} */ (labels));
  }

  /**
   * Opens the open one anew.
   *
   * @param {Partial<OnnxSettings>} settings what is not in here stays
   */
  async change(settings) {
    await this.#change(settings);
  }

  /** Something else is open. */
  forget() {
    this.#current = null;
  }

  /**
   * @param {Partial<OnnxSettings>} settings
   * @param {File} [labels]
   */
  async #change(settings, labels) {
    if (this.#current) await this.#read(this.#current.file, { ...this.#current.settings, ...settings }, labels);
  }

  /**
   * @param {File} file
   * @param {OnnxSettings} settings
   * @param {File} [labels]
   */
  async #read(file, settings, labels) {
    // A text that cannot be read is refused by the engine, as a text without labels.
    const stating = labels ? labels.text().then((text) => text, () => '').then((text) => ({ ...settings, labels: text })) : Promise.resolve(settings);
    // Asked for at once: pictures that come with it are for this model.
    await this.#open(file, file.name, stating);
    this.#current = { file, settings: await stating };
  }
}

/**
 * Only where it comes as a file of its own, not somewhere in a folder.
 *
 * @param {File | Found} file
 * @returns {file is File}
 */
function isOnnx(file) {
  return file instanceof File && /\.onnx$/i.test(file.name);
}

/**
 * @param {File | Found} file
 * @returns {file is File}
 */
function isLabels(file) {
  return file instanceof File && /\.txt$/i.test(file.name) && file.size < LABELS_LIMIT;
}

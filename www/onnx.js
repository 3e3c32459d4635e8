// ONNX files on the model card: how far opening one has come, what became of it, and what it does not say by itself, which a
// person can state.

import { MobilenetClassifier } from '../pkg/element/element.js';

/**
 * @typedef {import('../pkg/engine/worker/onnx.js').Onnx} Onnx
 * @typedef {import('../pkg/engine/worker/onnx.js').Step} Step
 * @typedef {import('../pkg/engine/worker/onnx.js').Levels} Levels
 * @typedef {import('../pkg/words/words.js').Words} Words
 * @typedef {import('../pkg/words/writer.js').Writer} Writer
 */

/** The converter as it is sent, compressed. A test weighs it. */
export const CONVERTER_MEGABYTES = 2;

const LEVELS = /** @type {const} */ (['keras', 'torch', 'unit', 'bytes']);
const FITS = /** @type {const} */ (['squash', 'crop']);
const CHOICES = /** @type {const} */ ({
  keras: 'onnx.levels.keras',
  torch: 'onnx.levels.torch',
  unit: 'onnx.levels.unit',
  bytes: 'onnx.levels.bytes',
  squash: 'onnx.fit.squash',
  crop: 'onnx.fit.crop',
});
/** @typedef {keyof typeof CHOICES} Choice */

/**
 * What became of a file, for the card.
 *
 * @param {Words} words
 * @param {Onnx} onnx
 * @param {number} classes
 */
export function onnxFact(words, { kind, same = 0, views = 0 }, classes) {
  const network = kind === 'int8' ? words.say('onnx.int8', { same, views }) : words.say('onnx.float');
  return [network, words.say('model.labels', { count: classes })].join(' · ');
}

/** The part of the card that is about ONNX files; hidden while none is open or being opened. */
export class OnnxPanel {
  #classifier;
  #writer;
  #status;
  #choices;
  #levels;
  #fit;

  /**
   * @param {HTMLElement} next what it comes before on the card
   * @param {MobilenetClassifier} classifier
   * @param {Writer} writer
   */
  constructor(next, classifier, writer) {
    this.#classifier = classifier;
    this.#writer = writer;
    this.#status = Object.assign(document.createElement('p'), { className: 'facts', id: 'onnx-status' });
    this.#status.setAttribute('role', 'status');
    this.#levels = choice(writer, 'onnx-levels', LEVELS);
    this.#fit = choice(writer, 'onnx-fit', FITS);
    writer.write(this.#fit.text, (words) => words.say('onnx.fit'));
    this.#choices = Object.assign(document.createElement('div'), { className: 'onnx', id: 'onnx', hidden: true });
    this.#choices.append(this.#levels.label, this.#fit.label);
    next.before(this.#status, this.#choices);
    classifier.addEventListener('model-progress', (event) => this.#tell(/** @type {CustomEvent<Step>} */ (event).detail));
    classifier.addEventListener('model-opened', () => this.#show());
    classifier.addEventListener('classifier-error', () => this.#show());
    // The element tells what goes wrong.
    const state = (/** @type {Partial<import('../pkg/engine/shared/onnx-file.js').OnnxSettings>} */ settings) => void classifier.stateOnnx(settings).catch(() => {});
    this.#levels.select.addEventListener('change', () => state({ levels: /** @type {Levels} */ (this.#levels.select.value) }));
    this.#fit.select.addEventListener('change', () => state({ fit: /** @type {'squash' | 'crop'} */ (this.#fit.select.value) }));
  }

  /** @param {Step} step */
  #tell({ stage, loaded, total }) {
    const done = Math.min(loaded + 1, total);
    this.#writer.write(this.#status, (words) => {
      if (stage === 'fetching') return words.say('onnx.fetching', { megabytes: CONVERTER_MEGABYTES });
      return stage === 'reading' ? words.say('onnx.reading') : words.say('onnx.converting', { done, total });
    });
  }

  #show() {
    const { onnx, labels = [], info } = this.#classifier.model ?? {};
    this.#choices.hidden = !onnx;
    const numbered = onnx && !onnx.named && labels[0] === 'class 0';
    this.#writer.write(this.#status, (words) => (numbered ? words.say('onnx.numbered', { count: labels.length }) : ''));
    if (!onnx || !info) return;
    this.#writer.write(this.#levels.text, (words) => words.say(onnx.guessed ? 'onnx.levels.guessed' : 'onnx.levels'));
    this.#levels.select.value = onnx.levels;
    this.#fit.select.value = info.input.fit;
  }
}

/**
 * @template {Choice} T
 * @param {Writer} writer
 * @param {string} id
 * @param {readonly T[]} names
 */
function choice(writer, id, names) {
  const select = Object.assign(document.createElement('select'), { id, className: 'button small' });
  for (const name of names) {
    const option = new Option('', name);
    writer.write(option, (words) => words.say(/** @type {'onnx.fit.crop'} */ (CHOICES[name])));
    select.append(option);
  }
  const label = document.createElement('label');
  const text = document.createElement('span');
  label.append(text, select);
  return { label, text, select };
}

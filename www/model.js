// The model card: what the open model is, and the button that goes back to the built-in one.

import { onnxFact } from './onnx.js';

/**
 * @typedef {import('../pkg/element/element.js').OpenModel} OpenModel
 * @typedef {import('../pkg/words/words.js').Words} Words
 */

/** Fills the card; asks for nothing itself. */
export class ModelCard {
  #facts;
  #reset;
  #compare;
  #writer;

  /**
   * @param {object} elements
   * @param {HTMLElement} elements.facts
   * @param {HTMLButtonElement} elements.reset goes back to the built-in model
   * @param {HTMLElement} elements.compare asks for both
   * @param {import('../pkg/words/writer.js').Writer} writer
   */
  constructor({ facts, reset, compare }, writer) {
    this.#writer = writer;
    this.#facts = facts;
    this.#reset = reset;
    this.#compare = compare;
  }

  /** @param {OpenModel} model */
  show(model) {
    this.#writer.write(this.#facts, (words) => words.say('model.card', { name: nameIn(words, model), facts: factsIn(words, model) }));
    this.#reset.hidden = this.#compare.hidden = model.name === null;
  }
}

/**
 * @param {Words} words
 * @param {OpenModel} model
 */
function nameIn(words, { name }) {
  return name === null ? words.say('model.built-in') : words.nameOf(name);
}

/**
 * @param {Words} words
 * @param {OpenModel} model
 */
function factsIn(words, { info: { input, training }, labels, onnx }) {
  const shape = words.say(input.fit === 'squash' ? 'model.squashed' : 'model.cropped', { side: input.side });
  const accuracy = training && {
    percent: words.number(training.validation_accuracy, { style: 'percent', maximumFractionDigits: 1 }),
    count: training.validation_samples,
  };
  const network = onnx ? onnxFact(words, onnx, labels.length) : words.isolate('MobileNetV2, int8');
  return [network, shape, ...(accuracy ? [words.say('model.accuracy', accuracy)] : [])].join(' · ');
}

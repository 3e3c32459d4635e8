// The model card: what the open model is, and the button that goes back to the built-in one.

/** @typedef {import('./element/element.js').OpenModel} OpenModel */

const percents = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });

/** Fills the card; asks for nothing itself. */
export class ModelCard {
  #facts;
  #reset;
  #compare;

  /**
   * @param {object} elements
   * @param {HTMLElement} elements.facts
   * @param {HTMLButtonElement} elements.reset goes back to the built-in model
   * @param {HTMLElement} elements.compare asks for both
   */
  constructor({ facts, reset, compare }) {
    this.#facts = facts;
    this.#reset = reset;
    this.#compare = compare;
  }

  /** @param {OpenModel} model */
  show(model) {
    this.#facts.textContent = `${model.name ?? 'Built in'}: ${facts(model)}`;
    this.#reset.hidden = this.#compare.hidden = model.name === null;
  }
}

/** @param {OpenModel} model */
function facts({ info }) {
  const { side, fit } = info.input;
  const shape = fit === 'squash' ? `squashed to ${side} × ${side}` : `cropped to ${side} × ${side}`;
  const training = info.training;
  const accuracy = training && `${percents.format(training.validation_accuracy)} right on ${training.validation_samples} validation photos`;
  return ['MobileNetV2, int8', `pictures ${shape}`, accuracy].filter(Boolean).join(' · ');
}

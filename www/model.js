// The model card: how far the model has loaded, what it knows, and the button that opens another one.

/**
 * @typedef {import('./client.js').Model} Model
 * @typedef {import('./client.js').Progress} Progress
 */

// A longer list is summed up: a thousand labels would be the whole page.
const NAMED_LABELS = 24;

const megabytes = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const percents = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });

/** Fills the card; asks for nothing itself. */
export class ModelCard {
  #loading;
  #progress;
  #state;
  #labels;
  #facts;
  #reset;

  /**
   * @param {object} elements
   * @param {HTMLElement} elements.loading holds the next two
   * @param {HTMLProgressElement} elements.progress
   * @param {HTMLElement} elements.state
   * @param {HTMLElement} elements.labels
   * @param {HTMLElement} elements.facts
   * @param {HTMLButtonElement} elements.reset goes back to the built-in model
   */
  constructor({ loading, progress, state, labels, facts, reset }) {
    this.#loading = loading;
    this.#progress = progress;
    this.#state = state;
    this.#labels = labels;
    this.#facts = facts;
    this.#reset = reset;
  }

  /** @param {Progress} progress */
  showProgress({ loaded, total }) {
    const [done, all] = [loaded, total].map((bytes) => megabytes.format((bytes ?? 0) / 1e6));
    if (total) this.#progress.value = loaded / total;
    this.#state.textContent = total ? `Loading the model: ${done} of ${all} MB` : `Loading the model: ${done} MB`;
  }

  /**
   * @param {Model} model
   * @param {string | null} name of its file; null for the model inside the wasm
   */
  showModel(model, name) {
    this.#loading.hidden = true;
    this.#labels.textContent = `This model only knows: ${listed(model.labels)}.`;
    this.#facts.textContent = `${name ?? 'Built in'}: ${facts(model)}`;
    this.#reset.hidden = name === null;
  }

  showFailure() {
    this.#progress.hidden = true;
    this.#state.textContent = 'The model is not loaded.';
  }
}

/** @param {string[]} labels */
function listed(labels) {
  const rest = labels.length - NAMED_LABELS;
  return labels.slice(0, NAMED_LABELS).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

/** @param {Model} model */
function facts({ info }) {
  const { side, fit } = info.input;
  const shape = fit === 'squash' ? `squashed to ${side} × ${side}` : `cropped to ${side} × ${side}`;
  const accuracy = info.training && `${percents.format(info.training.validation_accuracy)} right on validation photos`;
  return ['MobileNetV2, int8', `pictures ${shape}`, accuracy].filter(Boolean).join(' · ');
}

// How far the model has loaded, and then what it knows.

/**
 * @typedef {import('../engine/client.js').Model} Model
 * @typedef {import('../engine/client.js').Progress} Progress
 */

// A longer list is summed up: a thousand labels would be the whole page.
const NAMED_LABELS = 24;

const megabytes = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** The progress bar, whose place the labels take. */
export class Loading {
  #box;
  #progress;
  #state;
  #labels;

  /** @param {{ box: HTMLElement, progress: HTMLProgressElement, state: HTMLElement, labels: HTMLElement }} elements box holds the next two */
  constructor({ box, progress, state, labels }) {
    this.#box = box;
    this.#progress = progress;
    this.#state = state;
    this.#labels = labels;
  }

  /** @param {Progress} progress */
  showProgress({ loaded, total }) {
    const [done, all] = [loaded, total].map((bytes) => megabytes.format((bytes ?? 0) / 1e6));
    if (total) this.#progress.value = loaded / total;
    this.#progress.hidden = false;
    this.#state.textContent = total ? `Loading the model: ${done} of ${all} MB` : `Loading the model: ${done} MB`;
  }

  /** @param {Model} model */
  showModel({ labels }) {
    this.#box.hidden = true;
    this.#labels.textContent = `This model only knows: ${listed(labels)}.`;
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

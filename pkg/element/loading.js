// How far the model has loaded, and then what it knows.

/**
 * @typedef {import('../engine/worker/worker.js').Model} Model
 * @typedef {import('../engine/worker/worker.js').Progress} Progress
 * @typedef {import('../words/words.js').Words} Words
 */

// A longer list is summed up: a thousand labels would be the whole page.
export const NAMED_LABELS = 24;

// What is the same however often it is tried.
const FINAL = ['browser-too-old', 'worker-blocked', 'self-test-failed'];

/** The progress bar, whose place the labels take. */
export class Loading {
  #box;
  #progress;
  #state;
  #again;
  #labels;
  #writer;

  /**
   * @param {{ box: HTMLElement, progress: HTMLProgressElement, state: HTMLElement, again: HTMLElement, labels: HTMLElement }} elements box
   *   holds the next three
   * @param {import('../words/writer.js').Writer} writer
   */
  constructor({ box, progress, state, again, labels }, writer) {
    this.#box = box;
    this.#progress = progress;
    this.#state = state;
    this.#again = again;
    this.#labels = labels;
    this.#writer = writer;
    this.begin();
  }

  begin() {
    this.#box.hidden = false;
    this.#progress.removeAttribute('value');
    this.#show({ failed: false });
    this.#writer.write(this.#state, (words) => words.say('loading.begun'));
  }

  /** @param {Progress} progress */
  showProgress({ loaded, total }) {
    if (total) this.#progress.value = loaded / total;
    this.#show({ failed: false });
    this.#writer.write(this.#state, (words) => {
      const done = megabytes(words, loaded);
      return total ? words.say('loading.of', { done, all: megabytes(words, total) }) : words.say('loading.done', { done });
    });
  }

  /** @param {Model} model */
  showModel({ labels }) {
    this.#box.hidden = true;
    this.#writer.write(this.#labels, (words) => known(words, labels));
  }

  /**
   * @param {import('../engine/shared/failure.js').Code} code
   * @param {'loading.failed' | 'loading.kept'} key of whether another model is open
   */
  showFailure(code, key) {
    this.#box.hidden = false;
    this.#show({ failed: true });
    this.#again.hidden = FINAL.includes(code);
    this.#writer.write(this.#state, (words) => words.say(key));
  }

  /** @param {{ failed: boolean }} state */
  #show({ failed }) {
    this.#progress.hidden = failed;
    this.#again.hidden = !failed;
  }
}

/**
 * @param {Words} words
 * @param {number} bytes
 */
function megabytes(words, bytes) {
  return words.number(bytes / 1e6, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

/**
 * @param {Words} words
 * @param {string[]} all labels
 */
function known(words, all) {
  const labels = words.series(all.slice(0, NAMED_LABELS));
  const count = all.length - NAMED_LABELS;
  return count > 0 ? words.say('loading.knows-more', { labels, count }) : words.say('loading.knows', { labels });
}

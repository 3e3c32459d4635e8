// How far the model has loaded, and then what it knows.

import { part } from './parts.js';

/**
 * @typedef {import('../engine/worker/worker.js').Model} Model
 * @typedef {import('../engine/worker/worker.js').Progress} Progress
 * @typedef {import('../words/words.js').Words} Words
 */

// A longer list is summed up: a thousand labels would be the whole page.
export const NAMED_LABELS = 24;

// What is the same however often it is tried.
const FINAL = ['browser-too-old', 'worker-blocked', 'self-test-failed'];

export const LOADING = `
<div id="loading" class="loading" part="loading">
  <p id="state"></p>
  <progress id="progress" data-say-label="loading.begun" max="1"></progress>
  <button id="again" class="button small" part="button" type="button" data-say="loading.again" hidden></button>
</div>`;

export const LABELS = '<p id="labels" class="labels" part="labels"></p>';

/** The progress bar, whose place the labels take. */
export class Loading {
  #box;
  #progress;
  #state;
  #again;
  #labels;
  #writer;

  /**
   * @param {ShadowRoot} root
   * @param {import('../words/writer.js').Writer} writer
   */
  constructor(root, writer) {
    this.#writer = writer;
    this.#box = part(root, 'loading', HTMLElement);
    this.#progress = part(root, 'progress', HTMLProgressElement);
    this.#state = part(root, 'state', HTMLElement);
    this.#again = part(root, 'again', HTMLButtonElement);
    this.#labels = part(root, 'labels', HTMLElement);
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

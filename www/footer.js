// The foot of the page: how many requests there were, whether the page opens without a network, and the offer of an update.

import { Offline } from './offline.js';
import { RequestCounter, watchRequests } from './engine/requests.js';

/** @typedef {import('./offline.js').State} State */

const WORDS = /** @type {Record<State, string>} */ ({
  'caching': 'Being kept on this device …',
  'ready-offline': 'Kept on this device: it opens without a network.',
  'update-ready': 'Kept on this device: it opens without a network.',
  'unavailable': '',
});

/** Fills the footer; `start` when the model is ready. */
export class Footer {
  #count;
  #kept;
  #update;
  #counter = new RequestCounter({ onCount: (count) => this.#showCount(count) });
  #offline = new Offline({ onState: (state) => this.#showState(state) });

  /**
   * @param {object} elements
   * @param {HTMLElement} elements.count
   * @param {HTMLElement} elements.kept
   * @param {HTMLElement} elements.update a live region that holds `.update-text`, a button for now and a `.close` for later
   */
  constructor({ count, kept, update }) {
    this.#count = count;
    this.#kept = kept;
    this.#update = update;
    update.querySelector('.button')?.addEventListener('click', () => this.#offline.update());
    update.querySelector('.close')?.addEventListener('click', () => void (update.hidden = true));
    watchRequests((moments) => this.#counter.add(moments));
  }

  start() {
    this.#counter.start();
    this.#offline.start();
  }

  /** @param {number[]} moments when the workers' requests began */
  addRequests(moments) {
    this.#counter.add(moments);
  }

  /** @param {number} count */
  #showCount(count) {
    this.#count.textContent = `${count} ${count === 1 ? 'request' : 'requests'} since the page has loaded.`;
  }

  /** @param {State} state */
  #showState(state) {
    document.documentElement.dataset.offline = state;
    this.#kept.textContent = WORDS[state];
    const offered = state === 'update-ready';
    // Shown first: a live region that is still hidden when its text changes is not read out.
    this.#update.hidden = !offered;
    const text = this.#update.querySelector('.update-text');
    if (text) text.textContent = offered ? 'A new version is ready.' : '';
  }
}

// The foot of the page: how many requests there were, whether the page opens without a network, and the offer of an update.

import { Offline } from './offline.js';
import { RequestCounter, watchRequests } from '../pkg/engine/shared/requests.js';

/** @typedef {import('./offline.js').State} State */

const KEYS = /** @type {const} */ ({
  'caching': 'footer.keeping',
  'ready-offline': 'footer.kept',
  'update-ready': 'footer.kept',
  'unavailable': null,
});

/** Fills the footer; `start` when the model is ready. */
export class Footer {
  #count;
  #kept;
  #update;
  #writer;
  #counter = new RequestCounter({ onCount: (count) => this.#showCount(count) });
  #offline = new Offline({ onState: (state) => this.#showState(state) });

  /**
   * @param {object} elements
   * @param {HTMLElement} elements.count
   * @param {HTMLElement} elements.kept
   * @param {HTMLElement} elements.update a live region that holds `.update-text`, a button for now and a `.close` for later
   * @param {import('../pkg/words/writer.js').Writer} writer
   */
  constructor({ count, kept, update }, writer) {
    this.#writer = writer;
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
    this.#writer.write(this.#count, (words) => words.say('footer.requests', { count }));
  }

  /** @param {State} state */
  #showState(state) {
    document.documentElement.dataset.offline = state;
    const key = KEYS[state];
    this.#writer.write(this.#kept, (words) => (key ? words.say(key) : ''));
    const offered = state === 'update-ready';
    // Shown first: a live region that is still hidden when its text changes is not read out.
    this.#update.hidden = !offered;
    const text = this.#update.querySelector('.update-text');
    if (text) this.#writer.write(text, (words) => (offered ? words.say('footer.update') : ''));
  }
}

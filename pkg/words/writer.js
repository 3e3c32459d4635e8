// Writes words into elements, and all of them anew when the language changes.
//
// What an element says is kept as a function of the words, in a map that holds no element back. What says always the same
// names its key in the markup: `data-say` for its text, `data-say-label` and the like for what is said about it.

import { ENGLISH } from './words.js';

/**
 * @typedef {import('./words.js').Words} Words
 * @typedef {import('./words.js').Key} Key
 * @typedef {(words: Words) => string} Saying
 */

const TEXT = '';
/** Where the key in an attribute `data-say…` is said. */
const PLACES = /** @type {Record<string, string>} */ ({
  say: TEXT,
  sayLabel: 'aria-label',
  sayAlt: 'alt',
  sayContent: 'content',
  sayLooking: 'data-looking',
});

/** Everything that is said below one element. */
export class Writer {
  words = ENGLISH;
  #root;
  /** @type {WeakMap<Element, Map<string, Saying>>} by attribute */
  #sayings = new WeakMap();

  /** @param {HTMLElement} root gets the language and its direction */
  constructor(root) {
    this.#root = root;
  }

  /**
   * @param {Element} element without children
   * @param {Saying} saying its text
   */
  write(element, saying) {
    this.#keep(element, TEXT, saying);
  }

  /**
   * @param {Element} element
   * @param {Saying} saying its accessible name
   */
  label(element, saying) {
    this.#keep(element, 'aria-label', saying);
  }

  /**
   * @param {Element} element
   * @param {string} name of the attribute
   * @param {Saying} saying
   */
  set(element, name, saying) {
    this.#keep(element, name, saying);
  }

  /** @param {Words} words of another language */
  setWords(words) {
    this.words = words;
    this.rewrite();
  }

  /** Also for what was not below the root when the language changed. */
  rewrite() {
    this.#root.lang = this.words.lang;
    this.#root.dir = this.words.dir;
    for (const element of this.#root.querySelectorAll('*')) {
      this.#sayings.get(element)?.forEach((saying, name) => this.#put(element, name, saying));
      if (element instanceof HTMLElement) this.#sayKeys(element);
    }
  }

  /** @param {HTMLElement} element */
  #sayKeys(element) {
    for (const [data, name] of Object.entries(PLACES)) {
      const key = /** @type {'camera.start' | undefined} */ (element.dataset[data]);
      if (key) this.#put(element, name, (words) => words.say(key));
    }
  }

  /**
   * @param {Element} element
   * @param {string} name
   * @param {Saying} saying
   */
  #keep(element, name, saying) {
    const own = this.#sayings.get(element) ?? new Map();
    this.#sayings.set(element, own.set(name, saying));
    this.#put(element, name, saying);
  }

  /**
   * @param {Element} element
   * @param {string} name
   * @param {Saying} saying
   */
  #put(element, name, saying) {
    const text = saying(this.words);
    // A live region would be read out again.
    if (name !== TEXT) element.setAttribute(name, text);
    else if (element.textContent !== text) element.textContent = text;
  }
}

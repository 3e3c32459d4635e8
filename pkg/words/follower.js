// The language of an element: that of its `lang` attribute, or of the nearest ancestor that has one, out of shadow roots as
// well; else English. It is followed for as long as the element is in a document.

import { loadWords } from './words.js';

/** @typedef {import('./words.js').Words} Words */

/**
 * @param {Element} element
 * @returns {string} empty where nobody says
 */
export function languageOf(element) {
  const nearest = element.closest('[lang]');
  if (nearest) return nearest.getAttribute('lang') ?? '';
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? languageOf(root.host) : '';
}

// A network that stalls must not keep an element from appearing: then it begins in English.
const PATIENCE_MILLIS = 3000;

/** Hands over the words of an element's language, now and whenever it becomes another one. */
export class Follower {
  #element;
  #onWords;
  #observer = new MutationObserver(() => this.#follow());
  /** @type {string | null} */
  #language = null;
  #begin = () => {};
  /** The first words are there, or will be late. */
  ready = /** @type {Promise<void>} */ (new Promise((resolve) => (this.#begin = resolve)));

  /**
   * @param {Element} element
   * @param {(words: Words) => void} onWords
   */
  constructor(element, onWords) {
    this.#element = element;
    this.#onWords = onWords;
  }

  start() {
    this.stop();
    for (const root of rootsAround(this.#element)) {
      this.#observer.observe(root, { subtree: true, attributeFilter: ['lang'] });
    }
    this.#follow();
    setTimeout(this.#begin, PATIENCE_MILLIS);
  }

  stop() {
    this.#observer.disconnect();
  }

  async #follow() {
    const language = languageOf(this.#element);
    if (language === this.#language) return;
    this.#language = language;
    const words = await loadWords(language);
    // It may have become yet another one meanwhile.
    if (language !== this.#language) return;
    this.#onWords(words);
    this.#begin();
  }
}

/**
 * The document, and every shadow root on the way there.
 *
 * @param {Element} element
 * @returns {Node[]}
 */
function rootsAround(element) {
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? [root, ...rootsAround(root.host)] : [root];
}

// Speaks to screen readers without flooding them.

// A running camera changes its answer many times a second; a short sentence takes about this long to be read out.
const PAUSE_MILLIS = 3000;

/** Puts sentences into a live region: the first at once, later ones after a pause, of which the newest wins. */
export class Announcer {
  #region;
  #next = '';
  /** @type {ReturnType<typeof setTimeout> | null} null while nothing was said lately */
  #timer = null;

  /** @param {HTMLElement} region with `role="status"` */
  constructor(region) {
    this.#region = region;
  }

  /** @param {string} sentence */
  say(sentence) {
    this.#next = sentence;
    if (!this.#timer) this.#speak();
  }

  /** What it said was in another language. */
  clear() {
    this.#next = '';
    this.#region.textContent = '';
  }

  #speak() {
    this.#timer = null;
    if (this.#region.textContent === this.#next) return;
    this.#region.textContent = this.#next;
    this.#timer = setTimeout(() => this.#speak(), PAUSE_MILLIS);
  }
}

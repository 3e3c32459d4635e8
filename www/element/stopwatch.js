// The time per frame, calm enough to be read.

// A new frame counts a tenth: the number settles within a second and does not flicker.
const NEWEST = 0.1;

/** @param {number} millis */
function milliseconds(millis) {
  return `${millis < 10 ? millis.toFixed(1) : Math.round(millis)} ms`;
}

/** Writes how long an answer took, and for a camera how many come in a second. */
export class Stopwatch {
  #element;
  #millis = 0;
  #interval = 0;
  #last = 0;

  /** @param {HTMLElement} element */
  constructor(element) {
    this.#element = element;
  }

  clear() {
    this.#element.textContent = '';
    this.#millis = this.#interval = this.#last = 0;
  }

  /** @param {number} millis */
  showPicture(millis) {
    this.clear();
    this.#element.textContent = `decoded and classified in ${milliseconds(millis)}`;
  }

  /** @param {number} millis */
  showFrame(millis) {
    const now = performance.now();
    this.#millis = smooth(this.#millis, millis);
    if (this.#last) this.#interval = smooth(this.#interval, now - this.#last);
    this.#last = now;
    const rate = this.#interval ? `, ${Math.round(1000 / this.#interval)} frames a second` : '';
    this.#element.textContent = `${milliseconds(this.#millis)} per frame${rate}`;
  }
}

/**
 * @param {number} mean 0 before the first value
 * @param {number} value
 */
function smooth(mean, value) {
  return mean ? mean + NEWEST * (value - mean) : value;
}

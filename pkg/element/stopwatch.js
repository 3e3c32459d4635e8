// The time per frame, calm enough to be read.

/** @typedef {import('../words/words.js').Words} Words */

export const TIME = '<p id="time" class="time" part="time"></p>';

// A new frame counts a tenth: the number settles within a second and does not flicker.
const NEWEST = 0.1;

/**
 * @param {Words} words
 * @param {number} millis
 */
function milliseconds(words, millis) {
  const digits = millis < 10 ? 1 : 0;
  return words.number(millis, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Writes how long an answer took, and for a camera how many come in a second. */
export class Stopwatch {
  #element;
  #writer;
  #millis = 0;
  #interval = 0;
  #last = 0;

  /**
   * @param {HTMLElement} element
   * @param {import('../words/writer.js').Writer} writer
   */
  constructor(element, writer) {
    this.#element = element;
    this.#writer = writer;
  }

  clear() {
    this.#writer.write(this.#element, () => '');
    this.#millis = this.#interval = this.#last = 0;
  }

  /** @param {number} millis */
  showPicture(millis) {
    this.clear();
    this.#writer.write(this.#element, (words) => words.say('stopwatch.picture', { millis: milliseconds(words, millis) }));
  }

  /** @param {number} millis */
  showFrame(millis) {
    const now = performance.now();
    this.#millis = smooth(this.#millis, millis);
    if (this.#last) this.#interval = smooth(this.#interval, now - this.#last);
    this.#last = now;
    const [mean, count] = [this.#millis, this.#interval && Math.round(1000 / this.#interval)];
    this.#writer.write(this.#element, (words) => {
      const said = milliseconds(words, mean);
      return count ? words.say('stopwatch.frames', { millis: said, count }) : words.say('stopwatch.frame', { millis: said });
    });
  }
}

/**
 * @param {number} mean 0 before the first value
 * @param {number} value
 */
function smooth(mean, value) {
  return mean ? mean + NEWEST * (value - mean) : value;
}

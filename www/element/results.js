// The list for several files at once: every file keeps its line, whatever became of it.

/**
 * @typedef {import('../engine/client.js').Answer} Answer
 * @typedef {import('../engine/failure.js').Failure} Failure
 * @typedef {{ headline: string, detail: string }} Verdict
 */

/** The list and its stop button. */
export class Results {
  #box;
  #list;
  #count;
  #stop;
  #expected = 0;
  #finished = 0;

  /** @param {{ box: HTMLElement, list: HTMLElement, count: HTMLElement, stop: HTMLButtonElement }} elements */
  constructor({ box, list, count, stop }) {
    this.#box = box;
    this.#list = list;
    this.#count = count;
    this.#stop = stop;
  }

  clear() {
    this.#list.replaceChildren();
    this.#expected = this.#finished = 0;
    this.#box.hidden = true;
  }

  /** Whether there is a list to see; a single file needs none. */
  get shown() {
    return this.#expected > 1;
  }

  /**
   * @param {string} name
   * @param {(answer: Answer) => void} onChoose the person wants to see that picture again
   */
  add(name, onChoose) {
    const line = new Line(name, onChoose, () => this.#finish());
    this.#list.append(line.element);
    this.#expected++;
    this.#box.hidden = !this.shown;
    this.#showCount();
    return line;
  }

  #finish() {
    this.#finished++;
    this.#showCount();
  }

  #showCount() {
    this.#count.textContent = `${this.#finished} of ${this.#expected}`;
    this.#stop.hidden = this.#finished === this.#expected;
  }
}

/** One file: waiting, answered, or failed. */
export class Line {
  element = document.createElement('li');
  #button = document.createElement('button');
  #outcome = document.createElement('span');
  #onChoose;
  #onFinish;

  /**
   * @param {string} name
   * @param {(answer: Answer) => void} onChoose
   * @param {() => void} onFinish
   */
  constructor(name, onChoose, onFinish) {
    this.#onChoose = onChoose;
    this.#onFinish = onFinish;
    const title = document.createElement('span');
    title.className = 'line-name';
    title.textContent = name;
    this.#outcome.className = 'line-outcome';
    this.#outcome.textContent = 'waiting';
    this.#button.className = 'line';
    this.#button.type = 'button';
    this.#button.disabled = true;
    this.#button.append(title, this.#outcome);
    this.element.append(this.#button);
  }

  /**
   * @param {Answer} answer
   * @param {Verdict} verdict
   */
  answer(answer, { headline, detail }) {
    this.#outcome.textContent = `${headline}, ${detail}`;
    this.#button.disabled = false;
    this.#button.addEventListener('click', () => this.#onChoose(answer));
    this.#onFinish();
  }

  /** @param {Failure} failure */
  fail({ message }) {
    this.#outcome.textContent = message;
    this.element.dataset.failed = '';
    this.#onFinish();
  }
}

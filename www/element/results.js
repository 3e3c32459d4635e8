// The table for several files at once: every file keeps its row, whatever became of it, and all of them can be kept as a file.

import { csv, json, save } from './export.js';

/**
 * @typedef {import('../engine/client.js').Answer} Answer
 * @typedef {import('../engine/failure.js').Failure} Failure
 * @typedef {import('./export.js').Result} Result
 * @typedef {{ words: string, certainty: string }} Summary
 */

// Thousands of rows would make the page slow, and nobody reads them here: the rest is shown on demand, and is in the files.
const ROWS = 100;

const numbers = new Intl.NumberFormat('en');

/** The table, its progress, and its buttons. */
export class Results {
  #box;
  #rows;
  #count;
  #progress;
  #stop;
  #more;
  /** @type {Line[]} */
  #lines = [];
  #room = ROWS;
  #finished = 0;
  /** @type {string[]} of the model, in its order */
  labels = [];

  /**
   * @param {object} elements
   * @param {HTMLElement} elements.box
   * @param {HTMLElement} elements.rows
   * @param {HTMLElement} elements.count
   * @param {HTMLProgressElement} elements.progress
   * @param {HTMLButtonElement} elements.stop
   * @param {HTMLButtonElement} elements.more
   * @param {HTMLButtonElement} elements.csv
   * @param {HTMLButtonElement} elements.json
   */
  constructor({ box, rows, count, progress, stop, more, csv: asCsv, json: asJson }) {
    this.#box = box;
    this.#rows = rows;
    this.#count = count;
    this.#progress = progress;
    this.#stop = stop;
    this.#more = more;
    more.addEventListener('click', () => this.#showMore());
    asCsv.addEventListener('click', () => save('results.csv', new Blob([csv(this.all, this.labels)], { type: 'text/csv;charset=utf-8' })));
    asJson.addEventListener('click', () => save('results.json', new Blob([json(this.all)], { type: 'application/json' })));
  }

  clear() {
    this.#rows.replaceChildren();
    this.#lines = [];
    this.#finished = 0;
    this.#room = ROWS;
    this.#box.hidden = true;
  }

  /** Whether there is a table to see; a single file needs none. */
  get shown() {
    return this.#lines.length > 1;
  }

  /** What became of each file so far, but for those that still wait. */
  get all() {
    return this.#lines.flatMap(({ result }) => (result ? [result] : []));
  }

  /**
   * @param {string} name
   * @param {(answer: Answer) => void} onChoose the person wants to see that picture again
   */
  add(name, onChoose) {
    const line = new Line(name, onChoose, () => this.#finish());
    this.#lines.push(line);
    if (this.#lines.length <= this.#room) this.#rows.append(line.row());
    this.#box.hidden = !this.shown;
    this.#showCount();
    return line;
  }

  #finish() {
    this.#finished++;
    this.#showCount();
  }

  #showCount() {
    const expected = this.#lines.length;
    this.#count.textContent = `${numbers.format(this.#finished)} of ${numbers.format(expected)}`;
    this.#progress.value = this.#finished / expected;
    this.#progress.hidden = this.#stop.hidden = this.#finished === expected;
    const rest = expected - this.#room;
    this.#more.hidden = rest <= 0;
    this.#more.textContent = `Show ${numbers.format(Math.min(rest, ROWS))} more of ${numbers.format(rest)}`;
  }

  #showMore() {
    const next = this.#lines.slice(this.#room, this.#room + ROWS);
    this.#rows.append(...next.map((line) => line.row()));
    this.#room += ROWS;
    this.#showCount();
  }
}

/** One file: waiting, answered, or failed. */
class Line {
  #name;
  #onChoose;
  #onFinish;
  /** @type {Result | null} null while it waits */
  result = null;
  /** @type {Answer | null} */
  #answer = null;
  #summary = { words: 'waiting', certainty: '' };
  /** @type {HTMLTableRowElement | null} null while nobody sees it */
  #row = null;

  /**
   * @param {string} name
   * @param {(answer: Answer) => void} onChoose
   * @param {() => void} onFinish
   */
  constructor(name, onChoose, onFinish) {
    this.#name = name;
    this.#onChoose = onChoose;
    this.#onFinish = onFinish;
  }

  /**
   * @param {Answer} answer
   * @param {Summary} summary
   */
  answer(answer, summary) {
    const { predictions, rejected } = answer;
    this.#answer = answer;
    this.#finish({ name: this.#name, predictions, rejected, error: null }, summary);
  }

  /** @param {Failure} failure */
  fail({ code, message }) {
    this.#finish({ name: this.#name, predictions: [], rejected: false, error: { code, message } }, { words: message, certainty: '' });
  }

  /**
   * @param {Result} result
   * @param {Summary} summary
   */
  #finish(result, summary) {
    this.result = result;
    this.#summary = summary;
    this.#fill();
    this.#onFinish();
  }

  row() {
    this.#row = document.createElement('tr');
    this.#fill();
    return this.#row;
  }

  #fill() {
    const row = this.#row;
    if (!row) return;
    row.toggleAttribute('data-failed', Boolean(this.result?.error));
    row.replaceChildren(this.#head());
    const words = row.insertCell();
    words.textContent = this.#summary.words;
    if (this.#answer) row.insertCell().textContent = this.#summary.certainty;
    else words.colSpan = 2;
  }

  #head() {
    const head = Object.assign(document.createElement('th'), { scope: 'row' });
    const button = Object.assign(document.createElement('button'), { type: 'button', className: 'line', textContent: this.#name });
    const answer = this.#answer;
    button.disabled = !answer;
    if (answer) button.addEventListener('click', () => this.#onChoose(answer));
    head.append(button);
    return head;
  }
}

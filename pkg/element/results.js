// The table for several files at once: every file keeps its row, whatever became of it, and all of them can be kept as a file.

import { csv, json, save } from '../files/export.js';

/**
 * @typedef {import('../engine/worker/worker.js').Answer} Answer
 * @typedef {import('../engine/shared/failure.js').Failure} Failure
 * @typedef {import('../files/export.js').Result} Result
 * @typedef {import('../words/words.js').Words} Words
 * @typedef {import('../words/writer.js').Writer} Writer
 * @typedef {(words: Words) => { answer: string, certainty: string }} Summary in the cells of a row
 */

// Thousands of rows would make the page slow, and nobody reads them here: the rest is shown on demand, and is in the files.
export const ROWS = 100;

/** The table, its progress, and its buttons. */
export class Results {
  #box;
  #rows;
  #count;
  #progress;
  #stop;
  #more;
  #writer;
  /** @type {Line[]} */
  #lines = [];
  #room = ROWS;
  #finished = 0;
  #counting = false;
  /** @type {string[]} */
  #labels = [];

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
   * @param {Writer} writer
   */
  constructor({ box, rows, count, progress, stop, more, csv: asCsv, json: asJson }, writer) {
    this.#writer = writer;
    this.#box = box;
    this.#rows = rows;
    this.#count = count;
    this.#progress = progress;
    this.#stop = stop;
    this.#more = more;
    more.addEventListener('click', () => this.#showMore());
    asCsv.addEventListener('click', () => save('results.csv', new Blob([csv(this.all, this.#labels)], { type: 'text/csv;charset=utf-8' })));
    asJson.addEventListener('click', () => save('results.json', new Blob([json(this.all)], { type: 'application/json' })));
  }

  /** @param {string[]} labels of the model, in its order */
  setLabels(labels) {
    this.#labels = labels;
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
    const lines = this.#lines;
    // One that is answered after the table was cleared counts in no other.
    const line = new Line(this.#writer, name, onChoose, () => lines === this.#lines && this.#finish());
    lines.push(line);
    if (this.#lines.length <= this.#room) this.#rows.append(line.row());
    this.#box.hidden = !this.shown;
    this.#showCount();
    return line;
  }

  #finish() {
    this.#finished++;
    this.#showCount();
  }

  /** Once for all files that come or go together, since numbers take time to be written out. */
  #showCount() {
    if (this.#counting) return;
    this.#counting = true;
    queueMicrotask(() => {
      this.#counting = false;
      if (this.#lines.length) this.#writeCount();
    });
  }

  #writeCount() {
    const [done, all] = [this.#finished, this.#lines.length];
    this.#writer.write(this.#count, (words) => words.say('results.count', { done, all }));
    this.#progress.value = done / all;
    this.#progress.hidden = this.#stop.hidden = done === all;
    const rest = all - this.#room;
    this.#more.hidden = rest <= 0;
    this.#writer.write(this.#more, (words) => words.say('results.more', { count: Math.min(rest, ROWS), rest }));
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
  #writer;
  #name;
  #onChoose;
  #onFinish;
  /** @type {Result | null} null while it waits */
  result = null;
  /** @type {Answer | null} */
  #answer = null;
  /** @type {Summary} */
  #summary = (words) => ({ answer: words.say('results.waiting'), certainty: '' });
  /** @type {HTMLTableRowElement | null} null while nobody sees it */
  #row = null;

  /**
   * @param {Writer} writer
   * @param {string} name
   * @param {(answer: Answer) => void} onChoose
   * @param {() => void} onFinish
   */
  constructor(writer, name, onChoose, onFinish) {
    this.#writer = writer;
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
    this.#finish({ name: this.#name, predictions: [], rejected: false, error: { code, message } }, (words) => ({ answer: words.explain({ code, message }).text, certainty: '' }));
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
    const answer = row.insertCell();
    this.#writer.write(answer, (words) => this.#summary(words).answer);
    if (this.#answer) this.#writer.write(row.insertCell(), (words) => this.#summary(words).certainty);
    else answer.colSpan = 2;
  }

  #head() {
    const head = Object.assign(document.createElement('th'), { scope: 'row' });
    const button = Object.assign(document.createElement('button'), { type: 'button', className: 'line' });
    this.#writer.write(button, (words) => words.isolate(this.#name));
    const answer = this.#answer;
    button.disabled = !answer;
    if (answer) button.addEventListener('click', () => this.#onChoose(answer));
    head.append(button);
    return head;
  }
}

// The table for several files at once: every file keeps its row, whatever became of it, and all of them can be kept as a file.

import { csv, json, save } from '../files/export.js';
import { part } from './parts.js';
import { SURE, summary } from './predictions.js';

/**
 * @typedef {import('../engine/worker/worker.js').Answer} Answer
 * @typedef {import('../engine/shared/failure.js').Failure} Failure
 * @typedef {import('../files/export.js').Result} Result
 * @typedef {import('../words/words.js').Words} Words
 * @typedef {import('../words/writer.js').Writer} Writer
 * @typedef {(words: Words) => { answer: string, certainty: string }} Cells of a row
 */

// Thousands of rows would make the page slow, and nobody reads them here: the rest is shown on demand, and is in the files.
export const ROWS = 100;

export const RESULTS = `
<div id="results" class="results" part="results" role="group" aria-labelledby="results-title" hidden>
  <h2 id="results-title"><span data-say="results.title"></span> <span id="count" class="count"></span></h2>
  <button id="stop" class="button small" part="button" type="button" data-say="results.stop" hidden></button>
  <progress id="done" data-say-label="results.progress" max="1"></progress>
  <div class="lines" role="region" aria-labelledby="results-title" tabindex="0">
    <table>
      <thead><tr><th scope="col" data-say="results.file"></th><th scope="col" data-say="results.answer"></th><th scope="col" data-say="results.certainty"></th></tr></thead>
      <tbody id="lines"></tbody>
    </table>
  </div>
  <button id="more" class="button small" part="button" type="button" hidden></button>
  <p class="keep"><span data-say="results.keep"></span>
    <button id="csv" class="button small" part="button" type="button">CSV</button>
    <button id="json" class="button small" part="button" type="button">JSON</button>
  </p>
</div>`;

/**
 * @param {ShadowRoot} root
 * @param {Writer} writer
 */
export function resultsIn(root, writer) {
  const elements = {
    box: part(root, 'results', HTMLElement),
    rows: part(root, 'lines', HTMLElement),
    count: part(root, 'count', HTMLElement),
    progress: part(root, 'done', HTMLProgressElement),
    stop: part(root, 'stop', HTMLButtonElement),
    more: part(root, 'more', HTMLButtonElement),
    csv: part(root, 'csv', HTMLButtonElement),
    json: part(root, 'json', HTMLButtonElement),
  };
  return new Results(elements, writer);
}

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
  #threshold = SURE;
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

  /** @param {number} threshold below it there is no answer, in rows that are answered from now on */
  setThreshold(threshold) {
    this.#threshold = threshold;
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
    const line = new Line(this.#writer, name, () => this.#threshold, onChoose, () => lines === this.#lines && this.#finish());
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
  #threshold;
  #onChoose;
  #onFinish;
  /** @type {Result | null} null while it waits */
  result = null;
  /** @type {Answer | null} */
  #answer = null;
  /** @type {Cells} */
  #cells = (words) => ({ answer: words.say('results.waiting'), certainty: '' });
  /** @type {HTMLTableRowElement | null} null while nobody sees it */
  #row = null;

  /**
   * @param {Writer} writer
   * @param {string} name
   * @param {() => number} threshold when it is answered
   * @param {(answer: Answer) => void} onChoose
   * @param {() => void} onFinish
   */
  constructor(writer, name, threshold, onChoose, onFinish) {
    this.#writer = writer;
    this.#name = name;
    this.#threshold = threshold;
    this.#onChoose = onChoose;
    this.#onFinish = onFinish;
  }

  /** @param {Answer} answer */
  answer(answer) {
    const { predictions, rejected } = answer;
    const threshold = this.#threshold();
    this.#answer = answer;
    this.#finish({ name: this.#name, predictions, rejected, error: null }, (words) => summary(words, answer, threshold));
  }

  /** @param {Failure} failure */
  fail({ code, message }) {
    this.#finish({ name: this.#name, predictions: [], rejected: false, error: { code, message } }, (words) => ({ answer: words.explain({ code, message }).text, certainty: '' }));
  }

  /**
   * @param {Result} result
   * @param {Cells} cells
   */
  #finish(result, cells) {
    this.result = result;
    this.#cells = cells;
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
    this.#writer.write(answer, (words) => this.#cells(words).answer);
    if (this.#answer) this.#writer.write(row.insertCell(), (words) => this.#cells(words).certainty);
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

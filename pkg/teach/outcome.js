// What came of a fit: how good it is on samples that were set aside, what to do about it, and for who wants to know more the
// curves and the confusion matrix.

import { group } from './class-card.js';
import { confusionTable } from './confusion.js';
import { Curves } from './curves.js';

/**
 * @typedef {import('./curves.js').Epoch} Epoch
 * @typedef {import('../words/words.js').Words} Words
 * @typedef {import('../words/writer.js').Saying} Saying
 * @typedef {{ code: string, text: string }} Advice
 *
 * @typedef {object} Judgement
 * @property {string[]} labels
 * @property {number[][]} confusion `[truth][answer]` of the samples set aside
 * @property {number} millis that the fit took
 */

/** The panel below the classes. */
export class Outcome {
  element = group('outcome');
  #status = document.createElement('p');
  #advice = document.createElement('ul');
  #details = document.createElement('details');
  #matrix = group('matrix');
  #writer;
  #curves;
  /** @type {Saying} */
  #verdict = () => '';

  /** @param {import('../words/writer.js').Writer} writer */
  constructor(writer) {
    this.#writer = writer;
    this.#curves = new Curves(writer);
    this.#status.className = 'outcome-status';
    this.#status.setAttribute('role', 'status');
    this.#advice.className = 'advice';
    const summary = document.createElement('summary');
    writer.write(summary, (words) => words.say('outcome.details'));
    this.#details.append(summary, this.#curves.element, this.#matrix);
    this.#details.hidden = true;
    this.element.append(this.#status, this.#advice, this.#details);
  }

  /** @param {Saying} saying what it is doing, or waits for */
  say(saying) {
    this.#writer.write(this.#status, saying);
  }

  /** A fit begins: the curves start anew. */
  begin() {
    this.#curves.clear();
    this.#details.hidden = false;
  }

  /** @param {Epoch} epoch */
  addEpoch(epoch) {
    this.#curves.add(epoch);
  }

  /** @param {Judgement} judgement */
  show({ labels, confusion, millis }) {
    this.#verdict = (words) => words.say('outcome.learned', { seconds: seconds(words, millis), judgement: judged(words, confusion) });
    this.repeat();
    this.#matrix.replaceChildren(confusionTable(this.#writer, labels, confusion));
  }

  /** Says again how good the last head is. */
  repeat() {
    this.say(this.#verdict);
  }

  /** There is no head to tell of. */
  clear() {
    this.#details.hidden = true;
    this.#matrix.replaceChildren();
  }

  /** @param {readonly Advice[]} advice most important first */
  advise(advice) {
    const shown = [...this.#advice.children].map(({ textContent }) => textContent);
    if (shown.length === advice.length && advice.every(({ text }, index) => shown[index] === text)) return;
    this.#advice.replaceChildren(
      ...advice.map(({ code, text }) => {
        const entry = document.createElement('li');
        entry.dataset.code = code;
        entry.textContent = text;
        return entry;
      }),
    );
  }
}

/**
 * @param {Words} words
 * @param {number[][]} confusion
 */
function judged(words, confusion) {
  const count = confusion.flat().reduce((sum, next) => sum + next, 0);
  const right = confusion.reduce((sum, row, index) => sum + (row[index] ?? 0), 0);
  return count ? words.say('outcome.judged', { count, right }) : words.say('outcome.too-few');
}

/**
 * @param {Words} words
 * @param {number} millis
 */
function seconds(words, millis) {
  // Less than that is more than anybody can tell.
  return words.number(Math.max(0.1, millis / 1000), { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

// The answer: one headline, and a bar for every label.

import { part } from './parts.js';

/**
 * @typedef {import('../engine/worker/worker.js').Answer} Answer
 * @typedef {import('../engine/worker/worker.js').Prediction} Prediction
 * @typedef {import('../words/words.js').Words} Words
 * @typedef {import('../words/writer.js').Writer} Writer
 */

// Of the 423 furniture photos for validation the ten below 0.6 were right every second time, the others 96 times in 100.
export const SURE = 0.6;

// Up to so many labels fit on a page, each in a fixed place, so that bars do not jump while the camera runs.
const FIXED_ROWS = 10;
// Of a longer list only the best are shown, best first.
const BEST_ROWS = 5;

/**
 * @param {Prediction[]} predictions
 * @returns {Prediction}
 */
export function likeliest(predictions) {
  return predictions.reduce((best, next) => (next.probability > best.probability ? next : best));
}

/**
 * The answer in words, as the headline and the screen reader give it.
 *
 * @param {Words} words
 * @param {Pick<Answer, 'predictions' | 'rejected'>} answer
 * @param {number} threshold below it there is no answer
 */
export function verdict(words, answer, threshold) {
  const { label, probability } = likeliest(answer.predictions);
  const percent = words.percent(probability);
  if (answer.rejected) return { headline: words.say('answer.none'), detail: words.say('answer.nearest', { label }) };
  return isSure(answer, threshold)
    ? { headline: words.isolate(label), detail: percent }
    : { headline: words.say('answer.unsure'), detail: words.say('answer.perhaps', { label, percent }) };
}

/**
 * @param {Pick<Answer, 'predictions' | 'rejected'>} answer
 * @param {number} threshold
 */
function isSure({ predictions, rejected }, threshold) {
  return !rejected && likeliest(predictions).probability >= threshold;
}

/**
 * The same in the cells of a table.
 *
 * @param {Words} words
 * @param {Pick<Answer, 'predictions' | 'rejected'>} answer
 * @param {number} threshold
 */
export function summary(words, answer, threshold) {
  const { label, probability } = likeliest(answer.predictions);
  if (answer.rejected) return { answer: words.say('answer.spoken', verdict(words, answer, threshold)), certainty: '–' };
  const said = isSure(answer, threshold) ? words.isolate(label) : words.say('answer.unsure-perhaps', { label });
  return { answer: said, certainty: words.percent(probability) };
}

export const VERDICT =
  '<p class="verdict"><span id="headline" class="headline" part="headline" data-say-looking="answer.looking"></span> <span id="detail" class="detail" part="detail"></span></p>';

export const BARS = '<ul id="bars" class="bars" part="bars" data-say-label="answer.bars"></ul>';

/**
 * @param {ShadowRoot} root
 * @param {Writer} writer
 */
export function predictionsIn(root, writer) {
  const elements = { headline: part(root, 'headline', HTMLElement), detail: part(root, 'detail', HTMLElement), list: part(root, 'bars', HTMLElement) };
  return new Predictions(elements, writer);
}

/** The panel with the headline and the bars. */
export class Predictions {
  #headline;
  #detail;
  #list;
  #writer;
  #labelLang = '';
  /** Whether the headline is a label, and no words of ours. */
  #sure = true;
  /** @type {Row[]} */
  #rows = [];
  /** @type {string[]} */
  #labels = [];
  /** @type {number | null} how many rows somebody asked for */
  #wanted = null;

  /**
   * @param {{ headline: HTMLElement, detail: HTMLElement, list: HTMLElement }} elements
   * @param {Writer} writer
   */
  constructor({ headline, detail, list }, writer) {
    this.#writer = writer;
    this.#headline = headline;
    this.#detail = detail;
    this.#list = list;
  }

  /** How many predictions a request should ask for. */
  get topK() {
    return Math.min(this.#wanted ?? (this.#fixed ? FIXED_ROWS : BEST_ROWS), this.#labels.length);
  }

  get #fixed() {
    return this.#labels.length <= Math.min(this.#wanted ?? FIXED_ROWS, FIXED_ROWS);
  }

  /** @param {string[]} labels */
  setLabels(labels) {
    this.#labels = labels;
    this.#build();
  }

  /** @param {string} lang of the labels */
  setLang(lang) {
    this.#labelLang = this.#list.lang = lang;
    this.#writer.set(this.#headline, 'lang', (words) => (this.#sure ? lang : words.lang));
  }

  /** @param {number | null} wanted */
  setTopK(wanted) {
    this.#wanted = wanted;
    this.#build();
  }

  #build() {
    this.#rows = Array.from({ length: this.topK }, (_, index) => new Row(this.#writer, this.#fixed ? this.#labels[index] : ''));
    this.#list.replaceChildren(...this.#rows.map((row) => row.element));
    this.clear();
  }

  clear() {
    for (const element of [this.#headline, this.#detail]) this.#writer.write(element, () => '');
    for (const row of this.#rows) row.clear();
  }

  /**
   * @param {Answer} answer
   * @param {number} threshold
   */
  show(answer, threshold) {
    const { predictions } = answer;
    this.#sure = isSure(answer, threshold);
    this.#writer.write(this.#headline, (words) => verdict(words, answer, threshold).headline);
    this.setLang(this.#labelLang);
    this.#headline.toggleAttribute('data-unsure', !this.#sure);
    this.#writer.write(this.#detail, (words) => verdict(words, answer, threshold).detail);
    // What is none of the classes has a nearest one, but no winner.
    const best = answer.rejected ? null : likeliest(predictions);
    this.#inOrder(predictions).forEach((prediction, index) => this.#rows[index]?.show(prediction, prediction === best));
  }

  /** @param {Prediction[]} predictions */
  #inOrder(predictions) {
    if (!this.#fixed) return predictions;
    return [...predictions].sort((a, b) => this.#labels.indexOf(a.label) - this.#labels.indexOf(b.label));
  }
}

/** One label with its bar. */
class Row {
  element = document.createElement('li');
  #name = document.createElement('span');
  #bar = document.createElement('span');
  #fill = document.createElement('span');
  #value = document.createElement('span');
  #writer;

  /**
   * @param {Writer} writer
   * @param {string} [label]
   */
  constructor(writer, label = '') {
    this.#writer = writer;
    this.element.className = 'row';
    this.element.setAttribute('part', 'bar');
    this.#name.className = 'row-name';
    this.#bar.className = 'row-bar';
    this.#value.className = 'row-value';
    this.#bar.setAttribute('role', 'meter');
    this.#bar.setAttribute('aria-valuemin', '0');
    this.#bar.setAttribute('aria-valuemax', '100');
    // The meter says both, and would be read out between two repetitions of itself.
    this.#name.setAttribute('aria-hidden', 'true');
    this.#value.setAttribute('aria-hidden', 'true');
    this.#bar.append(this.#fill);
    this.element.append(this.#name, this.#bar, this.#value);
    this.#setLabel(label);
    this.clear();
  }

  clear() {
    this.#setProbability(0, (words) => words.say('answer.no-answer'));
    this.#writer.write(this.#value, () => '');
    this.element.toggleAttribute('data-best', false);
    this.element.setAttribute('part', 'bar');
  }

  /**
   * @param {Prediction} prediction
   * @param {boolean} best
   */
  show({ label, probability }, best) {
    this.#setLabel(label);
    const percent = (/** @type {Words} */ words) => words.percent(probability);
    this.#setProbability(probability, percent);
    this.#writer.write(this.#value, percent);
    this.element.toggleAttribute('data-best', best);
    this.element.setAttribute('part', best ? 'bar bar-best' : 'bar');
  }

  /** @param {string} label */
  #setLabel(label) {
    this.#writer.write(this.#name, (words) => words.isolate(label));
    this.#writer.label(this.#bar, (words) => label || words.say('answer.no-label'));
  }

  /**
   * @param {number} probability
   * @param {import('../words/writer.js').Saying} saying
   */
  #setProbability(probability, saying) {
    this.#bar.setAttribute('aria-valuenow', String(Math.round(probability * 100)));
    this.#writer.set(this.#bar, 'aria-valuetext', saying);
    this.#fill.style.transform = `scaleX(${probability})`;
  }
}

// The answer: one headline, and a bar for every label.

/**
 * @typedef {import('../engine/client.js').Answer} Answer
 * @typedef {import('../engine/client.js').Prediction} Prediction
 */

// Of the 423 furniture photos for validation the ten below 0.6 were right every second time, the others 96 times in 100.
export const SURE = 0.6;

// Up to so many labels fit on a page, each in a fixed place, so that bars do not jump while the camera runs.
const FIXED_ROWS = 10;
// Of a longer list only the best are shown, best first.
const BEST_ROWS = 5;

/**
 * Never claims 100 % or 0 %, which no classifier can know.
 *
 * @param {number} probability
 */
export function percent(probability) {
  if (probability >= 0.995) return '> 99 %';
  if (probability < 0.005) return '< 1 %';
  return `${Math.round(probability * 100)} %`;
}

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
 * @param {Pick<Answer, 'predictions' | 'rejected'>} answer
 * @param {number} threshold below it there is no answer
 */
export function verdict({ predictions, rejected }, threshold) {
  const { label, probability } = likeliest(predictions);
  if (rejected) return { headline: 'None of these', detail: `nearest is ${label}`, sure: false };
  return probability >= threshold
    ? { headline: label, detail: percent(probability), sure: true }
    : { headline: 'Not sure', detail: `perhaps ${label}, ${percent(probability)}`, sure: false };
}

/**
 * The same in the cells of a table.
 *
 * @param {Pick<Answer, 'predictions' | 'rejected'>} answer
 * @param {number} threshold
 */
export function summary(answer, threshold) {
  const { headline, detail, sure } = verdict(answer, threshold);
  if (answer.rejected) return { words: `${headline}, ${detail}`, certainty: '–' };
  const { label, probability } = likeliest(answer.predictions);
  return { words: sure ? label : `${headline}, perhaps ${label}`, certainty: percent(probability) };
}

/** The panel with the headline and the bars. */
export class Predictions {
  #headline;
  #detail;
  #list;
  /** @type {Row[]} */
  #rows = [];
  /** @type {string[]} */
  #labels = [];
  /** @type {number | null} how many rows somebody asked for */
  #wanted = null;

  /** @param {{ headline: HTMLElement, detail: HTMLElement, list: HTMLElement }} elements */
  constructor({ headline, detail, list }) {
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
    this.#headline.lang = this.#list.lang = lang;
  }

  /** @param {number | null} wanted */
  setTopK(wanted) {
    this.#wanted = wanted;
    this.#build();
  }

  #build() {
    this.#rows = Array.from({ length: this.topK }, (_, index) => new Row(this.#fixed ? this.#labels[index] : ''));
    this.#list.replaceChildren(...this.#rows.map((row) => row.element));
    this.clear();
  }

  clear() {
    this.#headline.textContent = '';
    this.#detail.textContent = '';
    for (const row of this.#rows) row.clear();
  }

  /**
   * @param {Answer} answer
   * @param {number} threshold
   */
  show(answer, threshold) {
    const { predictions } = answer;
    const { headline, detail, sure } = verdict(answer, threshold);
    this.#headline.textContent = headline;
    this.#headline.toggleAttribute('data-unsure', !sure);
    this.#detail.textContent = detail;
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

  /** @param {string} [label] */
  constructor(label = '') {
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
    this.#setProbability(0, 'no answer yet');
    this.#value.textContent = '';
    this.element.toggleAttribute('data-best', false);
    this.element.setAttribute('part', 'bar');
  }

  /**
   * @param {Prediction} prediction
   * @param {boolean} best
   */
  show({ label, probability }, best) {
    this.#setLabel(label);
    this.#setProbability(probability, percent(probability));
    this.#value.textContent = percent(probability);
    this.element.toggleAttribute('data-best', best);
    this.element.setAttribute('part', best ? 'bar bar-best' : 'bar');
  }

  /** @param {string} label */
  #setLabel(label) {
    this.#name.textContent = label;
    this.#bar.setAttribute('aria-label', label || 'no label yet');
  }

  /**
   * @param {number} probability
   * @param {string} words
   */
  #setProbability(probability, words) {
    this.#bar.setAttribute('aria-valuenow', String(Math.round(probability * 100)));
    this.#bar.setAttribute('aria-valuetext', words);
    this.#fill.style.transform = `scaleX(${probability})`;
  }
}

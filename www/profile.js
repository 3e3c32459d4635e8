// Where the time of a frame goes, layer by layer, on the device at hand. Opened by `?profile`, and downloaded only then.

import { client } from '../pkg/engine/page/client.js';
import { Failure } from '../pkg/engine/shared/failure.js';

/**
 * @typedef {import('../pkg/wasm/mobilenet_web.js').Profile} Profile
 * @typedef {import('../pkg/words/words.js').Words} Words
 * @typedef {import('../pkg/words/writer.js').Writer} Writer
 * @typedef {import('../pkg/words/writer.js').Saying} Saying
 */

const FRAMES = 200;

/** A panel that measures, on request, and shows a table. */
export class ProfilePanel {
  #session = client.openSession();
  #writer;
  #summary = make('p', 'facts');
  #table = make('table', 'profile-table');
  #button = make('button', 'button small');

  /**
   * @param {HTMLElement} main gets the panel
   * @param {Writer} writer
   */
  constructor(main, writer) {
    this.#writer = writer;
    this.#button.type = 'button';
    this.#button.addEventListener('click', () => this.measure());
    this.#summary.setAttribute('role', 'status');
    const title = make('h2');
    writer.write(title, (words) => words.say('profile.title'));
    writer.write(this.#button, (words) => words.say('profile.again'));
    title.id = 'profile-title';
    const panel = make('section', 'profile', [title, this.#summary, this.#button, this.#table]);
    panel.setAttribute('aria-labelledby', title.id);
    main.append(panel);
    const style = make('link');
    style.rel = 'stylesheet';
    style.href = new URL('./profile.css', import.meta.url).href;
    document.head.append(style);
  }

  async measure() {
    this.#button.disabled = true;
    this.#writer.write(this.#summary, (words) => words.say('profile.measuring', { count: FRAMES }));
    try {
      this.#show(await this.#session.profile(FRAMES));
    } catch (error) {
      const failure = Failure.from(error);
      this.#writer.write(this.#summary, (words) => words.explain(failure).text);
    }
    this.#button.disabled = false;
  }

  /** @param {Profile} profile */
  #show({ lanes, layers, peak }) {
    const all = sum((words) => words.say('profile.all'), layers);
    const allOf = (/** @type {string} */ kind) => sum((words) => words.say('profile.all-of', { kind }), layers.filter((layer) => layer.kind === kind));
    this.#writer.write(this.#summary, (words) => summaryOf(words, all, peak, lanes));
    const named = layers.map(({ name, millis, operations }) => ({ name: () => name, millis, operations }));
    const rowsOf = (/** @type {Row[]} */ rows) => make('tbody', '', rows.map((row) => this.#row(row, all, peak)));
    this.#table.replaceChildren(
      make('thead', '', [make('tr', '', HEADINGS.map((key) => this.#cell('th', (words) => words.say(key), 'col')))]),
      rowsOf([all, ...[...new Set(layers.map(({ kind }) => kind))].map(allOf)]),
      rowsOf(named),
    );
  }

  /**
   * @param {Row} layer
   * @param {Row} all
   * @param {number} peak
   */
  #row(layer, all, peak) {
    const time = this.#cell('td', (words) => share(words, layer.millis, all.millis));
    time.className = 'profile-share';
    time.style.setProperty('--share', `${(100 * layer.millis) / all.millis}%`);
    return make('tr', '', [
      this.#cell('th', layer.name, 'row'),
      this.#cell('td', (words) => decimal(words, layer.millis, 2)),
      time,
      this.#cell('td', (words) => gigas(words, layer)),
      this.#cell('td', (words) => share(words, speedOf(layer), peak)),
    ]);
  }

  /**
   * @param {'td' | 'th'} tag
   * @param {Saying} saying
   * @param {'row' | 'col'} [scope]
   */
  #cell(tag, saying, scope) {
    const cell = make(tag);
    if (scope) cell.scope = scope;
    this.#writer.write(cell, saying);
    return cell;
  }
}

/** @typedef {{ name: Saying, millis: number, operations: number }} Row */

const HEADINGS = /** @type {const} */ (['profile.layer', 'profile.millis', 'profile.of-time', 'profile.speed', 'profile.of-peak']);

/**
 * @param {Words} words
 * @param {Row} all
 * @param {number} peak
 * @param {Profile['lanes']} lanes
 */
function summaryOf(words, all, peak, lanes) {
  const [millis, speed] = [decimal(words, all.millis, 1), gigas(words, all)];
  return words.say('profile.summary', { millis, speed, share: share(words, speedOf(all), peak), peak: decimal(words, peak / 1e9, 0), lanes });
}

/**
 * @param {Words} words
 * @param {number} value
 * @param {number} digits
 */
function decimal(words, value, digits) {
  return words.number(value, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/**
 * @param {Saying} name
 * @param {{ millis: number, operations: number }[]} rows
 * @returns {Row}
 */
function sum(name, rows) {
  const total = (/** @type {'millis' | 'operations'} */ key) => rows.reduce((before, row) => before + row[key], 0);
  return { name, millis: total('millis'), operations: total('operations') };
}

/** @param {Row} row */
function speedOf({ operations, millis }) {
  return (operations / millis) * 1e3;
}

/**
 * @param {Words} words
 * @param {Row} row
 */
function gigas(words, row) {
  // A clock of whole milliseconds may never have seen a short layer.
  return row.millis ? decimal(words, speedOf(row) / 1e9, 1) : '–';
}

/**
 * @param {Words} words
 * @param {number} part
 * @param {number} whole
 */
function share(words, part, whole) {
  if (!Number.isFinite(part / whole)) return '–';
  return words.number(part / whole, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} [className]
 * @param {Node[]} [children]
 */
function make(tag, className = '', children = []) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

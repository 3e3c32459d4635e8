// Where the time of a frame goes, layer by layer, on the device at hand. Opened by `?profile`, and downloaded only then.

import { client } from './engine/client.js';

/** @typedef {import('./wasm/mobilenet_web.js').Profile} Profile */

const FRAMES = 200;

/** A panel that measures, on request, and shows a table. */
export class ProfilePanel {
  #session = client.openSession();
  #summary = make('p', 'facts', '');
  #table = make('table', 'profile-table', '');
  #button = make('button', 'button small', 'Measure again');

  /** @param {HTMLElement} main gets the panel */
  constructor(main) {
    this.#button.type = 'button';
    this.#button.addEventListener('click', () => this.measure());
    this.#summary.setAttribute('role', 'status');
    const title = make('h2', '', 'Where the time goes');
    title.id = 'profile-title';
    const panel = make('section', 'profile', '', [title, this.#summary, this.#button, this.#table]);
    panel.setAttribute('aria-labelledby', title.id);
    main.append(panel);
    const style = make('link', '', '');
    style.rel = 'stylesheet';
    style.href = new URL('./profile.css', import.meta.url).href;
    document.head.append(style);
  }

  async measure() {
    this.#button.disabled = true;
    this.#summary.textContent = `Measuring ${FRAMES} frames…`;
    try {
      this.#show(await this.#session.profile(FRAMES));
    } catch (error) {
      this.#summary.textContent = error instanceof Error ? error.message : String(error);
    }
    this.#button.disabled = false;
  }

  /** @param {Profile} profile */
  #show({ layers, peak }) {
    const all = sum('all layers', layers);
    const speed = `${gigas(all)} Gop/s, ${share(speedOf(all), peak)} of the ${(peak / 1e9).toFixed(0)} Gop/s`;
    this.#summary.textContent =
      `A frame takes ${all.millis.toFixed(1)} ms in the network: ${speed} that one core of this device reaches in integer products.`;
    const row = (/** @type {Row} */ layer) => rowOf(layer, all, peak);
    const kinds = [...new Set(layers.map(({ kind }) => kind))];
    this.#table.replaceChildren(
      make('thead', '', '', [make('tr', '', '', HEADINGS.map(headingOf))]),
      make('tbody', '', '', [all, ...kinds.map((kind) => sum(`all ${kind}`, layers.filter((layer) => layer.kind === kind)))].map(row)),
      make('tbody', '', '', layers.map(row)),
    );
  }
}

/** @typedef {{ name: string, millis: number, operations: number }} Row */

const HEADINGS = ['Layer', 'ms', 'of time', 'Gop/s', 'of peak'];

/** @param {string} text */
function headingOf(text) {
  const heading = make('th', '', text);
  heading.scope = 'col';
  return heading;
}

/**
 * @param {Row} layer
 * @param {Row} all
 * @param {number} peak
 */
function rowOf(layer, all, peak) {
  const name = make('th', '', layer.name);
  name.scope = 'row';
  const time = make('td', 'profile-share', share(layer.millis, all.millis));
  time.style.setProperty('--share', `${(100 * layer.millis) / all.millis}%`);
  const cells = [layer.millis.toFixed(2), time, gigas(layer), share(speedOf(layer), peak)];
  return make('tr', '', '', [name, ...cells.map((cell) => (typeof cell === 'string' ? make('td', '', cell) : cell))]);
}

/**
 * @param {string} name
 * @param {Row[]} rows
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

/** @param {Row} row */
function gigas(row) {
  // A clock of whole milliseconds may never have seen a short layer.
  return row.millis ? (speedOf(row) / 1e9).toFixed(1) : '–';
}

/**
 * @param {number} part
 * @param {number} whole
 */
function share(part, whole) {
  return Number.isFinite(part / whole) ? `${((100 * part) / whole).toFixed(1)} %` : '–';
}

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} className
 * @param {string} text
 * @param {Node[]} [children]
 */
function make(tag, className, text, children = []) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.textContent = text;
  made.append(...children);
  return made;
}

// All samples of a class in a dialog, to be deleted or moved to another class.

import { counted } from './advice.js';
import { button, group, thumbnail } from './class-card.js';

/**
 * @typedef {import('./class-card.js').Sample} Sample
 * @typedef {import('./project.js').Class} Class
 *
 * @typedef {object} Listeners
 * @property {(ids: string[]) => void} onRemove
 * @property {(ids: string[], classId: string) => void} onMove
 */

/** One dialog, opened for one class after another. */
export class Gallery {
  element = document.createElement('dialog');
  #title = document.createElement('h3');
  #grid = document.createElement('ul');
  #all = button('button small', 'Select all');
  #remove = button('button small', 'Delete');
  #move = document.createElement('select');
  #urlOf;
  #listeners;
  /** @type {Map<HTMLInputElement, string>} */
  #boxes = new Map();

  /**
   * @param {(sample: Sample) => string} urlOf
   * @param {Listeners} listeners
   */
  constructor(urlOf, listeners) {
    this.#urlOf = urlOf;
    this.#listeners = listeners;
    this.#title.id = 'gallery-title';
    this.element.className = 'gallery';
    this.element.setAttribute('aria-labelledby', this.#title.id);
    this.#grid.className = 'gallery-grid';
    this.#move.className = 'button small';
    this.#move.setAttribute('aria-label', 'Move the selected samples to another class');
    const close = button('button small primary', 'Done');
    close.addEventListener('click', () => this.element.close());
    this.element.append(group('gallery-head', this.#title, close), this.#grid, group('gallery-actions', this.#all, this.#remove, this.#move));
    this.#all.addEventListener('click', () => this.#selectAll());
    this.#remove.addEventListener('click', () => this.#listeners.onRemove(this.#take()));
    this.#move.addEventListener('change', () => this.#listeners.onMove(this.#take(), this.#move.value));
    this.#grid.addEventListener('change', () => this.#showSelection());
    // A click on what is behind the dialog closes it.
    this.element.addEventListener('click', (event) => event.target === this.element && this.element.close());
  }

  /**
   * @param {Class} shown
   * @param {readonly Class[]} classes all of them
   * @param {Sample[]} samples of the one that is shown
   */
  open(shown, classes, samples) {
    this.#title.textContent = `${shown.label}: ${counted(samples.length, 'sample')}`;
    const others = classes.filter(({ id }) => id !== shown.id);
    this.#move.replaceChildren(new Option('Move to …', ''), ...others.map(({ id, label }) => new Option(label, id)));
    this.#move.hidden = others.length === 0;
    this.#boxes.clear();
    this.#grid.replaceChildren(...samples.map((sample, index) => this.#entry(sample, index)));
    this.#showSelection();
    if (!this.element.open) this.element.showModal();
  }

  /**
   * @param {Sample} sample
   * @param {number} index
   */
  #entry(sample, index) {
    const box = document.createElement('input');
    box.type = 'checkbox';
    box.setAttribute('aria-label', `Sample ${index + 1}, ${sample.name}`);
    this.#boxes.set(box, sample.id);
    const image = thumbnail(this.#urlOf(sample));
    image.loading = 'lazy';
    const label = document.createElement('label');
    label.append(box, image);
    const entry = document.createElement('li');
    entry.append(label);
    return entry;
  }

  #selectAll() {
    const every = [...this.#boxes.keys()].every(({ checked }) => checked);
    for (const box of this.#boxes.keys()) box.checked = !every;
    this.#showSelection();
  }

  #showSelection() {
    const selected = [...this.#boxes.keys()].filter(({ checked }) => checked).length;
    this.#remove.disabled = this.#move.disabled = selected === 0;
    this.#remove.textContent = selected ? `Delete ${selected}` : 'Delete';
  }

  /** The selected samples; the dialog closes, since they are about to leave it. */
  #take() {
    const ids = [...this.#boxes].filter(([{ checked }]) => checked).map(([, id]) => id);
    this.element.close();
    return ids;
  }
}

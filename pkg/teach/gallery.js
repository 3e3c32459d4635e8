// All samples of a class in a dialog, to be deleted or moved to another class.

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
  #all = button('button small');
  #remove = button('button small');
  #move = document.createElement('select');
  #writer;
  #urlOf;
  #listeners;
  /** @type {Map<HTMLInputElement, string>} */
  #boxes = new Map();

  /**
   * @param {import('../words/writer.js').Writer} writer
   * @param {(sample: Sample) => string} urlOf
   * @param {Listeners} listeners
   */
  constructor(writer, urlOf, listeners) {
    this.#writer = writer;
    this.#urlOf = urlOf;
    this.#listeners = listeners;
    this.#title.id = 'gallery-title';
    this.element.className = 'gallery';
    this.element.setAttribute('aria-labelledby', this.#title.id);
    this.#grid.className = 'gallery-grid';
    this.#move.className = 'button small';
    const close = button('button small primary');
    writer.write(this.#all, (words) => words.say('gallery.all'));
    writer.label(this.#move, (words) => words.say('gallery.move-label'));
    writer.write(close, (words) => words.say('gallery.done'));
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
    const { label: title } = shown;
    const count = samples.length;
    this.#writer.write(this.#title, (words) => (count ? words.say('gallery.title', { label: title, count }) : words.say('gallery.empty', { label: title })));
    const others = classes.filter(({ id }) => id !== shown.id);
    const choose = new Option('', '');
    this.#writer.write(choose, (words) => words.say('gallery.move'));
    this.#move.replaceChildren(choose, ...others.map((other) => this.#option(other)));
    this.#move.hidden = others.length === 0;
    this.#boxes.clear();
    this.#grid.replaceChildren(...samples.map((sample, index) => this.#entry(sample, index)));
    this.#showSelection();
    if (!this.element.open) this.element.showModal();
  }

  /** @param {Class} other */
  #option({ id, label }) {
    const option = new Option('', id);
    this.#writer.write(option, (words) => words.isolate(label));
    return option;
  }

  /**
   * @param {Sample} sample
   * @param {number} index
   */
  #entry(sample, index) {
    const box = document.createElement('input');
    box.type = 'checkbox';
    this.#writer.label(box, (words) => words.say('gallery.sample', { number: index + 1, name: sample.name }));
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
    const count = [...this.#boxes.keys()].filter(({ checked }) => checked).length;
    this.#remove.disabled = this.#move.disabled = count === 0;
    this.#writer.write(this.#remove, (words) => (count ? words.say('gallery.delete-count', { count }) : words.say('gallery.delete')));
  }

  /** The selected samples; the dialog closes, since they are about to leave it. */
  #take() {
    const ids = [...this.#boxes].filter(([{ checked }]) => checked).map(([, id]) => id);
    this.element.close();
    return ids;
  }
}

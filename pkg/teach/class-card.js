// One class that is being taught: its name, the button that captures, the pictures it has so far.

import { Hold } from './hold.js';

// The newest samples, as many as fit beside one another.
const STRIP = 6;

/**
 * @typedef {Readonly<import('./project.js').Sample>} Sample
 * @typedef {import('../words/writer.js').Writer} Writer
 *
 * @typedef {object} Listeners
 * @property {(label: string) => Promise<unknown>} onRename
 * @property {() => void} onRemove
 * @property {() => void} onCapture the button is held from now on
 * @property {() => void} onRelease
 * @property {(files: File[]) => void} onFiles
 * @property {() => void} onGallery the person wants to see all samples
 */

/** A card in the list of classes. */
export class ClassCard {
  element = document.createElement('li');
  #label = document.createElement('input');
  #count = document.createElement('button');
  #remove = button('icon');
  #hold = button('button primary hold');
  #chooser = document.createElement('input');
  #chooserLabel = document.createElement('label');
  #strip = document.createElement('div');
  #name = '';
  #writer;
  #urlOf;

  /**
   * @param {string} id of the class
   * @param {Writer} writer
   * @param {(sample: Sample) => string} urlOf where a sample's picture is
   * @param {Listeners} listeners
   */
  constructor(id, writer, urlOf, listeners) {
    this.#writer = writer;
    this.#urlOf = urlOf;
    this.element.className = 'class-card';
    this.element.dataset.classId = id;
    this.#label.className = 'class-label';
    this.#label.maxLength = 60;
    this.#label.autocomplete = 'off';
    this.#label.spellcheck = false;
    this.#count.className = 'class-count';
    this.#count.type = 'button';
    this.#remove.append(cross());
    this.#chooser.type = 'file';
    this.#chooser.multiple = true;
    this.#chooser.accept = 'image/jpeg,image/png,image/webp,image/gif,image/bmp';
    this.#chooser.className = 'file';
    this.#chooser.id = `class-files-${id}`;
    this.#chooserLabel.className = 'button';
    this.#chooserLabel.htmlFor = this.#chooser.id;
    writer.write(this.#hold, (words) => words.say('class.hold'));
    writer.write(this.#chooserLabel, (words) => words.say('class.pictures'));
    this.#strip.className = 'class-strip';
    this.#strip.setAttribute('aria-hidden', 'true');
    this.element.append(
      group('class-head', this.#label, this.#remove),
      group('class-actions', this.#hold, this.#chooser, this.#chooserLabel),
      this.#strip,
      this.#count,
    );
    this.#listen(listeners);
  }

  /** @param {Listeners} listeners */
  #listen({ onRename, onRemove, onCapture, onRelease, onFiles, onGallery }) {
    this.#label.addEventListener('change', async () => {
      await onRename(this.#label.value);
      // A name that was refused gives way to the one before.
      this.#label.value = this.#name;
    });
    this.#label.addEventListener('keydown', (event) => event.key === 'Enter' && this.#label.blur());
    // With the focus on a card a picture is pasted into its class, elsewhere it is classified.
    this.element.addEventListener('paste', (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (!files.length) return;
      event.stopPropagation();
      onFiles(files);
    });
    this.#remove.addEventListener('click', onRemove);
    this.#count.addEventListener('click', onGallery);
    new Hold(this.#hold, { onStart: onCapture, onStop: onRelease });
    this.#chooser.addEventListener('change', () => {
      const files = [...(this.#chooser.files ?? [])];
      this.#chooser.value = '';
      if (files.length) onFiles(files);
    });
  }

  /** For whoever adds a class: its name is what one wants to type next. */
  focusLabel() {
    this.#label.focus();
    this.#label.select();
  }

  /** For whoever deletes one class after another. */
  focusRemove() {
    this.#remove.focus();
  }

  /**
   * @param {string} label
   * @param {Sample[]} samples in order
   */
  show(label, samples) {
    this.#name = label;
    // What is being typed is not typed over.
    if (this.#label.value !== label && !this.#label.matches(':focus')) this.#label.value = label;
    this.#writer.label(this.#label, (words) => words.say('class.name', { label }));
    this.#writer.label(this.#remove, (words) => words.say('class.delete', { label }));
    this.#writer.label(this.#hold, (words) => words.say('class.hold-label', { label }));
    this.#writer.label(this.#chooser, (words) => words.say('class.pictures-label', { label }));
    const count = samples.length;
    this.#writer.write(this.#count, (words) => (count ? words.say('class.count', { count }) : words.say('class.empty')));
    this.#writer.label(this.#count, (words) => (count ? words.say('class.count-label', { count, label }) : words.say('class.empty-label', { label })));
    // A button that cannot be pressed cannot keep the focus either.
    if (samples.length === 0 && this.#count.matches(':focus')) this.#hold.focus();
    this.#count.disabled = samples.length === 0;
    this.#showStrip(samples.slice(-STRIP).reverse());
  }

  /** @param {Sample[]} newest */
  #showStrip(newest) {
    const shown = /** @type {HTMLImageElement[]} */ ([...this.#strip.children]);
    const urls = newest.map((sample) => this.#urlOf(sample));
    if (shown.length === urls.length && shown.every((image, index) => image.src === urls[index])) return;
    this.#strip.replaceChildren(...urls.map((url) => shown.find((image) => image.src === url) ?? thumbnail(url)));
  }
}

/** @param {string} url */
export function thumbnail(url) {
  const image = document.createElement('img');
  image.src = url;
  image.alt = '';
  image.width = 64;
  image.height = 48;
  image.decoding = 'async';
  return image;
}

/** @param {string} name of its style */
export function button(name) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = name;
  return button;
}

/**
 * @param {string} name of its style
 * @param {...(Node | string)} children
 */
export function group(name, ...children) {
  const group = document.createElement('div');
  group.className = name;
  group.append(...children);
  return group;
}

function cross() {
  const namespace = 'http://www.w3.org/2000/svg';
  const drawing = document.createElementNS(namespace, 'svg');
  drawing.setAttribute('viewBox', '0 0 16 16');
  drawing.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(namespace, 'path');
  path.setAttribute('d', 'M3 3l10 10M13 3L3 13');
  drawing.append(path);
  return drawing;
}

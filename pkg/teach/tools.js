// The row of buttons for the whole project: undo, redo, save, open, start over.

import { button, group } from './class-card.js';

/**
 * @typedef {object} Listeners
 * @property {() => void} onUndo
 * @property {() => void} onRedo
 * @property {() => void} onSave
 * @property {(file: File) => void} onOpen
 * @property {() => void} onStartOver
 */

export class Tools {
  #undo = button('button small');
  #redo = button('button small');
  #save = button('button small');
  #startOver = button('button small');
  #opener = document.createElement('input');
  #openLabel = document.createElement('label');
  element = group('teach-tools', this.#undo, this.#redo, this.#save, this.#opener, this.#openLabel, this.#startOver);

  /**
   * @param {import('../words/writer.js').Writer} writer
   * @param {Listeners} listeners
   */
  constructor(writer, { onUndo, onRedo, onSave, onOpen, onStartOver }) {
    this.#opener.type = 'file';
    this.#opener.accept = '.zip';
    this.#opener.id = 'project-file';
    this.#opener.className = 'file';
    this.#openLabel.htmlFor = this.#opener.id;
    this.#openLabel.className = 'button small';
    writer.write(this.#undo, (words) => words.say('tools.undo'));
    writer.write(this.#redo, (words) => words.say('tools.redo'));
    writer.write(this.#save, (words) => words.say('tools.save'));
    writer.write(this.#openLabel, (words) => words.say('tools.open'));
    writer.write(this.#startOver, (words) => words.say('tools.start-over'));
    this.#undo.addEventListener('click', onUndo);
    this.#redo.addEventListener('click', onRedo);
    this.#save.addEventListener('click', onSave);
    this.#startOver.addEventListener('click', onStartOver);
    this.#opener.addEventListener('change', () => {
      const [file] = this.#opener.files ?? [];
      this.#opener.value = '';
      if (file) onOpen(file);
    });
  }

  /** @param {{ canUndo: boolean, canRedo: boolean, isEmpty: boolean }} state */
  show({ canUndo, canRedo, isEmpty }) {
    const [hadUndo, hadRedo] = [this.#undo, this.#redo].map((each) => each.matches(':focus'));
    this.#undo.disabled = !canUndo;
    this.#redo.disabled = !canRedo;
    // A button that cannot be pressed any more would lose the focus, and with it the keys for undo and redo.
    if (hadUndo && !canUndo) this.#redo.focus();
    if (hadRedo && !canRedo) this.#undo.focus();
    this.#save.disabled = this.#startOver.disabled = isEmpty;
  }

  /**
   * Control or command with Z undoes, with shift it redoes; in a text field they are the field's own.
   *
   * @param {KeyboardEvent} event
   */
  press(event) {
    const isUndo = event.key.toLowerCase() === 'z' && (event.ctrlKey || event.metaKey);
    if (!isUndo || event.target instanceof HTMLInputElement) return;
    event.preventDefault();
    (event.shiftKey ? this.#redo : this.#undo).click();
  }
}

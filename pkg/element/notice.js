// The message about something that went wrong: what, and what to do now.

import { part } from './parts.js';

export const NOTICE = `
<div id="notice" class="notice" part="notice" role="alert" hidden>
  <p><strong class="notice-title"></strong> <span class="notice-text" dir="auto"></span></p>
  <button class="close" type="button" data-say-label="notice.dismiss">
    <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M3 3l10 10M13 3L3 13"/></svg>
  </button>
</div>`;

/**
 * @param {ShadowRoot} root
 * @param {import('../words/writer.js').Writer} writer
 */
export function noticeIn(root, writer) {
  return new Notice(part(root, 'notice', HTMLElement), writer);
}

/** One message at a time, read out at once, gone when dismissed or when something works. */
export class Notice {
  #box;
  #title;
  #text;
  #writer;

  /**
   * @param {HTMLElement} box holds `.notice-title`, `.notice-text` and a button
   * @param {import('../words/writer.js').Writer} writer
   */
  constructor(box, writer) {
    this.#box = box;
    this.#writer = writer;
    this.#title = /** @type {HTMLElement} */ (box.querySelector('.notice-title'));
    this.#text = /** @type {HTMLElement} */ (box.querySelector('.notice-text'));
    box.querySelector('button')?.addEventListener('click', () => this.hide());
  }

  /**
   * @param {{ code: string, message: string }} failure
   * @param {string} name of the file, if there is one
   */
  show(failure, name) {
    // Shown first: a live region that is still hidden when its text changes is not read out.
    this.#box.hidden = false;
    this.#writer.write(this.#title, (words) => words.title(failure.code));
    this.#writer.write(this.#text, (words) => words.explain(failure, name).text);
    this.#writer.set(this.#text, 'lang', (words) => words.explain(failure, name).lang);
  }

  hide() {
    this.#box.hidden = true;
  }
}

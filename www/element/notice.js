// The message about something that went wrong: what, and what to do now.

const TITLES = /** @type {Record<string, string>} */ ({
  'address-blocked': 'That address cannot be used',
  'bad-label': 'That name cannot be used',
  'bad-model': 'That model cannot be opened',
  'bad-project': 'That project cannot be opened',
  'bad-recipe': 'Those settings cannot be used',
  'browser-too-old': 'This browser is too old',
  'camera-denied': 'The camera is blocked',
  'camera-failed': 'The camera did not start',
  'camera-in-use': 'The camera is in use',
  'camera-insecure': 'No camera on this address',
  'camera-lost': 'The camera is gone',
  'camera-missing': 'No camera found',
  'camera-off': 'The camera is off',
  'corrupt-picture': 'That picture is damaged',
  'duplicate-label': 'There is such a class already',
  'empty-file': 'That file is empty',
  'engine-crashed': 'The classifier stumbled',
  'load-failed': 'The classifier did not load',
  'model-missing': 'The model is not there',
  'no-picture': 'No picture there',
  'no-such-class': 'That class is gone',
  'picture-too-large': 'That picture is too large',
  'sample-missing': 'A picture is missing',
  'self-test-failed': 'The model failed its self-test',
  'storage-failed': 'It could not be kept in this browser',
  'storage-full': 'There is no space left',
  'storage-unavailable': 'Nothing is kept in this browser',
  'too-many-classes': 'Too many classes',
  'unreadable-file': 'That file cannot be read',
  'unreadable-picture': 'That picture cannot be read',
  'unsupported-format': 'That is no picture I can read',
  'wrong-backbone': 'That model does not fit',
});

/** One message at a time, read out at once, gone when dismissed or when something works. */
export class Notice {
  #box;
  #title;
  #text;

  /** @param {HTMLElement} box holds `.notice-title`, `.notice-text` and a button */
  constructor(box) {
    this.#box = box;
    this.#title = /** @type {HTMLElement} */ (box.querySelector('.notice-title'));
    this.#text = /** @type {HTMLElement} */ (box.querySelector('.notice-text'));
    box.querySelector('button')?.addEventListener('click', () => this.hide());
  }

  /**
   * @param {string} code
   * @param {string} message
   */
  show(code, message) {
    // Shown first: a live region that is still hidden when its text changes is not read out.
    this.#box.hidden = false;
    this.#title.textContent = TITLES[code] ?? 'That did not work';
    this.#text.textContent = message;
  }

  hide() {
    this.#box.hidden = true;
  }
}

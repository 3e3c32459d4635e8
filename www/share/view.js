// What the panel shows, and nothing of what it does.

/** @typedef {import('../../pkg/words/words.js').Words} Words */

/** @type {readonly (readonly ['tflite' | 'onnx' | 'tfjs', 'int8' | 'float'])[]} */
const RUNTIMES = /** @type {const} */ ([['tflite', 'int8'], ['tflite', 'float'], ['onnx', 'int8'], ['onnx', 'float'], ['tfjs', 'float']]);
const NAMES = /** @type {const} */ ({ tflite: 'share.runtime.tflite', onnx: 'share.runtime.onnx', tfjs: 'share.runtime.tfjs' });
const PRECISIONS = /** @type {const} */ ({ int8: 'share.runtime.int8', float: 'share.runtime.float' });

export class ShareView {
  #words;
  #linkAbout = make('p', { className: 'facts' });
  #status = make('p', { className: 'share-status', role: 'status' });
  #about = make('pre', { className: 'share-about', hidden: true, tabIndex: 0 });
  copy = button();
  send = button();
  link = field('input');
  save = button();
  export = button();
  runtime = make('select', { className: 'button small', id: 'share-runtime' });
  embed = field('textarea');
  embedModel = make('span', {});
  copyEmbed = button();
  element = make('details', { className: 'share' });

  /**
   * @param {Words} words
   * @param {{ canSend: boolean, isHosted: boolean }} options whether the device has something to share with, and the page an address
   */
  constructor(words, { canSend, isHosted }) {
    this.#words = words;
    this.copy.textContent = words.say('share.copy');
    this.send.textContent = words.say('share.send');
    this.save.textContent = words.say('share.save');
    this.export.textContent = words.say('share.export');
    this.copyEmbed.textContent = words.say('share.embed.copy');
    this.link.ariaLabel = words.say('share.link.text');
    this.embed.ariaLabel = words.say('share.embed.text');
    this.#about.ariaLabel = words.say('share.about');
    this.send.hidden = !canSend;
    this.link.hidden = true;
    this.embed.rows = 5;
    this.runtime.append(...RUNTIMES.map(([format, precision]) => {
      const text = words.say(PRECISIONS[precision], { runtime: words.say(NAMES[format]) });
      return make('option', { value: `${format} ${precision}`, textContent: text });
    }));
    this.element.append(
      make('summary', { textContent: words.say('share.title') }),
      ...(isHosted ? this.#asLink() : []),
      ...this.#asFile(),
      ...(isHosted ? this.#asPage() : []),
      this.#status,
      this.#about,
    );
  }

  #asLink() {
    return [this.#title('share.link'), row(this.copy, this.send), this.link, this.#linkAbout];
  }

  #asFile() {
    const label = make('label', { htmlFor: this.runtime.id, className: 'facts', textContent: this.#words.say('share.runtime') });
    return [this.#title('share.file'), row(this.save), row(label, this.runtime, this.export)];
  }

  #asPage() {
    const about = make('p', { className: 'facts' });
    about.append(this.embedModel, ' ', this.#words.say('share.embed.about'));
    return [this.#title('share.embed'), this.embed, row(this.copyEmbed), about];
  }

  /** @param {'share.link' | 'share.file' | 'share.embed'} key */
  #title(key) {
    return make('h3', { textContent: this.#words.say(key) });
  }

  /** @param {string | null} link null while it is being made */
  showLink(link) {
    const size = this.#words.number((link?.length ?? 0) / 1000, { style: 'unit', unit: 'kilobyte', maximumFractionDigits: 1 });
    this.#setLink(link ?? '', link === null ? this.#words.say('share.link.making') : this.#words.say('share.link.about', { size }));
  }

  /** @param {string} reason why there is no link */
  refuseLink(reason) {
    this.#setLink('', reason);
  }

  /**
   * @param {string} link
   * @param {string} about
   */
  #setLink(link, about) {
    this.link.value = link;
    if (!link) this.link.hidden = true;
    // A button that is disabled would lose the focus.
    for (const each of [this.copy, this.send]) each.ariaDisabled = String(!link);
    this.#linkAbout.textContent = about;
  }

  /**
   * @param {string} text
   * @param {string} [about] how to use what was saved
   */
  say(text, about = '') {
    this.#status.textContent = text;
    this.#about.textContent = about;
    this.#about.hidden = !about;
  }
}

function button() {
  return make('button', { type: 'button', className: 'button small' });
}

/**
 * @template {'input' | 'textarea'} Tag
 * @param {Tag} tag
 */
function field(tag) {
  return make(tag, /** @type {Partial<HTMLElementTagNameMap[Tag]>} */ ({ className: 'share-text', readOnly: true, spellcheck: false }));
}

/** @param {...Node} children */
function row(...children) {
  const row = make('div', { className: 'controls' });
  row.append(...children);
  return row;
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Partial<HTMLElementTagNameMap[Tag]>} properties
 * @returns {HTMLElementTagNameMap[Tag]}
 */
function make(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}

// As much of a document as the parts of the element write into: elements with text, attributes, children and events. Nothing is
// laid out, and nothing is parsed.

import { mock } from 'node:test';

/** Has what of an `HTMLElement` is used here. */
export class FakeElement extends EventTarget {
  /** What is done with a link that is clicked for its file. */
  static onDownload = (/** @type {string} */ _name, /** @type {string} */ _href) => {};

  tagName;
  /** @type {FakeElement[]} */
  children = [];
  /** @type {Record<string, string>} */
  dataset = {};
  /** @type {Record<string, string>} */
  style = {};
  hidden = false;
  disabled = false;
  colSpan = 1;
  lang = '';
  dir = '';
  value = /** @type {any} */ ('');
  href = '';
  download = '';
  /** @type {Map<string, string>} */
  #attributes = new Map();
  #text = '';

  /** @param {string} [tagName] */
  constructor(tagName = 'div') {
    super();
    this.tagName = tagName;
  }

  /** @returns {string} */
  get textContent() {
    return this.children.length ? this.children.map(({ textContent }) => textContent).join('') : this.#text;
  }

  set textContent(text) {
    this.children = [];
    this.#text = text;
  }

  /** @param {string} name */
  getAttribute(name) {
    return this.#attributes.get(name) ?? null;
  }

  /**
   * @param {string} name
   * @param {string} value
   */
  setAttribute(name, value) {
    this.#attributes.set(name, value);
  }

  /** @param {string} name */
  hasAttribute(name) {
    return this.#attributes.has(name);
  }

  /**
   * @param {string} name
   * @param {boolean} on
   */
  toggleAttribute(name, on) {
    if (on) this.#attributes.set(name, '');
    else this.#attributes.delete(name);
  }

  /** @param {...FakeElement} children */
  append(...children) {
    this.children.push(...children);
  }

  /** @param {...FakeElement} children */
  replaceChildren(...children) {
    this.children = children;
  }

  insertCell() {
    const cell = new FakeElement('td');
    this.append(cell);
    return cell;
  }

  /** @returns {FakeElement[]} all below it, whatever the selector */
  querySelectorAll() {
    return this.children.flatMap((child) => [child, ...child.querySelectorAll()]);
  }

  click() {
    if (this.download) FakeElement.onDownload(this.download, this.href);
    else if (!this.disabled) this.dispatchEvent(new Event('click'));
  }
}

/** @returns {any} an element by every name that is asked for */
export function elements() {
  const made = /** @type {Record<string, FakeElement>} */ ({});
  return new Proxy(made, { get: (_, name) => (made[String(name)] ??= new FakeElement()) });
}

/** @type {Record<string, unknown>} */
const browser = { HTMLElement: FakeElement, document: { createElement: (/** @type {string} */ tag) => new FakeElement(tag) } };
Object.assign(globalThis, browser);

/**
 * What is given to the person to keep, from now on.
 *
 * @param {import('node:test').TestContext} t
 */
export function catchDownloads(t) {
  /** @type {{ name: string, content: Blob }[]} */
  const downloads = [];
  const contents = /** @type {Map<string, Blob>} */ (new Map());
  const create = mock.method(URL, 'createObjectURL', (/** @type {Blob} */ blob) => {
    const url = `blob:${contents.size}`;
    contents.set(url, blob);
    return url;
  });
  FakeElement.onDownload = (name, href) => downloads.push({ name, content: /** @type {Blob} */ (contents.get(href)) });
  t.after(() => create.mock.restore());
  return downloads;
}

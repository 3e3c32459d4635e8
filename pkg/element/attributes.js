// The attributes of <mobilenet-classifier> as properties. What they mean is at the top of `element.js`.

import { HostElement } from './host-element.js';
import { SURE } from './predictions.js';

const PROPERTIES = ['head', 'topK', 'threshold', 'camera', 'mirror', 'heatmap', 'compare'];

/** An element whose properties are its attributes. */
export class ClassifierAttributes extends HostElement {
  get head() {
    return this.getAttribute('head');
  }

  /** @param {string | null} address */
  set head(address) {
    this.#reflect('head', address);
  }

  /** @returns {number | null} */
  get topK() {
    const count = Number(this.getAttribute('top-k'));
    return Number.isInteger(count) && count > 0 ? count : null;
  }

  /** @param {number | null} count */
  set topK(count) {
    this.#reflect('top-k', count);
  }

  /** @returns {number} */
  get threshold() {
    const least = Number(this.getAttribute('threshold') || SURE);
    return least >= 0 && least <= 1 ? least : SURE;
  }

  /** @param {number | null} least */
  set threshold(least) {
    this.#reflect('threshold', least);
  }

  /** @returns {string} */
  get camera() {
    return this.getAttribute('camera') || 'environment';
  }

  /** @param {string | null} choice */
  set camera(choice) {
    this.#reflect('camera', choice);
  }

  get mirror() {
    return this.hasAttribute('mirror');
  }

  /** @param {boolean} on */
  set mirror(on) {
    this.toggleAttribute('mirror', Boolean(on));
  }

  get heatmap() {
    return this.hasAttribute('heatmap');
  }

  /** @param {boolean} on */
  set heatmap(on) {
    this.toggleAttribute('heatmap', Boolean(on));
  }

  get compare() {
    return this.hasAttribute('compare');
  }

  /** @param {boolean} on */
  set compare(on) {
    this.toggleAttribute('compare', Boolean(on));
  }

  /**
   * @param {string} name
   * @param {string | number | null | undefined} value
   */
  #reflect(name, value) {
    if (value === null || value === undefined) this.removeAttribute(name);
    else this.setAttribute(name, String(value));
  }
}

/**
 * A property that was set before the element was defined hides the one of the class.
 *
 * @param {ClassifierAttributes} element
 */
export function upgrade(element) {
  for (const name of PROPERTIES) {
    if (!Object.getOwnPropertyDescriptor(element, name)) continue;
    const value = Reflect.get(element, name);
    Reflect.deleteProperty(element, name);
    Reflect.set(element, name, value);
  }
}

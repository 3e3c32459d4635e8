// The large place that shows what is being classified: nothing yet, a picture, or the camera.

/** @typedef {'empty' | 'picture' | 'camera'} View */

/** Switches views by `data-view`; the style sheet does the rest. */
export class Stage {
  #element;
  #backdrop;
  #image;
  #caption;
  #url = '';

  /** @param {{ element: HTMLElement, backdrop: HTMLElement, image: HTMLImageElement, caption: HTMLElement }} elements */
  constructor({ element, backdrop, image, caption }) {
    this.#element = element;
    this.#backdrop = backdrop;
    this.#image = image;
    this.#caption = caption;
  }

  /**
   * Comes after the engine's answer, so that the browser never decodes a file that the engine refused (a picture bomb).
   *
   * @param {File} picture
   */
  showPicture(picture) {
    this.#show('picture', picture.name);
    this.#url = URL.createObjectURL(picture);
    this.#image.src = this.#url;
    this.#backdrop.style.backgroundImage = `url(${this.#url})`;
    this.#image.alt = `Your picture ${picture.name}`;
  }

  showCamera() {
    this.#show('camera', 'Live from your camera');
  }

  showNothing() {
    this.#show('empty', '');
  }

  /**
   * @param {View} view
   * @param {string} caption
   */
  #show(view, caption) {
    this.#image.removeAttribute('src');
    this.#backdrop.style.backgroundImage = '';
    URL.revokeObjectURL(this.#url);
    this.#element.dataset.view = view;
    this.#caption.textContent = caption;
  }
}

// The large place that shows what is being classified: nothing yet, a picture, the camera, or a video.

/** @typedef {'empty' | 'picture' | 'camera' | 'video'} View */

/** Switches views by `data-view`; the style sheet does the rest. */
export class Stage {
  #element;
  #backdrop;
  #image;
  #video;
  #caption;
  #writer;
  #url = '';

  /**
   * @param {{ element: HTMLElement, backdrop: HTMLElement, image: HTMLImageElement, video: HTMLVideoElement, caption: HTMLElement }} elements
   * @param {import('../words/writer.js').Writer} writer
   */
  constructor({ element, backdrop, image, video, caption }, writer) {
    this.#writer = writer;
    this.#element = element;
    this.#backdrop = backdrop;
    this.#image = image;
    this.#video = video;
    this.#caption = caption;
  }

  /** Of what is shown, in its own pixels; zero while there is nothing. */
  get size() {
    const { view } = this.#element.dataset;
    if (view === 'picture') return { width: this.#image.naturalWidth, height: this.#image.naturalHeight };
    return view === 'camera' || view === 'video' ? { width: this.#video.videoWidth, height: this.#video.videoHeight } : { width: 0, height: 0 };
  }

  /**
   * Comes after the engine's answer, so that the browser never decodes a file that the engine refused (a picture bomb).
   *
   * @param {Blob} picture
   * @param {string} name
   */
  showPicture(picture, name) {
    this.#show('picture', (words) => words.isolate(name));
    this.#url = URL.createObjectURL(picture);
    this.#image.src = this.#url;
    this.#backdrop.style.backgroundImage = `url(${this.#url})`;
    this.#writer.set(this.#image, 'alt', (words) => words.say('stage.picture', { name }));
  }

  showCamera() {
    this.#show('camera', (words) => words.say('stage.live'));
    this.#writer.label(this.#video, (words) => words.say('stage.camera'));
  }

  /** @param {string} name of the file */
  showVideo(name) {
    this.#show('video', (words) => words.isolate(name));
    this.#writer.label(this.#video, (words) => words.say('stage.video', { name }));
  }

  showNothing() {
    this.#show('empty', () => '');
  }

  /**
   * @param {View} view
   * @param {import('../words/writer.js').Saying} caption
   */
  #show(view, caption) {
    this.#image.removeAttribute('src');
    this.#backdrop.style.backgroundImage = '';
    URL.revokeObjectURL(this.#url);
    this.#url = '';
    this.#element.dataset.view = view;
    this.#writer.write(this.#caption, caption);
  }
}

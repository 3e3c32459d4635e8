// The large place that shows what is being classified: nothing yet, a picture, the camera, or a video.

import { part } from './parts.js';

/** @typedef {'empty' | 'picture' | 'camera' | 'video'} View */

export const STAGE = `
<figure id="stage" class="stage" part="stage" data-view="empty">
  <div class="empty">
    <slot name="empty">
      <svg class="finder" viewBox="0 0 64 48" aria-hidden="true"><path d="M6 15V9q0-3 3-3h7M48 6h7q3 0 3 3v6M58 33v6q0 3-3 3h-7M16 42H9q-3 0-3-3v-6"/></svg>
    </slot>
  </div>
  <div id="backdrop" class="backdrop"></div>
  <img id="picture" class="picture" part="picture" alt="">
  <video id="video" class="video" part="video" playsinline muted data-say-label="stage.camera"></video>
  <canvas id="heat" class="heat" part="heatmap" role="img" hidden></canvas>
  <p id="heat-caption" class="heat-caption" aria-hidden="true"></p>
  <figcaption id="caption" class="caption" part="caption"></figcaption>
  <div class="drop-here" aria-hidden="true" data-say="stage.drop"></div>
</figure>`;

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
   * @param {ShadowRoot} root
   * @param {import('../words/writer.js').Writer} writer
   * @param {() => void} onPicture it has loaded; before, it has no size
   */
  constructor(root, writer, onPicture) {
    this.#writer = writer;
    this.#element = part(root, 'stage', HTMLElement);
    this.#backdrop = part(root, 'backdrop', HTMLElement);
    this.#image = part(root, 'picture', HTMLImageElement);
    this.#video = part(root, 'video', HTMLVideoElement);
    this.#caption = part(root, 'caption', HTMLElement);
    this.#image.addEventListener('load', onPicture);
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

// The camera once more, small, above the classes: where the page is narrow the large one is out of sight while a button is held.

export class Viewfinder {
  element = document.createElement('div');
  #video = document.createElement('video');
  #verdict = document.createElement('span');

  constructor() {
    this.element.className = 'viewfinder';
    // It says nothing that the large one does not.
    this.element.setAttribute('aria-hidden', 'true');
    this.element.hidden = true;
    this.#video.muted = true;
    this.#video.playsInline = true;
    this.element.append(this.#video, this.#verdict);
  }

  /**
   * @param {MediaStream | null} stream null while the camera is off
   * @param {boolean} mirrored
   */
  show(stream, mirrored) {
    this.element.hidden = stream === null;
    this.#video.srcObject = stream;
    this.#video.toggleAttribute('data-mirrored', mirrored);
    this.#verdict.textContent = '';
    if (stream) this.#video.play().catch(() => {});
  }

  /** @param {string} verdict */
  say(verdict) {
    if (this.#verdict.textContent !== verdict) this.#verdict.textContent = verdict;
  }
}

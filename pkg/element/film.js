// A video file: plays it with the browser's own controls, and hands out its frames as a camera does.

import { Failure } from '../engine/shared/failure.js';
import { watchFrames } from '../engine/page/frames.js';

/** Plays a file in a video element; at its end the last frame stays, and it can be played again. */
export class Film {
  #video;
  #onFrame;
  #onLost;
  /** @type {Blob | null} */
  #file = null;
  #url = '';
  #ending = new AbortController();

  /**
   * @param {HTMLVideoElement} video
   * @param {{ onFrame: (frame: ImageBitmap) => void, onLost: (failure: Failure) => void }} listeners
   */
  constructor(video, { onFrame, onLost }) {
    this.#video = video;
    this.#onFrame = onFrame;
    this.#onLost = onLost;
  }

  /** What plays, or could be played again. */
  get file() {
    return this.#file;
  }

  get running() {
    return this.#file !== null;
  }

  /**
   * @param {Blob} file
   * @returns {Promise<boolean>} false where `stop` or another `start` came first
   */
  async start(file) {
    this.stop();
    this.#file = file;
    this.#url = URL.createObjectURL(file);
    this.#ending = new AbortController();
    const { signal } = this.#ending;
    this.#video.controls = true;
    // Also where the attribute was lost on the way through a template.
    this.#video.muted = true;
    this.#video.src = this.#url;
    this.#followTab(signal);
    watchFrames(this.#video, () => !signal.aborted, this.#onFrame).catch(() => signal.aborted || this.#lose());
    const refusal = await this.#play();
    if (signal.aborted) return false;
    if (refusal) this.stop();
    if (refusal) throw refusal;
    this.#video.addEventListener('error', () => this.#lose(), { signal });
    return true;
  }

  /** Releases the file. */
  stop() {
    if (!this.#file) return;
    this.#ending.abort();
    this.#video.controls = false;
    this.#video.removeAttribute('src');
    this.#video.load();
    URL.revokeObjectURL(this.#url);
    this.#file = null;
  }

  /** Goes on where the video element was taken from its place in the document to another, which pauses it. */
  resume() {
    if (this.#file && !this.#video.ended) this.#video.play().catch(() => {});
  }

  /** Hands the frame out once more, where no other will come by itself. */
  async repeat() {
    const file = this.#file;
    if (!file || !this.#video.paused || !this.#video.videoWidth) return;
    const frame = await createImageBitmap(this.#video);
    if (this.#file === file) this.#onFrame(frame);
    else frame.close();
  }

  /** @returns {Promise<Failure | null>} why it cannot be played */
  async #play() {
    const error = await this.#video.play().then(() => null, (reason) => reason);
    // A device that saves power plays nothing by itself: the person does, by the controls.
    if (error?.name === 'NotAllowedError') return null;
    if (error) return new Failure('unsupported-format', 'this browser cannot play that video. Save it as MP4 (H.264) or WebM, or choose pictures of it');
    if (this.#video.videoWidth) return null;
    return new Failure('unsupported-format', 'there is nothing to see in that file, only sound. Choose a video with a picture');
  }

  /** @param {AbortSignal} signal */
  #followTab(signal) {
    let playing = false;
    const follow = () => {
      if (document.hidden) {
        playing = !this.#video.paused;
        this.#video.pause();
      } else if (playing) this.resume();
    };
    document.addEventListener('visibilitychange', follow, { signal });
  }

  #lose() {
    this.#onLost(new Failure('unsupported-format', 'the video is damaged and cannot be played on from here. Save it anew, or choose another one'));
  }
}

// The camera: opens it, hands out its frames while somebody is looking, and turns its light off.

import { Failure } from '../engine/shared/failure.js';
import { watchFrames } from '../engine/page/frames.js';
import { explain } from './refusal.js';

// The network sees 224 x 224 pixels. More than this only costs time to copy a frame, and looks no better to it.
const SIZE = { width: { ideal: 640 }, height: { ideal: 480 } };

const FACING = ['environment', 'user'];

// What browsers throw where no camera has the id that was asked for.
const GONE = ['OverconstrainedError', 'NotFoundError'];

// Longer than a camera takes from its permission to its first picture.
const BEGIN_MILLIS = 3000;
// Longer than one takes to find its focus and exposure.
const STILL_SECONDS = 5;
// By then the list of cameras lacks one that was unplugged.
const LIST_MILLIS = 1000;

/** Shows a camera in a video element and hands out its frames, never mirrored and never scaled. */
export class Camera {
  #video;
  #onFrame;
  #onLost;
  #onStill;
  /** @type {MediaStream | null} */
  #stream = null;
  /** Whether it is another one than was asked for, which is no longer there. */
  replaced = false;
  #pulse = 0;
  /** Seconds since the last frame, not counting those in which nobody was looking. */
  #still = 0;
  // Tells a start that is still waiting for permission that it was overtaken.
  #turn = 0;

  /**
   * @param {HTMLVideoElement} video
   * @param {{ onFrame: (frame: ImageBitmap) => void, onLost: (failure: Failure, unplugged?: string) => void, onStill: (still: boolean) => void }} listeners
   *   onLost is given the id of a camera that was unplugged while another one is there; onStill hears when no frames come any more, and when they come again
   */
  constructor(video, { onFrame, onLost, onStill }) {
    this.#video = video;
    this.#onFrame = onFrame;
    this.#onLost = onLost;
    this.#onStill = onStill;
  }

  get running() {
    return this.#stream !== null;
  }

  /** The id of the camera that runs. */
  get deviceId() {
    return this.#stream?.getVideoTracks()[0]?.getSettings().deviceId;
  }

  /**
   * @param {string} choice `environment` looks away from the person and `user` at them, where there are two; or the id of a device
   * @returns {Promise<boolean>} false where `stop` or another `start` came first
   */
  async start(choice) {
    this.stop();
    const turn = this.#turn;
    const { stream, replaced } = await openStream(choice, () => turn === this.#turn);
    if (turn !== this.#turn) {
      release(stream);
      return false;
    }
    this.#stream = stream;
    this.replaced = replaced;
    this.#video.srcObject = stream;
    stream.getVideoTracks()[0]?.addEventListener('ended', () => this.#miss(stream));
    // One that sends nothing, as behind a switch or a cover, never begins to play.
    await Promise.race([this.#video.play().catch(() => {}), pause(BEGIN_MILLIS)]);
    if (turn !== this.#turn) return false;
    this.#still = 0;
    this.#pulse = setInterval(() => this.#beat(), 1000);
    watchFrames(this.#video, () => this.#stream === stream, (frame) => this.#see(frame)).catch((error) => this.#lose(stream, unseen(error)));
    return true;
  }

  /** @param {ImageBitmap} frame */
  #see(frame) {
    if (this.#still >= STILL_SECONDS) this.#onStill(false);
    this.#still = 0;
    this.#onFrame(frame);
  }

  #beat() {
    if (document.hidden) return;
    // A tab that was frozen comes back paused.
    if (this.#video.paused) this.resume();
    if (++this.#still === STILL_SECONDS) this.#onStill(true);
  }

  stop() {
    this.#turn++;
    clearInterval(this.#pulse);
    if (this.#stream) release(this.#stream);
    this.#stream = null;
    this.#video.srcObject = null;
  }

  /** Goes on where the video element was taken from its place in the document to another, which pauses it. */
  resume() {
    if (this.#stream) this.#video.play().catch(() => {});
  }

  get stream() {
    return this.#stream;
  }

  /** What the camera sees now, never mirrored. */
  grab() {
    if (this.#stream && this.#video.videoWidth) return createImageBitmap(this.#video);
    return Promise.reject(new Failure('camera-off', 'The camera shows nothing yet. Start it, then try again.'));
  }

  /** Every camera, with its name; the browser tells names only after it was allowed to open one. */
  async list() {
    // Where that fails, one camera runs all the same.
    const devices = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    return devices.filter(({ kind, deviceId }) => kind === 'videoinput' && deviceId);
  }

  /** @param {MediaStream} stream whose camera was unplugged, blocked, or taken by another program */
  async #miss(stream) {
    if (this.#stream !== stream) return;
    const id = this.deviceId;
    this.stop();
    const turn = this.#turn;
    const unplugged = (await this.#canReplace(id)) ? id : undefined;
    // Nobody has stopped or started one meanwhile.
    if (turn === this.#turn) this.#onLost(lost(), unplugged);
  }

  /**
   * A camera that is still listed was blocked or taken, and nobody wants another one in its place.
   *
   * @param {string} [id] of one that ended
   */
  async #canReplace(id) {
    const isThere = (/** @type {MediaDeviceInfo[]} */ cameras) => cameras.some(({ deviceId }) => deviceId === id);
    let cameras = await this.list();
    if (isThere(cameras)) {
      await pause(LIST_MILLIS);
      cameras = await this.list();
    }
    return id !== undefined && cameras.length > 0 && !isThere(cameras);
  }

  /**
   * @param {MediaStream} stream
   * @param {Failure} failure
   */
  #lose(stream, failure) {
    if (this.#stream !== stream) return;
    this.stop();
    this.#onLost(failure);
  }
}

function lost() {
  return new Failure('camera-lost', 'The camera was disconnected or blocked. Connect or allow it, then start it again.');
}

/** @param {unknown} error why no frame can be taken */
function unseen(error) {
  return new Failure('browser-too-old', `This browser gives no frames of the camera (${error}). Update it, or choose a picture instead.`);
}

/** @param {number} millis */
function pause(millis) {
  return new Promise((done) => setTimeout(done, millis));
}

/**
 * An id outlives its camera, which may be unplugged, or known by another id after the browser has cleared its data. Any other
 * camera is better than none.
 *
 * @param {string} choice
 * @param {() => boolean} wanted whether nothing else was started meanwhile
 */
async function openStream(choice, wanted) {
  if (!navigator.mediaDevices) {
    throw new Failure('camera-insecure', 'Browsers open a camera only on https:// pages and on localhost. Open the page there, or choose a picture.');
  }
  try {
    if (FACING.includes(choice)) return { stream: await ask({ facingMode: choice }), replaced: false };
    const stream = await ask({ deviceId: { exact: choice } }).catch((error) => {
      if (GONE.includes(error?.name) && wanted()) return null;
      throw error;
    });
    return stream ? { stream, replaced: false } : { stream: await ask({ facingMode: 'environment' }), replaced: true };
  } catch (error) {
    throw await explain(error);
  }
}

/** @param {MediaTrackConstraints} which */
function ask(which) {
  return navigator.mediaDevices.getUserMedia({ audio: false, video: { ...SIZE, ...which } });
}

/** @param {MediaStream} stream */
function release(stream) {
  for (const track of stream.getTracks()) track.stop();
}

// What comes into the worker: bytes of files, and pixels of frames; and frames as files.
//
// Browsers that guard against fingerprinting falsify what is read out of a canvas (Firefox with `resistFingerprinting`, Tor
// Browser, Brave), and give no other way to the pixels of a frame. So before the first one a known pattern is read.

// Hardly an artefact, in a fraction of the bytes of a lossless file.
const QUALITY = 0.92;

// Large enough that noise which spares most pixels meets some of it.
const PATTERN_SIDE = 64;

// Full resolution and never scaled: the resize that the network was trained with is the engine's.
/** @type {OffscreenCanvasRenderingContext2D | null} made with the first frame: pictures need none */
let context = null;
/** @type {boolean | null} whether it gives other pixels than it was given; null before that was tried */
let noisy = null;

/**
 * @param {string} code
 * @param {string} message
 */
export function trouble(code, message) {
  return Object.assign(new Error(message), { code });
}

/** @param {Blob} blob */
export async function bytesOf(blob) {
  const buffer = await blob.arrayBuffer().catch(() => {
    throw trouble(
      'unreadable-file',
      'the file cannot be read: it may be a folder, or have moved or changed since it was chosen. Choose it again',
    );
  });
  return new Uint8Array(buffer);
}

/**
 * @param {ImageBitmap | ImageData} frame
 * @returns {{ pixels: ImageData, noisy?: true }} noisy where the browser has falsified them
 */
export function pixelsOf(frame) {
  if (frame instanceof ImageData) return { pixels: frame };
  noisy ??= isNoisy(drawing());
  const { canvas } = draw(frame);
  const pixels = drawing().getImageData(0, 0, canvas.width, canvas.height);
  return noisy ? { pixels, noisy } : { pixels };
}

/**
 * Opaque pixels come out of a canvas as they went in, to the bit.
 *
 * @param {OffscreenCanvasRenderingContext2D} context
 */
function isNoisy(context) {
  context.canvas.width = context.canvas.height = PATTERN_SIDE;
  const pattern = new ImageData(PATTERN_SIDE, PATTERN_SIDE);
  // Seemingly at random: flat areas are what some browsers leave alone.
  pattern.data.forEach((_, at) => (pattern.data[at] = at % 4 === 3 ? 255 : Math.imul(at + 1, 0x9e3779b1) >>> 24));
  context.putImageData(pattern, 0, 0);
  const { data } = context.getImageData(0, 0, PATTERN_SIDE, PATTERN_SIDE);
  return pattern.data.some((value, at) => data[at] !== value);
}

/**
 * A frame as a picture file, which the engine then decodes as it would any other, here and in the terminal.
 *
 * @param {ImageBitmap} frame
 */
export function pictureOf(frame) {
  const { canvas } = draw(frame);
  return canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY });
}

/** @param {ImageBitmap} frame is gone afterwards */
function draw(frame) {
  const context = drawing();
  const { canvas } = context;
  if (canvas.width !== frame.width) canvas.width = frame.width;
  if (canvas.height !== frame.height) canvas.height = frame.height;
  // What the frame before this one was would show through a transparent one.
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.drawImage(frame, 0, 0);
  frame.close();
  return context;
}

function drawing() {
  if (typeof OffscreenCanvas !== 'undefined') context ??= new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  if (context) return context;
  throw trouble('browser-too-old', 'This browser has no canvas in workers. Update it, or choose a picture instead.');
}


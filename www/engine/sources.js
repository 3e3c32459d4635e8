// What comes into the worker: bytes of files, and pixels of frames; and frames as files.

// Hardly an artefact, in a fraction of the bytes of a lossless file.
const QUALITY = 0.92;

// Full resolution and never scaled: the resize that the network was trained with is the engine's.
const canvas = new OffscreenCanvas(1, 1);
const context = canvas.getContext('2d', { willReadFrequently: true });

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

/** @param {ImageBitmap | ImageData} frame */
export function pixelsOf(frame) {
  if (frame instanceof ImageData) return frame;
  draw(frame);
  return drawing().getImageData(0, 0, canvas.width, canvas.height);
}

/**
 * A frame as a picture file, which the engine then decodes as it would any other, here and in the terminal.
 *
 * @param {ImageBitmap} frame
 */
export function pictureOf(frame) {
  draw(frame);
  return canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY });
}

/** @param {ImageBitmap} frame is gone afterwards */
function draw(frame) {
  if (canvas.width !== frame.width) canvas.width = frame.width;
  if (canvas.height !== frame.height) canvas.height = frame.height;
  // What the frame before this one was would show through a transparent one.
  drawing().clearRect(0, 0, canvas.width, canvas.height);
  drawing().drawImage(frame, 0, 0);
  frame.close();
}

function drawing() {
  if (context) return context;
  throw trouble('browser-too-old', 'This browser has no canvas in workers. Update it, or choose a picture instead.');
}


// What a page has as a picture, for the worker: files as they are, because the engine decodes them with the same result
// everywhere, and the pixels of anything else at full size.

import { MobilenetError } from '../shared/failure.js';

/**
 * @typedef {Blob | HTMLImageElement | HTMLCanvasElement | OffscreenCanvas | HTMLVideoElement | ImageData | ImageBitmap} Picture
 */

/**
 * @param {Picture} source
 * @returns {Promise<Blob | ImageBitmap | ImageData>} a bitmap is a copy, to give away
 */
export async function readPicture(source) {
  if (source instanceof Blob || source instanceof ImageData) return source;
  const bitmap = await copyOf(source).catch(() => {
    throw new MobilenetError('unreadable-picture', 'That picture has no pixels to read: it may be empty, or its image did not load.');
  });
  if (isReadable(bitmap)) return bitmap;
  bitmap.close();
  throw new MobilenetError('unreadable-picture', 'That picture comes from another site, which does not share its pixels. Choose the file itself.');
}

/** @param {Exclude<Picture, Blob>} source */
async function copyOf(source) {
  if (source instanceof HTMLImageElement) await source.decode();
  return createImageBitmap(source);
}

/** @param {ImageBitmap} bitmap */
function isReadable(bitmap) {
  const context = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d');
  context?.drawImage(bitmap, 0, 0);
  try {
    context?.getImageData(0, 0, 1, 1);
    return true;
  } catch {
    return false;
  }
}

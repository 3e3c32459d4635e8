// Where pictures come from: the file choosers, drops, the clipboard, and what a page's own script has.

import { Failure } from '../engine/shared/failure.js';
import { readPicture } from '../engine/page/pictures.js';
import { absolute, addressIn, fetchPicture, foundAt } from './address.js';
import { filesBelow, filesOfChosen, isFolder } from '../files/folders.js';

/**
 * @typedef {'file' | 'drop' | 'paste' | 'sample' | 'script'} Source
 * @typedef {import('../engine/page/pictures.js').Picture} Picture
 * @typedef {{ name: string, read: (signal?: AbortSignal) => Promise<File> }} Found a file that is read when its turn has come
 *
 * @typedef {object} Listeners
 * @property {(files: (File | Found)[], source: Source) => void} onFiles
 * @property {(failure: Failure, source: Source) => void} onFailure
 */

/**
 * @param {HTMLInputElement} input
 * @param {{ onFiles: (files: File[], source: Source) => void }} listeners
 */
export function listenToChooser(input, { onFiles }) {
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    // Without this, choosing the same file again would be no change.
    input.value = '';
    if (files.length) onFiles(files, 'file');
  });
}

/**
 * @param {HTMLInputElement} input with `webkitdirectory`
 * @param {Listeners} listeners
 */
export function listenToFolderChooser(input, listeners) {
  listenToChooser(input, { onFiles: (files) => takeFolder(Promise.resolve(filesOfChosen(files)), 'file', listeners) });
}

/**
 * @param {Promise<Found[]>} found
 * @param {Source} source
 * @param {Listeners} listeners
 */
async function takeFolder(found, source, { onFiles, onFailure }) {
  const files = await found;
  if (files.length) onFiles(files, source);
  else onFailure(new Failure('no-picture', 'There is no file in that folder. Choose one that holds pictures.'), source);
}

/**
 * Takes drops on an element, or on the whole window: there, a file that misses a small target would make the browser
 * leave the page. What an element inside has taken is left to it.
 *
 * @param {HTMLElement | Window} target
 * @param {Listeners & { onHover: (over: boolean) => void }} listeners onHover hears whether files are held over the target
 */
export function listenToDrops(target, { onFiles, onFailure, onHover }) {
  const within = (/** @type {EventTarget | null} */ to) => (target instanceof Node ? target.contains(/** @type {Node | null} */ (to)) : to !== null);
  /** @type {[type: string, listener: (event: DragEvent) => void][]} */
  const pairs = [
    [
      'dragover',
      (event) => {
        event.preventDefault();
        onHover(event.dataTransfer?.types.includes('Files') ?? false);
      },
    ],
    // Leaving for another element inside has that element here; leaving the window has nothing.
    ['dragleave', (event) => within(event.relatedTarget) || onHover(false)],
    [
      'drop',
      (event) => {
        onHover(false);
        if (event.defaultPrevented) return;
        event.preventDefault();
        // The lists are emptied as soon as this event is over.
        const files = [...(event.dataTransfer?.files ?? [])];
        const entries = [...(event.dataTransfer?.items ?? [])].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
        if (entries.some(isFolder)) takeFolder(filesBelow(entries), 'drop', { onFiles, onFailure });
        else if (files.length) onFiles(files, 'drop');
        else onFailure(new Failure('no-picture', 'That was no file. Drop a picture file from your device.'), 'drop');
      },
    ],
  ];
  for (const [type, listener] of pairs) target.addEventListener(type, /** @type {EventListener} */ (listener));
}

/** @param {Listeners} listeners */
export function listenToPastes({ onFiles, onFailure }) {
  addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    const address = addressIn(event.clipboardData?.getData('text/plain') ?? '');
    if (files.length) return onFiles(files, 'paste');
    // Text for a field is that field's.
    const [target] = event.composedPath();
    if (target instanceof Element && target.matches('input:not([type="file"]), textarea, [contenteditable]')) return;
    if (address) onFiles([foundAt(address)], 'paste');
    else onFailure(new Failure('no-picture', 'The clipboard holds no picture. Copy the picture itself, then paste again.'), 'paste');
  });
}

/**
 * Whatever a page may have as a picture: a file, its address, or pixels that an engine can take.
 *
 * @param {Picture | URL | string} source
 * @param {{ base: string, signal?: AbortSignal }} options base of an address that is not absolute
 */
export async function readable(source, { base, signal }) {
  if (source instanceof URL || typeof source === 'string') return fetchPicture(absolute(source, base), signal);
  return readPicture(source);
}

/**
 * Pixels as a file, to be shown.
 *
 * @param {ImageBitmap | ImageData} pixels
 */
export function fileOf(pixels) {
  const { width, height } = pixels;
  const context = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d');
  if (pixels instanceof ImageData) context?.putImageData(pixels, 0, 0);
  else context?.drawImage(pixels, 0, 0);
  return /** @type {Promise<Blob>} */ (new Promise((resolve) => context?.canvas.toBlob((blob) => resolve(blob ?? new Blob()))));
}

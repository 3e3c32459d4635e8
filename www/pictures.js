// Where files come from: the file chooser, a drop anywhere on the page, the clipboard, and the samples.

import { Failure } from './failure.js';

/**
 * @typedef {'file' | 'drop' | 'paste' | 'sample'} Source
 *
 * @typedef {object} Listeners
 * @property {(files: File[], source: Source) => void} onFiles
 * @property {(failure: Failure, source: Source) => void} onFailure
 */

/**
 * @param {HTMLInputElement} input
 * @param {Listeners} listeners
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
 * Takes drops on the whole page: a file that misses a small target would make the browser leave the page.
 *
 * @param {HTMLElement} target gets `data-dropping` while files are over the page
 * @param {Listeners} listeners
 */
export function listenToDrops(target, { onFiles, onFailure }) {
  addEventListener('dragover', (event) => {
    event.preventDefault();
    target.toggleAttribute('data-dropping', event.dataTransfer?.types.includes('Files'));
  });
  addEventListener('dragleave', (event) => {
    // Leaving for another element of the page has that element here; leaving the window has nothing.
    if (!event.relatedTarget) target.toggleAttribute('data-dropping', false);
  });
  addEventListener('drop', (event) => {
    event.preventDefault();
    target.toggleAttribute('data-dropping', false);
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length) onFiles(files, 'drop');
    else onFailure(new Failure('no-picture', 'That was no file. Drop a picture file from your device.'), 'drop');
  });
}

/** @param {Listeners} listeners */
export function listenToPastes({ onFiles, onFailure }) {
  addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) onFiles(files, 'paste');
    else onFailure(new Failure('no-picture', 'The clipboard holds no picture. Copy the picture itself, then paste again.'), 'paste');
  });
}

/**
 * @param {HTMLElement} strip the buttons, each with one image; a sample that is missing is not offered
 * @param {Listeners} listeners
 */
export function listenToSamples(strip, { onFiles, onFailure }) {
  for (const button of strip.querySelectorAll('button')) {
    const image = button.querySelector('img');
    if (!image) continue;
    const withdraw = () => {
      button.hidden = true;
      strip.hidden = !strip.querySelector('button:not([hidden])');
    };
    image.addEventListener('error', withdraw);
    if (image.complete && !image.naturalWidth) withdraw();
    button.addEventListener('click', async () => {
      try {
        onFiles([await fetchSample(image.src)], 'sample');
      } catch (error) {
        onFailure(Failure.from(error), 'sample');
      }
    });
  }
}

/** @param {string} url */
async function fetchSample(url) {
  // The image is on the page already, so its bytes are in the cache.
  const response = await fetch(url, { cache: 'force-cache' }).catch(() => null);
  if (!response?.ok) throw new Failure('sample-missing', 'This sample could not be fetched. Try another one, or choose a picture.');
  const name = new URL(url).pathname.split('/').pop() ?? 'sample';
  return new File([await response.blob()], name);
}

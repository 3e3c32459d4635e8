// One photo after the other goes to the worker, so the page stays free, however many there are. A signal stops it: the call
// that is under way rejects, and what is sorted by then stays.

import { load } from './mobilenet-web/engine/page/load.js';
import { filesBelow } from './folders.js';
import { Group } from './group.js';

/** Below it the likeliest class is a guess. */
const SURE = 0.6;

const progress = /** @type {HTMLProgressElement} */ (document.querySelector('#progress'));
const stop = /** @type {HTMLButtonElement} */ (document.querySelector('#stop'));
const status = /** @type {HTMLElement} */ (document.querySelector('#status'));
const groups = /** @type {HTMLElement} */ (document.querySelector('#groups'));

const loading = load();
loading.catch(({ message }) => (status.textContent = message));
let sorting = new AbortController();

/** @param {AsyncIterable<File> | Iterable<File>} found a new lot of photos, which takes the place of the one before */
async function begin(found) {
  sorting.abort();
  const { signal } = (sorting = new AbortController());
  groups.replaceChildren();
  progress.value = 0;
  status.textContent = 'Looking for photos …';
  stop.disabled = false;
  const stopped = () => `Stopped after ${groups.querySelectorAll('li').length} photos.`;
  const end = await sort(found, signal).catch((error) => (signal.aborted ? stopped() : String(error)));
  // A newer lot has the page by now.
  if (signal !== sorting.signal) return;
  status.textContent = end;
  stop.disabled = true;
}

/**
 * @param {AsyncIterable<File> | Iterable<File>} found
 * @param {AbortSignal} signal
 */
async function sort(found, signal) {
  const classifier = await loading;
  const photos = [];
  for await (const file of found) {
    signal.throwIfAborted();
    if (file.type.startsWith('image/') && !file.name.startsWith('.')) photos.push(file);
  }
  signal.throwIfAborted();
  const sorted = new Map([...classifier.labels, 'Not sure', 'Not read'].map((name) => [name, new Group(name)]));
  groups.replaceChildren(...[...sorted.values()].map(({ section }) => section));
  progress.max = photos.length;
  status.textContent = `Sorting ${photos.length} photos …`;
  for (const photo of photos) {
    const { group, words } = await classify(classifier, photo, signal);
    await sorted.get(group)?.add(photo, words);
    signal.throwIfAborted();
    progress.value++;
  }
  return `${photos.length} photos sorted.`;
}

/**
 * @param {import('./mobilenet-web/engine/page/load.js').Classifier} classifier
 * @param {File} photo
 * @param {AbortSignal} signal
 * @returns {Promise<{ group: string, words: string }>} a photo that cannot be read has a group as well, and words that say why
 */
async function classify(classifier, photo, signal) {
  try {
    const { predictions: [best], rejected } = await classifier.classify(photo, { topK: 1, signal });
    if (!best || rejected) return { group: 'Not sure', words: 'none of these' };
    // Rounded down: nothing is certain.
    const words = `${best.label}, ${Math.floor(best.probability * 100)} %`;
    return { group: best.probability >= SURE ? best.label : 'Not sure', words };
  } catch (error) {
    signal.throwIfAborted();
    return { group: 'Not read', words: error instanceof Error ? error.message : String(error) };
  }
}

for (const chooser of document.querySelectorAll('input')) {
  chooser.addEventListener('change', () => chooser.files?.length && begin([...chooser.files]));
}
stop.addEventListener('click', () => sorting.abort());
document.addEventListener('dragover', (event) => event.preventDefault());
document.addEventListener('drop', (event) => {
  event.preventDefault();
  // The list of what was dropped is empty once this function has returned.
  const entries = [...(event.dataTransfer?.items ?? [])].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (entries.length) begin(filesBelow(entries));
});

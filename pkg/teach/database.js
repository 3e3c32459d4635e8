// Projects in IndexedDB: opened, read as a whole and written in one transaction, with the errors explained to a person.
//
// A private window of Safari has a database, but one that takes no Blobs: there pictures are saved as bytes.

import { Failure } from '../engine/shared/failure.js';

/**
 * @typedef {import('./changes.js').Changes} Changes
 * @typedef {import('./changes.js').Embedded} Embedded
 * @typedef {import('./project.js').Project} Project
 *
 * @typedef {object} Saved
 * @property {Project | null} project
 * @property {Map<string, Blob>} pictures
 * @property {Map<string, Embedded>} embeddings
 *
 * @typedef {{ bytes: ArrayBuffer, type: string }} Copied a picture that the database did not take as a Blob
 */

export const DATABASE = 'mobilenet-web';
const VERSION = 1;
const FORMAT = 1;

const PROJECTS = 'projects';
const PICTURES = 'pictures';
const EMBEDDINGS = 'embeddings';
const ALL = [PROJECTS, PICTURES, EMBEDDINGS];

/** @returns {Promise<IDBDatabase>} */
export function openDatabase() {
  return new Promise((resolve, reject) => {
    // Where a page is not trusted, some browsers have no such thing, and others throw here.
    const request = indexedDB.open(DATABASE, VERSION);
    request.onupgradeneeded = () => {
      for (const store of ALL) request.result.createObjectStore(store);
    };
    request.onsuccess = () => resolve(request.result);
    request.onblocked = () => {
      // Opened after all, once nobody waits for it, it would block others in turn.
      request.onsuccess = () => request.result.close();
      reject(new Failure('storage-unavailable', 'An older version of this page is open in another tab: close it, then reload. Until then nothing is saved.'));
    };
    request.onerror = () => reject(request.error?.name === 'VersionError' ? newer() : unavailable(request.error));
  }).catch((error) => {
    throw error instanceof Failure ? error : unavailable(error);
  });
}

/**
 * @param {IDBDatabase} database
 * @param {string} name
 * @returns {Promise<Saved>}
 */
export async function readAll(database, name) {
  const transaction = database.transaction(ALL, 'readonly');
  const record = transaction.objectStore(PROJECTS).get(name);
  const [pictures, embeddings] = [PICTURES, EMBEDDINGS].map((store) => {
    const all = transaction.objectStore(store);
    return { keys: all.getAllKeys(samplesOf(name)), values: all.getAll(samplesOf(name)) };
  });
  await completion(transaction);
  const saved = /** @type {{ format: number, project: Project } | undefined} */ (record.result);
  if (saved && saved.format !== FORMAT) throw newer();
  const blobs = [...byId(pictures)].map(([id, picture]) => /** @type {const} */ ([id, picture instanceof Blob ? picture : new Blob([picture.bytes], picture)]));
  return { project: saved?.project ?? null, pictures: new Map(blobs), embeddings: byId(embeddings) };
}

/** @param {{ keys: IDBRequest<IDBValidKey[]>, values: IDBRequest<any[]> } | undefined} found */
function byId(found) {
  const ids = found?.keys.result.map((key) => /** @type {string[]} */ (key)[1] ?? '') ?? [];
  return new Map(ids.map((id, index) => [id, found?.values.result[index]]));
}

/**
 * @param {IDBDatabase} database
 * @param {string} name
 * @param {Changes} changes
 */
export async function writeAll(database, name, changes) {
  try {
    await writeOnce(database, name, changes, changes.pictures);
  } catch (error) {
    // No name of its own says that it is the Blobs; no space for them is none for their bytes either.
    if (changes.pictures.size === 0 || /** @type {Error} */ (error)?.name === 'QuotaExceededError') throw error;
    const copies = [...changes.pictures].map(async ([id, blob]) => /** @type {const} */ ([id, { bytes: await blob.arrayBuffer(), type: blob.type }]));
    await writeOnce(database, name, changes, new Map(await Promise.all(copies)));
  }
}

/**
 * @param {IDBDatabase} database
 * @param {string} name
 * @param {Changes} changes
 * @param {Map<string, Blob | Copied>} pictures those of the changes
 */
async function writeOnce(database, name, { everythingGone, removed, embeddings, project }, pictures) {
  // Relaxed: a power cut may cost the last seconds, but waiting for the disk would cost every change.
  const transaction = database.transaction(ALL, 'readwrite', { durability: 'relaxed' });
  const [projects, pictureStore, embeddingStore] = /** @type {[IDBObjectStore, IDBObjectStore, IDBObjectStore]} */ (
    ALL.map((store) => transaction.objectStore(store))
  );
  const done = completion(transaction);
  try {
    if (everythingGone) projects.delete(name);
    for (const samples of [pictureStore, embeddingStore]) {
      if (everythingGone) samples.delete(samplesOf(name));
      for (const id of removed) samples.delete([name, id]);
    }
    for (const [id, picture] of pictures) pictureStore.put(picture, [name, id]);
    for (const [id, embedded] of embeddings) embeddingStore.put(embedded, [name, id]);
    if (project) projects.put({ format: FORMAT, project }, name);
  } catch (error) {
    transaction.abort();
    await done.catch(() => {});
    throw error;
  }
  await done;
}

/** @param {string} name */
function samplesOf(name) {
  // An array comes after every string, so this is the end of all ids.
  return IDBKeyRange.bound([name], [name, []]);
}

/**
 * @param {IDBTransaction} transaction
 * @returns {Promise<void>}
 */
function completion(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('the transaction was aborted'));
  });
}

/**
 * @param {unknown} error
 * @returns {Failure}
 */
export function explainStorage(error) {
  if (error instanceof Failure) return error;
  const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
  if (name === 'QuotaExceededError') {
    return new Failure('storage-full', 'The browser has no space left to save this in. Save the project as a file, and remove samples or free space on the device.');
  }
  return new Failure('storage-failed', `The browser could not save this (${message || name}). Save the project as a file, and reload the page to try again.`);
}

/** @param {unknown} error */
export function unavailable(error) {
  const reason = error instanceof Error && error.message ? ` (${error.message})` : '';
  return new Failure('storage-unavailable', `This browser does not let the page save anything${reason}, as in a private window. Save the project as a file before you leave.`);
}

export function newer() {
  return new Failure('storage-unavailable', 'A newer version of this page was opened. Save the project as a file, then reload this tab.');
}

export function deleted() {
  return new Failure('storage-failed', 'What this page had saved in the browser was deleted. Save the project as a file before you leave.');
}

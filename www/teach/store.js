// Autosave: the project, its pictures and their embeddings in IndexedDB, so that a reload or a crash loses nothing.
//
// - Pictures and embeddings are written once, the project after each change. While one transaction runs, what comes
//   meanwhile gathers; then it is written in one more, in which only the last project counts. A project is never written
//   before its pictures.
// - What could not be written (the disk is full) is kept and goes along with the next write, so removing samples mends it.
// - Every promise here may be rejected with a Failure, and nothing else changes: whoever has the project in memory goes on.
// - A private window of Safari has a database, but one that takes no Blobs: there pictures are saved as bytes.
// - One tab at a time has a project, by a lock. Two would overwrite each other's work without a word.

import { Failure } from '../engine/failure.js';

/**
 * @typedef {import('./project.js').Project} Project
 *
 * @typedef {object} Embedded
 * @property {Float32Array} embedding
 * @property {string} backbone digest of the backbone that made it
 *
 * @typedef {{ picture: Blob, embedded: Embedded | null }} Content of a sample
 *
 * @typedef {object} Restored
 * @property {Project} project without the samples that were lost
 * @property {Map<string, { picture: Blob, embedding: Float32Array | null }>} contents by sample id
 * @property {number} lost samples whose pictures are not there any more
 */

const DATABASE = 'mobilenet-web';
const VERSION = 1;
const FORMAT = 1;

const PROJECTS = 'projects';
const PICTURES = 'pictures';
const EMBEDDINGS = 'embeddings';
const ALL = [PROJECTS, PICTURES, EMBEDDINGS];

// A page that is reloaded may start before the old one has let go of its lock.
const LOCK_PATIENCE_MILLIS = 1500;

/** What is still to be written. The last word on each key counts. */
class Changes {
  everythingGone = false;
  /** @type {Set<string>} */
  removed = new Set();
  /** @type {Map<string, Blob>} */
  pictures = new Map();
  /** @type {Map<string, Embedded>} */
  embeddings = new Map();
  /** @type {Project | null} */
  project = null;

  /** @param {string} id */
  remove(id) {
    this.pictures.delete(id);
    this.embeddings.delete(id);
    this.removed.add(id);
  }

  /**
   * @param {string} id
   * @param {Content} content
   */
  put(id, { picture, embedded }) {
    this.pictures.set(id, picture);
    if (embedded) this.putEmbedding(id, embedded);
  }

  /**
   * @param {string} id
   * @param {Embedded} embedded
   */
  putEmbedding(id, { embedding, backbone }) {
    // A copy: of a view into the engine's memory all of that memory would be saved.
    this.embeddings.set(id, { embedding: embedding.slice(), backbone });
  }

  /**
   * These changes, and then others.
   *
   * @param {Changes} later
   */
  followedBy(later) {
    if (later.everythingGone) return later;
    for (const id of later.removed) this.remove(id);
    for (const [id, picture] of later.pictures) this.pictures.set(id, picture);
    for (const [id, embedded] of later.embeddings) this.embeddings.set(id, embedded);
    this.project = later.project ?? this.project;
    return this;
  }
}

/** The saved form of one project. To begin with `load` is what keeps an empty project from being written over a saved one. */
export class Store {
  static #asked = false;

  #name;
  #onLost;
  /** @type {Promise<IDBDatabase> | null} */
  #database = null;
  /** @type {(() => void) | null} lets go of the lock; null when it is not held */
  #unlock = null;
  /** @type {Failure | null} why what was saved must not be added to; until a `load`, `replace` or `clear` */
  #lost = null;
  #changes = new Changes();
  /** @type {Promise<void> | null} the write that takes the changes along */
  #next = null;
  /** @type {Promise<unknown>} the write that is running, or was the last one */
  #running = Promise.resolve();

  /**
   * @param {string} name of the project; each has its own samples
   * @param {{ onLost?: (failure: Failure) => void }} [options] hears when what was saved was deleted or taken over
   */
  constructor(name, { onLost = () => {} } = {}) {
    this.#name = name;
    this.#onLost = onLost;
  }

  /**
   * What was saved. Embeddings of another backbone are passed over, and samples that no project knows are removed.
   *
   * @param {string | null} backbone digest of the one in use
   * @returns {Promise<Restored | null>} null when nothing was saved
   * @throws {Failure} `storage-unavailable` or `storage-failed`
   */
  async load(backbone) {
    await this.#settled();
    try {
      const saved = await readAll(await this.#open(), this.#name);
      const restored = this.#restored(saved, backbone);
      this.#lost = null;
      return restored;
    } catch (error) {
      // Whoever could not read a project starts with an empty one, which must not be written over it.
      this.#lost = explainStorage(error);
      throw this.#lost;
    }
  }

  /**
   * @param {Project} project
   * @returns {Promise<void>} resolves once this or a later project is written
   * @throws {Failure} `storage-full`, `storage-unavailable` or `storage-failed`, as of everything that follows
   */
  save(project) {
    this.#changes.project = project;
    return this.#write();
  }

  /**
   * @param {string} id
   * @param {Blob} picture
   * @param {Embedded | null} [embedded]
   */
  putSample(id, picture, embedded = null) {
    this.#changes.put(id, { picture, embedded });
    return this.#write();
  }

  /**
   * @param {string} id
   * @param {Embedded} embedded
   */
  putEmbedding(id, embedded) {
    this.#changes.putEmbedding(id, embedded);
    return this.#write();
  }

  /** @param {Iterable<string>} ids */
  removeSamples(ids) {
    for (const id of ids) this.#changes.remove(id);
    return this.#write();
  }

  /** Forgets the project and its samples. */
  clear() {
    this.#startOver();
    return this.#write();
  }

  /**
   * Saves a whole project in place of what was saved: after a project file was opened, or what was saved was lost.
   *
   * @param {Project} project
   * @param {Iterable<[id: string, content: Content]>} contents
   */
  replace(project, contents) {
    this.#startOver();
    for (const [id, content] of contents) this.#changes.put(id, content);
    return this.save(project);
  }

  /** Writes what is waiting and lets go of the database. The store can be used again afterwards. */
  async close() {
    await this.#settled();
    this.#disconnect();
  }

  async #settled() {
    await this.#next?.catch(() => {});
    await this.#running;
  }

  #startOver() {
    this.#lost = null;
    this.#changes = new Changes();
    this.#changes.everythingGone = true;
  }

  #write() {
    this.#next ??= this.#running.then(() => this.#flush());
    return this.#next;
  }

  #flush() {
    const changes = this.#changes;
    this.#changes = new Changes();
    this.#next = null;
    const flushed = this.#flushed(changes);
    this.#running = flushed.catch(() => {});
    return flushed;
  }

  /** @param {Changes} changes */
  async #flushed(changes) {
    if (this.#lost) throw this.#lost;
    const unreadable = await dropUnreadable(changes);
    try {
      await writeAll(await this.#open(), this.#name, changes);
    } catch (error) {
      this.#changes = changes.followedBy(this.#changes);
      throw this.#lost ?? explainStorage(error);
    }
    this.#askToPersist(changes);
    if (unreadable) {
      throw new Failure('storage-failed', `${unreadable} of the pictures cannot be read any more and were not saved: add them again.`);
    }
  }

  /** @param {Changes} changes */
  #askToPersist({ project }) {
    if (!project || Store.#asked) return;
    Store.#asked = true;
    // Firefox asks the person, so not again where it was allowed. A refusal changes nothing.
    const ask = async () => (await navigator.storage.persisted()) || (await navigator.storage.persist());
    ask().catch(() => {});
  }

  /**
   * @param {Saved} saved
   * @param {string | null} backbone
   * @returns {Restored | null}
   */
  #restored({ record, pictures, embeddings }, backbone) {
    if (record && record.format !== FORMAT) throw newer();
    const project = record?.project ?? null;
    this.#removeOrphans(new Set([...pictures.keys(), ...embeddings.keys()]), project);
    if (!project) return null;
    const samples = project.samples.filter(({ id }) => pictures.has(id));
    const contents = new Map();
    for (const { id } of samples) {
      const embedded = embeddings.get(id);
      contents.set(id, { picture: pictures.get(id), embedding: embedded?.backbone === backbone ? embedded.embedding : null });
    }
    return { project: { ...project, samples }, contents, lost: project.samples.length - samples.length };
  }

  /**
   * Samples that only an undo before the reload could have brought back.
   *
   * @param {Set<string>} ids all that are saved
   * @param {Project | null} project
   */
  #removeOrphans(ids, project) {
    for (const { id } of project?.samples ?? []) ids.delete(id);
    // Without the lock they may be samples that another tab is about to name in its project.
    if (this.#unlock && ids.size) this.removeSamples(ids).catch(() => {});
  }

  #open() {
    this.#database ??= this.#connect().catch((error) => {
      this.#disconnect();
      throw error;
    });
    return this.#database;
  }

  async #connect() {
    await this.#lock();
    const database = await openDatabase();
    database.onversionchange = ({ newVersion }) => this.#lose(newVersion === null ? deleted() : newer());
    database.onclose = () => this.#lose(deleted());
    return database;
  }

  /** @param {Failure} failure */
  #lose(failure) {
    this.#lost = failure;
    this.#disconnect();
    this.#onLost(failure);
  }

  #disconnect() {
    this.#database?.then((database) => database.close(), () => {});
    this.#database = null;
    this.#unlock?.();
    this.#unlock = null;
  }

  /** Waits for the lock of this project; pages without https have no locks, and go without. */
  async #lock() {
    if (!navigator.locks) return;
    const { promise: held, resolve: unlock } = deferred();
    const patience = new AbortController();
    setTimeout(() => patience.abort(), LOCK_PATIENCE_MILLIS);
    await new Promise((granted, refused) => {
      const options = { signal: patience.signal };
      const hold = () => (granted(undefined), held);
      const refuse = (/** @type {Error} */ error) => {
        if (error.name !== 'AbortError') return refused(unavailable(error));
        // What the other tab saves is not to be written over once that one is closed.
        this.#lost = elsewhere();
        refused(this.#lost);
      };
      navigator.locks.request(`${DATABASE}:${this.#name}`, options, hold).catch(refuse);
    });
    this.#unlock = unlock;
  }
}

/**
 * @typedef {object} Saved
 * @property {{ format: number, project: Project } | undefined} record
 * @property {Map<string, Blob>} pictures
 * @property {Map<string, Embedded>} embeddings
 *
 * @typedef {{ bytes: ArrayBuffer, type: string }} Copied a picture that the database did not take as a Blob
 */

/** @returns {Promise<IDBDatabase>} */
function openDatabase() {
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
async function readAll(database, name) {
  const transaction = database.transaction(ALL, 'readonly');
  const record = transaction.objectStore(PROJECTS).get(name);
  const [pictures, embeddings] = [PICTURES, EMBEDDINGS].map((store) => {
    const all = transaction.objectStore(store);
    return { keys: all.getAllKeys(samplesOf(name)), values: all.getAll(samplesOf(name)) };
  });
  await completion(transaction);
  const blobs = [...byId(pictures)].map(([id, saved]) => /** @type {const} */ ([id, saved instanceof Blob ? saved : new Blob([saved.bytes], saved)]));
  return { record: record.result, pictures: new Map(blobs), embeddings: byId(embeddings) };
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
async function writeAll(database, name, changes) {
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

/**
 * One picture whose file was moved or changed would keep all others from being written.
 *
 * @param {Changes} changes
 * @returns {Promise<number>} pictures that were dropped
 */
async function dropUnreadable(changes) {
  const before = changes.pictures.size;
  for (const [id, picture] of changes.pictures) {
    const isReadable = await picture.slice(0, 1).arrayBuffer().then(() => true, () => false);
    if (!isReadable) changes.pictures.delete(id);
  }
  return before - changes.pictures.size;
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

function deferred() {
  let resolve = /** @type {() => void} */ (() => {});
  const promise = /** @type {Promise<void>} */ (new Promise((done) => (resolve = done)));
  return { promise, resolve };
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
function unavailable(error) {
  const reason = error instanceof Error && error.message ? ` (${error.message})` : '';
  return new Failure('storage-unavailable', `This browser does not let the page save anything${reason}, as in a private window. Save the project as a file before you leave.`);
}

function newer() {
  return new Failure('storage-unavailable', 'A newer version of this page was opened. Save the project as a file, then reload this tab.');
}

function deleted() {
  return new Failure('storage-failed', 'What this page had saved in the browser was deleted. Save the project as a file before you leave.');
}

function elsewhere() {
  return new Failure('storage-unavailable', 'This project is open in another tab, which saves it. Go on there, or close that tab and reload this one.');
}

// Autosave: the project, its pictures and their embeddings in IndexedDB, so that a reload or a crash loses nothing.
//
// - Pictures and embeddings are written once, the project after each change. While one transaction runs, what comes
//   meanwhile gathers; then it is written in one more, in which only the last project counts. A project is never written
//   before its pictures.
// - What could not be written (the disk is full) is kept and goes along with the next write, so removing samples mends it.
// - Every promise here may be rejected with a Failure, and nothing else changes: whoever has the project in memory goes on.
// - One tab at a time has a project, by a lock. Two would overwrite each other's work without a word.

import { Failure } from '../engine/shared/failure.js';
import { Changes } from './changes.js';
import { DATABASE, deleted, explainStorage, newer, openDatabase, readAll, unavailable, writeAll } from './database.js';

/**
 * @typedef {import('./changes.js').Content} Content
 * @typedef {import('./changes.js').Embedded} Embedded
 * @typedef {import('./database.js').Saved} Saved
 * @typedef {import('./project.js').Project} Project
 *
 * @typedef {object} Restored
 * @property {Project} project without the samples that were lost
 * @property {Map<string, { picture: Blob, embedding: Float32Array | null }>} contents by sample id
 * @property {number} lost samples whose pictures are not there any more
 */

// A page that is reloaded may start before the old one has let go of its lock.
const LOCK_PATIENCE_MILLIS = 1500;

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
   * What was saved. Embeddings that something else made are passed over, and samples that no project knows are removed.
   *
   * @param {string | null} backbone names what makes embeddings now
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
    this.#changes.setProject(project);
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
    this.#changes = new Changes({ everythingGone: true });
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
    const unreadable = await changes.dropUnreadable();
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
  #restored({ project, pictures, embeddings }, backbone) {
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

function deferred() {
  let resolve = /** @type {() => void} */ (() => {});
  const promise = /** @type {Promise<void>} */ (new Promise((done) => (resolve = done)));
  return { promise, resolve };
}

function elsewhere() {
  return new Failure('storage-unavailable', 'This project is open in another tab, which saves it. Go on there, or close that tab and reload this one.');
}

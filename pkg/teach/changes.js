// What of a project is still to be written: gathered while a write runs, and kept where one failed.

/**
 * @typedef {import('./project.js').Project} Project
 *
 * @typedef {object} Embedded
 * @property {Float32Array} embedding
 * @property {string} backbone names what made it
 *
 * @typedef {{ picture: Blob, embedded: Embedded | null }} Content of a sample
 */

/** What is still to be written. The last word on each key counts. */
export class Changes {
  everythingGone;
  /** @type {Set<string>} */
  removed = new Set();
  /** @type {Map<string, Blob>} */
  pictures = new Map();
  /** @type {Map<string, Embedded>} */
  embeddings = new Map();
  /** @type {Project | null} */
  project = null;

  /** @param {{ everythingGone?: boolean }} [beginning] everythingGone: nothing that was saved before is kept */
  constructor({ everythingGone = false } = {}) {
    this.everythingGone = everythingGone;
  }

  /** @param {Project} project */
  setProject(project) {
    this.project = project;
  }

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

  /**
   * One picture whose file was moved or changed would keep all others from being written.
   *
   * @returns {Promise<number>} pictures that were dropped
   */
  async dropUnreadable() {
    const before = this.pictures.size;
    for (const [id, picture] of this.pictures) {
      const isReadable = await picture.slice(0, 1).arrayBuffer().then(() => true, () => false);
      if (!isReadable) this.pictures.delete(id);
    }
    return before - this.pictures.size;
  }
}

// Undo and redo: the projects that can still be returned to.
//
// Projects share what did not change between them, so keeping hundreds is cheap. The bytes of pictures are not in them, and
// each change says which samples nothing can bring back any more, so that those bytes can be dropped.

/** @typedef {import('./project.js').Project} Project */

export const DEPTH = 500;

/** The present project with its past and its future. */
export class History {
  #depth;
  #present;
  /** @type {Project[]} oldest first */
  #past = [];
  /** @type {Project[]} farthest first */
  #future = [];

  /**
   * @param {Project} project
   * @param {number} [depth] steps that can be undone
   */
  constructor(project, depth = DEPTH) {
    this.#present = project;
    this.#depth = depth;
  }

  get present() {
    return this.#present;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /**
   * Makes a project the present one. What was undone before cannot be redone afterwards.
   *
   * @param {Project} project
   * @param {{ joined?: boolean }} [options] joined to the step before it, as the frames of one burst are
   * @returns {string[]} ids of samples that are in no project any more
   */
  change(project, { joined = false } = {}) {
    if (project === this.#present) return [];
    const dropped = this.#future.splice(0);
    if (joined && this.canUndo) dropped.push(this.#present);
    else this.#past.push(this.#present);
    this.#present = project;
    dropped.push(...this.#past.splice(0, Math.max(0, this.#past.length - this.#depth)));
    return this.#unreachable(dropped);
  }

  /** @returns {Project} the present project, which is the one before where there was one */
  undo() {
    const before = this.#past.pop();
    if (before) {
      this.#future.push(this.#present);
      this.#present = before;
    }
    return this.#present;
  }

  /** @returns {Project} the present project, which is the undone one where there was one */
  redo() {
    const after = this.#future.pop();
    if (after) {
      this.#past.push(this.#present);
      this.#present = after;
    }
    return this.#present;
  }

  /** @param {Project[]} dropped */
  #unreachable(dropped) {
    const ids = new Set(dropped.flatMap(({ samples }) => samples.map(({ id }) => id)));
    // Most samples are in the present project, so the others are rarely looked at.
    for (const { samples } of [this.#present, ...[...this.#past].reverse(), ...this.#future]) {
      if (ids.size === 0) break;
      for (const { id } of samples) ids.delete(id);
    }
    return [...ids];
  }
}

// The built-in model beside the one that is open. It has a session of its own, and answers over the same pass of the network.

import { client } from '../engine/page/client.js';

/**
 * @typedef {import('../engine/worker/worker.js').Answer} Answer
 * @typedef {import('../engine/page/session.js').Session} Session
 * @typedef {Answer & { builtIn?: Answer }} Compared
 */

export class Comparison {
  /** @type {Session | null} */
  #session = null;

  /**
   * @param {boolean} wanted
   * @returns {Session[]} who else is to be asked
   */
  sessions(wanted) {
    if (!wanted) {
      this.close();
      return [];
    }
    this.#session ??= client.openSession();
    return [this.#session];
  }

  close() {
    this.#session?.close();
    this.#session = null;
  }
}

/**
 * @param {Answer[]} answers that of the open model, and that of the built-in one where it was asked
 * @returns {Compared}
 */
export function compared([answer, builtIn]) {
  if (!answer) throw new TypeError('no answer');
  return builtIn ? { ...answer, builtIn } : answer;
}

// The built-in model beside the one that is open. It has a session of its own, and answers over the same pass of the network.

import { client } from '../engine/page/client.js';

/**
 * @typedef {import('../engine/worker/worker.js').Answer} Answer
 * @typedef {import('../engine/page/session.js').Session} Session
 * @typedef {Answer & { builtIn?: Answer }} Compared
 */

export class Comparison {
  /** @type {Session[]} one or none */
  #sessions = [];

  /** Who else is to be asked. */
  get sessions() {
    return this.#sessions;
  }

  open() {
    if (!this.#sessions.length) this.#sessions = [client.openSession()];
  }

  close() {
    for (const session of this.#sessions.splice(0)) session.close();
  }
}

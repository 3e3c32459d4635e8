// In place of `www/offline.js`: a file on the device needs no service worker to be kept there.

/** There is nothing to install. */
export function offerInstall() {}

/** Says that the page is on this device already. */
export class Offline {
  #onState;

  /** @param {{ onState: (state: import('../../../www/offline.js').State) => void }} listeners */
  constructor({ onState }) {
    this.#onState = onState;
  }

  start() {
    // Somebody may have put it on a server.
    this.#onState(location.protocol === 'file:' ? 'ready-offline' : 'unavailable');
  }

  /** There are none. */
  update() {}
}

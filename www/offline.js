// Keeps the site on the device by a service worker (`sw.js`), and offers its updates.
//
// - `start` belongs after the model is ready, so that keeping does not compete with loading.
// - The page of a first visit stays with the network that it came from; the next visit needs none.
// - A new version is fetched beside the old one and waits. `update` makes it take over, and every page of this site in
//   this browser reloads then, so that none is ever a mix of two versions.
// - Where there are no service workers (an address that is not secure, a private window) nothing happens.

/**
 * @typedef {'caching' | 'ready-offline' | 'update-ready' | 'unavailable'} State
 */

const SCRIPT = new URL('sw.js', document.baseURI);

/** Lets the browser offer to install the page. It fetches the manifest and its icons at once, which a first answer need not wait for. */
export function offerInstall() {
  document.head.append(Object.assign(document.createElement('link'), { rel: 'manifest', href: new URL('manifest.webmanifest', document.baseURI).href }));
}

/** Says how far the site is kept on this device. */
export class Offline {
  #onState;
  /** @type {State | null} */
  #state = null;
  /** @type {ServiceWorkerRegistration | null} */
  #registration = null;
  #reloading = false;

  /** @param {{ onState: (state: State) => void }} listeners told about every change */
  constructor({ onState }) {
    this.#onState = onState;
  }

  async start() {
    try {
      const container = navigator.serviceWorker;
      // Whichever page asked for the update: this one is now served by another version than it came from.
      if (container.controller) container.addEventListener('controllerchange', () => this.#reload());
      container.addEventListener('message', ({ data }) => data.kind === 'reload' && this.#reload());
      container.startMessages();
      // By the clock that the worker goes by: a page's own beginning (`timeOrigin`) stays behind when that is set anew.
      container.controller?.postMessage({ kind: 'began', at: Date.now() - performance.now() });
      this.#registration = await container.register(SCRIPT, { updateViaCache: 'none' });
      this.#registration.addEventListener('updatefound', () => this.#follow());
      this.#follow();
    } catch {
      this.#tell('unavailable');
    }
  }

  /** Makes the version that waits take over. */
  update() {
    const next = this.#registration?.waiting;
    if (!next) return;
    // A page that no version serves yet hears of no change of controller.
    next.addEventListener('statechange', () => next.state === 'activated' && this.#reload());
    next.postMessage({ kind: 'take-over' });
  }

  #follow() {
    for (const worker of this.#workers()) worker.addEventListener('statechange', () => this.#look());
    this.#look();
  }

  #workers() {
    const { installing, waiting, active } = /** @type {ServiceWorkerRegistration} */ (this.#registration);
    return [installing, waiting, active].filter((worker) => worker !== null);
  }

  #look() {
    const { waiting, active } = /** @type {ServiceWorkerRegistration} */ (this.#registration);
    if (!this.#workers().length) this.#tell('unavailable');
    // All of it is kept before it is activated, and WebKit may never say that this is over to a page that it reloaded meanwhile.
    else if (!active) this.#tell('caching');
    else this.#tell(waiting ? 'update-ready' : 'ready-offline');
  }

  /** @param {State} state */
  #tell(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.#onState(state);
  }

  #reload() {
    if (this.#reloading) return;
    this.#reloading = true;
    location.reload();
  }
}

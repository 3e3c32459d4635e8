// Starts the worker, wherever its script comes from.
//
// A browser starts workers of the page's own origin only. With scripts of another site a blob imports the worker instead, and
// in a sandboxed frame, which has no origin and can start no blob either, a `data:` address does. That needs CORS headers from
// the host, and a policy that allows it. A page of the same origin never gets there, so a policy without either is enough.

import { MobilenetError } from '../shared/failure.js';
import { ownFile } from '../shared/own-files.js';

/** @typedef {() => Worker} Start */

const NOT_LOADED = "A script of the classifier could not be loaded. Try again, or reload the page. A security policy has to allow worker-src 'self'.";
const NO_MODULES = 'This browser has no modules in workers, which the classifier needs. Use Chrome 91, Firefox 114, Safari 16.4 or newer.';

// The scripts beside it come from the same host. In these words because of bundlers, which would make a second file of the
// worker if it were named here, and put their own address of this file in place of ours.
const engine = () => ownFile(new URL('../../wasm/mobilenet_web_bg.wasm', import.meta.url));

// Not as a literal where it is used: Parcel resolves those while it builds, and fails.
const NOWHERE = 'https://:';

/** @type {Start | null} */
let ownStart = null;
/** @type {WeakSet<Worker>} that the page has started: each is asked one thing at a time, so none can serve twice */
const ownWorkers = new WeakSet();

/**
 * Has the worker started by the page from now on, which may host `worker.js` somewhere else.
 *
 * @param {Start} start gives a new worker each time: many pictures get several
 */
export function setWorker(start) {
  ownStart = start;
}

/** @returns {{ worker: Worker, lost: () => MobilenetError }} lost: what it means when the worker reports an error of its own */
export function spawn() {
  if (typeof Worker === 'undefined') throw new MobilenetError('browser-too-old', 'This browser has no workers, which the classifier needs. Update it.');
  if (ownStart) return spawnBy(startOwn, new MobilenetError('load-failed', NOT_LOADED));
  if (isForeign()) return spawnForeign();
  return spawnBy(() => new Worker(new URL('../worker/worker.js', import.meta.url), { type: 'module' }), new MobilenetError('load-failed', NOT_LOADED));
}

function startOwn() {
  const worker = /** @type {Start} */ (ownStart)();
  if (ownWorkers.has(worker)) throw new TypeError('setWorker was given a function that returns the same worker again');
  ownWorkers.add(worker);
  return worker;
}

/** Asked beforehand: a foreign worker throws in Chromium, and is an error like any other in Firefox. */
function isForeign() {
  const { origin, protocol, host } = engine();
  if (origin === self.origin) return false;
  // Not every browser knows an origin in the addresses of its extensions.
  return self.origin === 'null' || protocol !== location.protocol || host !== location.host;
}

function spawnForeign() {
  const sandboxed = self.origin === 'null';
  const { origin, href } = engine();
  const lost = blocked(
    `it comes from ${origin}, which has to send Access-Control-Allow-Origin, and the security policy of this page has to allow worker-src ${sandboxed ? 'data:' : 'blob:'} ${origin}`,
  );
  const script = `import ${JSON.stringify(new URL('../engine/worker/worker.js', href))};`;
  const address = sandboxed
    ? `data:text/javascript,${encodeURIComponent(script)}`
    : URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  return spawnBy(() => new Worker(address, { type: 'module' }), lost);
}

/**
 * @param {Start} start
 * @param {MobilenetError} lost
 */
function spawnBy(start, lost) {
  try {
    return { worker: start(), lost: () => (knowsModules() ? lost : new MobilenetError('browser-too-old', NO_MODULES)) };
  } catch (error) {
    throw lost.code === 'worker-blocked' ? lost : blocked(String(error));
  }
}

/** Whether `type: 'module'` is heeded; an address that is none starts nothing. */
function knowsModules() {
  let known = false;
  const options = {
    get type() {
      known = true;
      return /** @type {const} */ ('module');
    },
  };
  try {
    new Worker(NOWHERE, options);
  } catch {
    // It is no address.
  }
  return known;
}

/** @param {string} reason */
function blocked(reason) {
  return new MobilenetError(
    'worker-blocked',
    `The worker of the classifier could not be started: ${reason}. Serve its files from the page's own site, or see "Another origin" in the README of mobilenet-web.`,
  );
}

// The service worker: keeps the site on the device, so that the page opens without a network. Only the converter of ONNX files,
// which most visitors never need, is left to those who open one.
//
// - `pkg/build/site.mjs` writes the version and the list of files in here. Whatever changes in the site changes this script, and that
//   is how a browser notices a new version.
// - A version is installed whole or not at all: every file must have the digest in the list. Files that the device has
//   already are copied, so an update fetches only what changed. Until it is asked to take over, the new version waits.
// - Listed files come from the device. Everything else goes its way untouched, and nothing is ever added later, but for what
//   somebody has deleted by hand: the next visit fetches that again.
// - Other sites may share this origin: only caches whose names begin with our own scope are ours to delete.

const VERSION = '';
/** @type {Record<string, string>} path below the scope: SHA-256 in hex */
const FILES = {
};

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const SCOPE = worker.registration.scope;
const OURS = `mobilenet-web ${SCOPE} `;
const CACHE = OURS + VERSION;
const PAGE = 'index.html';

/** When this version took over from another one; 0 if it did not, or not since this script has run. */
let switched = 0;

worker.addEventListener('install', (event) => event.waitUntil(install()));
worker.addEventListener('activate', (event) => event.waitUntil(removeOthers()));

worker.addEventListener('message', (event) => {
  const { data, source } = event;
  if (data.kind === 'take-over') {
    switched = Date.now();
    worker.skipWaiting();
  }
  // A page that began to load from the version before would be a mix of both.
  if (data.kind === 'began' && data.at < switched) source?.postMessage({ kind: 'reload' });
  else if (data.kind === 'began') event.waitUntil(mend());
});

worker.addEventListener('fetch', (event) => {
  const path = listed(event.request);
  if (path !== null) event.respondWith(answer(path, event.request));
});

async function install() {
  if (!VERSION) throw new Error('this site was not put together by pkg/build/site.mjs: it has no list of its files');
  // An update may be taken back while the version before is still in use: then this is its cache.
  const existed = await caches.has(CACHE);
  const cache = await caches.open(CACHE);
  // All are waited for, so that none is put into a cache that is deleted already.
  const outcomes = await Promise.allSettled(Object.entries(FILES).map(([path, digest]) => keep(cache, path, digest)));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (!failed) return;
  if (!existed) await caches.delete(CACHE);
  throw failed.reason;
}

/** Where the network fails meanwhile, the next visit tries again. */
async function mend() {
  const kept = (await caches.has(CACHE)) ? await (await caches.open(CACHE)).keys() : [];
  if (kept.length < Object.keys(FILES).length) await install().catch(() => {});
}

/**
 * @param {Cache} cache
 * @param {string} path
 * @param {string} digest
 */
async function keep(cache, path, digest) {
  const address = addressOf(path);
  const kept = await caches.match(address);
  const whole = (kept && (await verified(kept, digest))) ?? (await verified(await download(path), digest));
  if (!whole) throw new Error(`${path} is not the file that this version was made with`);
  await cache.put(address, whole);
}

/** @param {string} path */
async function download(path) {
  // By the address that people visit: some hosts answer the file's own name with a redirection.
  const response = await fetch(path === PAGE ? SCOPE : addressOf(path), { cache: 'no-cache' });
  if (!response.ok) throw new Error(`${path}: the server answered ${response.status}`);
  return response;
}

/**
 * A response of our own with the same bytes; undefined if they are others than expected.
 *
 * @param {Response} response
 * @param {string} digest
 */
async function verified(response, digest) {
  const bytes = await response.arrayBuffer();
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  if ([...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('') !== digest) return undefined;
  const headers = new Headers(response.headers);
  // The bytes are decoded, and the page shows by their number how far loading has come.
  headers.delete('Content-Encoding');
  headers.set('Content-Length', String(bytes.byteLength));
  return new Response(bytes, { headers });
}

/** @param {string} path */
function addressOf(path) {
  return new URL(path, SCOPE).href;
}

/**
 * The path of the file that a request means; null when it is none of ours.
 *
 * @param {Request} request
 */
function listed({ method, mode, url }) {
  const { origin, pathname, search } = new URL(url);
  const visit = mode === 'navigate';
  if (method !== 'GET' || !(origin + pathname).startsWith(SCOPE) || (search && !visit)) return null;
  const path = (origin + pathname).slice(SCOPE.length) || PAGE;
  return Object.keys(FILES).includes(path) ? path : null;
}

/**
 * @param {string} path
 * @param {Request} request
 */
async function answer(path, request) {
  // Missing only where somebody emptied the browser's storage by hand.
  return (await caches.match(addressOf(path), { cacheName: CACHE })) ?? fetch(request);
}

async function removeOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(OURS) && name !== CACHE).map((name) => caches.delete(name)));
}

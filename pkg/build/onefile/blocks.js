// What the page carries in itself instead of having it beside itself: blocks, which are scripts of a type that no browser runs.
//
// Opened from a file, page and worker are strangers to each other: in Chromium a worker can neither be a module nor fetch
// a `blob:` address of the page, and in Safari it cannot read a blob that the page gives it. So the worker is a classic script, and
// gets bytes, in requests as well (`worker.js`).

/** @type {string} address of the worker's script */
let script;
/** @type {Map<string, ArrayBuffer>} by name */
const parts = new Map();

/** Reads everything that the document carries; an empty block is nothing. */
export async function unpack() {
  for (const block of /** @type {NodeListOf<HTMLScriptElement>} */ (document.querySelectorAll('script[data-part]'))) {
    const bytes = await decode(block);
    if (bytes.byteLength) parts.set(block.dataset.part ?? '', bytes);
  }
  script = URL.createObjectURL(new Blob([parts.get('worker.js') ?? ''], { type: 'text/javascript' }));
  parts.delete('worker.js');
}

/** @param {string} name of a block, which may be empty */
export function isCarried(name) {
  return parts.has(name);
}

/** Stands where the sources start the worker. */
export function startWorker() {
  const worker = new Worker(script);
  worker.postMessage(parts);
  const post = worker.postMessage.bind(worker);
  worker.postMessage = async (/** @type {Record<string, unknown>} */ request, /** @type {any} */ transfer) => post(await withBytes(request), transfer);
  return worker;
}

/**
 * A request with the bytes of its blobs; a file that cannot be read stays one, which the worker complains of.
 *
 * @param {Record<string, unknown>} request
 */
async function withBytes(request) {
  const bytes = async (/** @type {unknown} */ value) => (value instanceof Blob ? value.arrayBuffer().catch(() => value) : value);
  return Object.fromEntries(await Promise.all(Object.entries(request).map(async ([name, value]) => [name, await bytes(value)])));
}

/** @param {HTMLScriptElement} block */
async function decode({ type, textContent }) {
  // The browser's own decoder of base64, which takes a fraction of the time that `atob` and a loop would.
  const response = await fetch(`data:application/octet-stream;base64,${textContent?.trim()}`);
  if (type !== 'application/gzip' || !response.body) return response.arrayBuffer();
  return new Response(response.body.pipeThrough(new DecompressionStream('gzip'))).arrayBuffer();
}

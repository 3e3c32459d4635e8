// What the page carries, in the worker: `address(NAME)` stands where the sources have the address of a file NAME relative to
// themselves, and the sources' `fetch` is the one here. The browser's own would not do: in Safari a worker that comes out of
// a file cannot even fetch the `blob:` addresses that it makes itself.

const SCHEME = 'carried:';

/** @type {Map<string, ArrayBuffer>} by name */
let carried = new Map();

/** @param {Map<string, ArrayBuffer>} parts by name */
export function keep(parts) {
  carried = parts;
}

/** @param {string} name */
export function isCarried(name) {
  return carried.has(name);
}

/** @param {string} name also of what is not carried, which cannot be fetched then */
export function address(name) {
  return SCHEME + name;
}

/** @param {URL | string} address */
export async function fetch(address) {
  const bytes = carried.get(String(address).slice(SCHEME.length));
  if (!bytes) throw new TypeError(`${address} is not in this file`);
  return new Response(bytes, { headers: { 'Content-Length': String(bytes.byteLength) } });
}

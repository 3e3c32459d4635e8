// How far the engine has loaded, whatever the server says of its length.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ROOT, openPage, openSite } from './browser.mjs';
import { fileFor, typeOf } from '../../pkg/build/serve.mjs';

const LIBRARY = join(ROOT, 'pkg');
const WASM = '/wasm/mobilenet_web_bg.wasm';
const BYTES = '/wasm/engine-bytes.js';

/** @typedef {{ loaded: number, total: number | null }} Progress */

/** @type {Awaited<ReturnType<typeof openSite>>} */
let site;
before(async () => (site = await openSite()));
after(() => site.close());

/**
 * A server of the library that sends the engine compressed.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} [bytes] that the engine is said to have, instead of its own
 */
async function serveCompressed(t, bytes) {
  const server = createServer(async (request, response) => {
    const path = (request.url ?? '/').replace(/[?#].*/, '');
    const file = fileFor(LIBRARY, path);
    const found = file && (await readFile(file).catch(() => null));
    if (!found) return response.writeHead(404).end();
    const own = bytes && path === BYTES ? Buffer.from(`export const ENGINE_BYTES = ${bytes};`) : found;
    const content = path === WASM ? gzipSync(own, { level: 1 }) : own;
    const encoding = path === WASM ? { 'Content-Encoding': 'gzip' } : {};
    response.writeHead(200, { 'Content-Type': typeOf(file), 'Content-Length': content.length, ...encoding }).end(content);
  });
  await new Promise((done) => server.listen(0, 'localhost', () => done(undefined)));
  t.after(() => (server.closeAllConnections(), server.close()));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return `http://localhost:${port}`;
}

/**
 * @param {import('node:test').TestContext} t
 * @param {string} url
 * @returns {Promise<Progress[]>}
 */
async function progress(t, url) {
  // A page without an element, which would fetch the engine first.
  const { page } = await openPage({ ...site, url: `${url}/package.json` }, { ready: false });
  t.after(() => page.close());
  return page.evaluate(async () => {
    const heard = /** @type {Progress[]} */ ([]);
    const { load } = await import(new URL('/engine/page/load.js', location.href).href);
    const classifier = await load(null, { onProgress: (/** @type {Progress} */ progress) => heard.push(progress) });
    classifier.dispose();
    return heard;
  });
}

test('behind compression the whole is known, and reached', async (t) => {
  const heard = await progress(t, await serveCompressed(t));
  const { size } = await stat(join(LIBRARY, WASM));
  assert.ok(heard.length > 1);
  assert.deepEqual([...new Set(heard.map(({ total }) => total))], [size]);
  assert.equal(heard.at(-1)?.loaded, size);
});

test('an engine longer than the one that was measured never is more than all of it', async (t) => {
  const heard = await progress(t, await serveCompressed(t, '100000'));
  assert.equal(heard[0]?.total, Math.max(100000, heard[0]?.loaded ?? 0));
  assert.ok(heard.every(({ loaded, total }) => total !== null && loaded <= total));
  assert.equal(heard.at(-1)?.loaded, heard.at(-1)?.total);
});

test('an engine of unknown length is as long as the server says', async (t) => {
  const heard = await progress(t, await serveCompressed(t, '0'));
  assert.deepEqual([...new Set(heard.map(({ total }) => total))], [null]);
});

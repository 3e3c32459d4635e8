// The static server: right types, nothing outside its folder, and a way out when the port is taken.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fileFor, serve } from '../../pkg/build/serve.mjs';

const SCRIPT = fileURLToPath(new URL('../../pkg/build/serve.mjs', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'mobilenet-server-'));
const root = join(folder, 'site');
/** @type {Awaited<ReturnType<typeof serve>>} */
let server;

before(async () => {
  await mkdir(join(root, 'pkg'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await writeFile(join(root, 'index.html'), '<!doctype html>');
  await writeFile(join(root, 'pkg/a.wasm'), 'wasm');
  server = await serve(root);
});
after(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

for (const [path, status, type] of /** @type {const} */ ([
  ['/', 200, 'text/html; charset=utf-8'],
  ['/index.html?x=1', 200, 'text/html; charset=utf-8'],
  ['/pkg/a.wasm', 200, 'application/wasm'],
  ['/pkg', 404, 'text/plain; charset=utf-8'],
  ['/missing.js', 404, 'text/plain; charset=utf-8'],
  ['/%E0%A4%A', 404, 'text/plain; charset=utf-8'],
])) {
  test(`GET ${path} is ${status}`, async () => {
    const response = await fetch(server.url + path);
    await response.arrayBuffer();
    assert.equal(response.status, status);
    assert.equal(response.headers.get('content-type'), type);
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
  });
}

test('what is kept already is not sent again, until it changes', async () => {
  const path = join(root, 'kept.js');
  await writeFile(path, 'one');
  const ask = (/** @type {string} */ tag) => fetch(`${server.url}/kept.js`, { headers: { 'If-None-Match': tag } });
  const tag = (await ask('"other"')).headers.get('etag') ?? '';
  assert.equal((await ask(tag)).status, 304);
  await writeFile(path, 'two');
  const changed = await ask(tag);
  assert.deepEqual([changed.status, await changed.text()], [200, 'two']);
});

test('no path leads out of the folder', () => {
  for (const path of ['/../secret.txt', '/%2e%2e/secret.txt', '/pkg/..%2f..%2fsecret.txt', '/..%2fsite-too/x', '/a%00b', '//../secret.txt']) {
    assert.equal(fileFor('/srv/site', path), null, path);
  }
  assert.equal(fileFor('/srv/site', '/pkg/../index.html'), '/srv/site/index.html');
});

test('only reading is allowed', async () => {
  const response = await fetch(server.url, { method: 'POST', body: 'x' });
  assert.equal(response.status, 405);
});

test('the command prints its address, and says what to do about a taken port', async (t) => {
  const port = new URL(server.url).port;
  const second = await run([root, port]);
  assert.equal(second.code, 1);
  assert.match(second.errors, new RegExp(`port ${port} is taken.*PORT=`));
  assert.match((await run([folder, '0'])).errors, /no index\.html: build the site first/);
  assert.match((await run([])).errors, /^usage: /);

  const child = spawn(process.execPath, [SCRIPT, root, '0']);
  t.after(() => child.kill());
  const [line] = await once(child.stdout, 'data');
  assert.equal((await fetch(String(line).trim())).status, 200);
});

/** @param {string[]} words */
async function run(words) {
  const child = spawn(process.execPath, [SCRIPT, ...words]);
  let errors = '';
  child.stderr.on('data', (chunk) => (errors += chunk));
  const [code] = await once(child, 'close');
  return { code, errors };
}

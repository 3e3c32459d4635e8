// Importing any entry does nothing but register the elements where there is a document: on a server, in a worker, in unit tests.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { APP, PACKAGE } from './pages.mjs';

const { exports, name } = JSON.parse(await readFile(join(PACKAGE, 'package.json'), 'utf8'));
const ENTRIES = Object.keys(exports)
  .filter((path) => !/\.(wasm|json)$|^\.\/models\//.test(path))
  .map((path) => name + path.slice(1));
const ELEMENTS = ['mobilenet-classifier', 'mobilenet-teacher'];

/** Whether each entry exports anything. */
const IMPORT = `
const found = {};
for (const entry of ${JSON.stringify(ENTRIES)}) found[entry] = Object.keys(await import(entry)).length > 0;
`;

const ALL = Object.fromEntries(ENTRIES.map((entry) => [entry, entry !== `${name}/worker`]));

/**
 * @param {string} script
 * @param {...string} flags
 */
function run(script, ...flags) {
  return JSON.parse(execFileSync(process.execPath, [...flags, '--input-type=module', '--eval', script], { cwd: APP, encoding: 'utf8' }));
}

test('there are entries', () => assert.ok(ENTRIES.length > 6 && ENTRIES.includes(`${name}/element`)));

test('Node, and the process ends by itself', () => {
  assert.deepEqual(run(`${IMPORT} console.log(JSON.stringify(found));`), ALL);
});

test("Node with a browser's entry", () => {
  assert.deepEqual(run(`${IMPORT} console.log(JSON.stringify(found));`, '--conditions=browser'), ALL);
});

test('a thread of Node, which still hears its own messages', async () => {
  const file = join(APP, 'thread.mjs');
  await writeFile(file, `
    import { parentPort } from 'node:worker_threads';
    ${IMPORT}
    parentPort.once('message', () => parentPort.postMessage(found));`);
  const worker = new Worker(file);
  const answer = new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  worker.postMessage('begin');
  assert.deepEqual(await answer, ALL);
  await worker.terminate();
});

for (const [library, window] of [
  ['jsdom', "new JSDOM('<!doctype html>', { url: 'http://localhost/' }).window"],
  ['happy-dom', "new Window({ url: 'http://localhost/' })"],
]) {
  test(`${library}: the elements are registered, and nothing else is touched`, () => {
    const path = createRequire(import.meta.url).resolve(String(library));
    const script = `
      import * as library from ${JSON.stringify(path)};
      const { JSDOM, Window } = { ...library.default, ...library };
      const window = ${window};
      for (const key of Object.getOwnPropertyNames(window)) if (!(key in globalThis)) globalThis[key] = window[key];
      Object.assign(globalThis, { window, self: window });
      const before = window.onmessage ?? null;
      ${IMPORT}
      const defined = ${JSON.stringify(ELEMENTS)}.map((name) => Boolean(customElements.get(name)));
      console.log(JSON.stringify({ found, defined, untouched: (window.onmessage ?? null) === before }));
      process.exit();`;
    assert.deepEqual(run(script), { found: ALL, defined: [true, true], untouched: true });
  });
}

// What is in the tarball, and how its entries resolve.

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { LIBRARY } from '../../pkg/build/site.mjs';
import { ONNX, PACKAGE, ROOT, packed } from './pages.mjs';

const manifest = JSON.parse(await readFile(join(PACKAGE, 'package.json'), 'utf8'));

/**
 * @param {string} folder
 * @returns {Promise<string[]>} the paths of its files
 */
async function filesBelow(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)));
}

test('the tarball holds the sources of the library, their types, the wasm, the model and the licences, and nothing else', async () => {
  const wanted = ['LICENSE-APACHE', 'LICENSE-MIT', 'NOTICE', 'README.md', 'custom-elements.json', 'models/furniture.safetensors', 'package.json'];
  for (const folder of LIBRARY) {
    for (const path of await filesBelow(join(ROOT, 'pkg', folder))) {
      wanted.push(`${folder}/${path}`, ...(path.endsWith('.js') ? [`types/${folder}/${path.replace(/js$/, 'd.ts')}`] : []));
    }
  }
  for (const path of await filesBelow(join(ROOT, 'pkg/types/tags'))) wanted.push(`types/tags/${path}`);
  wanted.push('types/wasm/engine-bytes.d.ts');
  for (const path of await filesBelow(join(ROOT, 'pkg/wasm'))) {
    if (!path.endsWith('_bg.wasm.d.ts') && path !== 'mobilenet_onnx_bg.wasm') wanted.push(path.endsWith('.d.ts') ? `types/wasm/${path}` : `wasm/${path}`);
  }
  assert.ok(['wasm/mobilenet_web.js', 'types/wasm/mobilenet_web.d.ts', 'wasm/mobilenet_web_bg.wasm'].every((path) => wanted.includes(path)));
  const { files, size } = await packed('mobilenet-web');
  assert.deepEqual(files, wanted.sort());
  assert.ok(size <= 3.5e6, `${size} bytes`);
});

test('no wasm names a folder of the machine that built it', async () => {
  const names = [join(PACKAGE, 'wasm'), ONNX].flatMap((folder) => readdirSync(folder).filter((name) => name.endsWith('.wasm')).map((name) => join(folder, name)));
  assert.equal(names.length, 3);
  for (const name of names) {
    const text = await readFile(name, 'latin1');
    assert.deepEqual(text.match(/[\w./-]*(?:registry\/src|\.cargo|\.rustup)[\w./-]*/g), null, name);
    assert.ok(!text.includes(ROOT), name);
  }
});

test('every entry is there, with its types first', () => {
  /** @type {(entry: string | object) => string[]} */
  const conditions = (entry) => (typeof entry === 'string' ? [entry] : Object.values(entry).flatMap(conditions));
  for (const entry of Object.values(manifest.exports)) {
    for (const file of conditions(entry)) assert.ok(existsSync(join(PACKAGE, file)), file);
    for (const level of [entry, ...Object.values(entry)]) if (level.types) assert.equal(Object.keys(level)[0], 'types');
  }
  for (const file of manifest.sideEffects) assert.ok(existsSync(join(PACKAGE, file)), file);
});

test('only what registers something has side effects', async () => {
  const registering = [];
  for (const folder of LIBRARY) {
    for (const path of await filesBelow(join(PACKAGE, folder))) {
      const text = await readFile(join(PACKAGE, folder, path), 'utf8');
      if (/customElements\.define\(|self\.onmessage = /.test(text)) registering.push(`./${folder}/${path}`);
    }
  }
  assert.deepEqual(registering.sort(), [...manifest.sideEffects].sort());
});

test('publint has nothing to say', async () => {
  const { messages } = await publint({ pkgDir: PACKAGE, strict: true });
  assert.deepEqual(messages.map((message) => formatMessage(message, manifest)), []);
});

test('the README names every code of the types, and no other', async () => {
  const types = await readFile(join(PACKAGE, 'types/engine/shared/failure.d.ts'), 'utf8');
  const codes = [...types.matchAll(/export type \w+Code = (.*);/g)].flatMap(([, union = '']) => [...union.matchAll(/"([a-z-]+)"/g)].map(([, code]) => code));
  const readme = await readFile(join(PACKAGE, 'README.md'), 'utf8');
  const table = readme.slice(readme.indexOf('| code |'), readme.indexOf('## Bundlers'));
  const named = table.split('\n').flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([a-z-]+)`/g)].map(([, code]) => code));
  assert.ok(codes.length > 20);
  assert.deepEqual(named.sort(), codes.sort());
});

test('custom-elements.json names the attributes, events, methods, slots and parts that there are', async () => {
  const { modules } = JSON.parse(await readFile(join(PACKAGE, 'custom-elements.json'), 'utf8'));
  const declared = modules.flatMap((/** @type {any} */ { declarations }) => declarations);
  const parts = ['template', 'events', 'live', 'loading', 'notice', 'predictions', 'results', 'stage', 'stopwatch', 'view'].map((part) => `element/${part}.js`);
  for (const [tag, files] of Object.entries({
    'mobilenet-classifier': ['element/element.js', 'element/attributes.js', ...parts],
    'mobilenet-teacher': ['teach/teacher.js', 'teach/panel.js'],
  })) {
    const text = (await Promise.all(files.map((file) => readFile(join(PACKAGE, file), 'utf8')))).join('\n');
    const { attributes, events, members = [], slots = [], cssParts } = declared.find((/** @type {any} */ { tagName }) => tagName === tag);
    const names = (/** @type {{ name: string }[]} */ list) => list.map(({ name }) => name).sort();
    const found = (/** @type {RegExp} */ pattern) => [...new Set([...text.matchAll(pattern)].flatMap(([, name = '']) => name.split(' ')))].sort();
    const [element = ''] = files;
    const [{ observedAttributes = [] }] = Object.values(await import(pathToFileURL(join(PACKAGE, element)).href));
    for (const name of observedAttributes) assert.ok(names(attributes).includes(name), name);
    // Those without an observer, and read-only properties, are looked for by name.
    for (const { name, fieldName } of attributes) assert.match(text, new RegExp(`(get ${fieldName}\\(|'${name}')`));
    for (const { name } of members) assert.match(text, new RegExp(`^  (async |get )?${name}\\(`, 'm'));
    assert.deepEqual(names(events), found(/(?:#emit|new CustomEvent)\('([^']+)'/g));
    assert.deepEqual(names(slots), found(/<slot(?: name="([^"]+)")?/g));
    assert.deepEqual(names(cssParts), found(/(?:part="|'part', (?:best \? )?'|part: ')([^"']+)["']/g));
  }
});

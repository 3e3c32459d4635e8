// What is in the tarball, how its entries resolve, and that its types hold for who uses them.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { APP, PACKAGE, ROOT } from './pages.mjs';

const manifest = JSON.parse(await readFile(join(PACKAGE, 'package.json'), 'utf8'));

test('the tarball holds the sources of the page, their types, the wasm, the model and the licences, and nothing else', async () => {
  const wanted = ['LICENSE-APACHE', 'LICENSE-MIT', 'NOTICE', 'README.md', 'models/furniture.safetensors', 'package.json'];
  for (const folder of ['element', 'engine', 'teach', 'words']) {
    const names = existsSync(join(ROOT, 'www', folder)) ? await readdir(join(ROOT, 'www', folder)) : [];
    for (const name of names) wanted.push(`${folder}/${name}`, ...(name.endsWith('.js') ? [`${folder}/${name.replace(/js$/, 'd.ts')}`] : []));
  }
  for (const name of await readdir(join(ROOT, 'pkg/wasm'))) if (!name.endsWith('_bg.wasm.d.ts')) wanted.push(`wasm/${name}`);
  assert.ok(['mobilenet_web.js', 'mobilenet_web.d.ts', 'mobilenet_web_bg.wasm'].every((name) => wanted.includes(`wasm/${name}`)));
  assert.deepEqual(JSON.parse(await readFile(join(APP, 'packed.json'), 'utf8')), wanted.sort());
});

test('no wasm names a folder of the machine that built it', async () => {
  const names = (await readdir(join(PACKAGE, 'wasm'))).filter((name) => name.endsWith('.wasm'));
  assert.ok(names.length > 2);
  for (const name of names) {
    const text = await readFile(join(PACKAGE, 'wasm', name), 'latin1');
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
  for (const folder of ['element', 'engine', 'teach']) {
    for (const name of await readdir(join(PACKAGE, folder))) {
      const text = await readFile(join(PACKAGE, folder, name), 'utf8');
      if (/customElements\.define\(|self\.onmessage = /.test(text)) registering.push(`./${folder}/${name}`);
    }
  }
  assert.deepEqual(registering.sort(), [...manifest.sideEffects].sort());
});

test('publint has nothing to say', async () => {
  const { messages } = await publint({ pkgDir: PACKAGE, strict: true });
  assert.deepEqual(messages.map((message) => formatMessage(message, manifest)), []);
});

/** A page's code: with every DOM type, and without a look away from the package's own declarations. */
const PAGE = `
import { load, setRelaxedSimd, setWorker, MobilenetError, type Classifier, type Code } from 'mobilenet-web';
import { MobilenetClassifier } from 'mobilenet-web/element';
import init, { Classifier as Raw } from 'mobilenet-web/wasm';

const classifier: Classifier = await load('mine.safetensors', { onProgress: ({ loaded, total }) => console.log(loaded, total), signal: AbortSignal.timeout(1) });
const { predictions, rejected, millis } = await classifier.classify(document.createElement('video'), { topK: 3 });
const first: { label: string; probability: number } | undefined = predictions[0];
const embedding: Float32Array = await classifier.embed(new Blob());
const { label, side, values } = await classifier.heatmap(new OffscreenCanvas(1, 1), { label: 'sofa' });
const fitted = await classifier.fit([{ source: new Blob(), label: 'a' }, { embedding, label: 'b', burst: 1 }], {
  settings: { recipe: { seed: 1 } },
  onEpoch: ({ validation_accuracy }) => console.log(validation_accuracy),
});
const kept: Blob | null = fitted.model;
fitted.start(document.createElement('video'), { onAnswer: ({ predictions }) => console.log(predictions), onError: ({ code }) => console.log(code) });
fitted.stop();
const element: MobilenetClassifier = new MobilenetClassifier();
await element.openModel(kept);
try {
  // @ts-expect-error a number is no picture
  await classifier.classify(5);
  // @ts-expect-error a sample has a label
  await classifier.fit([{ source: new Blob() }]);
} catch (error) {
  const code: Code | undefined = error instanceof MobilenetError ? error.code : undefined;
  // @ts-expect-error there is no such code
  if (code === 'no-such-code') console.log(first, rejected, millis, label, side, values);
}
setWorker(() => new Worker('worker.js', { type: 'module' }));
setRelaxedSimd(false);
await init();
Raw.embedded().free();
classifier.dispose();
{
  using again = await load();
  console.log(again.labels, again.info.input.side);
}
`;

/** A server's code: no DOM types at all. */
const SERVER = `
import { load, MobilenetError, type Classifier, type Code } from 'mobilenet-web';
import { readFile } from 'node:fs/promises';

const classifier: Classifier = await load(await readFile('mine.safetensors'));
const { predictions } = await classifier.classify('sofa.jpg', { topK: 1, signal: AbortSignal.timeout(100) });
const label: string | undefined = predictions[0]?.label;
await classifier.classify({ data: new Uint8Array(4), width: 1, height: 1 });
const fitted = await classifier.fit([{ source: new URL('file:///a.jpg'), label: 'a' }, { embedding: await classifier.embed('b.jpg'), label: 'b' }]);
const kept: Blob | null = fitted.model;
// @ts-expect-error there is no video in Node
classifier.start;
const code: Code = new MobilenetError('disposed', label ?? String(kept)).code;
console.log(code);
classifier.dispose();
`;

for (const [name, source, options] of /** @type {const} */ ([
  ['a page, bundler', PAGE, { module: 'esnext', moduleResolution: 'bundler', lib: ['es2023', 'dom', 'dom.iterable'], types: [], skipLibCheck: false }],
  ['a page, node16', PAGE.replace("'mobilenet-web'", "'mobilenet-web/browser'"), { module: 'node16', moduleResolution: 'node16', lib: ['es2023', 'dom', 'dom.iterable'], types: [], skipLibCheck: false }],
  ['a server, node16', SERVER, { module: 'node16', moduleResolution: 'node16', lib: ['es2023'], types: ['node'], skipLibCheck: true }],
])) {
  test(`types: ${name}`, async () => {
    const folder = join(APP, `types-${name.replaceAll(/\W+/g, '-')}`);
    await mkdir(folder, { recursive: true });
    const compilerOptions = { target: 'es2022', strict: true, noEmit: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, typeRoots: [join(import.meta.dirname, 'node_modules/@types')], ...options };
    await writeFile(join(folder, 'main.ts'), source);
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['main.ts'] }));
    const tsc = join(import.meta.dirname, 'node_modules/typescript/bin/tsc');
    assert.equal(run(tsc, ['--project', folder]), '');
  });
}

test('the README names every code of the types, and no other', async () => {
  const types = await readFile(join(PACKAGE, 'engine/failure.d.ts'), 'utf8');
  const codes = [...types.matchAll(/export type \w+Code = (.*);/g)].flatMap(([, union = '']) => [...union.matchAll(/"([a-z-]+)"/g)].map(([, code]) => code));
  const readme = await readFile(join(PACKAGE, 'README.md'), 'utf8');
  const table = readme.slice(readme.indexOf('| code |'), readme.indexOf('## Bundlers'));
  const named = table.split('\n').flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([a-z-]+)`/g)].map(([, code]) => code));
  assert.ok(codes.length > 20);
  assert.deepEqual(named.sort(), codes.sort());
});

/**
 * @param {string} script
 * @param {string[]} words
 * @returns {string} what it complains of
 */
function run(script, words) {
  try {
    return execFileSync(process.execPath, [script, ...words], { encoding: 'utf8' });
  } catch (error) {
    return /** @type {{ stdout: string }} */ (error).stdout;
  }
}

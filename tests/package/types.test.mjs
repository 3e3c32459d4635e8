// That the package's types hold for whoever uses them: in pages and servers, with the tags in templates, in TypeScript 5.9 and 7.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { APP, ONNX, PACKAGE, ROOT } from './pages.mjs';

/** A page's code: with every DOM type, and without a look away from the package's own declarations. */
const PAGE = `
import { load, setOnnxConverter, setRelaxedSimd, setWorker, MobilenetError, type Classifier, type Code, type OnnxSettings } from 'mobilenet-web';
import 'mobilenet-web-onnx';
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
const bytes = (file: Uint8Array) => load(file);
await bytes(new Uint8Array(1));
await load(new Uint8Array(1));
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
setOnnxConverter(new URL('https://cdn.example/mobilenet_onnx_bg.wasm'));
const stated: Partial<OnnxSettings> = { labels: 'mug', levels: 'torch', fit: 'crop' };
await load(new Blob(), { onnx: stated });
await element.openModel(kept, 'net.onnx', { onnx: { levels: 'unit' } });
// @ts-expect-error there are no such levels
await load(new Blob(), { onnx: { levels: 'zero-one' } });
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

/** The tags: what `querySelector` gives, its events, and templates of a framework. */
const TAGS = `
import 'mobilenet-web/element';
import 'mobilenet-web/teach';
const element = document.querySelector('mobilenet-classifier');
element?.addEventListener('classified', ({ detail, currentTarget }) => console.log(detail.predictions[0]?.label, detail.source === 'camera', currentTarget));
element?.addEventListener('classifier-error', ({ detail: { code } }) => console.log(code === 'camera-denied'));
element?.addEventListener('click', ({ clientX }) => console.log(clientX));
// @ts-expect-error the detail has no such thing
element?.addEventListener('classified', ({ detail }) => console.log(detail.nothing));
document.createElement('mobilenet-teacher').addEventListener('taught', ({ detail }) => element?.openModel(detail.model));
`;

/** @param {string} framework @param {string} classified */
const jsx = (framework, classified) => `/** @jsxImportSource ${framework} */
import 'mobilenet-web/${framework.replace('-js', '')}';
import 'mobilenet-web/teach';
export const good = (
  <mobilenet-classifier head="mine.safetensors" top-k={3} mirror id="it" ${classified}={({ detail }) => console.log(detail.predictions[0]?.label)}>
    <mobilenet-teacher restore project="mugs" />
  </mobilenet-classifier>
);
// @ts-expect-error an address is no number
export const bad = <mobilenet-classifier head={5} />;
`;

const VUE = `
import 'mobilenet-web/vue';
import type { GlobalComponents } from 'vue';
type Props = InstanceType<GlobalComponents['mobilenet-classifier']>['$props'];
export const good: Props = { head: 'mine.safetensors', 'top-k': 3, mirror: true, id: 'it', onClassified: ({ detail }) => console.log(detail.predictions[0]?.label) };
// @ts-expect-error an address is no number
export const bad: Props = { head: 5 };
`;

const DOM = { lib: ['es2023', 'dom', 'dom.iterable'], types: [] };
const BUNDLER = { ...DOM, module: 'esnext', moduleResolution: 'bundler' };

/** @type {[name: string, files: Record<string, string>, options: object][]} */
const PROGRAMS = [
  ['a page, bundler', { 'page.ts': PAGE, 'tags.ts': TAGS }, { ...BUNDLER, skipLibCheck: false }],
  ['a page, node16', { 'page.ts': PAGE.replace("'mobilenet-web'", "'mobilenet-web/browser'") }, { ...DOM, module: 'node16', moduleResolution: 'node16', skipLibCheck: false }],
  ['a server, node16', { 'server.ts': SERVER }, { module: 'node16', moduleResolution: 'node16', lib: ['es2023'], types: ['node'], skipLibCheck: true }],
  [
    'tags of React, Preact, Solid and Vue',
    { 'react.tsx': jsx('react', 'onclassified'), 'preact.tsx': jsx('preact', 'onclassified'), 'solid.tsx': jsx('solid-js', 'on:classified'), 'vue.ts': VUE },
    { ...BUNDLER, skipLibCheck: false, exactOptionalPropertyTypes: false, jsx: 'react-jsx' },
  ],
];

/** Where the frameworks' own types are. */
const MODULES = join(import.meta.dirname, 'node_modules');

for (const version of ['typescript', 'typescript-7']) {
  for (const [name, files, options] of PROGRAMS) {
    test(`${version}: ${name}`, async () => {
      const folder = join(APP, `types-${version}-${name.replaceAll(/\W+/g, '-')}`);
      await rm(folder, { recursive: true, force: true });
      await mkdir(join(folder, 'node_modules'), { recursive: true });
      // A program finds packages from its own folder on, and ours has to find the framework.
      await cp(PACKAGE, join(folder, 'node_modules/mobilenet-web'), { recursive: true, filter: (path) => !path.endsWith('.wasm') });
      await cp(ONNX, join(folder, 'node_modules/mobilenet-web-onnx'), { recursive: true, filter: (path) => !path.endsWith('.wasm') });
      for (const module of ['@types', 'csstype', 'preact', 'solid-js', 'seroval', 'vue', '@vue']) await symlink(join(MODULES, module), join(folder, 'node_modules', module));
      const compilerOptions = { target: 'es2022', strict: true, noEmit: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, typeRoots: [join(MODULES, '@types')], ...options };
      for (const [file, source] of Object.entries(files)) await writeFile(join(folder, file), source);
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: Object.keys(files) }));
      assert.equal(run(join(MODULES, version, 'bin/tsc'), ['--project', folder]), '');
    });
  }
}

for (const [folder, source] of /** @type {const} */ ([[PACKAGE, 'pkg'], [ONNX, 'pkg/onnx']])) {
  test(`every entry of ${basename(folder)} resolves to its types, for modules`, async () => {
    const { version, name } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const tarball = await readFile(join(APP, `${name}-${version}.tgz`));
    // As the command attw has it in that folder: wasm and models have no types.
    const { profile, excludeEntrypoints } = JSON.parse(await readFile(join(ROOT, source, '.attw.json'), 'utf8'));
    const result = await checkPackage(createPackageFromTarballData(new Uint8Array(tarball)), { excludeEntrypoints });
    assert.ok(result.types);
    // There is no CommonJS here, and resolution without `exports` knows no entries.
    assert.equal(profile, 'esm-only');
    const problems = 'problems' in result ? result.problems : [];
    assert.deepEqual(problems.filter((problem) => !('resolutionKind' in problem) || !['node10', 'node16-cjs'].includes(problem.resolutionKind)), []);
  });
}

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

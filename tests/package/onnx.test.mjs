// mobilenet-web-onnx beside mobilenet-web: what is in it, and that ONNX files open where it was imported, and are refused where it was not.

import assert from 'node:assert/strict';
import { copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { build, createServer } from 'vite';
import { APP, NETWORK, ONNX, PACKAGE, POLICY, bundle, host, launch, network, open, outcome, packed } from './pages.mjs';

const manifest = JSON.parse(await readFile(join(ONNX, 'package.json'), 'utf8'));
const engine = JSON.parse(await readFile(join(PACKAGE, 'package.json'), 'utf8'));
const CLASSES = ['bed', 'chair', 'sofa', 'swivelchair', 'table'];

/** @type {import('puppeteer-core').Browser} */
let browser;
before(async () => {
  await writeFile(join(APP, NETWORK), await network());
  browser = await launch();
});
after(() => browser.close());

/**
 * An app that opens the network by the API, then by dropping it on the element.
 *
 * @param {string} imports
 * @param {{ load: string, report: string }} [addresses]
 */
const app = (imports, { load, report } = { load: 'mobilenet-web', report: './report.js' }) => `
  ${imports}
  import { load } from '${load}';
  import { report, sofa } from '${report}';

  report(async () => {
    const network = await (await fetch(new URL('${NETWORK}', location.href))).blob();
    const element = document.querySelector('mobilenet-classifier');
    await customElements.whenDefined('mobilenet-classifier');
    await element.ready;
    const told = new Promise((resolve) => {
      element.addEventListener('model-opened', () => resolve(element.model));
      element.addEventListener('classifier-error', () => resolve({}));
    });
    element.receive([new File([network], '${NETWORK}')], 'drop');
    const { labels, onnx } = await told;
    const classifier = await load(network, { onnx: { labels: 'uno\\ndos\\ntres\\ncuatro\\ncinco' } });
    const { predictions } = await classifier.classify(await sofa());
    return { labels, kind: onnx?.kind, predictions };
  });`;

const PLAIN = {
  imports: "import 'mobilenet-web-onnx';\n  import 'mobilenet-web/element';",
  html: '<!doctype html><html lang="en"><meta charset="utf-8"><title>ONNX</title><script type="module" src="/onnx.js"></script><mobilenet-classifier></mobilenet-classifier></html>',
};

/** @param {string} name of a folder that has both packages in a folder above it */
async function folder(name) {
  const root = join(APP, name);
  await rm(root, { recursive: true, force: true });
  await mkdir(root);
  await writeFile(join(root, 'onnx.js'), app(PLAIN.imports));
  await writeFile(join(root, 'index.html'), PLAIN.html);
  await copyFile(join(APP, 'report.js'), join(root, 'report.js'));
  return root;
}

/** @param {string} out */
async function copyFiles(out) {
  for (const name of ['sofa.jpg', NETWORK]) await copyFile(join(APP, name), join(out, name));
}

/**
 * @param {import('node:test').TestContext} t
 * @param {string} url
 */
async function opensOnnx(t, url) {
  const { page, complaints } = await open(t, browser, url);
  const { error, labels, kind, predictions } = await outcome(page);
  assert.deepEqual({ error, complaints, labels, kind }, { error: undefined, complaints: [], labels: CLASSES, kind: 'float' });
  assert.equal(predictions[0].label, 'tres');
}

test('the tarball holds the address, its types, the wasm and the licences, and nothing else', async () => {
  const { files, size } = await packed('mobilenet-web-onnx');
  assert.deepEqual(files, ['LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'index.d.ts', 'index.js', 'mobilenet_onnx_bg.wasm', 'package.json']);
  assert.ok(size < 3.5e6, `${size} bytes`);
});

test('it belongs to one version of mobilenet-web', () => {
  assert.equal(manifest.version, engine.version);
  assert.deepEqual(manifest.peerDependencies, { 'mobilenet-web': engine.version });
});

test('publint has nothing to say about it', async () => {
  const { messages } = await publint({ pkgDir: ONNX, strict: true });
  assert.deepEqual(messages.map((message) => formatMessage(message, manifest)), []);
});

test('importing it in Node does nothing but leave an address', async () => {
  const before = Reflect.ownKeys(globalThis);
  await import(createRequire(join(APP, 'app.js')).resolve('mobilenet-web-onnx'));
  const [left, ...others] = Reflect.ownKeys(globalThis).filter((key) => !before.includes(key));
  assert.deepEqual([left, others], [Symbol.for('mobilenet-web.onnx-converter'), []]);
});

test('Vite builds an app that opens ONNX files', async (t) => {
  const root = await folder('onnx-vite');
  await build({ root, logLevel: 'error', configFile: false });
  await copyFiles(join(root, 'dist'));
  const policy = POLICY.replace("style-src 'self'", "style-src 'self' data:");
  await opensOnnx(t, await host(t, join(root, 'dist'), { 'Content-Security-Policy': policy }) + '/index.html');
});

test("so does Vite's development server", async (t) => {
  const root = await folder('onnx-vite-server');
  await copyFiles(root);
  const server = await createServer({ root, configFile: false, logLevel: 'error', cacheDir: join(root, '.vite'), server: { port: 0, host: 'localhost', watch: null } });
  await server.listen();
  t.after(() => server.close());
  await opensOnnx(t, server.resolvedUrls?.local[0] ?? '');
});

test('and webpack', async (t) => {
  const root = await folder('onnx-webpack');
  const out = join(root, 'dist');
  await bundle({ context: root, mode: 'production', entry: './onnx.js', output: { path: out, filename: 'onnx.js' } });
  await copyFiles(out);
  await copyFile(join(root, 'index.html'), join(out, 'index.html'));
  await opensOnnx(t, await host(t, out, { 'Content-Security-Policy': POLICY }) + '/index.html');
});

/**
 * Both packages beside a page, and no bundler.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} tag of the second one
 */
async function scripts(t, tag) {
  const root = await mkdtemp(join(tmpdir(), 'mobilenet-onnx-'));
  t.after(() => rm(root, { recursive: true }));
  for (const [name, from] of [['mobilenet-web', PACKAGE], ['mobilenet-web-onnx', ONNX]]) await cp(String(from), join(root, String(name)), { recursive: true });
  await writeFile(join(root, 'onnx.js'), app('', { load: './mobilenet-web/engine/page/load.js', report: './report.js' }));
  await writeFile(join(root, 'index.html'), PLAIN.html.replace('<script', `<script type="module" src="mobilenet-web/element/define.js"></script>${tag}<script`));
  await copyFile(join(APP, 'report.js'), join(root, 'report.js'));
  await copyFiles(root);
  const requests = /** @type {string[]} */ ([]);
  const wasm = join(root, 'mobilenet-web-onnx/mobilenet_onnx_bg.wasm');
  return { wasm, url: `${await host(t, root, { 'Content-Security-Policy': POLICY }, (path) => requests.push(path))}/index.html`, requests };
}

test('a script tag is enough, and the wasm is fetched with the first ONNX file', async (t) => {
  const { url, requests } = await scripts(t, '<script type="module" src="mobilenet-web-onnx/index.js"></script>');
  await opensOnnx(t, url);
  const wasm = requests.filter((path) => path.endsWith('mobilenet_onnx_bg.wasm'));
  assert.deepEqual(wasm, ['/mobilenet-web-onnx/mobilenet_onnx_bg.wasm']);
  assert.ok(requests.indexOf(String(wasm[0])) > requests.indexOf(`/${NETWORK}`));
});

test('one of another version, or one that was not copied, is refused with what to do', async (t) => {
  const { url, wasm } = await scripts(t, '<script type="module" src="mobilenet-web-onnx/index.js"></script>');
  const bytes = await readFile(wasm);
  // Another function than the glue has.
  bytes.write('__wbX_', bytes.indexOf('__wbg_'));
  await writeFile(wasm, bytes);
  const { error } = await outcome((await open(t, browser, url)).page);
  assert.equal(error.code, 'onnx-not-installed');
  assert.match(error.message, /in the same version/);
  await rm(wasm);
  const missing = await outcome((await open(t, browser, url)).page);
  assert.equal(missing.error.code, 'converter-missing');
  assert.ok(missing.error.message.includes('/mobilenet-web-onnx/mobilenet_onnx_bg.wasm'), missing.error.message);
});

test('a page without it refuses an ONNX file, with a remedy for its developer and a sentence for its visitor', async (t) => {
  const { url, requests } = await scripts(t, '');
  const { page } = await open(t, browser, url);
  const { error } = await outcome(page);
  assert.equal(error.code, 'onnx-not-installed');
  assert.match(error.message, /install mobilenet-web-onnx and import it once/);
  assert.match(await page.evaluate(() => document.querySelector('mobilenet-classifier')?.shadowRoot?.querySelector('[role=alert]')?.textContent ?? ''), /ONNX files cannot be opened here/);
  assert.deepEqual(requests.filter((path) => path.includes('mobilenet_onnx')), []);
});

// ONNX classifiers in the page: a MobileNetV2 becomes int8, anything else runs in float, labels come with the file or afterwards,
// and nothing of the converter is fetched before.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { assemble } from '../../pkg/build/site.mjs';
import { CLASSES, FURNITURE, ROOT, SITE, chromiumOnly, classified, classify, click, filesIn, hidden, openPage, openSite, openSources, refused, sample, screenshot, settled, shared, text, topLabel, until, upload } from './browser.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

const PROGRAM = fileURLToPath(new URL('../../target/release/mobilenet', import.meta.url));
const CONVERTER = ['/wasm/mobilenet_onnx.js', '/wasm/mobilenet_onnx_bg.wasm'];
// Conversion is minutes of work for a machine that does much else.
const PATIENCE_MILLIS = 180_000;

/** @type {Awaited<ReturnType<typeof openSite>>} */
let site;
const folder = await mkdtemp(join(tmpdir(), 'mobilenet-onnx-'));
const mine = join(folder, 'mine.onnx');
before(async () => {
  execFileSync(PROGRAM, ['export', FURNITURE, '--format', 'onnx', '--precision', 'float', '--out', mine]);
  site = await openSite();
});
after(async () => {
  await site.close();
  await rm(folder, { recursive: true });
});

/**
 * Brings files and waits until the model is open, or refused.
 *
 * @param {Page} page
 * @param {string[]} files
 * @param {string} [input]
 */
async function bring(page, files, input = '#model-file') {
  await page.evaluate(() => {
    /** @type {any} */ (globalThis).opened = null;
    for (const type of ['model-opened', 'classifier-error']) {
      document.addEventListener(type, (event) => (/** @type {any} */ (globalThis).opened ??= { type, .../** @type {CustomEvent} */ (event).detail }), { once: true });
    }
  });
  await upload(page, files, input);
  const end = Date.now() + PATIENCE_MILLIS;
  for (;;) {
    const opened = await page.evaluate(() => /** @type {any} */ (globalThis).opened);
    if (opened) return opened;
    if (Date.now() > end) throw new Error('the model is not open');
    await new Promise((next) => setTimeout(next, 100));
  }
}

/** What is not linear up to the softmax is no head, and so no model of ours. */
async function withSigmoid() {
  const bytes = await readFile(mine);
  bytes.write('Sigmoid', bytes.lastIndexOf('Softmax'));
  const file = join(folder, 'sigmoid.onnx');
  await writeFile(file, bytes);
  return file;
}

test('the converter is fetched with the first ONNX file, and weighs what the page says', async () => {
  const { page, complaints } = await openPage(site);
  assert.ok(!site.requests.some((path) => CONVERTER.includes(path)), 'also not for the service worker');
  site.requests.length = 0;
  const opened = await bring(page, [mine]);
  assert.equal(opened.type, 'model-opened', JSON.stringify(opened));
  assert.deepEqual(site.requests, CONVERTER);
  await until(page, () => document.getElementById('requests')?.textContent === '2 requests since the page has loaded.');
  site.requests.length = 0;
  assert.equal((await bring(page, [mine])).type, 'model-opened');
  assert.deepEqual(site.requests, []);
  assert.deepEqual(complaints, []);
  const wasm = await readFile(join(SITE, 'wasm/mobilenet_onnx_bg.wasm'));
  const brotli = brotliCompressSync(wasm, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }).length;
  const said = Number(/CONVERTER_MEGABYTES = (\d+)/.exec(await readFile(join(ROOT, 'www/onnx.js'), 'utf8'))?.[1]);
  assert.ok(Math.abs(brotli / 1e6 - said) < 0.6, `${brotli} bytes are not about ${said} MB`);
  await page.close();
});

test('another page that has the element from a site reads ONNX files too', { skip: chromiumOnly }, async (t) => {
  const host = join(folder, 'embedding');
  await cp(SITE, host, { recursive: true });
  const bare = '<!doctype html><title>Bare</title><script type="module" src="element/define.js"></script><mobilenet-classifier></mobilenet-classifier>';
  await writeFile(join(host, 'bare.html'), bare);
  const embedding = await openSite([], host);
  t.after(embedding.close);
  const { page } = await openPage({ ...embedding, url: `${embedding.url}/bare.html` }, { ready: false });
  await until(page, () => document.querySelector('mobilenet-classifier[data-ready]') !== null);
  assert.equal((await bring(page, [mine], '#pictures')).type, 'model-opened');
});

test('before its converter is built the page says so, and afterwards it reads the file', async (t) => {
  const [host, early] = [join(folder, 'site'), join(folder, 'wasm')];
  await cp(join(ROOT, 'pkg/wasm'), early, { recursive: true, filter: (source) => !source.includes('mobilenet_onnx') });
  await assemble({ site: host, wasm: early });
  const unfinished = await openSite([], host);
  t.after(unfinished.close);
  const { page } = await openPage(unfinished);
  const error = refused(await bring(page, [mine]));
  assert.equal(error.code, 'converter-missing');
  assert.match(error.message, /reload the page/);
  const before = await stat(join(host, 'index.html'));
  await assemble({ site: host, wasm: join(ROOT, 'pkg/wasm') });
  assert.equal((await stat(join(host, 'index.html'))).ino, before.ino, 'what was there is served as before');
  await page.reload();
  await settled(page);
  assert.equal((await bring(page, [mine])).type, 'model-opened');
  await page.close();
});

test('a MobileNetV2 that was exported becomes int8 again and agrees', async () => {
  const { page } = await openPage(site);
  const expected = [];
  for (const label of CLASSES) expected.push(topLabel(await classify(page, sample(label))));
  const { onnx, labels, info } = await bring(page, [mine]);
  assert.deepEqual(labels, CLASSES);
  assert.deepEqual([onnx.kind, onnx.levels, onnx.guessed, onnx.views, info.input.side], ['int8', 'bytes', true, 25, 224]);
  assert.ok(onnx.same >= 24, `${onnx.same} of 25 views`);
  assert.match(await text(page, '#facts'), /^mine\.onnx: MobileNetV2, from ONNX to int8, same class as the file on \d+ of 25 views · 5 labels/);
  const found = [];
  for (const label of CLASSES) found.push(topLabel(await classify(page, sample(label))));
  assert.deepEqual(found, expected);
  await click(page, '#evidence');
  await until(page, () => /** @type {any} */ (globalThis).find('#heat-caption')?.textContent !== '');
  await screenshot(page, 'onnx-int8');
  await page.close();
});

test('any other classifier runs in float, without a heatmap', async (t) => {
  const { page, complaints } = await openPage(site);
  const { onnx, labels } = await bring(page, [await withSigmoid()], '#pictures');
  assert.equal(onnx.kind, 'float', JSON.stringify(onnx));
  assert.deepEqual(labels, CLASSES);
  assert.match(await text(page, '#facts'), /in float by tract/);
  const event = classified(await classify(page, sample('sofa')));
  t.diagnostic(`${Math.round(event.millis)} ms a photo in float, decoding included`);
  assert.equal(topLabel(event), 'sofa');
  await click(page, '#evidence');
  assert.equal(topLabel(await classify(page, sample('bed'))), 'bed');
  assert.equal(await text(page, '#heat-caption'), '');
  await click(page, '#reset');
  await until(page, () => document.getElementById('facts')?.textContent?.startsWith('Built in: '));
  assert.equal(await hidden(page, '#onnx'), true);
  assert.deepEqual(complaints, []);
  await page.close();
});

test('labels come with the file or afterwards, and what it expects can be stated', async () => {
  const { page } = await openPage(site);
  const [names, others] = [join(folder, 'labels.txt'), join(folder, 'others.txt')];
  await writeFile(names, 'uno\ndos\ntres\ncuatro\nuno\n');
  await writeFile(others, 'one\ntwo\n');
  const { labels } = await bring(page, [mine, names], '#pictures');
  assert.deepEqual(labels, ['uno', 'dos', 'tres', 'cuatro', 'uno (2)']);
  const error = await bring(page, [others]);
  assert.equal(refused(error).code, 'bad-argument');
  assert.match(refused(error).message, /^mine\.onnx: .*has 2 lines, and the network 5 classes/);
  assert.equal(topLabel(await classify(page, sample('sofa'))), 'tres');
  await page.select('#onnx-levels', 'unit');
  await until(page, () => document.querySelector('#onnx span')?.textContent === 'Its input expects' || /** @type {any} */ (globalThis).told.length > 2);
  await page.close();
});

for (const [what, bytes] of /** @type {const} */ ([
  ['empty', Buffer.alloc(0)],
  ['text', Buffer.from('not a network at all')],
  ['cut short', null],
])) {
  test(`an ONNX file that is ${what} is refused, and the open model stays`, async () => {
    const file = join(folder, 'broken.onnx');
    await writeFile(file, bytes ?? (await readFile(mine)).subarray(0, 900_000));
    const { page } = await openPage(site);
    const error = refused(await bring(page, [file]));
    assert.match(error.code, /^(bad-onnx|empty-file)$/);
    assert.match(error.message, /^broken\.onnx: /);
    assert.equal(topLabel(await classify(page, sample('bed'))), 'bed');
    await page.close();
  });
}

const network = shared('models/google_mobilenet_v2_1.0_224_1001_f32.onnx');
const photos = shared('data/imagenet_sample');
test('a thousand classes on 200 photos', { skip: !(photos && network) && 'the photos or the network are not on this machine' }, async (t) => {
  const rows = (await readFile(join(photos ?? '', 'labels.csv'), 'utf8')).trim().split('\n').slice(1).map((row) => row.split(','));
  const labels = (network ?? '').replace(/[^/]*$/, 'imagenet_labels.txt');
  const lines = (await readFile(labels, 'utf8')).trim().split('\n');
  const { page } = await openPage(site);
  const begun = Date.now();
  const { onnx } = await bring(page, [network ?? '', labels]);
  assert.deepEqual([onnx.kind, onnx.levels], ['int8', 'keras'], JSON.stringify(onnx));
  assert.equal(await text(page, '#announcer'), 'Model opened: 1,001 labels');
  t.diagnostic(`open after ${Date.now() - begun} ms, ${onnx.same} of ${onnx.views} views`);
  const files = filesIn(photos ?? '').filter((file) => file.endsWith('.jpg'));
  const truth = new Map(rows.map(([file, index]) => [file, lines[Number(index) + 1]]));
  let right = 0;
  const millis = [];
  for (const file of files) {
    const event = classified(await classify(page, file));
    millis.push(event.millis);
    right += Number(event.predictions[0]?.label.replace(/ \(\d\)$/, '') === truth.get(event.name));
  }
  t.diagnostic(`${right} of ${files.length} right, ${millis.sort((a, b) => a - b)[files.length / 2]} ms a photo, decoding included`);
  await screenshot(page, 'onnx-imagenet');
  // ONNX Runtime names 162 of the same pixels right in float (tests/onnx/classifiers.rs), and 1.5 points less are 159.
  assert.ok(right >= 159, `${right}`);
  await page.close();
});

test('after a crash the fresh worker opens what was made of the file, without the converter', { skip: chromiumOnly }, async (t) => {
  const sources = await openSources();
  t.after(sources.close);
  const { page } = await openPage(sources);
  await bring(page, [mine]);
  sources.requests.length = 0;
  await page.workers()[0]?.evaluate(async () => {
    const engine = await import(new URL('../../wasm/mobilenet_web.js', location.href).href);
    engine.Classifier.prototype.embedBytes = () => {
      throw new Error('what has no code is a trap');
    };
  });
  assert.equal(topLabel(await classify(page, sample('chair'))), 'chair');
  assert.deepEqual(sources.requests.filter((path) => path.includes('mobilenet_onnx')), []);
});

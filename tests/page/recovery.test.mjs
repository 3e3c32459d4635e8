// What the page survives: a crashing engine, a worker that has to be replaced, a server that fails.

import assert from 'node:assert/strict';
import { appendFile, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { LIBRARY } from '../../pkg/build/site.mjs';
import { copySources } from './assemble.mjs';
import { FURNITURE, after as eventsAfter, chromiumOnly, classify, hidden, isFirefox, openPage, openSite, openSources, refused, sample, screenshot, text, told, topLabel, until, upload } from './browser.mjs';
import { beginHurried } from './faults.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

/** @type {Awaited<ReturnType<typeof openSite>>} */
let site;
before(async () => (site = await openSources()));
after(() => site.close());

// (module (func (export "f") unreachable))
const TRAP = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 5, 1, 3, 0, 0, 11];

/**
 * Makes the engine of the running worker trap, with a real `unreachable` in real wasm.
 *
 * @param {Page} page
 */
async function sabotage(page) {
  const worker = page.workers()[0];
  assert.ok(worker);
  await worker.evaluate(async (trap) => {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(trap)));
    const engine = await import(new URL('../../wasm/mobilenet_web.js', location.href).href);
    Object.assign(engine.Classifier.prototype, { embedBytes: exports.f, embedImageData: exports.f });
  }, TRAP);
}

/**
 * The page with something wrong in it.
 *
 * @param {import('node:test').TestContext} t
 * @param {(folder: string) => Promise<unknown>} spoil
 */
async function openSpoiltSite(t, spoil) {
  const folder = await copySources([...LIBRARY, 'wasm']);
  t.after(() => rm(folder, { recursive: true }));
  await spoil(folder);
  const spoilt = await openSources([], folder);
  t.after(spoilt.close);
  return spoilt;
}

test('a picture that meets a crash is answered by a fresh worker', { skip: chromiumOnly }, async () => {
  const { page } = await openPage(site);
  await sabotage(page);
  const served = site.requests.length;
  assert.equal(topLabel(await classify(page, sample('sofa'))), 'sofa');
  assert.equal(topLabel(await classify(page, sample('bed'))), 'bed');
  assert.equal(page.workers().length, 1);
  const again = site.requests.slice(served);
  assert.ok(!again.some((path) => path.endsWith('.wasm')), `the wasm was fetched again: ${again}`);
  await page.close();
});

test('a picture that crashes every worker is given up with its name, and a camera with its second frame', async (t) => {
  const trap = `new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array([${TRAP}]))).exports.f`;
  const patch = `\nClassifier.prototype.embedBytes = Classifier.prototype.embedImageData = ${trap};\n`;
  const { page } = await openPage(await openSpoiltSite(t, (folder) => appendFile(join(folder, 'pkg/wasm/mobilenet_web.js'), patch)));
  const event = refused(await classify(page, sample('sofa')));
  assert.equal(event.code, 'engine-crashed');
  assert.match(event.message, /^sofa\.jpg: .*unreachable/);
  const frames = await page.evaluate(async () => {
    const { client } = await import(new URL('../pkg/engine/page/client.js', location.href).href);
    const session = client.openSession();
    const ask = async () => session.classifyFrame(await createImageBitmap(new ImageData(8, 8)), { topK: 1 });
    return [await ask(), await ask().catch((/** @type {any} */ error) => error.code)];
  });
  assert.deepEqual(frames, [null, 'engine-crashed']);
});

// Makes the answers of an opened model known, by a label of their own.
const MARK = `
const { openHead } = Classifier.prototype;
Classifier.prototype.openHead = function (...rest) {
  const head = openHead.apply(this, rest);
  const answer = (...asked) => {
    const { predictions, rejected } = Head.prototype.answer.apply(head, asked);
    return { rejected, predictions: predictions.map((one) => ({ ...one, label: 'opened' })) };
  };
  return Object.assign(head, { answer });
};
// The label is none of the head's, so there would be no heatmap of it.
Classifier.prototype.heatmap = () => new Float32Array(49);
`;

test('an opened model outlives a crash', { skip: chromiumOnly }, async (t) => {
  const marked = await openSpoiltSite(t, (folder) => appendFile(join(folder, 'pkg/wasm/mobilenet_web.js'), MARK));
  const { page } = await openPage(marked);
  assert.equal(topLabel(await classify(page, sample('sofa'))), 'sofa');
  await upload(page, [FURNITURE], '#model-file');
  assert.equal(topLabel(await classify(page, sample('sofa'))), 'opened');
  await sabotage(page);
  assert.equal(topLabel(await classify(page, sample('sofa'))), 'opened');
});

test('of the frames that wait the newest one wins', async () => {
  const { page } = await openPage(site);
  const outcome = await page.evaluate(async () => {
    const { client } = await import(new URL('../pkg/engine/page/client.js', location.href).href);
    const session = client.openSession();
    await session.openModel(null);
    const frames = await Promise.all(Array.from({ length: 5 }, () => createImageBitmap(new ImageData(64, 48))));
    const answers = await Promise.all(frames.map((frame) => session.classifyFrame(frame, { topK: 1 })));
    return answers.map((answer) => answer?.[0].predictions.length ?? null);
  });
  assert.deepEqual(outcome, [1, null, null, null, 1]);
  await page.close();
});

test('a cancelled picture ends at once and the next one is answered', async () => {
  const { page } = await openPage(site);
  const outcome = await page.evaluate(async () => {
    const { client } = await import(new URL('../pkg/engine/page/client.js', location.href).href);
    const session = client.openSession();
    await session.openModel(null);
    const picture = await (await fetch('samples/table.jpg')).blob();
    const abort = new AbortController();
    const first = session.classifyPicture(picture, { topK: 5, signal: abort.signal }).catch((/** @type {any} */ error) => error.code);
    const second = session.classifyPicture(picture, { topK: 5 });
    setTimeout(() => abort.abort());
    return [await first, (await second)[0].predictions[0].label];
  });
  assert.deepEqual(outcome, ['cancelled', 'table']);
  await page.close();
});

test('files that come before the model is ready wait for it', async () => {
  const { page } = await openPage(site, { ready: false });
  assert.equal(topLabel(await classify(page, sample('chair'))), 'chair');
  await page.close();
});

for (const [what, spoil] of /** @type {[string, (wasm: string) => Promise<unknown>][]} */ ([
  ['without the wasm', (wasm) => rm(join(wasm, 'mobilenet_web_bg.wasm'))],
  ['without the glue', (wasm) => rm(join(wasm, 'mobilenet_web.js'))],
  ['with half of the wasm', (wasm) => truncate(join(wasm, 'mobilenet_web_bg.wasm'), 500_000)],
])) {
  test(`${what} the page says so`, async (t) => {
    const spoilt = await openSpoiltSite(t, (folder) => spoil(join(folder, 'pkg/wasm')));
    // Firefox tells nobody of a module that a worker could not import: the page waits half a minute for it.
    const { page } = await openPage(spoilt, { ready: false, prepare: isFirefox ? beginHurried : undefined });
    await until(page, () => /** @type {any} */ (globalThis).told.length > 0);
    const [event] = await told(page);
    assert.equal(refused(event).code, 'load-failed');
    assert.equal(await hidden(page, '#notice'), false);
    assert.match(await text(page, '#state'), /not loaded/);
    const [answer] = await eventsAfter(page, () => upload(page, [sample('bed')]));
    assert.equal(refused(answer).code, 'load-failed');
  });
}

test('a sample that is missing is not offered', async (t) => {
  const { page } = await openPage(await openSpoiltSite(t, (folder) => rm(join(folder, 'www/samples/chair.jpg'))));
  await until(page, () => document.querySelectorAll('#samples button:not([hidden])').length === 4);
  assert.equal(await hidden(page, '#samples'), false);
});

test('a browser without SIMD is told which browsers have it', { skip: chromiumOnly }, async (t) => {
  // Chromium compiles fixed-width SIMD to SSE 4.1 and refuses it without.
  const old = await openSite(['--js-flags=--no-enable-sse4-1']);
  t.after(old.close);
  const { page } = await openPage(old, { ready: false });
  await until(page, () => /** @type {any} */ (globalThis).told.length > 0);
  const [event] = await told(page);
  assert.equal(refused(event).code, 'browser-too-old');
  assert.match(await text(page, '#notice'), /needs WebAssembly with SIMD\. Use Chrome 91, Firefox 114, Safari 16\.4 or newer/);
  await screenshot(page, 'too-old');
});

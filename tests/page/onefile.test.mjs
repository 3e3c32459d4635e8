// The page as one file, opened as by a double click: no server, no request, and what the site does. In Chromium, in Firefox and, without
// a camera, in WebKitGTK.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { CAMERA, SITE, after as eventsAfter, chromiumOnly, classified, classify, click, filesIn, find, hidden, openAlone, openPage, openSite, sample, screenshot, shared, text, told, topLabel, until, upload } from './browser.mjs';
import { answers, chromiumAnswers, noFirefox, noWebKit, openFirefox, openWebKit } from './engines.mjs';
import { awaitKept, awaitLabels, awaitRefusal, begin, refusals, teachTwo, temporary } from './teaching.mjs';
import { PROGRAM, trainTwo } from './trained.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FILE = join(ROOT, 'target/mobilenet.html');
const BAR_BYTES = 4_500_000;

const run = promisify(execFile);

/** @type {Awaited<ReturnType<typeof chromiumAnswers>>} what the site says */
let expected;
before(async () => (expected = await chromiumAnswers()));

/**
 * A file in a browser of its own.
 *
 * @param {import('node:test').TestContext} t
 * @param {() => ReturnType<typeof openAlone>} open
 * @param {{ file?: string, prepare?: (page: Page) => Promise<unknown>, ready?: boolean }} [options]
 */
async function openFile(t, open, { file = FILE, prepare = async () => {}, ready = true } = {}) {
  const site = await open();
  t.after(site.close);
  /** @type {Set<string>} */
  const addresses = new Set();
  const listen = async (/** @type {Page} */ page) => {
    page.on('request', (request) => addresses.add(request.url()));
    await prepare(page);
  };
  const { page, complaints } = await openPage({ ...site, url: pathToFileURL(file).href }, { prepare: listen, ready });
  return { page, complaints, addresses };
}

const openChromium = () => openAlone(CAMERA, SITE, {}, false);
const openEither = () => openAlone(CAMERA);

/**
 * Nothing was asked for that is not inside the file: as the browser tells, as the page and its worker list it, and as the footer
 * says; and nothing was tried that the policy forbids.
 *
 * @param {Awaited<ReturnType<typeof openFile>>} opened
 */
async function assertAlone({ page, complaints, addresses }) {
  const listed = () => performance.getEntriesByType('resource').map(({ name }) => name);
  // Firefox lets nobody look into a worker that comes out of a file; what that asks for is in the footer's count as well.
  const workers = page.workers().map((worker) => worker.evaluate(listed).catch(() => []));
  const all = [...addresses, ...(await page.evaluate(listed)), ...(await Promise.all(workers)).flat()];
  assert.ok(all.some((address) => address.startsWith('data:')), 'the list is no empty one');
  assert.deepEqual(all.filter((address) => !/^(file|data|blob):/.test(address)), []);
  assert.deepEqual([...addresses].filter((address) => address.startsWith('file:') && address !== page.url()), []);
  assert.equal(await text(page, '#requests'), '0 requests since the page has loaded.');
  assert.deepEqual(await page.evaluate(() => /** @type {any} */ (globalThis).violations), []);
  assert.deepEqual(complaints, []);
}

test('one file of at most 4.5 MB', async () => {
  const { size } = await stat(FILE);
  assert.ok(size <= BAR_BYTES, `${size} bytes`);
});

test('the same sources give the same bytes', async (t) => {
  const again = join(await temporary(t), 'again.html');
  await run('node', [join(ROOT, 'pkg/build/onefile/build.mjs'), again]);
  assert.ok((await readFile(again)).equals(await readFile(FILE)));
});

for (const [name, open, skip] of /** @type {const} */ ([['Chromium', openChromium, false], ['Firefox', openFirefox, noFirefox ?? false]])) {
  test(`${name} opens the file and answers with the bits of the site`, { skip }, async (t) => {
    const opened = await openFile(t, open);
    const { page } = opened;
    assert.match(await text(page, '#facts'), /^Built in: MobileNetV2, int8/);
    assert.equal(await text(page, '#kept'), 'Kept on this device: it opens without a network.');
    const [event] = await eventsAfter(page, () => click(page, '#samples button[value="sofa.jpg"]'));
    const { predictions, rejected, name: file, source } = classified(event);
    assert.equal(source, 'sample');
    assert.deepEqual({ name: file, rejected, predictions }, expected[2]);
    assert.deepEqual(await answers(page), expected);
    await assertAlone(opened);
  });

  test(`${name} shows where the evidence is, in the file as on the site`, { skip }, async (t) => {
    const opened = await openFile(t, open);
    const { page } = opened;
    await page.setViewport({ width: 1440, height: 1000 });
    await classify(page, sample('table'));
    await click(page, '#evidence');
    await until(page, () => !/** @type {any} */ (globalThis).find('#heat').hidden);
    assert.equal(await text(page, '#heat-caption'), 'Evidence for table');
    await screenshot(page, `onefile-${name.toLowerCase()}`);
    await assertAlone(opened);
  });

  test(`${name} gives the file the camera`, { skip }, async (t) => {
    const opened = await openFile(t, open);
    const [event] = await eventsAfter(opened.page, () => click(opened.page, '#camera'), 3);
    assert.equal(classified(event).source, 'camera');
    await assertAlone(opened);
  });

  test(`${name} is taught in the file, and keeps it`, { skip }, async (t) => {
    const opened = await openFile(t, open);
    const { page } = opened;
    await begin(page);
    await teachTwo(page);
    assert.equal(topLabel(await classify(page, sample('bed'))), 'Class 1');
    assert.equal(topLabel(await classify(page, sample('table'))), 'Class 2');
    assert.deepEqual(await refusals(page), []);
    await assertAlone(opened);
    await page.reload();
    await until(page, () => /** @type {any} */ (document.querySelector('mobilenet-classifier')).model?.labels.join() === 'Class 1,Class 2');
  });
}

test('WebKitGTK opens the file and answers with the same bits; it teaches, and keeps it', { skip: noWebKit ?? false }, async (t) => {
  const site = await openWebKit();
  t.after(site.close);
  const { page } = await openPage({ ...site, url: pathToFileURL(FILE).href }, { ready: false });
  await until(page, () => document.querySelector('mobilenet-classifier[data-ready]') !== null);
  assert.deepEqual(await answers(page), expected);
  const [event] = await eventsAfter(page, () => click(page, '#samples button[value="bed.jpg"]'));
  assert.equal(topLabel(event), 'bed');
  await begin(page);
  await teachTwo(page);
  assert.equal(topLabel(await classify(page, sample('bed'))), 'Class 1');
  assert.deepEqual(await refusals(page), []);
  assert.deepEqual(await page.evaluate(() => /** @type {any} */ (globalThis).violations), []);
  await awaitKept(page, 4);
  await page.reload();
  await awaitLabels(page, ['Class 1', 'Class 2']);
});

test('where a file is given no storage it says so, and teaches', async (t) => {
  const refuse = () => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('denied', 'SecurityError');
    };
  };
  const { page } = await openFile(t, openEither, { prepare: (page) => page.evaluateOnNewDocument(refuse), ready: false });
  // Said as soon as it looks for what was taught before.
  await awaitRefusal(page, 'storage-unavailable');
  await begin(page);
  await teachTwo(page);
  assert.equal(topLabel(await classify(page, sample('bed'))), 'Class 1');
});

test('a crash is survived, with nothing to fetch the wasm from', { skip: chromiumOnly }, async (t) => {
  const opened = await openFile(t, openEither);
  const { page } = opened;
  await page.workers()[0]?.evaluate(() => {
    self.onmessage = () => self.postMessage({ trouble: { code: 'engine-crashed', message: 'a trap', crashed: true } });
  });
  assert.equal(topLabel(await classify(page, sample('sofa'))), 'sofa');
  assert.equal(page.workers().length, 1);
});

test('an address that is pasted is not fetched', async (t) => {
  const { page } = await openFile(t, openEither);
  const code = await page.evaluate(async () => {
    const element = /** @type {any} */ (document.querySelector('mobilenet-classifier'));
    return element.classify('https://example.org/picture.jpg').catch((/** @type {any} */ error) => error.code);
  });
  assert.equal(code, 'address-blocked');
});

test('real photos get the answers of the site', async (t) => {
  const folder = shared('data/furniture/val');
  if (!folder) return t.skip('no furniture photos on this machine');
  const photos = ['bed', 'chair', 'table'].flatMap((label) => filesIn(join(folder, label)).slice(0, 3));
  const { page } = await openFile(t, openEither);
  const site = await openSite();
  t.after(site.close);
  const hosted = (await openPage(site)).page;
  const said = (/** @type {Page} */ page) => eventsAfter(page, () => upload(page, photos), photos.length);
  const bits = (/** @type {Awaited<ReturnType<typeof said>>} */ events) => events.map((event) => classified(event).predictions);
  assert.deepEqual(bits(await said(page)), bits(await said(hosted)));
});

test('a file that came only in part says so', async (t) => {
  const folder = await temporary(t);
  const html = await readFile(FILE, 'utf8');
  const [before, after] = html.split('data-part="mobilenet_web_bg.wasm">');
  assert.ok(after);
  await writeFile(join(folder, 'damaged.html'), `${before}data-part="mobilenet_web_bg.wasm">${after.slice(40_000)}`);
  const site = await openAlone();
  t.after(site.close);
  const { page } = await openPage({ ...site, url: pathToFileURL(join(folder, 'damaged.html')).href }, { ready: false });
  await until(page, () => /did not arrive whole/.test(document.querySelector('main [role=alert]')?.textContent ?? ''));
});

/**
 * A page that the program made for a model that it trained on two classes of the samples.
 *
 * @param {import('node:test').TestContext} t
 * @param {string[]} [options] of training
 */
async function exportPage(t, options = []) {
  const folder = await temporary(t);
  const page = join(folder, 'mine.html');
  const model = await trainTwo(folder, options);
  await run(PROGRAM, ['export', model, '--format', 'html', '--page', FILE, '--out', page]);
  return page;
}

test('a page that was exported knows its own model as the built-in one', async (t) => {
  for (const [name, open, skip] of /** @type {const} */ ([['chromium', openChromium, false], ['firefox', openFirefox, noFirefox]])) {
    if (skip) continue;
    const opened = await openFile(t, open, { file: await exportPage(t) });
    const { page } = opened;
    assert.equal(await text(page, '#labels'), 'This model only knows: lie, sit.');
    assert.match(await text(page, '#facts'), /^Built in: .* on 4 validation photos$/);
    assert.equal(await hidden(page, '#reset'), true);
    assert.equal(await hidden(page, '#samples'), true, 'which are furniture');
    assert.equal(topLabel(await classify(page, sample('bed'))), 'lie');
    assert.equal(topLabel(await classify(page, sample('chair'))), 'sit');
    await screenshot(page, `onefile-mine-${name}`);
    await assertAlone(opened);
  }
});

test('a page with a model that has a backbone of its own answers, and can be taught', async (t) => {
  const file = await exportPage(t, ['--with-backbone']);
  assert.ok((await stat(file)).size > (await stat(FILE)).size + 2_000_000, 'it carries the backbone');
  const opened = await openFile(t, openEither, { file });
  const { page } = opened;
  assert.equal(await text(page, '#labels'), 'This model only knows: lie, sit.');
  assert.equal(topLabel(await classify(page, sample('bed'))), 'lie');
  await begin(page);
  await teachTwo(page);
  assert.equal(topLabel(await classify(page, sample('table'))), 'Class 2');
  await (await find(page, '#reset')).click();
  await until(page, () => /** @type {any} */ (document.querySelector('mobilenet-classifier')).model?.labels.join() === 'lie,sit');
  await assertAlone(opened);
  assert.deepEqual((await told(page)).filter(({ type }) => type !== 'classified'), []);
});

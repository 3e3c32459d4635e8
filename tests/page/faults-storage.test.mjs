// Storage that fails under the page: full, emptied, taken away, newer, or not there at all. What is taught stays in memory and can
// be saved as a file.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { clearStorage, downloadInto } from './acts.mjs';
import { classify, click, hidden, openPage, openSite, placed, sample, settled, text, topLabel, until } from './browser.mjs';
import { addFiles, awaitCounts, awaitFitted, awaitRefusal, begin, pause, press, refusals, teachTwo } from './teaching.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

/**
 * A browser of its own, so that nothing is kept from before.
 *
 * @param {import('node:test').TestContext} t
 * @param {(page: Page) => Promise<unknown>} [prepare]
 */
async function open(t, prepare) {
  const site = { ...(await openSite()), keeps: true };
  t.after(site.close);
  const { page, complaints } = await openPage(site, { prepare });
  return { site, page, complaints };
}

/**
 * It teaches from memory, answers, and gives all of it as a file.
 *
 * @param {import('node:test').TestContext} t
 * @param {Page} page
 */
async function keepsWorking(t, page) {
  await addFiles(page, 1, [sample('swivelchair')]);
  await awaitCounts(page, [2, 3]);
  await awaitFitted(page);
  assert.match(String(topLabel(await classify(page, sample('bed')))), /^Class [12]$/);
  const folder = await mkdtemp(join(tmpdir(), 'mobilenet-faults-'));
  t.after(() => rm(folder, { recursive: true }));
  await downloadInto(page, folder);
  await press(page, 'Save project');
  await until(page, () => /^Saved as/.test(/** @type {any} */ (globalThis).find('.outcome-status').textContent));
  for (let left = 100; left; left--) {
    const file = await readFile(join(folder, 'project.zip')).catch(() => null);
    if (file?.length) return assert.equal(file.subarray(0, 2).toString(), 'PK');
    await new Promise((next) => setTimeout(next, 50));
  }
  throw new Error('project.zip was not downloaded');
}

/** @type {[what: string, code: string, spoil: () => void][]} each runs in the page before its scripts */
const MISSING = [
  ['without IndexedDB', 'storage-unavailable', () => void Object.defineProperty(globalThis, 'indexedDB', { value: undefined })],
  ['where IndexedDB throws', 'storage-unavailable', () => void (IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); })],
  ['without storage, locks and service workers', '', () => {
    for (const name of ['storage', 'locks', 'serviceWorker']) Object.defineProperty(navigator, name, { value: undefined });
  }],
];

for (const [what, code, spoil] of MISSING) {
  test(`${what} it teaches from memory`, async (t) => {
    const site = await openSite();
    t.after(site.close);
    const { page } = await openPage(site, { ready: false, prepare: (opened) => opened.evaluateOnNewDocument(spoil) });
    await until(page, () => document.querySelector('mobilenet-classifier[data-ready]') !== null);
    await begin(page);
    if (code) await awaitRefusal(page, code);
    await teachTwo(page);
    await keepsWorking(t, page);
    assert.deepEqual([...new Set(await refusals(page))], code ? [code] : []);
  });
}

test('a database of a newer version is left alone, and told', async (t) => {
  const site = await openSite();
  t.after(site.close);
  const page = await site.browser.newPage();
  await page.goto(`${site.url}/samples/bed.jpg`);
  await page.evaluate(() => new Promise((done) => {
    const request = indexedDB.open('mobilenet-web', 99);
    request.onsuccess = () => (request.result.close(), done(undefined));
  }));
  const { page: opened } = await openPage(site, { ready: false });
  await awaitRefusal(opened, 'storage-unavailable');
  assert.match(await text(opened, '#notice'), /newer version of this page/);
  await begin(opened);
  await teachTwo(opened);
  await keepsWorking(t, opened);
});

test('a disk that is full, at any write, is told once, and what was not kept is kept later', async (t) => {
  const { page, complaints } = await open(t);
  await begin(page);
  await page.evaluate(() => {
    const { put } = IDBObjectStore.prototype;
    const disk = { full: true };
    Object.assign(globalThis, { disk });
    IDBObjectStore.prototype.put = function (/** @type {[any]} */ ...words) {
      if (disk.full) throw new DOMException('The disk is full.', 'QuotaExceededError');
      return put.apply(this, words);
    };
  });
  await teachTwo(page);
  await keepsWorking(t, page);
  assert.deepEqual(await refusals(page), ['storage-full']);
  await page.evaluate(() => void (/** @type {any} */ (globalThis).disk.full = false));
  await addFiles(page, 0, [sample('table')]);
  await awaitCounts(page, [3, 3]);
  await awaitFitted(page);
  await page.reload();
  await settled(page);
  await awaitCounts(page, [3, 3]);
  assert.deepEqual(complaints, []);
});

for (const [what, empty] of /** @type {[string, (page: Page) => Promise<unknown>][]} */ ([
  ['deleted by a script', (page) => page.evaluate(() => void indexedDB.deleteDatabase('mobilenet-web'))],
  ['cleared by the person', clearStorage],
])) {
  test(`storage that is ${what} while the page is open is told, and nothing in it is lost`, async (t) => {
    const { page } = await open(t);
    await begin(page);
    await teachTwo(page);
    await empty(page);
    await awaitRefusal(page, 'storage-failed');
    assert.match(await text(page, '#notice'), /was deleted\. Save the project as a file/);
    await keepsWorking(t, page);
    await page.reload();
    await settled(page);
    assert.equal(topLabel(await classify(page, sample('bed'))), 'bed');
  });
}

test('two tabs that teach one project at once: one keeps it, the other says so, and neither spoils it', async (t) => {
  const { site, page } = await open(t);
  const { page: other } = await openPage(site);
  await Promise.all([begin(page), begin(other)]);
  await Promise.all([addFiles(page, 0, [sample('bed')]), addFiles(other, 0, [sample('sofa'), sample('chair')])]);
  await Promise.all([awaitCounts(page, [1, 0]), awaitCounts(other, [2, 0])]);
  const told = async () => [...(await refusals(page)), ...(await refusals(other))];
  // The second one waits for a moment, since the first might only be leaving.
  for (let left = 100; left && !(await told()).length; left--) await pause(100);
  assert.deepEqual(await told(), ['storage-unavailable']);
  const keeper = (await refusals(page)).length ? other : page;
  await keeper.reload();
  await settled(keeper);
  await awaitCounts(keeper, keeper === page ? [1, 0] : [2, 0]);
});

test('files of the site that were deleted from the device are fetched again at the next visit', async (t) => {
  const { site, page } = await open(t);
  const kept = () => page.evaluate(async () => {
    const [name = ''] = await caches.keys();
    return name ? (await (await caches.open(name)).keys()).length : 0;
  });
  const before = await kept();
  assert.ok(before > 25, `${before} files`);
  for (const empty of [
    () => page.evaluate(async () => void (await Promise.all((await caches.keys()).map((name) => caches.delete(name))))),
    () => page.evaluate(async (files) => {
      const [name = ''] = await caches.keys();
      const cache = await caches.open(name);
      for (const file of files) await cache.delete(new URL(file, location.href));
    }, ['wasm/mobilenet_web_bg.wasm', 'assets/main.js'].map((name) => placed(name))),
  ]) {
    await empty();
    assert.ok((await kept()) < before);
    await page.reload();
    await settled(page);
    assert.equal(topLabel(await classify(page, sample('bed'))), 'bed');
    await until(page, async (all) => {
      const [name = ''] = await caches.keys();
      return name && (await (await caches.open(name)).keys()).length === all;
    }, before);
  }
  await site.server.close();
  await page.reload();
  await settled(page);
  assert.equal(await hidden(page, '#notice'), true);
  await click(page, 'button:has(img[src$="/sofa.jpg"])');
  await until(page, () => /** @type {any} */ (globalThis).find('#headline').textContent === 'sofa');
});

// What was taught is kept in the browser: it is there after a reload, one tab at a time has it, and a full disk takes nothing away.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { FURNITURE, chromiumOnly, classify, find, hidden, openPage, openSite, sample, settled, text, topLabel, until } from './browser.mjs';
import { addFiles, awaitCounts, awaitFitted, awaitKept, awaitLabels, awaitRefusal, awaitTaught, begin, counts, head, names, openTeacher, pause, press, refusals, teachTwo } from './teaching.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

test('a reload brings back classes, samples and the taught model, without a click', async (t) => {
  const { page, complaints } = await openTeacher(t);
  await teachTwo(page);
  const taught = await head(page);
  await press(page, 'Add a class');
  await page.keyboard.type('empty');
  await page.keyboard.press('Enter');
  await awaitKept(page, 4);
  await page.reload();
  await awaitTaught(page);
  await awaitCounts(page, [2, 2, 0]);
  assert.deepEqual(await names(page), ['Class 1', 'Class 2', 'empty']);
  assert.deepEqual(await head(page), taught);
  await awaitLabels(page, ['Class 1', 'Class 2']);
  assert.equal(topLabel(await classify(page, sample('bed'))), 'Class 1');
  assert.deepEqual(await refusals(page), []);
  assert.deepEqual(complaints, []);
});

test('where nothing was taught a reload brings the invitation, and names that were given come with a click', async (t) => {
  const { page } = await openTeacher(t);
  await press(page, 'Add a class');
  await page.keyboard.type('mug');
  await page.keyboard.press('Enter');
  await until(page, () => /** @type {any} */ (globalThis).find('.class-card:nth-child(3) .class-label').value === 'mug');
  await awaitKept(page, 0);
  await pause(200);
  await page.reload();
  await settled(page);
  await until(page, () => /** @type {any} */ (globalThis).find('.invitation') !== null);
  await begin(page);
  assert.deepEqual(await names(page), ['Class 1', 'Class 2', 'mug']);
});

test('a link to a head is what its sender wants to be seen, and what was taught here waits for a click', async (t) => {
  const { page, site } = await openTeacher(t);
  await teachTwo(page);
  await awaitKept(page, 4);
  const link = `${site.url}#head=${(await readFile(FURNITURE)).toString('base64url')}`;
  await page.goto('about:blank');
  await page.goto(link);
  await settled(page);
  await pause(800);
  await awaitLabels(page, ['bed', 'chair', 'sofa', 'swivelchair', 'table']);
  assert.equal(await page.evaluate(() => /** @type {any} */ (document.querySelector('mobilenet-classifier')).model.name), 'From the link');
  assert.equal(await hidden(page, '.invitation'), false);
  await begin(page);
  await awaitCounts(page, [2, 2]);
  await awaitLabels(page, ['Class 1', 'Class 2']);
});

test('a tab that only looks keeps the project from nobody', async (t) => {
  const site = await openSite();
  t.after(site.close);
  const { page: first } = await openPage(site);
  const { page: second } = await openPage(site);
  await pause(2000);
  assert.deepEqual([await refusals(first), await refusals(second)], [[], []]);
  await begin(second);
  await teachTwo(second);
  await awaitKept(second, 4);
});

test('the second tab of a project says so once, and teaches from memory', async (t) => {
  const { page: first, site } = await openTeacher(t);
  await teachTwo(first);
  await awaitKept(first, 4);
  const { page: second } = await openPage(site, { ready: false });
  await awaitRefusal(second, 'storage-unavailable');
  assert.match(await text(second, '#notice'), /open in another tab/);
  await begin(second);
  const [before] = [await refusals(second)];
  await addFiles(second, 0, ['table', 'chair'].map(sample));
  await addFiles(second, 1, [sample('bed')]);
  await awaitCounts(second, [2, 1]);
  await awaitFitted(second);
  await awaitLabels(second, ['Class 1', 'Class 2']);
  assert.equal(topLabel(await classify(second, sample('bed'))), 'Class 2');
  assert.deepEqual(await refusals(second), before, 'not again for every sample');
  assert.deepEqual(await counts(first), [2, 2]);
  await second.close();
  await first.reload();
  await awaitCounts(first, [2, 2]);
});

test('a full disk is told once, nothing is lost in memory, and removing samples mends it', { skip: chromiumOnly }, async (t) => {
  const site = await openSite();
  t.after(site.close);
  const { page } = await openPage(site);
  const session = await page.createCDPSession();
  // Before the first write: afterwards the browser remembers for a while how much room there was.
  const usage = await page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
  await session.send('Storage.overrideQuotaForOrigin', { origin: site.url, quotaSize: usage + 1_000_000 });
  await begin(page);
  const big = await bigPicture(page);
  await addFiles(page, 0, [sample('bed')]);
  await awaitCounts(page, [1, 0]);
  assert.deepEqual(await refusals(page), []);
  await give(page, 1, big);
  await awaitRefusal(page, 'storage-full');
  assert.equal(await hidden(page, '#notice'), false);
  assert.match(await text(page, '#notice'), /no space left.*Save the project as a file/s);
  await addFiles(page, 1, [sample('chair'), sample('table')]);
  await awaitCounts(page, [1, 3]);
  await awaitFitted(page);
  await awaitLabels(page, ['Class 1', 'Class 2']);
  assert.deepEqual(await refusals(page), ['storage-full']);
  assert.equal(topLabel(await classify(page, sample('chair'))), 'Class 2');

  // It stays within reach of an undo, so its bytes are kept until there is room.
  await session.send('Storage.overrideQuotaForOrigin', { origin: site.url });
  await press(page, 'Add a class');
  await awaitKept(page, 4);
  await page.reload();
  await awaitCounts(page, [1, 3, 0]);
});

/**
 * A picture of noise, of some megabytes.
 *
 * @param {Page} page
 */
function bigPicture(page) {
  return page.evaluateHandle(async () => {
    const canvas = new OffscreenCanvas(1200, 1000);
    const context = canvas.getContext('2d');
    const pixels = context?.createImageData(1200, 1000);
    if (!pixels) throw new Error('no canvas');
    for (let at = 0; at < pixels.data.length; at += 65536) crypto.getRandomValues(pixels.data.subarray(at, at + 65536));
    for (let at = 3; at < pixels.data.length; at += 4) pixels.data[at] = 255;
    context?.putImageData(pixels, 0, 0);
    return new File([await canvas.convertToBlob({ type: 'image/png' })], 'big.png', { type: 'image/png' });
  });
}

/**
 * @param {Page} page
 * @param {number} index of the class
 * @param {import('puppeteer-core').JSHandle<File>} file made in the page
 */
async function give(page, index, file) {
  await (await find(page, `.class-card:nth-child(${index + 1}) input[type=file]`)).evaluate((input, chosen) => {
    const transfer = new DataTransfer();
    transfer.items.add(chosen);
    /** @type {HTMLInputElement} */ (input).files = transfer.files;
    input.dispatchEvent(new Event('change'));
  }, file);
}

// Teaching with picture files: chosen, dropped on a class, and dropped as a folder for each class.

import assert from 'node:assert/strict';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { drag } from './acts.mjs';
import { chromiumOnly, classify, find, hidden, openSources, sample, text, told, topLabel, until } from './browser.mjs';
import { BROKEN, CARD, addFiles, awaitCounts, awaitFitted, awaitLabels, counts, names, openTeacher, refusals, teachTwo, temporary } from './teaching.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

test('pictures chosen for two classes teach, and the model answers', async (t) => {
  const { page, complaints } = await openTeacher(t);
  await teachTwo(page);
  assert.equal(topLabel(await classify(page, sample('bed'))), 'Class 1');
  assert.equal(topLabel(await classify(page, sample('table'))), 'Class 2');
  const images = await (await find(page, CARD(0))).$$eval('.class-strip img', (all) => all.map((image) => /** @type {HTMLImageElement} */ (image).naturalWidth > 0));
  assert.deepEqual(images, [true, true]);
  assert.match(await text(page, '.advice'), /“Class 1” has 2 samples: add some/);
  assert.deepEqual(await refusals(page), []);
  assert.deepEqual(complaints, []);
});

test('what is pasted with the focus on a class is its sample, and elsewhere it is classified', async (t) => {
  const { page } = await openTeacher(t);
  const paste = (/** @type {string} */ selector) =>
    page.evaluate(async (selector) => {
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File([await (await fetch('samples/sofa.jpg')).blob()], 'sofa.jpg', { type: 'image/jpeg' }));
      const { find, paste } = /** @type {any} */ (globalThis);
      paste(clipboardData, find(selector));
    }, selector);
  await paste(`${CARD(1)} .hold`);
  await awaitCounts(page, [0, 1]);
  assert.equal((await told(page)).length, 0);
  await paste('#camera');
  await until(page, () => /** @type {any} */ (globalThis).told.length === 1);
  assert.equal(topLabel((await told(page)).at(-1)), 'sofa');
  assert.deepEqual(await counts(page), [0, 1]);
});

test('a damaged file is told of by name and left out, and the others are taken', async (t) => {
  const { page } = await openTeacher(t);
  await addFiles(page, 1, [sample('chair')]);
  await awaitCounts(page, [0, 1]);
  await addFiles(page, 0, [sample('bed'), BROKEN, sample('sofa')]);
  await awaitCounts(page, [2, 1]);
  await awaitFitted(page);
  const errors = (await told(page)).filter((event) => event.type === 'classifier-error');
  assert.deepEqual(errors.map(({ name, code }) => [name, code]), [['browser.mjs', 'unsupported-format']]);
  assert.equal(await hidden(page, '#notice'), false, 'it is still told after the fit');
  assert.match(await text(page, '#notice'), /browser\.mjs/);
  await addFiles(page, 0, [BROKEN]);
  await until(page, () => /** @type {any} */ (globalThis).told.length === 2);
  await until(page, () => /^Learned in/.test(/** @type {any} */ (globalThis).find('.outcome-status').textContent));
  assert.deepEqual(await counts(page), [2, 1]);
});

/**
 * Drops files or folders in the middle of something.
 *
 * @param {Page} page
 * @param {string} selector
 * @param {string[]} files
 */
async function drop(page, selector, files) {
  const target = await find(page, selector);
  await target.scrollIntoView();
  const box = await target.boundingBox();
  assert.ok(box);
  const letGo = await drag(page, files, { x: box.x + box.width / 2, y: box.y + 8 });
  const marked = await target.evaluate((element) => element.hasAttribute('data-dropping'));
  await letGo();
  return marked;
}

test('files dropped on a class are its samples, and nothing is left marked', async (t) => {
  const { page } = await openTeacher(t);
  assert.equal(await drop(page, CARD(1), [sample('bed'), sample('sofa')]), true);
  await awaitCounts(page, [0, 2]);
  assert.deepEqual(await told(page), [], 'the classifier left them alone');
  assert.equal(await page.evaluate(() => document.querySelector('[data-dropping]')), null);
  assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).find('.class-card[data-dropping]')), null);
});

test('folders dropped on the classes are classes, also inside one folder, and fill one of their name', { skip: chromiumOnly }, async (t) => {
  const folder = await temporary(t);
  const classes = { mug: ['bed', 'sofa'], phone: ['chair', 'table', 'swivelchair'] };
  for (const [label, pictures] of Object.entries(classes)) {
    await mkdir(join(folder, 'things', label), { recursive: true });
    for (const picture of pictures) await copyFile(sample(picture), join(folder, 'things', label, `${picture}.jpg`));
  }
  const { page } = await openTeacher(t);
  await drop(page, '.class-list', [join(folder, 'things', 'mug'), join(folder, 'things', 'phone')]);
  await awaitCounts(page, [0, 0, 2, 3]);
  assert.deepEqual(await names(page), ['Class 1', 'Class 2', 'mug', 'phone']);
  await awaitLabels(page, ['mug', 'phone']);
  await drop(page, CARD(2), [join(folder, 'things')]);
  await awaitCounts(page, [0, 0, 4, 6]);
  assert.deepEqual(await refusals(page), []);
});

test('a folder of a thousand pictures comes in portions, and none is missed', async (t) => {
  const { page } = await openTeacher(t, openSources);
  const found = await page.evaluate(async () => {
    const { listenToDrops } = await import(new URL('../pkg/teach/drops.js', location.href).href);
    // As browsers hand them out: a hundred at a time, and an empty portion in the end.
    const files = Array.from({ length: 1000 }, (_, at) => ({ isFile: true, isDirectory: false, name: `${1000 + at}.jpg`, file: (/** @type {any} */ give) => give(new File(['x'], `${1000 + at}.jpg`)) }));
    const folder = { isFile: false, isDirectory: true, name: 'mug', createReader: () => {
      const left = [...files, { ...files[0], name: '.hidden' }];
      return { readEntries: (/** @type {any} */ give) => give(left.splice(0, 100)) };
    } };
    const target = document.createElement('div');
    const dropped = new Promise((onFolders, onFailure) => listenToDrops(target, { onFolders, onFailure }));
    const event = new DragEvent('drop', { cancelable: true });
    Object.defineProperty(event, 'dataTransfer', { value: { items: [{ webkitGetAsEntry: () => folder }], files: [] } });
    target.dispatchEvent(event);
    return [...(await dropped)].map(([label, all]) => [label, all.length, all[0].name, all.at(-1).name]);
  });
  assert.deepEqual(found, [['mug', 1000, '1000.jpg', '1999.jpg']]);
});

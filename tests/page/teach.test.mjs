// Teaching, as a person does it: with a camera that looks at one thing and then at another, and with files.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { click, find, openPage, openSite, sample, screenshot, text, told, topLabel, until } from './browser.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

const folder = await mkdtemp(join(tmpdir(), 'mobilenet-teach-'));
after(() => rm(folder, { recursive: true }));

// Seconds of each thing, at the 30 frames a second that a fake camera has.
const SCENE_FRAMES = 120;

/**
 * A browser whose camera looks at one sample, then at the other, over and over.
 *
 * @param {string[]} labels
 */
async function openCamera(labels) {
  const film = join(folder, `${labels.join('-')}.mjpeg`);
  const pictures = await Promise.all(labels.map((label) => readFile(sample(label))));
  await writeFile(film, Buffer.concat(pictures.flatMap((picture) => Array.from({ length: SCENE_FRAMES }, () => picture))));
  return openSite(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', `--use-file-for-fake-video-capture=${film}`]);
}

/**
 * Waits until what the camera shows has just become this.
 *
 * @param {Page} page
 * @param {string} label as the model names it that is open now
 */
async function awaitScene(page, label) {
  for (let last = ''; ; ) {
    const event = (await told(page)).at(-1);
    const now = event?.type === 'classified' ? (topLabel(event) ?? '') : '';
    if (now === label && last !== '' && last !== label) return;
    last = now;
    await pause(30);
  }
}

/**
 * @param {Page} page
 * @param {number} index of the class
 * @param {number} millis
 */
async function hold(page, index, millis) {
  const button = await find(page, `.class-card:nth-child(${index + 1}) .hold`);
  await button.scrollIntoView();
  const box = await button.boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await pause(millis);
  await page.mouse.up();
}

/** @param {number} millis */
function pause(millis) {
  return new Promise((resolve) => setTimeout(resolve, millis));
}

/** @param {Page} page */
function counts(page) {
  return page.evaluate(() =>
    [.../** @type {any} */ (globalThis).find('.class-list').querySelectorAll('.class-count')].map((count) => parseInt(count.textContent, 10) || 0),
  );
}

/**
 * @param {Page} page
 * @param {number} count
 */
async function awaitTaught(page, count = 1) {
  await until(page, (least) => /** @type {any} */ (globalThis).taught.length >= least, count);
}

test('three actions from the first visit to a model of two classes that works live', async (t) => {
  const site = await openCamera(['sofa', 'bed']);
  t.after(site.close);
  const { page, complaints } = await openPage(site);
  await until(page, () => /** @type {any} */ (globalThis).find('.invitation button') !== null);
  await page.evaluate(() => {
    const blocked = /** @type {number[]} */ ([]);
    Object.assign(globalThis, { blocked });
    new PerformanceObserver((list) => blocked.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
  });

  await click(page, '.invitation button');
  await awaitScene(page, 'sofa');
  await hold(page, 0, 1500);
  await awaitScene(page, 'bed');
  await hold(page, 1, 1500);

  await awaitTaught(page);
  const taken = await counts(page);
  assert.ok(taken.length === 2 && taken.every((count) => count >= 5), `${taken} samples`);
  assert.deepEqual(await page.evaluate(() => /** @type {any} */ (globalThis).taught[0].labels), ['Class 1', 'Class 2']);
  const before = (await told(page)).length;
  await awaitScene(page, 'Class 1');
  await awaitScene(page, 'Class 2');
  const live = (await told(page)).slice(before);
  assert.ok(live.every((event) => event.type === 'classified'), JSON.stringify(live.find((event) => event.type !== 'classified')));
  await screenshot(page, 'teach-live');
  assert.match(await text(page, '.outcome-status'), /^Learned in \d\.\d s\. /);
  assert.deepEqual(await page.evaluate(() => /** @type {any} */ (globalThis).blocked), []);
  assert.deepEqual(await page.evaluate(() => /** @type {any} */ (globalThis).violations), []);
  assert.deepEqual(complaints, []);
});

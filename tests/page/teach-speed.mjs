// How fast teaching is with as many samples as a person takes in a few minutes: how long a fit takes, and what blocks the page.
// No test, since a busy machine would fail it: `./build.sh bench teach` prints the figures.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLASSES, text, until } from './browser.mjs';
import { awaitCounts, awaitLabels, openTeacher, press, refusals } from './teaching.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

const SAMPLES = 100;

/**
 * Gives each class a hundred parts of one sample, as files.
 *
 * @param {Page} page
 */
function giveParts(page) {
  return page.evaluate(
    async (labels, count) => {
      const { find } = /** @type {any} */ (globalThis);
      const part = async (/** @type {ImageBitmap} */ picture, /** @type {number} */ at) => {
        const canvas = new OffscreenCanvas(200, 150);
        canvas.getContext('2d')?.drawImage(picture, at % 10, Math.floor(at / 10), 200 + at / 4, 150 + at / 4, 0, 0, 200, 150);
        return new File([await canvas.convertToBlob({ type: 'image/jpeg' })], `${at}.jpg`);
      };
      const all = [];
      for (const label of labels) {
        const picture = await createImageBitmap(await (await fetch(`samples/${label}.jpg`)).blob());
        all.push(await Promise.all(Array.from({ length: count }, (_, at) => part(picture, at))));
      }
      // From here on the page works for its person, and not for this test.
      const blocked = /** @type {string[]} */ ([]);
      Object.assign(globalThis, { blocked, stage: 'adding' });
      const note = (/** @type {PerformanceEntry} */ { duration }) => blocked.push(`${/** @type {any} */ (globalThis).stage} ${duration}`);
      new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type: 'longtask' });
      for (const [index, files] of all.entries()) {
        const input = find(`.class-card:nth-child(${index + 1}) input[type=file]`);
        const transfer = new DataTransfer();
        for (const file of files) transfer.items.add(file);
        input.files = transfer.files;
        input.dispatchEvent(new Event('change'));
      }
    },
    CLASSES,
    SAMPLES,
  );
}

test('five classes of a hundred samples', async (t) => {
  const { page } = await openTeacher(t);
  for (let more = 2; more < CLASSES.length; more++) await press(page, 'Add a class');
  await giveParts(page);
  const expected = CLASSES.map((_, index) => `Class ${index + 1}`);
  await untilPatiently(() => awaitCounts(page, CLASSES.map(() => SAMPLES)));
  await stage(page, 'fitting');
  await untilPatiently(() => awaitLabels(page, expected));
  await until(page, () => /^Learned in/.test(/** @type {any} */ (globalThis).find('.outcome-status').textContent) && /** @type {any} */ (globalThis).taught.at(-1).samples === 500);
  const [, seconds] = (await text(page, '.outcome-status')).match(/^Learned in ([\d.]+) s/) ?? [];
  await stage(page, 'gallery');
  await press(page, '100 samples: show those of Class 1');
  await page.keyboard.press('Escape');
  await stage(page, 'undo');
  await press(page, 'Start over');
  await press(page, 'Undo');
  await awaitCounts(page, CLASSES.map(() => SAMPLES));
  await stage(page, 'saving');
  await press(page, 'Save project');
  await until(page, () => /^Saved/.test(/** @type {any} */ (globalThis).find('.outcome-status').textContent) || /^Learned/.test(/** @type {any} */ (globalThis).find('.outcome-status').textContent));
  const blocked = /** @type {string[]} */ (await page.evaluate(() => /** @type {any} */ (globalThis).blocked));
  t.diagnostic(`fitted in ${seconds} s; tasks of over 50 ms: ${blocked.join(', ') || 'none'}`);
  assert.deepEqual(await refusals(page), []);
});

/**
 * @param {Page} page
 * @param {string} name by which long tasks are told apart
 */
function stage(page, name) {
  return page.evaluate((now) => void Object.assign(globalThis, { stage: now }), name);
}

/**
 * Five hundred embeddings take longer than anything else that is waited for.
 *
 * @param {() => Promise<unknown>} wait
 */
async function untilPatiently(wait) {
  for (let patience = 5; ; patience--) {
    try {
      return await wait();
    } catch (error) {
      if (patience === 0) throw error;
    }
  }
}

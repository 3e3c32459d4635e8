// Teaching with a camera, by every way to hold its button.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { click, find, openPage, screenshot, text, told, until } from './browser.mjs';
import { CARD, awaitCounts, awaitScene, awaitTaught, begin, counts, hold, openCamera, pause, press, refusals } from './teaching.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

/**
 * Two empty classes, and the camera runs.
 *
 * @param {import('node:test').TestContext} t
 */
async function openLive(t) {
  const site = await openCamera(t, ['sofa', 'bed']);
  const { page } = await openPage(site);
  await begin(page);
  await click(page, '#camera');
  await until(page, () => /** @type {any} */ (globalThis).told.length > 0);
  return { site, page };
}

/**
 * Waits until samples stop coming.
 *
 * @param {Page} page
 */
async function settle(page) {
  for (let last = -1, now = 0; last !== now; ) {
    last = now;
    await pause(600);
    now = (await counts(page))[0] ?? 0;
  }
}

test('three actions from the first visit to a model of two classes that works live', async (t) => {
  const site = await openCamera(t, ['sofa', 'bed']);
  const { page, complaints } = await openPage(site);
  await until(page, () => /** @type {any} */ (globalThis).find('.invitation button') !== null);
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
  assert.deepEqual(await refusals(page), []);
  assert.deepEqual(await page.evaluate(() => /** @type {any} */ (globalThis).violations), []);
  assert.deepEqual(complaints, []);
});

test('a whole hold is one step to undo, and is redone as one', async (t) => {
  const { page } = await openLive(t);
  await hold(page, 0, 800);
  await settle(page);
  const [first = 0] = await counts(page);
  await hold(page, 0, 800);
  await settle(page);
  const [both = 0] = await counts(page);
  assert.ok(first >= 2 && both >= first + 2, `${first} samples, then ${both}`);
  await press(page, 'Undo');
  await awaitCounts(page, [first, 0]);
  await press(page, 'Undo');
  await awaitCounts(page, [0, 0]);
  await press(page, 'Redo');
  await press(page, 'Redo');
  await awaitCounts(page, [both, 0]);
});

for (const [name, key] of /** @type {const} */ ([['Space', ' '], ['Enter', 'Enter']])) {
  test(`${name} holds the button without scrolling the page, and its release ends it`, async (t) => {
    const { page } = await openLive(t);
    const button = await find(page, `${CARD(0)} .hold`);
    await button.focus();
    const before = await page.evaluate(() => scrollY);
    await page.keyboard.down(key);
    await pause(300);
    // As a keyboard repeats a key that is held.
    for (let repeat = 0; repeat < 5; repeat++) await page.keyboard.down(key);
    await pause(700);
    assert.equal(await button.evaluate((element) => element.hasAttribute('data-held')), true);
    await page.keyboard.up(key);
    assert.equal(await button.evaluate((element) => element.hasAttribute('data-held')), false);
    await settle(page);
    const taken = await counts(page);
    assert.ok(Number(taken[0]) >= 3 && taken[1] === 0, `${taken} samples`);
    assert.equal(await page.evaluate(() => scrollY), before);
    await press(page, 'Undo');
    await awaitCounts(page, [0, 0]);
    assert.deepEqual(await refusals(page), []);
  });
}

test('a click that no pointer made captures for about a second', async (t) => {
  const { page } = await openLive(t);
  const button = await find(page, `${CARD(1)} .hold`);
  await button.evaluate((element) => element.click());
  assert.equal(await button.evaluate((element) => element.hasAttribute('data-held')), true);
  await until(page, () => !(/** @type {any} */ (globalThis).find('.hold[data-held]')));
  await settle(page);
  const taken = await counts(page);
  assert.ok(taken[0] === 0 && Number(taken[1]) >= 3 && Number(taken[1]) <= 12, `${taken} samples`);
});

test('a tab that is hidden lets go of the button', async (t) => {
  const { page } = await openLive(t);
  const button = await find(page, `${CARD(0)} .hold`);
  await button.focus();
  await page.keyboard.down(' ');
  await until(page, () => parseInt(/** @type {any} */ (globalThis).find('.class-count').textContent, 10) >= 2);
  // Headless, no tab is ever hidden; this is what one that is hears.
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  assert.equal(await button.evaluate((element) => element.hasAttribute('data-held')), false);
  await settle(page);
  const taken = await counts(page);
  await pause(500);
  assert.deepEqual(await counts(page), taken);
  await page.keyboard.up(' ');
});

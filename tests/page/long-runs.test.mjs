// An afternoon with the page: eight classifiers side by side, and a teacher who changes her mind. MINUTES=10 and UNDOS=500 for
// a run of that length, ENGINE=firefox for the other browser.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sample, until } from './browser.mjs';
import { browserBytes, openMeasured, wasmBytes } from './measured.mjs';
import { addFiles, awaitCounts, awaitFitted, begin, counts, head, pause, press, teachTwo } from './teaching.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

const MINUTES = Number(process.env.MINUTES ?? 0.05);
const UNDOS = Number(process.env.UNDOS ?? 5);
const ELEMENTS = 8;
// As in memory.test.mjs.
const BROWSER_SLACK = 250_000_000;

test(`${ELEMENTS} elements with cameras share one worker for ${MINUTES} minutes`, async (t) => {
  const { site, page, complaints } = await openMeasured(t);
  await page.evaluate(openElements, ELEMENTS - 1);
  await until(page, (wanted) => document.querySelectorAll('mobilenet-classifier[data-ready]').length === wanted, ELEMENTS);
  await page.evaluate(startCameras);
  await until(page, () => /** @type {any} */ (globalThis).answers.every((/** @type {number} */ count) => count > 10));
  const [wasm, all] = [await wasmBytes(page), await browserBytes(site.browser)];
  await pause(MINUTES * 60_000);
  const answers = await page.evaluate(() => /** @type {any} */ (globalThis).answers);
  const fair = answers.reduce((/** @type {number} */ sum, /** @type {number} */ count) => sum + count, 0) / ELEMENTS;
  assert.ok(Math.min(...answers) >= fair / 2, `sessions take turns: ${answers}`);
  assert.equal(await wasmBytes(page), wasm);
  const end = await browserBytes(site.browser);
  assert.ok(end - all <= BROWSER_SLACK, `${all} bytes of the browser became ${end}`);
  await page.evaluate(() => document.querySelectorAll('mobilenet-classifier').forEach((element) => /** @type {any} */ (element).stopCamera()));
  assert.deepEqual(complaints, []);
  t.diagnostic(`frames: ${answers}; wasm: ${wasm} bytes; browser: ${all} and ${end}`);
});

test(`a sample is taught and taken back ${UNDOS} times, and nothing is left of it`, async (t) => {
  const { site, page, complaints } = await openMeasured(t);
  await begin(page);
  await teachTwo(page);
  const taught = await head(page);
  await teachAndUndo(page);
  const [wasm, all] = [await wasmBytes(page), await browserBytes(site.browser)];
  for (let undone = 1; undone < UNDOS; undone++) await teachAndUndo(page);
  await awaitFitted(page);
  assert.deepEqual(await counts(page), [2, 2]);
  assert.deepEqual(await head(page), taught, 'the same samples, the same bytes');
  assert.equal(await wasmBytes(page), wasm);
  const end = await browserBytes(site.browser);
  assert.ok(end - all <= BROWSER_SLACK, `${all} bytes of the browser became ${end}`);
  await page.reload();
  await begin(page);
  await awaitCounts(page, [2, 2]);
  assert.deepEqual(complaints, []);
  t.diagnostic(`wasm: ${wasm} bytes; browser: ${all} and ${end}`);
});

/** @param {Page} page */
async function teachAndUndo(page) {
  await addFiles(page, 0, [sample('table')]);
  await awaitCounts(page, [3, 2]);
  await press(page, 'Undo');
  await awaitCounts(page, [2, 2]);
}

/**
 * Runs in the page.
 *
 * @param {number} count beside the page's own
 */
function openElements(count) {
  for (let at = 0; at < count; at++) document.body.append(document.createElement('mobilenet-classifier'));
}

/** Runs in the page. Counts the answers of each element, and keeps none of them. */
function startCameras() {
  const elements = [...document.querySelectorAll('mobilenet-classifier')];
  const answers = elements.map(() => 0);
  Object.assign(globalThis, { answers });
  elements.forEach((element, at) => {
    element.addEventListener('classified', () => {
      answers[at] = (answers[at] ?? 0) + 1;
      /** @type {any} */ (globalThis).told.length = 0;
    });
    /** @type {any} */ (element).startCamera();
  });
}

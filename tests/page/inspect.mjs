// How a state of the page looks: a screenshot, nothing wider than the window, nothing that axe objects to, nothing too small to hit.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { emulate } from './acts.mjs';
import { screenshot } from './browser.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const WINDOWS = [{ width: 390, height: 844 }, { width: 1440, height: 900 }];

/**
 * @param {Page} page
 * @param {string} scheme
 * @param {{ width: number, height: number }} window
 */
export async function dress(page, scheme, window) {
  await page.setViewport(window);
  await emulate(page, scheme);
}

/**
 * @param {Page} page
 * @param {string} name of the screenshot
 */
export async function inspect(page, name) {
  await screenshot(page, name);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `${name} scrolls sideways`);
  assert.deepEqual(await objections(page), [], name);
  assert.deepEqual(await smallTargets(page), [], name);
}

/** @param {Page} page */
export async function objections(page) {
  await page.evaluate(AXE);
  // What passes is not collected: most of the time would go into how to find it again.
  const { violations } = await page.evaluate(() => /** @type {any} */ (globalThis).axe.run({ resultTypes: ['violations'], selectors: false }));
  return violations.map((/** @type {any} */ { id, nodes }) => `${id}: ${nodes.map((/** @type {any} */ { html }) => html).join(' ')}`);
}

/**
 * WCAG 2.2 asks for 24 px; the main buttons promise 44.
 *
 * @param {Page} page
 */
function smallTargets(page) {
  return page.evaluate(() =>
    [document, ...[...document.querySelectorAll('mobilenet-classifier, mobilenet-teacher')].map(({ shadowRoot }) => shadowRoot)]
      .flatMap((root) => [...(root?.querySelectorAll('button, label, select, summary, input:not(.file)') ?? [])])
      .filter((target) => target.checkVisibility())
      .map((target) => ({ html: target.outerHTML, box: target.getBoundingClientRect(), least: target.matches('.button:not(.small)') ? 44 : 24 }))
      .filter(({ box, least }) => box.height < least || box.width < least)
      .map(({ html }) => html),
  );
}

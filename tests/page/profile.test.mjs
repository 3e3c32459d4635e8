// The profile: `?profile` shows where the time of a frame goes, and nobody else downloads it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openPage, openSite, text, until } from './browser.mjs';

/** Multiplications and additions of a frame, as `src/core/network/profile.rs` counts them. */
const GIGA_OPERATIONS = 0.598988544;

/** @type {Awaited<ReturnType<typeof openSite>>} */
let site;
before(async () => (site = await openSite()));
after(() => site.close());

test('the profile has a row for every layer, and the rows add up', async () => {
  const { page, complaints } = await openPage({ ...site, url: `${site.url}?profile` });
  await until(page, () => document.querySelectorAll('.profile tbody').length === 2);
  const [sums, layers] = [await millis(page, 1), await millis(page, 2)];
  assert.equal(layers.length, 52);
  assert.equal(sums.length, 6);
  // Every number is rounded to 0.01 ms.
  const total = layers.reduce((sum, next) => sum + next);
  assert.ok(Math.abs(total - Number(sums[0])) <= 52 * 0.005 + 0.005, `${total} of ${sums[0]}`);
  checkSummary(await text(page, '.profile .facts'));
  assert.deepEqual(complaints, []);
  await page.close();
});

test('without ?profile nothing of it is fetched', async () => {
  // The page's own requests: the service worker keeps the profile with the rest of the site.
  const fromPage = /** @type {string[]} */ ([]);
  const { page } = await openPage(site, { prepare: async (opened) => opened.on('request', (request) => fromPage.push(request.url())) });
  assert.ok(fromPage.some((address) => address.includes('/main-')));
  assert.deepEqual(fromPage.filter((address) => address.includes('profile')), []);
  await page.close();
});

/**
 * How fast it is depends on the machine; how its figures belong together does not. Each may be half a digit off.
 *
 * @param {string} summary
 */
function checkSummary(summary) {
  const [, millis = NaN, speed = NaN, share = NaN, peak = NaN] =
    summary.match(/takes ([\d.]+) ms .*: ([\d.]+) Gop\/s, ([\d.]+)% of the (\d+) Gop\/s/)?.map(Number) ?? [];
  assert.match(summary, / \((relaxed-simd|simd128)\)\.$/, 'the instructions that it ran on');
  const operations = (millis * speed) / 1e3;
  assert.ok(Math.abs(operations - GIGA_OPERATIONS) <= (0.05 * (millis + speed) + 0.0025) / 1e3, summary);
  const expected = (100 * speed) / peak;
  assert.ok(Math.abs(share - expected) <= 0.05 + expected * (0.05 / speed + 0.5 / (peak - 0.5)), summary);
}

/**
 * @param {import('puppeteer-core').Page} page
 * @param {number} group 1: sums, 2: layers
 */
async function millis(page, group) {
  return page.$$eval(`.profile tbody:nth-of-type(${group}) td:nth-of-type(1)`, (cells) => cells.map(({ textContent }) => Number(textContent)));
}

// The page in WebKitGTK, the nearest to Safari that a test on Linux gets: the same bits as in Chromium, no network, no request.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { updatesOnTheClick, worksAlone } from './assemble.mjs';
import { openPage, settled, text, until } from './browser.mjs';
import { answers, chromiumAnswers, noWebKit, openWebKit } from './engines.mjs';

const skip = noWebKit ?? false;

test('WebKitGTK gives the same bits as Chromium', { skip }, async (t) => {
  const expected = await chromiumAnswers();
  const site = await openWebKit();
  t.after(site.close);
  const { page } = await openPage(site);
  assert.deepEqual(await answers(page), expected);
  assert.equal(await text(page, '#requests'), '0 requests since the page has loaded.');
});

test('WebKitGTK opens the page without its server, and counts requests', { skip }, async (t) => {
  const site = await openWebKit();
  t.after(site.close);
  const { page } = await openPage(site);
  assert.equal(await page.evaluate(() => document.documentElement.dataset.offline), 'ready-offline');
  await page.reload();
  await settled(page);
  await page.evaluate(() => fetch('theme.css?fresh').then((response) => response.text()));
  await until(page, () => document.getElementById('requests')?.textContent === '1 request since the page has loaded.');
  await site.server.close();
  await worksAlone(page);
});

test('WebKitGTK updates on the click, with nothing fetched but what changed', { skip }, (t) => updatesOnTheClick(t, openWebKit));

// The page in WebKitGTK, the nearest to Safari that a test on Linux gets: the same bits as in Chromium, no network, no request.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { assemble, ground, repaint, repainted } from './assemble.mjs';
import { after as eventsAfter, classify, openPage, sample, settled, text, topLabel, until } from './browser.mjs';
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
  await page.reload();
  await settled(page);
  assert.equal(topLabel(await classify(page, sample('chair'))), 'chair');
  const [event] = await eventsAfter(page, () => page.click('button:has(img[src$="/sofa.jpg"])'));
  assert.equal(topLabel(event), 'sofa');
  assert.equal(await text(page, '#requests'), '0 requests since the page has loaded.');
});

test('WebKitGTK updates on the click, with nothing fetched but what changed', { skip }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'mobilenet-webkit-'));
  t.after(() => rm(folder, { recursive: true }));
  const host = join(folder, 'site');
  await assemble(host);
  const site = await openWebKit(host);
  t.after(site.close);
  const { page } = await openPage(site);
  await page.reload();
  await settled(page);
  const old = await ground(page);
  await assemble(host, repaint);
  site.requests.length = 0;
  await page.reload();
  await until(page, () => document.documentElement.dataset.offline === 'update-ready');
  assert.equal(await ground(page), old);
  assert.deepEqual(site.requests.filter((path) => path !== '/sw.js'), ['/theme.css']);
  await page.click('#update .button');
  await repainted(page);
  assert.equal(await page.evaluate(async () => (await caches.keys()).length), 1);
});

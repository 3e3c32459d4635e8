// The page in WebKitGTK, the nearest to Safari that a test on Linux gets: the same bits as in Chromium, no network, no request.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { updatesOnTheClick, worksAlone } from './assemble.mjs';
import { after as eventsAfter, classified, classify, click, openPage, sample, settled, text, topLabel, until } from './browser.mjs';
import { answers, chromiumAnswers, noWebKit, openWebKit } from './engines.mjs';
import { addFiles, awaitCounts, awaitFitted, awaitKept, awaitLabels, begin, head, press, refusals, teachTwo } from './teaching.mjs';

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

test('WebKitGTK classifies files and samples, and shows where the evidence is', { skip }, async (t) => {
  const site = await openWebKit();
  t.after(site.close);
  const { page } = await openPage(site);
  const [event] = await eventsAfter(page, () => click(page, 'button[value="sofa.jpg"]'));
  assert.deepEqual([topLabel(event), event?.source], ['sofa', 'sample']);
  assert.equal(topLabel(await classify(page, sample('chair'))), 'chair');
  await click(page, '#evidence');
  await until(page, () => !(/** @type {any} */ (globalThis).find('#heat').hidden));
  assert.equal(await text(page, '#heat-caption'), 'Evidence for chair');
  assert.deepEqual(await page.evaluate(() => /** @type {any} */ (globalThis).violations), []);
});

test('WebKitGTK is taught from files, takes a step back, and keeps what it learned', { skip }, async (t) => {
  const site = await openWebKit();
  t.after(site.close);
  const { page } = await openPage(site);
  await begin(page);
  await teachTwo(page);
  assert.equal(topLabel(await classify(page, sample('bed'))), 'Class 1');
  assert.equal(topLabel(await classify(page, sample('table'))), 'Class 2');
  const taught = await head(page);
  await addFiles(page, 1, [sample('swivelchair')]);
  await awaitCounts(page, [2, 3]);
  await awaitFitted(page);
  await press(page, 'Undo');
  await awaitCounts(page, [2, 2]);
  await awaitFitted(page);
  assert.deepEqual(await head(page), taught);
  await awaitKept(page, 4);
  assert.deepEqual(await refusals(page), []);
  await page.reload();
  await awaitLabels(page, ['Class 1', 'Class 2']);
  await awaitCounts(page, [2, 2]);
  assert.equal(topLabel(await classify(page, sample('bed'))), 'Class 1');
});

test('WebKitGTK classifies what its camera sees', { skip }, async (t) => {
  const site = await openWebKit();
  t.after(site.close);
  const { page } = await openPage(site);
  for (const event of await eventsAfter(page, () => click(page, '#camera'), 5)) {
    assert.equal(classified(event).source, 'camera');
    assert.equal(classified(event).predictions.length, 5);
  }
  await click(page, '#camera');
  assert.equal(await text(page, '#camera'), 'Start camera');
});

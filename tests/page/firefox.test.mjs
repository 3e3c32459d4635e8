// The page in Firefox: the same bits as in Chromium, its camera, no network, and no request.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { updatesOnTheClick, worksAlone } from './assemble.mjs';
import { after as eventsAfter, classified, classify, click, openPage, sample, text, topLabel, until } from './browser.mjs';
import { answers, chromiumAnswers, noFirefox, openFirefox } from './engines.mjs';
import { awaitCounts, awaitFitted, awaitLabels, begin, counts, hold, press, teachTwo } from './teaching.mjs';

const skip = noFirefox ?? false;

test('Firefox gives the same bits as Chromium', { skip }, async (t) => {
  const expected = await chromiumAnswers();
  const site = await openFirefox();
  t.after(site.close);
  const { page, complaints } = await openPage(site);
  assert.deepEqual(await answers(page), expected);
  assert.equal(await text(page, '#requests'), '0 requests since the page has loaded.');
  assert.deepEqual(complaints, []);
});

test('Firefox classifies what its camera sees', { skip }, async (t) => {
  const site = await openFirefox();
  t.after(site.close);
  const { page, complaints } = await openPage(site);
  for (const event of await eventsAfter(page, () => click(page, '#camera'), 5)) {
    assert.equal(classified(event).source, 'camera');
    assert.equal(classified(event).predictions.length, 5);
  }
  assert.match(await text(page, '#time'), /ms per frame, \d+ frames? a second$/);
  assert.deepEqual(complaints, []);
});

test('Firefox opens the page without its server, and counts requests', { skip }, async (t) => {
  const site = await openFirefox();
  t.after(site.close);
  const { page } = await openPage({ ...site, keeps: true });
  assert.equal(await page.evaluate(() => document.documentElement.dataset.offline), 'ready-offline');
  await site.server.close();
  await worksAlone(page);
  await page.evaluate(() => fetch('theme.css?fresh').catch(() => {}));
  await until(page, () => document.getElementById('requests')?.textContent === '1 request since the page has loaded.');
});

test('Firefox updates on the click, with nothing fetched but what changed', { skip }, (t) => updatesOnTheClick(t, openFirefox));

test('Firefox is taught from files', { skip }, async (t) => {
  const site = await openFirefox();
  t.after(site.close);
  const { page, complaints } = await openPage(site);
  await begin(page);
  await teachTwo(page);
  assert.equal(topLabel(await classify(page, sample('bed'))), 'Class 1');
  assert.equal(topLabel(await classify(page, sample('table'))), 'Class 2');
  assert.deepEqual(complaints, []);
});

test('Firefox is taught from its camera, and a hold is one step to undo', { skip }, async (t) => {
  const site = await openFirefox();
  t.after(site.close);
  const { page } = await openPage(site);
  await begin(page);
  await eventsAfter(page, () => click(page, '#camera'));
  for (const index of [0, 1]) await hold(page, index, 800);
  await awaitLabels(page, ['Class 1', 'Class 2']);
  await awaitFitted(page);
  const taken = await counts(page);
  assert.ok(taken.every((count) => count >= 2), `${taken} samples`);
  await press(page, 'Undo');
  await awaitCounts(page, [Number(taken[0]), 0]);
});

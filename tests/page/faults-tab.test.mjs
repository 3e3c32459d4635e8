// A tab that is hidden, frozen, or left and come back to: the camera goes on, no frames have piled up, and nothing is lost.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { after as eventsAfter, chromiumOnly, classified, classify, click, openPage, openSite, sample, text, told, topLabel, until } from './browser.mjs';
import { feedCamera } from './faults.mjs';
import { awaitCounts, awaitFitted, begin, pause, refusals, teachTwo } from './teaching.mjs';

/**
 * @param {import('node:test').TestContext} t
 * @param {string[]} [flags]
 */
async function open(t, flags) {
  const site = await openSite(flags);
  t.after(site.close);
  return { site, ...(await openPage(site, { prepare: feedCamera })) };
}

test('a frozen tab takes no frames, and goes on with the newest', { skip: chromiumOnly }, async (t) => {
  const { site, page, complaints } = await open(t);
  await eventsAfter(page, () => click(page, '#camera'), 2);
  const client = await page.createCDPSession();
  const other = await site.browser.newPage();
  for (let round = 0; round < 3; round++) {
    await other.bringToFront();
    await client.send('Page.setWebLifecycleState', { state: 'frozen' });
    await pause(1500);
    await client.send('Page.setWebLifecycleState', { state: 'active' });
    await page.bringToFront();
    const before = (await told(page)).length;
    await pause(300);
    // Those of half a second and the one that was under way, and not those of the time before.
    const piled = (await told(page)).length - before;
    assert.ok(piled < 40, `${piled} answers at once`);
    const [event] = await eventsAfter(page, async () => {}, 2);
    assert.equal(classified(event).source, 'camera');
    assert.equal(await text(page, '#camera'), 'Stop camera');
  }
  assert.deepEqual(await refusals(page), []);
  assert.deepEqual(complaints, []);
});

test('a tab that is hidden behind another and shown again goes on, and keeps what was taught', async (t) => {
  const { site, page, complaints } = await open(t);
  await begin(page);
  await teachTwo(page);
  await eventsAfter(page, () => click(page, '#camera'), 2);
  const other = await site.browser.newPage();
  await other.bringToFront();
  await pause(800);
  await page.bringToFront();
  const [event] = await eventsAfter(page, async () => {}, 2);
  assert.equal(classified(event).source, 'camera');
  await awaitCounts(page, [2, 2]);
  assert.deepEqual(await refusals(page), []);
  assert.deepEqual(complaints, []);
});

test('a page that was kept whole while somebody was elsewhere goes on where it was', { skip: chromiumOnly }, async (t) => {
  const { site, page, complaints } = await open(t, ['--enable-features=BackForwardCache']);
  assert.equal(topLabel(await classify(page, sample('sofa'))), 'sofa');
  await page.evaluate(() => addEventListener('pageshow', ({ persisted }) => Object.assign(globalThis, { persisted })));
  await page.goto(`${site.url}/docs/index.html`);
  await page.goBack();
  // Only in the very page that was left is there anybody to tell it.
  await until(page, () => /** @type {any} */ (globalThis).persisted === true);
  assert.equal(await text(page, '#headline'), 'sofa');
  assert.equal(topLabel(await classify(page, sample('bed'))), 'bed');
  await begin(page);
  await teachTwo(page);
  await eventsAfter(page, () => click(page, '#camera'), 2);
  assert.deepEqual(await refusals(page), []);
  assert.deepEqual(complaints, []);
});

test('who leaves the page and comes back finds it working, with what was taught', async (t) => {
  const { site, page, complaints } = await open(t, ['--enable-features=BackForwardCache']);
  await begin(page);
  await teachTwo(page);
  await eventsAfter(page, () => click(page, '#camera'), 2);
  await pause(500);
  await page.evaluate(() => addEventListener('pageshow', ({ persisted }) => Object.assign(globalThis, { persisted })));
  await page.goto(`${site.url}/docs/index.html`);
  await page.goBack();
  await until(page, () => document.querySelector('mobilenet-classifier[data-ready]') !== null);
  await awaitCounts(page, [2, 2]);
  await awaitFitted(page);
  t.diagnostic(`from the cache: ${await page.evaluate(() => /** @type {any} */ (globalThis).persisted ?? false)}`);
  if ((await text(page, '#camera')) === 'Stop camera') await click(page, '#camera');
  assert.match(String(topLabel(await classify(page, sample('bed')))), /^Class [12]$/);
  const events = await eventsAfter(page, () => click(page, '#camera'), 2);
  assert.ok(events.every(({ source }) => source === 'camera'));
  assert.deepEqual(await refusals(page), []);
  assert.deepEqual(complaints, []);
});

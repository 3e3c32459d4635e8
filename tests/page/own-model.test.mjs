// A site with another model, as `mobilenet site` writes it and `mobilenet serve` shows it: the page knows that model as the
// built-in one, with a network and without.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { SITE, classify, find, hidden, openPage, openSite, sample, screenshot, settled, text, topLabel, until } from './browser.mjs';
import { begin, teachTwo, temporary } from './teaching.mjs';
import { PROGRAM, trainTwo } from './trained.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

const run = promisify(execFile);

/**
 * Two pictures are answered by the model with "lie" and "sit", and nothing on the page is about furniture.
 *
 * @param {Page} page
 */
async function assertOwn(page) {
  assert.equal(await text(page, '#labels'), 'This model only knows: lie, sit.');
  assert.match(await text(page, '#facts'), /^Built in: .* on 4 validation photos$/);
  assert.equal(await hidden(page, '#reset'), true);
  assert.equal(await hidden(page, '#samples'), true);
  assert.equal(topLabel(await classify(page, sample('bed'))), 'lie');
  assert.equal(topLabel(await classify(page, sample('chair'))), 'sit');
  assert.deepEqual(await page.evaluate(() => /** @type {any} */ (globalThis).violations), []);
}

test('a site with a head answers with it, and goes on without its server', async (t) => {
  const folder = await temporary(t);
  const site = join(folder, 'public');
  await run(PROGRAM, ['site', '--site', SITE, site, await trainTwo(folder)]);
  const host = await openSite([], site);
  t.after(host.close);
  const { page, complaints } = await openPage({ ...host, keeps: true });
  await assertOwn(page);
  assert.equal(await page.evaluate(() => document.documentElement.dataset.offline), 'ready-offline');
  await screenshot(page, 'own-model');
  host.requests.length = 0;
  await host.server.close();
  await page.reload();
  await settled(page);
  await assertOwn(page);
  assert.deepEqual([host.requests, complaints], [[], []]);
});

test('a model with a backbone of its own answers, and can be taught', async (t) => {
  const folder = await temporary(t);
  const site = join(folder, 'public');
  await run(PROGRAM, ['site', '--site', SITE, site, await trainTwo(folder, ['--with-backbone'])]);
  assert.ok((await stat(join(site, 'model.safetensors'))).size > 2_000_000, 'it carries the backbone');
  const host = await openSite([], site);
  t.after(host.close);
  const { page, complaints } = await openPage(host);
  await assertOwn(page);
  await begin(page);
  await teachTwo(page);
  assert.equal(topLabel(await classify(page, sample('table'))), 'Class 2');
  await (await find(page, '#reset')).click();
  await until(page, () => /** @type {any} */ (document.querySelector('mobilenet-classifier')).model?.labels.join() === 'lie,sit');
  assert.deepEqual(complaints, []);
});

test('the program serves it from memory, and the page says when the model is missing', async (t) => {
  const folder = await temporary(t);
  const model = await trainTwo(folder);
  const site = join(folder, 'public');
  await run(PROGRAM, ['site', '--site', SITE, site, model]);
  const serve = async (/** @type {string[]} */ words) => {
    const server = spawn(PROGRAM, ['serve', '--port', '0', ...words]);
    t.after(() => server.kill());
    const [line] = await once(server.stdout, 'data');
    return String(line).trim();
  };
  const { browser, close } = await openSite();
  t.after(close);
  const { page, complaints } = await openPage({ url: await serve(['--site', SITE, model]), browser });
  await assertOwn(page);
  assert.deepEqual(complaints, []);
  await page.close();

  await cp(join(site, 'index.html'), join(site, 'model.safetensors'));
  const damaged = await openPage({ url: await serve([site]), browser }, { ready: false });
  await until(damaged.page, () => /** @type {any} */ (globalThis).told.length > 0);
  const [{ code }] = await damaged.page.evaluate(() => /** @type {any} */ (globalThis).told);
  assert.equal(code, 'bad-model');
  await damaged.page.close();
});

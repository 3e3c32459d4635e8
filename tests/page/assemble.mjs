// Sites that differ: put together as the page itself is, from our sources with something changed in them.

import assert from 'node:assert/strict';
import { appendFile, cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LIBRARY, assemble as put } from '../../pkg/build/site.mjs';
import { ROOT, after as eventsAfter, classify, openPage, sample, settled, text, topLabel, until } from './browser.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

const WASM = join(ROOT, 'pkg/wasm');
/** The colour of the ground in a site that was changed by `repaint`. */
export const PAINT = '#123456';

/**
 * @param {string} site what is there is replaced
 * @param {(sources: string) => Promise<unknown>} [change] of a folder with `www` and `pkg`
 */
export async function assemble(site, change = async () => {}) {
  const sources = await copySources([...LIBRARY, 'build/site']);
  await change(sources);
  await put({ site, wasm: WASM, sources });
  await rm(sources, { recursive: true });
}

/**
 * @param {string[]} parts of the library
 * @returns {Promise<string>} a folder with `www` and `pkg`
 */
export async function copySources(parts) {
  const sources = await mkdtemp(join(tmpdir(), 'mobilenet-sources-'));
  for (const part of ['www', ...parts.map((name) => `pkg/${name}`)]) await cp(join(ROOT, part), join(sources, part), { recursive: true });
  return sources;
}

/** @param {string} sources */
export function repaint(sources) {
  return appendFile(join(sources, 'www/theme.css'), `:root { --ground: ${PAINT}; }\n`);
}

/**
 * @param {string} site
 * @returns {Promise<string>} where the style sheet of its page is, which another colour makes another file
 */
export async function sheetOf(site) {
  return /href="(assets\/theme-.*\.css)"/.exec(await readFile(join(site, 'index.html'), 'utf8'))?.[1] ?? '';
}

/** @param {Page} page */
export function ground(page) {
  return page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--ground').trim());
}

/**
 * Waits until a page runs the repainted version and says that it is kept.
 *
 * @param {Page} page
 */
export async function repainted(page) {
  const there = (/** @type {string} */ paint) =>
    getComputedStyle(document.documentElement).getPropertyValue('--ground').trim() === paint &&
    document.documentElement.dataset.offline === 'ready-offline';
  await until(page, there, PAINT);
}

/**
 * Takes the update that is offered, and waits for the page that comes with it. Before that page, the one that was clicked
 * says for a moment that it is the kept one.
 *
 * @param {Page} page
 */
export async function takeUpdate(page) {
  await page.evaluate(() => Object.assign(globalThis, { outdated: true }));
  await page.click('#update .button');
  await until(page, () => !('outdated' in globalThis) && document.documentElement.dataset.offline === 'ready-offline');
  await settled(page);
  await keptOnce(page);
}

/**
 * Waits until the version before is gone: that goes on while the new one is in use.
 *
 * @param {Page} page
 */
export function keptOnce(page) {
  return until(page, async () => (await caches.keys()).filter((name) => name.startsWith('mobilenet-web ')).length === 1);
}

/**
 * What an update is in every engine: found at a visit, fetched but for what is there already, and in force on the click.
 *
 * @param {import('node:test').TestContext} t
 * @param {(folder: string) => Promise<Awaited<ReturnType<typeof import('./browser.mjs').openSite>>>} open starts the engine
 */
export async function updatesOnTheClick(t, open) {
  const folder = await mkdtemp(join(tmpdir(), 'mobilenet-update-'));
  t.after(() => rm(folder, { recursive: true }));
  const host = join(folder, 'site');
  await assemble(host);
  const site = await open(host);
  t.after(site.close);
  const { page } = await openPage({ ...site, keeps: true });
  await page.reload();
  await settled(page);
  const old = await ground(page);
  // Before the change, which the browser may find at once.
  site.requests.length = 0;
  await assemble(host, repaint);
  await page.reload();
  await until(page, () => document.documentElement.dataset.offline === 'update-ready');
  assert.equal(await ground(page), old);
  assert.deepEqual(site.requests.filter((path) => path !== '/sw.js').sort(), ['/', `/${await sheetOf(host)}`]);
  await page.click('#update .button');
  await repainted(page);
  await keptOnce(page);
}

/**
 * What the page is without its server: opened again it answers to files and samples, and asks for nothing.
 *
 * @param {Page} page
 */
export async function worksAlone(page) {
  await page.reload();
  await settled(page);
  assert.equal(topLabel(await classify(page, sample('chair'))), 'chair');
  const [event] = await eventsAfter(page, () => page.click('button:has(img[src$="/sofa.jpg"])'));
  assert.equal(topLabel(event), 'sofa');
  assert.equal(await text(page, '#requests'), '0 requests since the page has loaded.');
}

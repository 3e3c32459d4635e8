// The first load, with each file of the site failing in turn: the page works without it, or says what is missing, and goes on
// once the server is well again.
//
// By default one file of each kind fails in one way, and the wasm in all. `FAULTS=each node --test faults-network.test.mjs` takes
// every file once, each in the next way, `FAULTS=cut` every file in that way, `FAULTS=all` every file in every way, and
// `FAULTS='/assets/main.js cut'` that one.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import puppeteer from 'puppeteer-core';
import { CHROMIUM, FURNITURE, SITE, click, hidden, openPage, sample, text, told, topLabel, until, upload } from './browser.mjs';
import { FAULTS, serveFaults } from './faults.mjs';

/** @typedef {import('puppeteer-core').Page} Page */
/** @typedef {import('./faults.mjs').Fault} Fault */

/** @type {[path: string, fault: Fault][]} one of each kind: of the page, of the element, of the worker, of what comes later, and the rest */
const SOME = [
  ['/curtain.js', '404'],
  ['/assets/theme.css', 'mime'],
  ['/assets/main.js', 'refuse'],
  ['/assets/main.js', 'bytes'],
  ['/assets/chunk.js', 'cut'],
  ['/assets/chunk.js', 'hang'],
  ['/assets/base.css', 'hang'],
  ['/assets/worker.js', '500'],
  ['/assets/worker.js', 'mime'],
  ['/built-in.js', 'refuse'],
  ['/wasm/mobilenet_studio_bg.wasm', 'bytes'],
  ['/wasm/mobilenet_studio.js', 'cut'],
  ['/assets/later.js', 'refuse'],
  ['/assets/share.css', 'bytes'],
  ['/samples/bed.jpg', 'cut'],
  ['/sw.js', '500'],
];

const IN_HEAD = ['/curtain.js', '/assets/theme.css'];

/** @param {string} path @returns {string} without the digest in its name */
const plain = (path) => path.replace(/-[\dA-Za-z]{8}(?=[_.])/, '');

/** @type {Awaited<ReturnType<typeof serveFaults>>} */
let server;
/** @type {import('puppeteer-core').Browser} */
let browser;
/** @type {string[]} what a first visit asks for, after the page itself */
let files;
before(async () => {
  server = await serveFaults(SITE);
  browser = await puppeteer.launch(CHROMIUM);
  const { page } = await openPage({ ...server, browser, keeps: true });
  files = [...new Set(server.requests)].filter((path) => path !== '/');
  await page.close();
});
after(async () => {
  await browser.close();
  await server.close();
});

/**
 * A page of a browser that knows nothing of the site yet.
 *
 * @param {(page: Page) => Promise<void>} act
 */
async function visit(act) {
  const context = await browser.createBrowserContext();
  try {
    const { page } = await openPage({ ...server, browser: context, keeps: true }, { ready: false, prepare: (opened) => heard(opened) });
    await act(page);
  } finally {
    server.faults.clear();
    await context.close();
  }
}

/**
 * What hangs is given up sooner, and not waited for.
 *
 * @param {Page} page
 */
function heard(page) {
  const go = page.goto.bind(page);
  page.goto = async (address) => {
    go(address).catch(() => {});
    return null;
  };
  return page.evaluateOnNewDocument(() => {
    const tick = setInterval;
    const atEase = () => Object.assign(globalThis, { setInterval: tick });
    Object.assign(globalThis, { atEase, setInterval: (/** @type {() => void} */ act, /** @type {number} */ millis) => tick(act, millis / 10) });
  });
}

/** What a person sees by now: that it is ready, or else what is said about it. */
const seen = () => {
  const { find } = /** @type {any} */ (globalThis);
  const visible = (/** @type {Element | null} */ element) => element?.checkVisibility({ visibilityProperty: true }) ?? false;
  // Not while it waits for its style sheets, when nothing is painted either.
  const known = document.documentElement.dataset.stuck !== undefined || performance.now() > 10_000;
  if (known && visible(document.getElementById('stuck'))) return 'stuck';
  // Without the style sheet that hides them, things are seen that nobody shows.
  if (visible(find?.('#again')) && !find('#again').closest('[hidden]')) return 'failed';
  return document.querySelector('mobilenet-classifier[data-ready]') && visible(find('#camera')) ? 'ready' : '';
};

/** @param {Page} page */
async function outcome(page) {
  await until(page, seen);
  return page.evaluate(seen);
}

/**
 * What the page says of a picture. That a part of itself is missing it may say at any moment, which is no answer.
 *
 * @param {Page} page
 * @param {string} file
 */
async function answer(page, file) {
  await upload(page, [file]);
  await until(page, () => /** @type {any} */ (globalThis).told.some(({ type = '' }) => type === 'classified'));
  return (await told(page)).find(({ type }) => type === 'classified');
}

/**
 * @param {string} path
 * @param {Fault} fault
 */
async function tried(path, fault) {
  const what = `${path} ${fault}`;
  await visit(async (page) => {
    const found = await outcome(page);
    if (found === 'failed') {
      assert.match(await text(page, '#notice'), /try again|reload/i, what);
      server.faults.clear();
      // Chromium lets a second request for a worker's script wait for 20 seconds behind the one that hangs.
      await page.evaluate(() => /** @type {any} */ (globalThis).atEase());
      // Not by the mouse: the teacher tries as well, and takes the button away meanwhile.
      await page.evaluate(() => /** @type {any} */ (globalThis).find('#again').click());
      await until(page, () => document.querySelector('mobilenet-classifier[data-ready]') !== null);
    }
    if (found === 'stuck') {
      server.faults.clear();
      await page.evaluate(() => Object.assign(globalThis, { outdated: true }));
      page.reload().catch(() => {});
      await until(page, () => !('outdated' in globalThis) && document.querySelector('mobilenet-classifier[data-ready]') !== null);
    }
    assert.equal(topLabel(await answer(page, sample('bed'))), 'bed', `${what}: ${found}`);
  });
}

test('whatever file of the first load fails, the page goes on or says so, and mends', async (t) => {
  assert.ok(files.length > 15, `${files.length} files`);
  const faults = chosen(process.env.FAULTS ?? '');
  for (const [path, fault] of faults) {
    server.faults.set(path, fault);
    await t.test(`${path} ${fault}`, () => tried(path, fault));
  }
  t.diagnostic(`${faults.length} faults`);
});

test('a head whose server never answers is given up and reported, and opens once it answers', async () => {
  await visit(async (page) => {
    await until(page, () => document.querySelector('mobilenet-classifier[data-ready]') !== null);
    server.faults.set('/mugs.safetensors', 'hang');
    server.substitutes.set('/mugs.safetensors', await readFile(FURNITURE));
    await page.$eval('mobilenet-classifier', (element) => element.setAttribute('head', 'mugs.safetensors'));
    await until(page, () => /** @type {any} */ (globalThis).told.length > 0);
    const message = 'The model mugs.safetensors could not be fetched (the server did not answer: nothing arrived for 30 seconds). Try again.';
    assert.deepEqual(await told(page), [{ type: 'classifier-error', code: 'load-failed', message, source: 'model', name: '' }]);
    assert.match(await text(page, '#notice'), /The classifier did not load.*the server did not answer/);
    assert.equal(await hidden(page, '#again'), false);
    server.faults.clear();
    await click(page, '#again');
    await until(page, () => /** @type {any} */ (document.querySelector('mobilenet-classifier')).model?.name === 'mugs.safetensors');
    assert.equal(await hidden(page, '#notice'), true);
  });
  server.substitutes.clear();
});

/**
 * @param {string} extent
 * @returns {[path: string, fault: Fault][]}
 */
function chosen(extent) {
  const all = files.flatMap((path, index) => FAULTS.map((fault, at) => ({ path, fault, next: at === index % FAULTS.length })));
  // Browsers paint nothing before the style sheets and the script in the head are there or have failed: it is their patience that counts.
  const mendable = all.filter(({ path, fault }) => fault !== 'hang' || !IN_HEAD.includes(plain(path)));
  const asked = mendable.filter(({ path, fault, next }) => extent === 'all' || extent === fault || extent === `${plain(path)} ${fault}` || (extent === 'each' && next));
  if (asked.length > 0) return asked.map(({ path, fault }) => [path, fault]);
  const some = [...SOME, ...FAULTS.map((fault) => /** @type {[string, Fault]} */ (['/wasm/mobilenet_web_bg.wasm', fault]))];
  return some.map(([path, fault]) => [files.find((file) => plain(file) === path) ?? `${path}, which nobody asked for`, fault]);
}

// Browsers that lack something: a clear message in place of a blank page, or the page without what it needs that for. And a
// Firefox that falsifies canvases.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CLASSES, SITE, after as eventsAfter, chromiumOnly, classified, classify, click, hidden, openPage, openSite, openSources, placed, refused, sample, screenshot, text, told, topLabel, until } from './browser.mjs';
import { noFirefox, openFirefox } from './engines.mjs';
import { serveFaults } from './faults.mjs';
import { prefer } from './firefox.mjs';
import { awaitLabels, awaitRefusal, begin, press, teachTwo } from './teaching.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

/** @type {Awaited<ReturnType<typeof openSite>>} */
let site;
before(async () => (site = await openSite()));
after(() => site.close());

/**
 * @param {import('node:test').TestContext} t
 * @param {() => void} lack runs in the page before its scripts
 * @param {typeof site} [opened]
 */
async function open(t, lack, opened = site) {
  const { page, complaints } = await openPage(opened, { ready: false, prepare: (page) => page.evaluateOnNewDocument(lack) });
  t.after(() => page.close());
  return { page, complaints };
}

for (const [what, code, message, lack] of /** @type {[string, string, RegExp, () => void][]} */ ([
  ['without workers', 'browser-too-old', /no workers/, () => void Reflect.deleteProperty(globalThis, 'Worker')],
  ['without modules in workers', 'browser-too-old', /no modules in workers/, () => {
    const Plain = Worker;
    // Never looks at the type, and fails at the first import.
    const Old = function (/** @type {string} */ address) {
      return new Plain(address);
    };
    Object.assign(globalThis, { Worker: Old });
  }],
])) {
  test(`a browser ${what} is told what it lacks`, async (t) => {
    const { page } = await open(t, lack);
    await until(page, () => /** @type {any} */ (globalThis).told.length > 0);
    const event = refused((await told(page))[0]);
    assert.equal(event.code, code);
    assert.match(event.message, message);
    assert.equal(await hidden(page, '#notice'), false);
    assert.equal(await hidden(page, '#again'), true, 'another try would change nothing');
    assert.match(await text(page, '#state'), /not loaded/);
  });
}

test('a browser without custom elements or modules shows that it is stuck', async (t) => {
  const { page } = await open(t, () => void Object.defineProperty(globalThis, 'customElements', { value: undefined }));
  await until(page, () => document.getElementById('stuck')?.checkVisibility({ visibilityProperty: true }) && document.documentElement.dataset.stuck !== undefined);
  assert.match(await text(page, '#stuck'), /Reload the page to try again, or use Chrome 91/);
  await screenshot(page, 'faults-stuck');
});

test('a browser without JavaScript is told so', { skip: chromiumOnly }, async (t) => {
  const page = await site.browser.newPage();
  t.after(() => page.close());
  await page.setJavaScriptEnabled(false);
  await page.goto(site.url);
  const client = await page.createCDPSession();
  const { nodes } = await client.send('Accessibility.getFullAXTree');
  const said = nodes.map(({ name }) => String(name?.value ?? '')).join(' ');
  assert.match(said, /This page works by JavaScript, which is off here/);
});

for (const [what, script, code] of [
  ['without WebAssembly', 'delete globalThis.WebAssembly', 'browser-too-old'],
  ['without SIMD', 'WebAssembly.validate = () => false', 'browser-too-old'],
  ['without OffscreenCanvas in workers', 'delete globalThis.OffscreenCanvas', ''],
]) {
  test(`a browser ${what} is told, or classifies pictures`, async (t) => {
    const server = await serveFaults(SITE);
    t.after(server.close);
    server.preludes.set(`/${placed('assets/worker.js')}`, `${script};\n`);
    const { page } = await openPage({ ...server, browser: site.browser }, { ready: false });
    t.after(() => page.close());
    if (!code) {
      await until(page, () => document.querySelector('mobilenet-classifier[data-ready]') !== null);
      return assert.equal(topLabel(await classify(page, sample('bed'))), 'bed');
    }
    await until(page, () => /** @type {any} */ (globalThis).told.length > 0);
    assert.equal(refused((await told(page))[0]).code, code);
    assert.match(await text(page, '#notice'), /too old.*(WebAssembly with SIMD|no WebAssembly)/s);
  });
}

test('a browser as old as the oldest that is named has all that the page calls', async (t) => {
  const sources = await openSources();
  const { page, complaints } = await open(t, () => {
    // What came after WebAssembly with SIMD (Chrome 91), modules in workers (Firefox 114) and both (Safari 16.4).
    for (const name of ['at', 'findLast', 'findLastIndex', 'toSorted', 'toReversed', 'toSpliced', 'with']) Reflect.deleteProperty(Array.prototype, name);
    for (const name of ['hasOwn', 'groupBy']) Reflect.deleteProperty(Object, name);
    for (const name of ['canParse', 'parse']) Reflect.deleteProperty(URL, name);
    for (const name of ['timeout', 'any']) Reflect.deleteProperty(AbortSignal, name);
    for (const name of ['withResolvers', 'try']) Reflect.deleteProperty(Promise, name);
    for (const name of ['structuredClone', 'scheduler', 'Iterator']) Reflect.deleteProperty(globalThis, name);
    Reflect.deleteProperty(Array, 'fromAsync');
    Reflect.deleteProperty(String.prototype, 'at');
  }, sources);
  t.after(sources.close);
  await until(page, () => document.querySelector('mobilenet-classifier[data-ready]') !== null);
  await begin(page);
  await teachTwo(page);
  await press(page, 'Undo');
  await awaitLabels(page, CLASSES);
  await press(page, 'Redo');
  await awaitLabels(page, ['Class 1', 'Class 2']);
  await press(page, 'Save project');
  await until(page, () => /^Saved as/.test(/** @type {any} */ (globalThis).find('.outcome-status').textContent));
  assert.match(String(topLabel(await classify(page, sample('bed')))), /^Class [12]$/);
  const loaded = await page.evaluate(async () => {
    const { load } = await import(new URL('../pkg/engine/page/load.js', location.href).href);
    return load('http://').catch((/** @type {any} */ { code }) => code);
  });
  assert.equal(loaded, 'model-missing');
  assert.deepEqual(complaints, []);
});

test('Firefox that resists fingerprinting says that its camera is falsified, and reads files as ever', { skip: noFirefox ?? false }, async (t) => {
  const firefox = await openFirefox();
  t.after(firefox.close);
  await prefer(firefox.browser, { 'privacy.resistFingerprinting': true });
  const { page } = await openPage(firefox);
  await click(page, '#camera');
  await awaitRefusal(page, 'noisy-canvas');
  assert.match(await text(page, '#notice'), /changes pictures/);
  await click(page, '#camera');
  const [event] = (await eventsAfter(page, () => classify(page, sample('sofa')))).slice(-1);
  assert.equal(topLabel(event), 'sofa');
});

test('Firefox as it comes falsifies nothing', { skip: noFirefox ?? false }, async (t) => {
  const firefox = await openFirefox();
  t.after(firefox.close);
  const { page } = await openPage(firefox);
  const events = await eventsAfter(page, () => click(page, '#camera'), 3);
  assert.ok(events.every((event) => classified(event).source === 'camera'));
});

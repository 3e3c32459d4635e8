// What becomes of a camera while it runs: unplugged, covered, turned, revoked, never allowed; and of canvases that lie.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { after as eventsAfter, chromiumOnly, classified, classify, click, hidden, openPage, openSources, refused, sample, screenshot, text, told, topLabel, until } from './browser.mjs';
import { endCamera, feedCamera, hurry } from './faults.mjs';
import { awaitRefusal, begin } from './teaching.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

/** @type {Awaited<ReturnType<typeof openSources>>} */
let site;
before(async () => (site = await openSources()));
after(() => site.close());

/** @param {import('node:test').TestContext} t */
async function open(t) {
  const { page, complaints } = await openPage(site, { prepare: feedCamera });
  t.after(() => page.close());
  return { page, complaints };
}

/** @param {Page} page */
const start = (page) => eventsAfter(page, () => click(page, '#camera'), 2);

/** @param {Page} page */
async function stillWorks(page) {
  const [event] = await start(page);
  assert.equal(classified(event).source, 'camera');
  assert.equal(await hidden(page, '#notice'), true, 'the message is gone once it works');
  await click(page, '#camera');
  assert.equal(topLabel(await classify(page, sample('bed'))), 'bed');
}

test('a camera that ends, also in the middle of a frame, is told, and starts again', async (t) => {
  const { page, complaints } = await open(t);
  for (const middle of [false, true]) {
    await start(page);
    if (middle) {
      // The frame that is being taken when the track ends.
      await page.evaluate(() => {
        const take = createImageBitmap;
        Object.assign(globalThis, {
          createImageBitmap: async (/** @type {any} */ source) => {
            const frame = await take(source);
            const { feed } = /** @type {any} */ (globalThis);
            const [track] = feed.streams.at(-1).getVideoTracks();
            if (track.readyState === 'live') (track.stop(), feed.ended());
            return frame;
          },
        });
      });
      await until(page, () => /** @type {any} */ (globalThis).told.filter((/** @type {any} */ { code }) => code === 'camera-lost').length === 2);
      await page.evaluate(() => Reflect.deleteProperty(globalThis, 'createImageBitmap'));
    } else await endCamera(page);
    await awaitRefusal(page, 'camera-lost');
    assert.equal(await text(page, '#camera'), 'Start camera');
    assert.match(await text(page, '#notice'), /disconnected or blocked\. Connect or allow it, then start it again/);
    if (middle) continue;
    await stillWorks(page);
  }
  assert.deepEqual(complaints, []);
});

test('a camera that is turned in mid-stream goes on in its new shape', async (t) => {
  const { page, complaints } = await open(t);
  await start(page);
  await click(page, '#evidence');
  for (const [width, height] of [[480, 640], [1280, 720], [64, 48], [640, 480]]) {
    await page.evaluate((size) => Object.assign(/** @type {any} */ (globalThis).feed, size), { width, height });
    await until(page, (expected) => /** @type {any} */ (globalThis).find('#video').videoWidth === expected, width);
    const [event] = await eventsAfter(page, async () => {}, 3);
    assert.equal(classified(event).source, 'camera');
  }
  const grabbed = await page.evaluate(async () => {
    const { width, height } = await /** @type {any} */ (document.querySelector('mobilenet-classifier')).grab();
    return [width, height];
  });
  assert.deepEqual(grabbed, [640, 480]);
  assert.deepEqual(complaints, []);
});

test('a camera that sends nothing is told while it runs, and goes on by itself', async (t) => {
  const { page } = await open(t);
  await hurry(page);
  await start(page);
  const running = (/** @type {boolean} */ on) => page.evaluate((on) => void (/** @type {any} */ (globalThis).feed.running = on), on);
  await running(false);
  await awaitRefusal(page, 'camera-off');
  assert.match(await text(page, '#notice'), /sends no picture: it may be covered/);
  assert.equal(await text(page, '#camera'), 'Stop camera');
  await running(true);
  await until(page, () => !(/** @type {any} */ (globalThis).find('#notice').checkVisibility()));
  await running(false);
  await until(page, () => /** @type {any} */ (globalThis).told.filter((/** @type {any} */ { code }) => code === 'camera-off').length >= 2);
  await click(page, '#camera');
  assert.equal(await text(page, '#camera'), 'Start camera');
});

test('a camera that sends nothing from the beginning can be stopped', async (t) => {
  const { page } = await open(t);
  // What a muted track does.
  await page.evaluate(() => void (HTMLMediaElement.prototype.play = () => new Promise(() => {})));
  await page.evaluate(() => void (/** @type {any} */ (globalThis).feed.running = false));
  await click(page, '#camera');
  await until(page, () => /** @type {any} */ (globalThis).find('#camera').textContent === 'Stop camera');
  await click(page, '#camera');
  await until(page, () => /** @type {any} */ (globalThis).find('#camera').textContent === 'Start camera');
  assert.equal(topLabel(await classify(page, sample('sofa'))), 'sofa');
});

test('who does not answer the question for the camera can use all the rest, and ask again', async (t) => {
  const { page, complaints } = await open(t);
  await page.evaluate(() => void (/** @type {any} */ (globalThis).feed.answers = false));
  await click(page, '#camera');
  assert.equal(topLabel(await classify(page, sample('chair'))), 'chair');
  await begin(page);
  await page.evaluate(() => void (/** @type {any} */ (globalThis).feed.answers = true));
  await start(page);
  await click(page, '#camera');
  assert.equal(await text(page, '#camera'), 'Start camera');
  assert.deepEqual(complaints, []);
});

test('a camera whose list cannot be had runs all the same', async (t) => {
  const { page, complaints } = await open(t);
  await page.evaluate(() => void (navigator.mediaDevices.enumerateDevices = () => Promise.reject(new DOMException('no', 'InvalidStateError'))));
  await start(page);
  assert.equal(await text(page, '#camera'), 'Stop camera');
  assert.deepEqual(complaints, []);
});

test('a browser that takes no frames says so and stops the camera', async (t) => {
  const { page } = await open(t);
  await page.evaluate(() => Reflect.deleteProperty(globalThis, 'createImageBitmap'));
  const [event] = await eventsAfter(page, () => click(page, '#camera'));
  assert.equal(refused(event).code, 'browser-too-old');
  assert.equal(await text(page, '#camera'), 'Start camera');
  assert.equal(topLabel(await classify(page, sample('bed'))), 'bed');
});

// What Brave does to few pixels, and Firefox to all of them.
for (const [what, every] of /** @type {[string, number][]} */ ([['a few pixels', 601], ['all pixels', 1]])) {
  test(`a browser that changes ${what} of a canvas is found out, once a camera, and files are not touched`, { skip: chromiumOnly }, async (t) => {
    const { page } = await open(t);
    const [worker] = page.workers();
    await worker?.evaluate((every) => {
      const read = OffscreenCanvasRenderingContext2D.prototype.getImageData;
      OffscreenCanvasRenderingContext2D.prototype.getImageData = function (/** @type {[any, any, any, any]} */ ...area) {
        const image = read.apply(this, area);
        for (let at = 0; at < image.data.length; at += 4 * every) image.data[at] = (image.data[at] ?? 0) ^ 1;
        return image;
      };
    }, every);
    await eventsAfter(page, () => click(page, '#camera'), 6);
    const codes = (await told(page)).flatMap((event) => (event.type === 'classifier-error' ? [event.code] : []));
    assert.deepEqual(codes, ['noisy-canvas']);
    assert.match(await text(page, '#notice'), /the answer may be wrong\. Allow this page .*choose picture files/);
    if (every === 1) await screenshot(page, 'faults-noisy');
    await click(page, '#camera');
    assert.equal(topLabel(await classify(page, sample('table'))), 'table');
    assert.equal(await hidden(page, '#notice'), true);
    const noisy = await page.evaluate(async () => {
      const { load } = await import(new URL('../pkg/engine/page/load.js', location.href).href);
      const classifier = await load();
      const canvas = Object.assign(document.createElement('canvas'), { width: 8, height: 8 });
      canvas.getContext('2d');
      const picture = await (await fetch('samples/bed.jpg')).blob();
      const answers = [await classifier.classify(canvas), await classifier.classify(new ImageData(8, 8)), await classifier.classify(picture)];
      return answers.map((answer) => answer.noisy ?? false);
    });
    assert.deepEqual(noisy, [true, false, false]);
  });
}

// A video file on the stage. The videos are made by the browser itself, of a sample picture.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { drop } from './acts.mjs';
import { after as eventsAfter, classified, classify, click, find, hidden, openPage, openSite, refused, sample, text, told, topLabel, until, upload } from './browser.mjs';
import { WINDOWS, dress, inspect } from './inspect.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

const folder = await mkdtemp(join(tmpdir(), 'mobilenet-video-'));
const SOFA = join(folder, 'sofa.webm');
const SOUND = join(folder, 'sound.webm');
const BROKEN = join(folder, 'broken.mp4');
/** @type {Awaited<ReturnType<typeof openSite>>} */
let site;
before(async () => {
  site = await openSite();
  const { page } = await openPage(site);
  await writeFile(SOFA, Buffer.from(await page.evaluate(record, 'sofa')));
  await writeFile(SOUND, sound());
  await writeFile(BROKEN, 'no video');
  await page.close();
});
after(async () => {
  await site.close();
  await rm(folder, { recursive: true });
});

/**
 * Runs in the page: a second and a half of a sample.
 *
 * @param {string} label
 */
async function record(label) {
  const canvas = document.createElement('canvas');
  const bitmap = await createImageBitmap(await (await fetch(`samples/${label}.jpg`)).blob());
  Object.assign(canvas, { width: bitmap.width, height: bitmap.height });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: 'video/webm' });
  const chunks = /** @type {Blob[]} */ ([]);
  recorder.ondataavailable = ({ data }) => chunks.push(data);
  recorder.start();
  for (let frame = 0; frame < 30; frame++) {
    context.drawImage(bitmap, 0, 0);
    await new Promise((next) => setTimeout(next, 50));
  }
  const stopped = new Promise((resolve) => (recorder.onstop = resolve));
  recorder.stop();
  await stopped;
  return [...new Uint8Array(await new Blob(chunks).arrayBuffer())];
}

/** A second of silence as WAV: a browser goes by what is in a file, not by its name. */
function sound() {
  const [rate, header] = [8000, Buffer.alloc(44)];
  header.write('RIFF');
  header.writeUInt32LE(36 + rate, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36);
  header.writeUInt32LE(rate, 40);
  return Buffer.concat([header, Buffer.alloc(rate, 128)]);
}

/** @param {Page} page */
async function view(page) {
  return (await find(page, '#stage')).evaluate(({ dataset }) => dataset.view);
}

/**
 * @template T
 * @param {Page} page
 * @param {(video: HTMLVideoElement) => T} look runs in the page
 */
async function video(page, look) {
  return /** @type {import('puppeteer-core').ElementHandle<HTMLVideoElement>} */ (await find(page, '#video')).evaluate(look);
}

test('a video is played and classified as a camera is, to its end and again', async () => {
  const { page, complaints } = await openPage(site);
  const events = await eventsAfter(page, () => upload(page, [SOFA]), 3);
  for (const event of events) assert.deepEqual([topLabel(event), classified(event).source, event.name], ['sofa', 'video', 'sofa.webm']);
  assert.equal(await view(page), 'video');
  assert.deepEqual(await video(page, ({ muted, controls, ariaLabel }) => [muted, controls, ariaLabel]), [true, true, 'Your video sofa.webm']);
  assert.equal(await text(page, '#caption'), 'sofa.webm');
  assert.match(await text(page, '#time'), /ms per frame/);

  await until(page, () => /** @type {any} */ (globalThis).find('#video').ended);
  assert.equal(await text(page, '#headline'), 'sofa', 'the last frame stays');
  await eventsAfter(page, () => video(page, (element) => void element.play()), 2);
  assert.equal(await text(page, '#requests'), '0 requests since the page has loaded.');
  assert.deepEqual(await page.evaluate(() => /** @type {any} */ (globalThis).violations), []);
  assert.deepEqual(complaints, []);
  await page.close();
});

test('a video is stopped by its button and by whatever comes after it, and its file is let go', async () => {
  const { page } = await openPage(site, {
    prepare: (opened) =>
      opened.evaluateOnNewDocument(() => {
        const addresses = { open: /** @type {Set<string>} */ (new Set()) };
        const { createObjectURL, revokeObjectURL } = URL;
        URL.createObjectURL = (blob) => {
          const url = createObjectURL.call(URL, blob);
          addresses.open.add(url);
          return url;
        };
        URL.revokeObjectURL = (url) => {
          addresses.open.delete(url);
          revokeObjectURL.call(URL, url);
        };
        Object.assign(globalThis, { openAddresses: () => addresses.open.size });
      }),
  });
  const open = () => page.evaluate(() => /** @type {any} */ (globalThis).openAddresses());
  assert.equal(await hidden(page, '#stop-video'), true);
  await eventsAfter(page, () => upload(page, [SOFA]));
  await until(page, () => /** @type {any} */ (globalThis).find('#stage').dataset.view === 'video');
  assert.equal(await open(), 1);
  await click(page, '#stop-video');
  assert.equal(await view(page), 'empty');
  assert.deepEqual(await video(page, ({ controls, paused, src }) => [controls, paused, src]), [false, true, '']);
  assert.equal(await open(), 0);

  await eventsAfter(page, () => upload(page, [SOFA]));
  await until(page, async () => {
    const label = /** @type {any} */ (globalThis).told.at(-1).source;
    if (label === 'video') /** @type {any} */ (document.querySelector('mobilenet-classifier')).classify(await (await fetch('samples/chair.jpg')).blob());
    return label === 'script';
  });
  const count = (await told(page)).filter(({ source }) => source === 'video').length;
  await new Promise((next) => setTimeout(next, 300));
  assert.equal((await told(page)).filter(({ source }) => source === 'video').length, count, 'no late answer');
  assert.equal(await view(page), 'picture');
  assert.equal(await open(), 1, 'that of the picture');

  await eventsAfter(page, () => upload(page, [SOFA]));
  await page.evaluate(() => document.querySelector('mobilenet-classifier')?.remove());
  await until(page, () => /** @type {any} */ (globalThis).openAddresses() === 0);
  await page.close();
});

test('a video rests while the tab is hidden, and goes on where it was', async () => {
  const { page } = await openPage(site);
  const hide = (/** @type {boolean} */ away) =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { value, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, away);
  // At its end, which a busy machine comes to before its first answer, it would rest by itself.
  await video(page, (element) => (element.loop = true));
  await eventsAfter(page, () => upload(page, [SOFA]));
  await hide(true);
  assert.equal(await video(page, ({ paused }) => paused), true);
  await hide(false);
  assert.equal(await video(page, ({ paused }) => paused), false);
  await video(page, (element) => element.pause());
  await hide(true);
  await hide(false);
  assert.equal(await video(page, ({ paused }) => paused), true, 'who paused it goes on alone');
  await page.close();
});

test('what cannot be played is refused with a remedy, and the page recovers', async () => {
  const { page } = await openPage(site);
  /** @type {[file: string, message: RegExp][]} */
  const files = [[BROKEN, /^broken\.mp4: .*cannot play.*MP4 \(H\.264\) or WebM/], [SOUND, /^sound\.webm: .*only sound/]];
  for (const [file, message] of files) {
    const event = refused(await classify(page, file));
    assert.deepEqual([event.code, event.source], ['unsupported-format', 'video']);
    assert.match(event.message, message);
    assert.equal(await view(page), 'empty');
    assert.equal(await hidden(page, '#notice'), false);
  }
  const [first, second] = await eventsAfter(page, () => upload(page, [sample('bed'), SOFA]), 2);
  assert.equal(topLabel(first), 'bed');
  assert.match(refused(second).message, /Bring it alone/);
  await eventsAfter(page, () => upload(page, [SOFA]));
  await until(page, () => /** @type {any} */ (globalThis).find('#notice').hidden);
  await page.close();
});

test('a video is dropped, pasted, and played by a script', async () => {
  const { page } = await openPage(site);
  const [dropped] = await eventsAfter(page, () => drop(page, [SOFA]));
  assert.deepEqual([topLabel(dropped), dropped?.source], ['sofa', 'video']);
  await click(page, '#stop-video');
  const film = await page.evaluate(record, 'table');
  const count = (await told(page)).length;
  await page.evaluate((bytes) => {
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([new Uint8Array(bytes)], 'pasted.webm', { type: 'video/webm' }));
    /** @type {any} */ (globalThis).paste(clipboardData);
  }, film);
  await until(page, (least) => /** @type {any} */ (globalThis).told.length > least, count);
  assert.equal(topLabel((await told(page)).at(-1)), 'table');

  const states = await page.evaluate(async (bytes) => {
    const element = /** @type {any} */ (document.querySelector('mobilenet-classifier'));
    const stage = element.shadowRoot.getElementById('stage');
    await element.playVideo(new Blob([new Uint8Array(bytes)], { type: 'video/webm' }));
    const playing = stage.dataset.view;
    element.stopVideo();
    return [playing, stage.dataset.view, await element.playVideo(new Blob(['x'])).catch((/** @type {any} */ { code }) => code)];
  }, film);
  assert.deepEqual(states, ['video', 'empty', 'unsupported-format']);
  await page.close();
});

for (const scheme of ['light', 'dark']) {
  for (const window of WINDOWS) {
    test(`a video, ${window.width} px wide, ${scheme}`, async () => {
      const { page } = await openPage(site, { prepare: (opened) => dress(opened, scheme, window) });
      await eventsAfter(page, () => upload(page, [SOFA]), 2);
      await video(page, (element) => element.pause());
      await click(page, '#evidence');
      // Of a video that stands still as well.
      await until(page, () => /** @type {any} */ (globalThis).find('#heat').checkVisibility());
      await inspect(page, `inputs-video-${window.width}-${scheme}`);
      await page.close();
    });
  }
}

// How fast a folder of photos is classified, by one worker and by all that the machine gives it; and whether workers that have
// nothing to do cost the camera anything, and what memory they take. No test, since a busy machine would fail it: `./build.sh bench folder` prints the figures.
//
// One worker is what the page has on a machine with one core, which it is told to be on. Both take turns in one run, so that
// whatever else the machine does slows both.

import { link, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CLASSES, openAlone, openPage, upload } from './browser.mjs';
import { browserBytes } from './measured.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

const PHOTOS = Number(process.env.PHOTOS ?? 200);
const ROUNDS = Number(process.env.ROUNDS ?? 3);
/** Different ones; the others are the same under other names. */
const DIFFERENT = 10;
const WIDTH = 4000;
const HEIGHT = 3000;
/** Frames in a row: they have to be over before workers without work end, which is after ten seconds. */
const FRAMES = 200;

/**
 * A sample picture at the size of a phone's photo, with noise, so that there is as much to decode.
 *
 * @param {Page} page
 * @param {number} number
 */
async function photo(page, number) {
  const base64 = await page.evaluate(
    async (label, seed, width, height) => {
      const sample = await createImageBitmap(await (await fetch(`samples/${label}.jpg`)).blob());
      const context = /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true }));
      context.drawImage(sample, 0, 0, width, height);
      const pixels = context.getImageData(0, 0, width, height);
      let state = seed + 1;
      for (let at = 0; at < pixels.data.length; at += 4) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        const noise = (state >>> 28) - 8;
        for (let channel = 0; channel < 3; channel++) pixels.data[at + channel] = Number(pixels.data[at + channel]) + noise;
      }
      context.putImageData(pixels, 0, 0);
      const file = await context.canvas.convertToBlob({ type: 'image/jpeg', quality: 0.95 });
      return await new Promise((resolve) => {
        const reader = new FileReader();
        reader.onload = () => resolve(String(reader.result).split(',')[1]);
        reader.readAsDataURL(file);
      });
    },
    CLASSES[number % CLASSES.length],
    number,
    WIDTH,
    HEIGHT,
  );
  return Buffer.from(/** @type {string} */ (base64), 'base64');
}

/**
 * @param {Page} page
 * @param {string} folder
 */
async function fill(page, folder) {
  let bytes = 0;
  const name = (/** @type {number} */ at) => join(folder, `${String(at).padStart(4, '0')}.jpg`);
  for (let at = 0; at < PHOTOS; at++) {
    if (at >= DIFFERENT) {
      await link(name(at % DIFFERENT), name(at));
      continue;
    }
    const file = await photo(page, at);
    bytes += file.length;
    await writeFile(name(at), file);
  }
  return bytes / Math.min(PHOTOS, DIFFERENT);
}

/**
 * @param {Page} page
 * @param {string} folder
 * @param {number | null} cores that the page is told the machine has; null for those that it has
 * @returns {Promise<{ seconds: number, answers: string, workers: number }>}
 */
async function classifyFolder(page, folder, cores) {
  await page.evaluate((count, all) => {
    const { told, machine = navigator.hardwareConcurrency, note: before } = /** @type {any} */ (globalThis);
    before?.disconnect();
    told.length = 0;
    Object.assign(globalThis, { machine });
    Object.defineProperty(navigator, 'hardwareConcurrency', { value: count ?? machine, configurable: true });
    // By the page's clock: asking it often would keep it from its work.
    const classifier = /** @type {HTMLElement} */ (document.querySelector('mobilenet-classifier'));
    let begun = 0;
    const note = new MutationObserver(() => {
      if (classifier.hasAttribute('data-busy')) begun = performance.now();
      else if (told.length === all) Object.assign(globalThis, { seconds: (performance.now() - begun) / 1000 });
    });
    note.observe(classifier, { attributeFilter: ['data-busy'] });
    Object.assign(globalThis, { note, seconds: 0 });
  }, cores, PHOTOS);
  await upload(page, [folder], '#folder');
  let seconds = 0;
  while (!(seconds = await page.evaluate(() => /** @type {any} */ (globalThis).seconds))) await pause(500);
  const answers = await page.evaluate(() => JSON.stringify(/** @type {any} */ (document.querySelector('mobilenet-classifier')).results));
  return { seconds, answers, workers: page.workers().length };
}

/**
 * Hands the page's client frames one after the other, as a camera does.
 *
 * @param {Page} page
 * @returns {Promise<number>} the milliseconds that the fastest tenth takes at most
 */
function livePercentile(page) {
  return page.evaluate(async (frames) => {
    const { session } = /** @type {any} */ (document.querySelector('mobilenet-classifier'));
    const canvas = new OffscreenCanvas(640, 480);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
    const times = [];
    for (let at = 0; at < frames; at++) {
      context.fillStyle = `hsl(${at} 50% 50%)`;
      context.fillRect((at * 7) % 640, (at * 5) % 480, 200, 200);
      const frame = canvas.transferToImageBitmap();
      const begun = performance.now();
      await session.classifyFrame(frame, { topK: 5 });
      times.push(performance.now() - begun);
    }
    return Number(times.sort((one, other) => one - other)[Math.floor(frames / 10)]);
  }, FRAMES);
}

/** @param {number[]} values */
function median(values) {
  const sorted = values.toSorted((one, other) => one - other);
  return Number(sorted[sorted.length >> 1]);
}

const folder = await mkdtemp(join(tmpdir(), 'mobilenet-folder-'));
const site = await openAlone();
try {
  const photos = join(folder, 'photos');
  await mkdir(photos);
  const { page } = await openPage(site);
  page.on('error', (error) => console.error(`the page crashed: ${error}`));
  const bytes = await fill(page, photos);
  console.log(`${PHOTOS} photos of ${(WIDTH * HEIGHT) / 1e6} megapixels, ${(bytes / 1e6).toFixed(1)} MB each`);
  /** @type {{ one: number[], pool: number[], alone: number[], idle: number[], bytes: number[] }} */
  const figures = { one: [], pool: [], alone: [], idle: [], bytes: [] };
  let same = '';
  for (let round = 0; round < ROUNDS; round++) {
    figures.alone.push(await livePercentile(page));
    const one = await classifyFolder(page, photos, 1);
    const bytes = await browserBytes(site.browser);
    const pool = await classifyFolder(page, photos, null);
    figures.idle.push(await livePercentile(page));
    figures.bytes.push(((await browserBytes(site.browser)) - bytes) / (pool.workers - 1));
    figures.one.push(one.seconds);
    figures.pool.push(pool.seconds);
    same ||= one.answers;
    if (one.answers !== same || pool.answers !== same) throw new Error('the answers are not the same');
    console.log(`round ${round + 1}: ${one.seconds.toFixed(1)} s by one worker, ${pool.seconds.toFixed(1)} s by ${pool.workers}: ${(one.seconds / pool.seconds).toFixed(2)} times as fast`);
    // The next round begins with one worker again.
    while (page.workers().length > 1) await pause(100);
    await pause(500);
  }
  const ratio = median(figures.one.map((seconds, round) => seconds / Number(figures.pool[round])));
  console.log(`median: ${median(figures.one).toFixed(1)} s and ${median(figures.pool).toFixed(1)} s, ${ratio.toFixed(2)} times as fast; all answers the same`);
  console.log(`a further worker takes ${(median(figures.bytes) / 1e6).toFixed(0)} MB after such photos`);
  const [alone, idle] = [median(figures.alone), median(figures.idle)];
  console.log(`a frame, p10: ${alone.toFixed(2)} ms alone, ${idle.toFixed(2)} ms beside idle workers, ${((idle / alone - 1) * 100).toFixed(1)} %`);
} finally {
  await site.close();
  await rm(folder, { recursive: true });
}

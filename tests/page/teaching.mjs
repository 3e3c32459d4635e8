// Teaching the page as a person does, for the tests of it: with a camera that looks at one thing and then at another, with
// files, and with what the classes then show.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CAMERA, find, isFirefox, openAlone, openPage, openSite, sample, told, topLabel, until, upload } from './browser.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

/** A file that is no picture. */
export const BROKEN = fileURLToPath(new URL('./browser.mjs', import.meta.url));
export const CARD = (/** @type {number} */ index) => `.class-card:nth-child(${index + 1})`;

// Seconds of each thing, at the 30 frames a second that a fake camera has.
const SCENE_FRAMES = 120;

/**
 * A folder for as long as the test runs.
 *
 * @param {import('node:test').TestContext} t
 */
export async function temporary(t) {
  const folder = await mkdtemp(join(tmpdir(), 'mobilenet-teach-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

/**
 * A browser whose camera looks at one sample, then at the next, over and over.
 *
 * @param {import('node:test').TestContext} t
 * @param {string[]} labels
 */
export async function openCamera(t, labels) {
  const pictures = await Promise.all(labels.map((label) => readFile(sample(label))));
  const film = join(await temporary(t), 'film.mjpeg');
  // Motion JPEG is nothing but JPEGs in a row.
  await writeFile(film, Buffer.concat(pictures.flatMap((picture) => Array.from({ length: SCENE_FRAMES }, () => picture))));
  const site = await openAlone([...CAMERA, `--use-file-for-fake-video-capture=${film}`]);
  t.after(site.close);
  if (!isFirefox) return site;
  const letters = pictures.map((picture) => picture.toString('base64'));
  return { ...site, prepare: (/** @type {Page} */ page) => page.evaluateOnNewDocument(project, letters, SCENE_FRAMES / 30) };
}

/**
 * Runs in the page: a camera that shows pictures, for Firefox, whose own has no film.
 *
 * @param {string[]} letters the pictures in base64
 * @param {number} seconds of each
 */
function project(letters, seconds) {
  const pictures = Promise.all(letters.map((each) => createImageBitmap(new Blob([Uint8Array.from(atob(each), (letter) => letter.charCodeAt(0))]))));
  navigator.mediaDevices.getUserMedia = async () => {
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('2d');
    const all = await pictures;
    Object.assign(canvas, { width: all[0]?.width, height: all[0]?.height });
    const stream = canvas.captureStream(30);
    const [track] = stream.getTracks();
    const draw = () => {
      context?.drawImage(/** @type {ImageBitmap} */ (all[Math.floor(performance.now() / 1000 / seconds) % all.length]), 0, 0);
      if (track?.readyState === 'live') setTimeout(draw, 1000 / 30);
    };
    draw();
    return stream;
  };
}

/**
 * The page with two empty classes, without a camera.
 *
 * @param {import('node:test').TestContext} t
 */
export async function openTeacher(t, open = openSite) {
  const site = await open();
  t.after(site.close);
  const { page, complaints } = await openPage(site);
  await begin(page);
  return { site, page, complaints };
}

/** @param {Page} page */
export async function begin(page) {
  await until(page, () => document.querySelector('mobilenet-teacher')?.shadowRoot !== null);
  await page.evaluate(() => document.querySelector('mobilenet-teacher')?.toggleAttribute('open', true));
  await until(page, () => /** @type {any} */ (globalThis).find('.class-card') !== null);
}

/**
 * Waits until what the camera shows has just become this.
 *
 * @param {Page} page
 * @param {string} label as the model names it that is open now
 */
export async function awaitScene(page, label) {
  for (let last = ''; ; ) {
    const event = (await told(page)).at(-1);
    const now = event?.type === 'classified' ? (topLabel(event) ?? '') : '';
    if (now === label && last !== '' && last !== label) return;
    last = now;
    await pause(30);
  }
}

/**
 * @param {Page} page
 * @param {number} index of the class
 * @param {number} millis
 */
export async function hold(page, index, millis) {
  const button = await find(page, `${CARD(index)} .hold`);
  await button.scrollIntoView();
  const box = await button.boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await pause(millis);
  await page.mouse.up();
}

/** @param {number} millis */
export function pause(millis) {
  return new Promise((resolve) => setTimeout(resolve, millis));
}

/** @param {Page} page */
export function counts(page) {
  return page.evaluate(() =>
    [.../** @type {any} */ (globalThis).find('.class-list').querySelectorAll('.class-count')].map((count) => parseInt(count.textContent, 10) || 0),
  );
}

/**
 * @param {Page} page
 * @param {number[]} expected
 */
export async function awaitCounts(page, expected) {
  await until(
    page,
    (wanted) => [...(/** @type {any} */ (globalThis).find('.class-list')?.querySelectorAll('.class-count') ?? [])].map((count) => parseInt(count.textContent, 10) || 0).join() === wanted,
    expected.join(),
  );
}

/** @param {Page} page */
export function names(page) {
  return page.evaluate(() => [.../** @type {any} */ (globalThis).find('.class-list').querySelectorAll('.class-label')].map(({ value }) => value));
}

/**
 * @param {Page} page
 * @param {number} index of the class
 * @param {string[]} files
 */
export function addFiles(page, index, files) {
  return upload(page, files, `${CARD(index)} input[type=file]`);
}

/**
 * Two classes of two pictures each, and the model that comes of them.
 *
 * @param {Page} page
 */
export async function teachTwo(page) {
  await addFiles(page, 0, ['bed', 'sofa'].map(sample));
  await addFiles(page, 1, ['chair', 'table'].map(sample));
  await awaitCounts(page, [2, 2]);
  await awaitLabels(page, ['Class 1', 'Class 2']);
  await awaitFitted(page);
}

/**
 * Waits for a model of these classes.
 *
 * @param {Page} page
 * @param {string[]} labels
 */
export function awaitLabels(page, labels) {
  return until(page, (wanted) => /** @type {any} */ (document.querySelector('mobilenet-classifier')).model?.labels.join() === wanted, labels.join());
}

/**
 * Waits until the last fit is of the present samples, as many as the classes show.
 *
 * @param {Page} page
 */
export function awaitFitted(page) {
  return until(page, () => {
    const { taught, find } = /** @type {any} */ (globalThis);
    const shown = [...find('.class-list').querySelectorAll('.class-count')].reduce((sum, count) => sum + (parseInt(count.textContent, 10) || 0), 0);
    return taught[taught.length - 1]?.samples === shown && /^Learned in/.test(find('.outcome-status').textContent);
  });
}

/**
 * Waits until what was changed is in the database.
 *
 * @param {Page} page
 * @param {number} samples
 */
export async function awaitKept(page, samples) {
  await until(
    page,
    (expected) =>
      new Promise((resolve) => {
        const request = indexedDB.open('mobilenet-web');
        request.onsuccess = () => {
          const projects = request.result.transaction('projects').objectStore('projects').getAll();
          projects.onsuccess = () => {
            request.result.close();
            resolve(projects.result.some(({ project }) => project.samples.length === expected));
          };
        };
      }),
    samples,
  );
}

/**
 * @param {Page} page
 * @param {number} [count] of fits, or of times that there was nothing to fit any more
 */
export async function awaitTaught(page, count = 1) {
  await until(page, (least) => /** @type {any} */ (globalThis).taught.length >= least, count);
}

/**
 * @param {Page} page
 * @returns {Promise<Buffer | null>} the bytes of the last head
 */
export async function head(page) {
  const base64 = await page.evaluate(async () => {
    const model = /** @type {any} */ (globalThis).taught.at(-1)?.model;
    return model && btoa(String.fromCharCode(...new Uint8Array(await model.arrayBuffer())));
  });
  return base64 && Buffer.from(base64, 'base64');
}

/**
 * What went wrong so far, by code.
 *
 * @param {Page} page
 */
export async function refusals(page) {
  return (await told(page)).flatMap((event) => (event.type === 'classifier-error' ? [event.code] : []));
}

/**
 * @param {Page} page
 * @param {string} code
 */
export function awaitRefusal(page, code) {
  return until(page, (wanted) => /** @type {any} */ (globalThis).told.some((/** @type {any} */ { code }) => code === wanted), code);
}

/**
 * What has the focus inside the teacher, by its accessible name or its text.
 *
 * @param {Page} page
 */
export function focused(page) {
  return page.evaluate(() => {
    const inner = document.querySelector('mobilenet-teacher')?.shadowRoot?.activeElement;
    return inner?.getAttribute('aria-label') ?? inner?.textContent ?? null;
  });
}

/**
 * @param {Page} page
 * @param {string} label
 */
export async function press(page, label) {
  const handle = await page.evaluateHandle(
    (wanted) =>
      [.../** @type {any} */ (document.querySelector('mobilenet-teacher')).shadowRoot.querySelectorAll('button')].find((button) => button.checkVisibility() && (button.getAttribute('aria-label') ?? button.textContent) === wanted),
    label,
  );
  const button = /** @type {import('puppeteer-core').ElementHandle<HTMLButtonElement> | null} */ (handle.asElement());
  assert.ok(button, `there is no button “${label}”`);
  assert.equal(await button.evaluate(({ disabled }) => disabled), false, `“${label}” cannot be pressed`);
  await button.click();
}

/**
 * @param {Page} page
 * @param {string[]} keys the last one is pressed while the others are held
 */
export async function chord(page, ...keys) {
  const held = /** @type {import('puppeteer-core').KeyInput[]} */ (keys.slice(0, -1));
  for (const key of held) await page.keyboard.down(key);
  await page.keyboard.press(/** @type {import('puppeteer-core').KeyInput} */ (keys.at(-1)));
  for (const key of held.reverse()) await page.keyboard.up(key);
}

// The web pages of `pkg/examples`: each is copied to a folder of its own with the package beside it, as the README there says, and
// used under its own policy. The camera shows a chair.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { build, createServer } from 'vite';
import { until } from '../page/browser.mjs';
import { WINDOWS, dress, inspect } from '../page/inspect.mjs';
import { serve } from '../../pkg/build/serve.mjs';
import { APP, PACKAGE, ROOT, launch, open } from './pages.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

const EXAMPLES = join(ROOT, 'pkg/examples');
const LABELS = ['bed', 'chair', 'sofa', 'swivelchair', 'table'];
const FLAGS = ['--no-sandbox', '--disable-gpu', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
/** A drawing: none of the classes. */
const DRAWING = join(ROOT, 'www/icons/icon-512.png');

const folder = await mkdtemp(join(tmpdir(), 'mobilenet-examples-'));
/** @type {import('puppeteer-core').Browser} */
let browser;
before(async () => {
  // Motion JPEG is nothing but JPEGs in a row.
  const film = join(folder, 'chair.mjpeg');
  const picture = await readFile(sample('chair'));
  await writeFile(film, Buffer.concat(Array.from({ length: 10 }, () => picture)));
  browser = await launch({ args: [...FLAGS, `--use-file-for-fake-video-capture=${film}`] });
});
after(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

/** @param {string} label */
function sample(label) {
  return join(ROOT, 'www/samples', `${label}.jpg`);
}

/**
 * Opens a page of a folder. `requests` are those of the page and its worker, which its policy lets ask nobody else.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} root
 */
async function visit(t, root) {
  const requests = /** @type {string[]} */ ([]);
  const server = await serve(root, 0, (path) => requests.push(path));
  t.after(server.close);
  return { ...(await open(t, browser, `${server.url}/index.html`)), requests };
}

/**
 * @param {import('node:test').TestContext} t
 * @param {string} name of an example that has the package beside it
 */
async function example(t, name) {
  const root = join(folder, name);
  await cp(join(EXAMPLES, name), root, { recursive: true, filter: (path) => !path.endsWith('mobilenet-web') });
  await cp(PACKAGE, join(root, 'mobilenet-web'), { recursive: true });
  return visit(t, root);
}

/**
 * @param {Page} page
 * @param {string} selector
 * @param {...string} files
 */
async function choose(page, selector, ...files) {
  const input = /** @type {import('puppeteer-core').ElementHandle<HTMLInputElement> | null} */ (await page.$(selector));
  assert.ok(input, `there is no ${selector}`);
  await input.uploadFile(...files);
}

/**
 * @param {Page} page
 * @param {string} selector
 * @param {string} words that it has to come to say
 */
async function says(page, selector, words) {
  await until(page, (selector, words) => document.querySelector(selector)?.textContent?.includes(words), selector, words);
}

/**
 * Narrow and wide, light and dark. What was complained about until then is asserted here, because axe brings styles of its own, which
 * the policy refuses.
 *
 * @param {{ page: Page, complaints: string[] }} visit
 * @param {string} name
 * @param {string[]} [schemes]
 */
async function looks({ page, complaints }, name, schemes = ['light', 'dark']) {
  assert.deepEqual(complaints, []);
  for (const window of WINDOWS) {
    for (const scheme of schemes) {
      await dress(page, scheme, window);
      await inspect(page, `example-${name}-${window.width}-${scheme}`);
    }
  }
  complaints.length = 0;
}

test('script-tag: the element names a picture', async (t) => {
  const { page, complaints, requests } = await example(t, 'script-tag');
  await until(page, () => document.querySelector('mobilenet-classifier[data-ready]'));
  const early = requests.length;
  await choose(page, 'mobilenet-classifier >>> #pictures', sample('sofa'));
  await until(page, () => document.querySelector('mobilenet-classifier')?.shadowRoot?.querySelector('#headline')?.textContent === 'sofa');
  // A page that sets no background is white to axe, also where it is dark.
  await looks({ page, complaints }, 'script-tag', ['light']);
  assert.deepEqual([complaints, requests.slice(early)], [[], []]);
});

test('form: what the element sees is sent, once there is something to send', async (t) => {
  const { page, complaints, requests } = await example(t, 'form');
  const state = () =>
    page.evaluate(() => {
      const field = /** @type {HTMLSelectElement} */ (document.querySelector('#furniture'));
      const certainty = Number(/** @type {HTMLInputElement} */ (document.querySelector('[name=certainty]')).value);
      return { value: field.value, message: field.validationMessage, focused: document.activeElement === field, sure: certainty > 0.9 };
    });
  await until(page, (count) => document.querySelectorAll('option').length === count, LABELS.length + 1);
  const early = requests.length;

  // Sent with the Enter key, but held back: there is no picture, also where the person has chosen.
  await page.focus('#room');
  await page.keyboard.type('Attic');
  await page.keyboard.press('Enter');
  assert.deepEqual(await state(), { value: '', message: 'Choose a picture first.', focused: true, sure: false });
  await page.keyboard.type('bed');
  assert.deepEqual(await state(), { value: 'bed', message: 'Choose a picture first.', focused: true, sure: false });
  await looks({ page, complaints }, 'form-empty');

  await choose(page, 'mobilenet-classifier >>> #pictures', DRAWING);
  await says(page, '#advice', 'Not sure');
  assert.deepEqual(await state(), { value: '', message: 'Not sure what this is: please choose.', focused: true, sure: false });
  await page.keyboard.type('table');
  assert.deepEqual(await state(), { value: 'table', message: '', focused: true, sure: false });

  await choose(page, 'mobilenet-classifier >>> #pictures', sample('sofa'));
  await says(page, '#advice', 'Recognized');
  assert.deepEqual(await state(), { value: 'sofa', message: '', focused: true, sure: true });
  await looks({ page, complaints }, 'form-filled');
  assert.deepEqual(requests.slice(early), []);

  await page.focus('#room');
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  await says(page, 'dl', 'sofa');
  const { pathname, searchParams } = new URL(page.url());
  assert.deepEqual([pathname, [...searchParams.keys()]], ['/received.html', ['furniture', 'room', 'certainty']]);
  assert.deepEqual([searchParams.get('furniture'), searchParams.get('room')], ['sofa', 'Attic']);
  assert.ok(Number(searchParams.get('certainty')) > 0.9);
  await looks({ page, complaints }, 'form-received');
  assert.deepEqual(complaints, []);
});

test('form: what the person chose stays while the camera runs', async (t) => {
  const { page, complaints } = await example(t, 'form');
  const value = () => page.$eval('#furniture', (field) => /** @type {HTMLSelectElement} */ (field).value);
  const frames = async (/** @type {number} */ count) => {
    await page.evaluate(() => {
      Object.assign(globalThis, { frames: 0 });
      document.addEventListener('classified', () => void (/** @type {any} */ (globalThis).frames++));
    });
    await until(page, (count) => /** @type {any} */ (globalThis).frames >= count, count);
  };
  await until(page, () => document.querySelector('mobilenet-classifier[data-ready]'));
  await (await page.$('mobilenet-classifier >>> #camera'))?.click();
  await says(page, '#advice', 'Recognized');
  assert.equal(await value(), 'chair');
  await page.select('#furniture', 'table');
  await frames(3);
  assert.equal(await value(), 'table');
  assert.deepEqual(complaints, []);
});

/** @param {Page} page */
async function sorted(page) {
  return page.$$eval('section:not([hidden])', (sections) =>
    sections.map((section) => [section.querySelector('h2')?.textContent, ...[...section.querySelectorAll('li')].map((item) => item.querySelector('span')?.textContent)]),
  );
}

test('sort: a folder becomes groups, and lists to keep', async (t) => {
  const photos = join(folder, 'photos');
  await mkdir(join(photos, 'deeper'), { recursive: true });
  for (const label of LABELS) await copyFile(sample(label), join(photos, label === 'bed' ? 'deeper' : '', `${label}.jpg`));
  await copyFile(sample('sofa'), join(photos, '=sofa.jpg'));
  await copyFile(DRAWING, join(photos, 'drawing.png'));
  await writeFile(join(photos, 'damaged.jpg'), 'no picture');
  await writeFile(join(photos, 'notes.txt'), 'no picture either');
  const groups = {
    bed: ['bed.jpg'],
    chair: ['chair.jpg'],
    sofa: ['=sofa.jpg', 'sofa.jpg'],
    swivelchair: ['swivelchair.jpg'],
    table: ['table.jpg'],
    'Not sure': ['drawing.png'],
    'Not read': ['damaged.jpg'],
  };
  const expected = Object.entries(groups).map(([name, files]) => [`${name}: ${files.length}`, ...files]);
  const found = async () => (await sorted(page)).map(([heading, ...files]) => [heading, ...files.sort()]);

  const { page, complaints, requests } = await example(t, 'sort');
  await choose(page, '#folder', photos);
  await says(page, '#status', '8 photos sorted.');
  const early = requests.length;
  assert.deepEqual(await found(), expected);
  await looks({ page, complaints }, 'sort');

  const client = await page.createCDPSession();
  await client.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder });
  await page.locator('button[aria-label="Keep the list of sofa"]').click();
  const list = join(folder, 'sofa.csv');
  for (let wait = 0; wait < 400 && !existsSync(list); wait++) await new Promise((next) => setTimeout(next, 50));
  const [header, ...rows] = (await readFile(list, 'utf8')).split('\r\n');
  assert.equal(header, 'file,answer');
  assert.deepEqual(rows.sort(), ['', '"photos/=sofa.jpg","sofa, 99 %"', '"photos/sofa.jpg","sofa, 99 %"']);

  // Dropped, the same.
  await choose(page, '#photos', sample('bed'));
  await says(page, '#status', '1 photos sorted.');
  for (const type of /** @type {const} */ (['dragEnter', 'dragOver', 'drop'])) {
    await client.send('Input.dispatchDragEvent', { type, x: 5, y: 5, data: { items: [], files: [photos], dragOperationsMask: 1 } });
  }
  await says(page, '#status', '8 photos sorted.');
  assert.deepEqual(await found(), expected);
  assert.deepEqual([complaints, requests.slice(early)], [[], []]);
});

test('sort: hundreds of photos can be stopped, and others take their place', async (t) => {
  const { page, complaints } = await example(t, 'sort');
  const many = await Promise.all(
    Array.from({ length: 300 }, async (_, at) => {
      const file = join(folder, `${at}.jpg`);
      await copyFile(sample(LABELS[at % LABELS.length] ?? ''), file);
      return file;
    }),
  );
  // The second lot comes before the first is done, which must not end it. Chromium tells of no choice that is the same as before.
  for (let lot = 0; lot < 2; lot++) {
    await choose(page, '#photos', ...many.slice(lot));
    await until(page, () => document.querySelectorAll('li').length >= 5);
  }
  await page.click('#stop');
  await says(page, '#status', 'Stopped after');
  const count = await page.$$eval('li', ({ length }) => length);
  assert.ok(count < many.length);
  await says(page, '#status', `Stopped after ${count} photos.`);
  await choose(page, '#photos', ...LABELS.map(sample));
  await says(page, '#status', '5 photos sorted.');
  assert.deepEqual(await sorted(page), LABELS.map((label) => [`${label}: 1`, `${label}.jpg`]));
  assert.deepEqual(complaints, []);
});

/** @type {Promise<string> | undefined} */
let app;

/** The app, with the package that npm installs from the tarball; Vite itself is that of these tests. */
async function install() {
  const root = join(APP, 'example-vite');
  await rm(root, { recursive: true, force: true });
  await mkdir(root);
  for (const name of ['package.json', 'index.html', 'main.js', 'style.css']) await copyFile(join(EXAMPLES, 'vite', name), join(root, name));
  const { devDependencies, ...listed } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  // npm asks the registry even for what it is told to omit.
  await writeFile(join(root, 'package.json'), JSON.stringify(listed));
  const tarball = listed.dependencies['mobilenet-web'].replace('file:', '');
  await copyFile(join(APP, tarball), join(root, tarball));
  execFileSync('npm', ['install', '--offline', '--no-package-lock', '--no-fund', '--no-audit'], { cwd: root });
  assert.equal(devDependencies.vite, createRequire(import.meta.url)('vite/package.json').version);
  return root;
}

/** @param {Page} page */
async function answersForFileAndCamera(page) {
  await says(page, '#answer', 'Show me one of these: bed, chair, sofa, swivelchair, table.');
  await choose(page, '#file', sample('sofa'));
  await says(page, '#answer', 'sofa, 99 %');
  await page.click('#camera');
  await says(page, '#answer', 'chair, ');
}

test('vite: what it builds answers for a file and a camera', async (t) => {
  const root = await (app ??= install());
  await build({ root, configFile: false, logLevel: 'error' });
  const { page, complaints, requests } = await visit(t, join(root, 'dist'));
  await until(page, () => document.querySelector('#file:enabled'));
  const early = requests.length;
  await answersForFileAndCamera(page);
  await looks({ page, complaints }, 'vite');
  await page.click('#camera');
  await choose(page, '#file', DRAWING);
  await says(page, '#answer', 'Not sure');
  assert.deepEqual([complaints, requests.slice(early)], [[], []]);
});

test("vite: its development server's page does", async (t) => {
  const root = await (app ??= install());
  const server = await createServer({ root, configFile: false, logLevel: 'error', server: { port: 0, host: 'localhost' } });
  await server.listen();
  t.after(() => server.close());
  const { page, complaints } = await open(t, browser, server.resolvedUrls?.local[0] ?? '');
  await answersForFileAndCamera(page);
  assert.deepEqual(complaints, []);
});

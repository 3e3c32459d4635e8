// Sharing the open model: what the page makes is what the terminal makes, byte for byte, and nothing is asked for meanwhile.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cp, readFile, readdir, rename, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Archive } from '../../pkg/files/archive.js';
import { allowClipboard, downloadInto } from './acts.mjs';
import { FURNITURE, ROOT, SITE, classify, click, find, hidden, openPage, openSite, placed, refused, sample, text, told, topLabel, until, upload } from './browser.mjs';
import { WINDOWS, dress, inspect } from './inspect.mjs';
import { addFiles, awaitCounts, awaitFitted, awaitRefusal, begin, head, openTeacher, pause, press, teachTwo, temporary } from './teaching.mjs';

/**
 * @typedef {import('puppeteer-core').Page} Page
 * @typedef {import('node:test').TestContext} TestContext
 */

const PROGRAM = fileURLToPath(new URL('../../target/release/mobilenet', import.meta.url));
const EXPORTS = ['tflite int8', 'tflite float', 'onnx int8', 'onnx float', 'tfjs float'];

/** @type {Awaited<ReturnType<typeof openSite>>} */
let site;
before(async () => (site = await openSite()));
after(() => site.close());

/** @param {...string} args */
function mobilenet(...args) {
  const { status, stdout, stderr } = spawnSync(PROGRAM, args, { encoding: 'utf8' });
  return { status, stdout: stdout.trim(), stderr };
}

/** @param {Page} page */
async function openPanel(page) {
  await until(page, () => document.querySelector('#share:not([hidden]) summary') !== null);
  await click(page, '.share summary');
}

/**
 * @param {Page} page
 * @param {string} name of the button
 */
async function pressed(page, name) {
  const buttons = await page.$$('.share button');
  const names = await Promise.all(buttons.map((button) => button.evaluate(({ textContent }) => textContent)));
  const button = buttons[names.indexOf(name)];
  assert.ok(button, `there is no button ${name} among ${names}`);
  await button.click();
}

/** @param {Page} page */
async function link(page) {
  const value = () => /** @type {HTMLInputElement} */ (document.querySelector('.share input')).value;
  await until(page, () => /** @type {HTMLInputElement} */ (document.querySelector('.share input')).value !== '');
  return page.evaluate(value);
}

/**
 * @param {Page} page
 * @param {string} button
 * @param {string} path of the file that it saves
 */
async function saved(page, button, path) {
  await pressed(page, button);
  // Under this name once it is complete.
  for (let wait = 0; wait < 400; wait++) {
    if (await stat(path).then(({ size }) => size > 0, () => false)) return readFile(path);
    await pause(50);
  }
  throw new Error(`there is no ${path}: ${await text(page, '.share-status')}`);
}

test('every export is the file that the terminal makes, and says how to use it', async (t) => {
  const [here, there] = [await temporary(t), await temporary(t)];
  const { page } = await openPage(site);
  await downloadInto(page, here);
  await openPanel(page);
  // What is told of the link is longer than that it is being made, and moves the buttons from under a click.
  await link(page);
  for (const choice of EXPORTS) {
    const [format = '', precision = ''] = choice.split(' ');
    await page.select('.share select', choice);
    const name = `model.${precision}.${format}`;
    const download = await saved(page, 'Save', join(here, format === 'tfjs' ? `${name}.zip` : name));
    const { status, stdout } = mobilenet('export', FURNITURE, '--format', format, '--precision', precision, '--out', join(there, name));
    assert.equal(status, 0);
    await until(page, (wanted) => document.querySelector('.share-status')?.textContent?.startsWith(wanted), `Saved as ${name}`);
    assert.ok(stdout.endsWith(await text(page, '.share-about')), stdout);
    if (format !== 'tfjs') {
      assert.ok(download.equals(await readFile(join(there, name))), `${name} differs`);
      continue;
    }
    const archive = await Archive.open(new Blob([download]));
    const files = await readdir(join(there, name));
    assert.deepEqual(archive.names.toSorted(), files.map((file) => `${name}/${file}`).toSorted());
    for (const file of files) {
      const content = Buffer.from(await (await archive.read(`${name}/${file}`)).arrayBuffer());
      assert.ok(content.equals(await readFile(join(there, name, file))), `${file} differs`);
    }
  }
  await page.close();
});

test('the link is the one that the terminal makes, short, and answers like the model', async (t) => {
  const folder = await temporary(t);
  const { page } = await openPage(site);
  const served = site.requests.length;
  await openPanel(page);
  const made = await link(page);
  assert.equal(made, mobilenet('share', FURNITURE, '--page', `${site.url}/`).stdout);
  const [, fragment = ''] = made.split('#');
  assert.ok(fragment.length <= 12_288, `${fragment.length} letters`);
  assert.match(await text(page, '.share .facts'), /^The whole model is in the link \(1\d(\.\d)? kB\)/);
  assert.deepEqual(site.requests.slice(served), [], 'nothing is asked for once the page has loaded');
  assert.equal(await text(page, '#requests'), '0 requests since the page has loaded.');

  await page.goto('about:blank');
  await page.goto(made);
  await until(page, () => document.getElementById('facts')?.textContent?.startsWith('From the link: '));
  assert.equal(topLabel(await classify(page, sample('sofa'))), 'sofa');
  // What came compressed is saved as the file that it was.
  await openPanel(page);
  assert.equal(await link(page), made);
  await downloadInto(page, folder);
  assert.ok((await saved(page, 'Save the model', join(folder, 'model.safetensors'))).equals(await readFile(FURNITURE)));
  await page.close();
});

test('what was taught here is shared as the terminal shares it', async (t) => {
  const folder = await temporary(t);
  const { site: own, page } = await openTeacher(t);
  await teachTwo(page);
  await openPanel(page);
  const before = await link(page);
  await addFiles(page, 1, [sample('swivelchair')]);
  await awaitCounts(page, [2, 3]);
  await awaitFitted(page);
  await until(page, (old) => ![old, ''].includes(/** @type {HTMLInputElement} */ (document.querySelector('.share input')).value), before);
  const file = join(folder, 'taught.safetensors');
  await writeFile(file, /** @type {Buffer} */ (await head(page)));
  assert.equal(await link(page), mobilenet('share', file, '--page', `${own.url}/`).stdout);
  assert.equal(await text(page, '#requests'), '0 requests since the page has loaded.');
});

test('a model with too many classes for a link is refused one, with the remedy', async (t) => {
  const file = join(await temporary(t), 'many.safetensors');
  await writeFile(file, await manyClasses(20));
  const { page } = await openPage(site);
  await openPanel(page);
  await upload(page, [file], '#model-file');
  await until(page, () => document.getElementById('facts')?.textContent?.startsWith('many.safetensors'));
  await until(page, () => document.querySelector('.share .facts')?.textContent?.includes('letters'));
  const reason = await text(page, '.share .facts');
  assert.match(reason, /^Its link would have \d+ letters, and no more than 32000 arrive everywhere: pass it on as a file\.$/);
  // The terminal says it after the name of the file.
  assert.ok(mobilenet('share', file).stderr.includes(reason.slice(1, -1)));
  assert.match(await (await find(page, '.share textarea')).evaluate((field) => /** @type {HTMLTextAreaElement} */ (field).value), /head="many\.safetensors"/);
  await page.close();
});

/**
 * A model of noise, made by the studio in Node.
 *
 * @param {number} count
 */
async function manyClasses(count) {
  const wasm = join(ROOT, 'pkg/wasm');
  const { initSync, Studio } = await import(pathToFileURL(join(wasm, 'mobilenet_studio.js')).href);
  initSync({ module: await readFile(join(wasm, 'mobilenet_studio_bg.wasm')) });
  const backbone = await readFile(fileURLToPath(new URL('../../src/core/models/mobilenet_v2_1.0_224.safetensors', import.meta.url)));
  let state = 1;
  const noise = () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
  const classes = Uint32Array.from({ length: 2 * count }, (_, at) => at >> 1);
  const embeddings = Float32Array.from({ length: classes.length * 1280 }, noise);
  const labels = Array.from({ length: count }, (_, at) => `class ${at}`);
  const settings = { recipe: { epochs: 3 } };
  return new Studio(backbone).teach(embeddings, classes, classes, labels, settings, () => {}).model;
}

test('links and HTML are copied by keyboard, and told politely', async (t) => {
  const own = await openSite();
  t.after(own.close);
  const { page } = await openPage(own);
  await allowClipboard(page);
  await page.focus('.share summary');
  await page.keyboard.press('Enter');
  const made = await link(page);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await until(page, () => document.querySelector('.share-status')?.textContent === 'Copied.');
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), made);
  assert.equal(await (await find(page, '.share-status')).evaluate((status) => status.getAttribute('role')), 'status');
  await pressed(page, 'Copy the HTML');
  await until(page, async () => (await navigator.clipboard.readText()).startsWith('<script'));
  const html = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(html, `<script type="module" src="${own.url}/element/define.js"></script>\n<mobilenet-classifier></mobilenet-classifier>`);
});

test('where a page may not copy, the link is shown and selected', async () => {
  const prepare = (/** @type {Page} */ opened) => opened.evaluateOnNewDocument(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  const { page } = await openPage(site, { prepare });
  await openPanel(page);
  const made = await link(page);
  assert.equal(await hidden(page, '.share input'), true);
  await pressed(page, 'Copy link');
  await until(page, () => document.querySelector('.share-status')?.textContent?.includes('press Ctrl and C'));
  assert.equal(await hidden(page, '.share input'), false);
  const chosen = () => {
    const field = /** @type {HTMLInputElement} */ (document.activeElement);
    return field.value.slice(Number(field.selectionStart), Number(field.selectionEnd));
  };
  assert.equal(await page.evaluate(chosen), made);
  await page.close();
});

test('a device that shares is offered the link', async () => {
  const prepare = (/** @type {Page} */ opened) =>
    opened.evaluateOnNewDocument(() => Object.defineProperty(navigator, 'share', { value: async (/** @type {ShareData} */ data) => void (/** @type {any} */ (globalThis).shared = data) }));
  const { page } = await openPage(site, { prepare });
  await openPanel(page);
  const made = await link(page);
  await pressed(page, 'Share…');
  await until(page, () => /** @type {any} */ (globalThis).shared !== undefined);
  assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).shared.url), made);
  await page.close();
});

for (const [what, name, spoil, reason] of /** @type {[string, string, (file: string) => Promise<unknown>, RegExp][]} */ ([
  ['is missing', 'wasm/mobilenet_studio_bg.wasm', (file) => rename(file, `${file}.away`), /the server answered 404/],
  ['has no glue', 'wasm/mobilenet_studio.js', (file) => rename(file, `${file}.away`), /the network is unreachable/],
  ['is cut short', 'wasm/mobilenet_studio_bg.wasm', (file) => truncate(file, 50_000), /it did not arrive whole/],
])) {
  test(`a studio that ${what} is told of when it is needed, and fetched later`, async (t) => {
    const folder = join(await temporary(t), 'site');
    await cp(SITE, folder, { recursive: true });
    const place = placed(name);
    const file = join(folder, place);
    await spoil(file);
    const spoilt = await openSite([], folder);
    t.after(spoilt.close);
    const { page } = await openPage(spoilt);
    assert.equal(await text(page, '#requests'), '0 requests since the page has loaded.');
    assert.equal(topLabel(await classify(page, sample('bed'))), 'bed');
    await begin(page);
    await addFiles(page, 0, ['bed', 'sofa'].map(sample));
    await addFiles(page, 1, ['chair', 'table'].map(sample));
    await awaitRefusal(page, 'load-failed');
    const refusal = refused((await told(page)).at(-1));
    assert.match(refusal.message, reason);
    await cp(join(SITE, place), file);
    await addFiles(page, 1, [sample('swivelchair')]);
    await awaitCounts(page, [2, 3]);
    await awaitFitted(page);
    await press(page, 'Undo');
  });
}

for (const scheme of ['light', 'dark']) {
  for (const window of WINDOWS) {
    test(`sharing, ${window.width} px wide, ${scheme}`, async () => {
      const { page } = await openPage(site, { prepare: (opened) => dress(opened, scheme, window) });
      await openPanel(page);
      await link(page);
      await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
      await pressed(page, 'Copy link');
      await inspect(page, `share-${window.width}-${scheme}`);
      await page.close();
    });
  }
}

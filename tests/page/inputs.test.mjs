// Whole folders, the table of what became of them, and pictures by their address.

import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { downloadInto, drop } from './acts.mjs';
import { csv } from '../../pkg/files/export.js';
import { LIBRARY } from '../../pkg/build/site.mjs';
import { ROOT, SITE, after as eventsAfter, chromiumOnly, classified, click, find, hidden, openPage, openSite, refused, sample, text, told, topLabel, until, upload } from './browser.mjs';
import { WINDOWS, dress, inspect } from './inspect.mjs';
import { serve } from '../../pkg/build/serve.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

// What spreadsheets have been made to run, and what breaks a careless CSV.
const HOSTILE = ['=HYPERLINK("http://x","y").jpg', '+1.jpg', '-2.jpg', '@SUM(A1).jpg', '\tTAB.jpg', '\rCR.jpg', '＝WIDE.jpg', 'a;=1.jpg', 'plain, "quoted"\nand broken.jpg'];

const folder = await mkdtemp(join(tmpdir(), 'mobilenet-inputs-'));
const photos = join(folder, 'photos');
/** @type {Awaited<ReturnType<typeof openSite>>} */
let site;
before(async () => {
  const files = { '10.jpg': 'bed', '9.jpg': 'sofa', 'b/2.jpg': 'chair', '.thumbnails/1.jpg': 'table', 'b/.hidden.jpg': 'table' };
  for (const [path, label] of Object.entries(files)) {
    await mkdir(join(photos, path, '..'), { recursive: true });
    await cp(sample(label), join(photos, path));
  }
  await mkdir(join(folder, 'more'));
  await cp(sample('table'), join(folder, 'more/1.jpg'));
  site = await openSite();
});
after(async () => {
  await site.close();
  await rm(folder, { recursive: true });
});

test('a folder that is chosen is read in natural order, without what is hidden', { skip: chromiumOnly }, async () => {
  const { page, complaints } = await openPage(site);
  const events = await eventsAfter(page, () => upload(page, [photos], '#folder'), 3);
  assert.deepEqual(events.map(({ name, source }) => [name, source]), [['9.jpg', 'file'], ['10.jpg', 'file'], ['b/2.jpg', 'file']]);
  assert.deepEqual(events.map(topLabel), ['sofa', 'bed', 'chair']);
  assert.equal(await text(page, '#count'), '3 of 3');
  assert.deepEqual(complaints, []);
  await page.close();
});

test('folders are dropped; of several the names begin with the folder', { skip: chromiumOnly }, async () => {
  const { page } = await openPage(site);
  const alone = await eventsAfter(page, () => drop(page, [photos]), 3);
  assert.deepEqual(alone.map(({ name, source }) => [name, source]), [['9.jpg', 'drop'], ['10.jpg', 'drop'], ['b/2.jpg', 'drop']]);
  const both = await eventsAfter(page, () => drop(page, [photos, join(folder, 'more')]), 4);
  assert.deepEqual(both.map(({ name }) => name), ['more/1.jpg', 'photos/9.jpg', 'photos/10.jpg', 'photos/b/2.jpg']);
  await click(page, '#lines tr:last-child button');
  await until(page, () => /** @type {any} */ (globalThis).find('#caption').textContent === 'photos/b/2.jpg');
  assert.equal(await text(page, '#headline'), 'chair');
  await page.close();
});

test('an empty folder is told, and a phone is not offered one', { skip: chromiumOnly }, async () => {
  const { page } = await openPage(site);
  await mkdir(join(folder, 'empty'));
  const [event] = await eventsAfter(page, () => drop(page, [join(folder, 'empty')]));
  assert.equal(refused(event).code, 'no-picture');
  assert.equal(await hidden(page, '.folder'), false);
  await page.setViewport({ width: 390, height: 844, isMobile: true, hasTouch: true });
  assert.equal(await hidden(page, '.folder'), true);
  assert.equal(await hidden(page, '#folder'), true);
  await page.close();
});

test('of ten thousand files few are rows and few are read, and a stop keeps what is done', async () => {
  const { page } = await openPage(site);
  const begun = await page.evaluate(async (count) => {
    const reads = { count: 0 };
    Object.assign(globalThis, { reads });
    const file = new File([await (await fetch('samples/bed.jpg')).blob()], 'bed.jpg');
    const read = async () => (reads.count++, file);
    const start = performance.now();
    /** @type {any} */ (document.querySelector('mobilenet-classifier')).receive(Array.from({ length: count }, (_, at) => ({ name: `${at}.jpg`, read })), 'drop');
    return performance.now() - start;
  }, 10_000);
  assert.ok(begun < 1000, `${begun} ms until the page could go on`);
  await until(page, () => /** @type {any} */ (globalThis).told.length >= 3);
  assert.match(await text(page, '#count'), /^\d+ of 10,000$/);
  assert.equal(await hidden(page, '#done'), false);
  await click(page, '#stop');
  await until(page, () => /** @type {any} */ (globalThis).find('#count').textContent === '10,000 of 10,000');
  const state = await page.evaluate(() => {
    const { results } = /** @type {any} */ (document.querySelector('mobilenet-classifier'));
    const done = results.filter((/** @type {any} */ { error }) => !error);
    return { all: results.length, done: done.length, codes: [...new Set(results.map((/** @type {any} */ { error }) => error?.code ?? null))], reads: /** @type {any} */ (globalThis).reads.count };
  });
  assert.equal(state.all, 10_000);
  assert.ok(state.done >= 3 && state.reads <= state.done + 8, JSON.stringify(state));
  assert.deepEqual(state.codes, [null, 'cancelled']);
  assert.equal(await hidden(page, '#done'), true);
  assert.equal(await rows(page), 100);
  assert.equal(await text(page, '#more'), 'Show 100 more of 9,900');
  await click(page, '#more');
  assert.equal(await rows(page), 200);
  await page.close();
});

/** @param {Page} page */
async function rows(page) {
  return (await find(page, '#lines')).evaluate(({ children }) => children.length);
}

test('the results are kept as CSV that no spreadsheet runs, and as JSON, and scripts have them', async () => {
  const { page } = await openPage(site);
  await downloadInto(page, folder);
  await eventsAfter(page, () => receive(page, HOSTILE), HOSTILE.length + 1);
  await click(page, '#csv');
  await click(page, '#json');

  const [header, ...lines] = parsed(await downloaded('results.csv'));
  assert.deepEqual(header, ['file', 'answer', 'certainty', 'rejected', 'error', 'bed', 'chair', 'sofa', 'swivelchair', 'table']);
  for (const cell of lines.flat()) assert.doesNotMatch(cell, /^[=+\-@\t\r＝＋－＠]/);
  assert.deepEqual(lines.map(([name]) => name?.replace(/^'/, '')), [...HOSTILE, 'broken.jpg']);
  assert.ok(lines.slice(0, -1).every(([, answer, certainty, rejected, error]) => answer === 'bed' && Number(certainty) > 0.9 && rejected === 'false' && error === ''));
  const [, answer, certainty, rejected, error, ...probabilities] = lines.at(-1) ?? [];
  assert.deepEqual([answer, certainty, rejected, ...probabilities], ['', '', '', '', '', '', '', '']);
  assert.match(error ?? '', /cannot be read/);

  const kept = JSON.parse(await downloaded('results.json'));
  assert.deepEqual(kept, await page.$eval('mobilenet-classifier', (element) => /** @type {any} */ (element).results));
  assert.deepEqual(Object.keys(kept[0]), ['name', 'predictions', 'rejected', 'error']);
  assert.equal(kept[0].name, HOSTILE[0]);
  assert.equal(kept.at(-1).error.code, 'unsupported-format');
  await page.close();
});

/**
 * A bed by each name, and one file that is broken.
 *
 * @param {Page} page
 * @param {string[]} names
 */
function receive(page, names) {
  return page.evaluate(async (names) => {
    const bed = await (await fetch('samples/bed.jpg')).blob();
    const files = [...names.map((name) => new File([bed], name)), new File(['no picture'], 'broken.jpg')];
    /** @type {any} */ (document.querySelector('mobilenet-classifier')).receive(files, 'drop');
  }, names);
}

/** @param {string} name */
async function downloaded(name) {
  for (let left = 200; left; left--) {
    const content = await readFile(join(folder, name), 'utf8').catch(() => '');
    if (content) return content;
    await new Promise((next) => setTimeout(next, 50));
  }
  throw new Error(`${name} was not downloaded`);
}

/**
 * By the grammar of RFC 4180, strictly.
 *
 * @param {string} content
 */
function parsed(content) {
  assert.match(content, /\r\n$/);
  const cells = [...content.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy)];
  assert.equal(cells.map(([all]) => all).join(''), content, 'all of it is CSV');
  /** @type {string[][]} */
  const lines = [[]];
  for (const [, quoted, plain, end] of cells) {
    lines.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === '\r\n') lines.push([]);
  }
  return lines.slice(0, -1);
}

test('a model from a stranger writes no formula either, and labels below the best are empty', () => {
  const predictions = [{ label: '=cmd|x', probability: 0.75 }, { label: 'b', probability: 1e-7 }];
  const results = [
    { name: 'a.jpg', predictions, rejected: false, error: null },
    { name: 'b.jpg', predictions: predictions.slice(0, 1), rejected: true, error: null },
  ];
  assert.equal(csv(results, ['never', 'b', '=cmd|x']), "file,answer,certainty,rejected,error,b,'=cmd|x\r\na.jpg,'=cmd|x,0.75,false,,1e-7,0.75\r\nb.jpg,,,true,,,0.75\r\n");
});

test('an address is fetched where the policy of the page allows it, and never on its own', async () => {
  const { page } = await openPage(site);
  const classifyAt = (/** @type {string} */ address) => page.evaluate((at) => /** @type {any} */ (document.querySelector('mobilenet-classifier')).classify(at).then((/** @type {any} */ { predictions }) => predictions[0].label, (/** @type {any} */ { code, message }) => `${code} ${message}`), address);
  assert.equal(await classifyAt('samples/sofa.jpg'), 'sofa');
  const [event] = await told(page);
  assert.deepEqual([classified(event).source, event?.name], ['script', 'sofa.jpg']);
  assert.match(await classifyAt('https://example.com/sofa.jpg'), /^address-blocked .*policy of this page.*example\.com\. Save the picture/);
  assert.match(await classifyAt('samples/none.jpg'), /^address-blocked .*answered 404\. Save the picture/);
  assert.match(await classifyAt('http://'), /^address-blocked .*no address/);
  await page.close();
});

test('a pasted address is tried; one that the policy forbids is told; a field keeps its text', async () => {
  const { page } = await openPage(site);
  const [event] = await eventsAfter(page, () => paste(page, `  ${site.url}/samples/chair.jpg\n`));
  assert.equal(topLabel(event), 'chair');
  assert.deepEqual([event?.source, event?.name], ['paste', 'chair.jpg']);
  const [refusal] = await eventsAfter(page, () => paste(page, 'https://example.com/a.png?b=c'));
  assert.equal(refused(refusal).code, 'address-blocked');
  assert.match(refused(refusal).message, /^a\.png: .*security policy of this page/);
  const [words] = await eventsAfter(page, () => paste(page, 'see https://example.com/a.png'));
  assert.equal(refused(words).code, 'no-picture');
  const count = (await told(page)).length;
  await paste(page, 'https://example.com/a.png', true);
  assert.equal((await told(page)).length, count);
  await page.close();
});

/**
 * @param {Page} page
 * @param {string} words
 * @param {boolean} [field] into a field for text
 */
function paste(page, words, field = false) {
  return page.evaluate((words, field) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', words);
    const target = field ? document.body.appendChild(document.createElement('input')) : document.body;
    /** @type {any} */ (globalThis).paste(clipboardData, target);
  }, words, field);
}

test('another site decides whether it shares a picture', async () => {
  const bare = join(folder, 'bare');
  await mkdir(bare);
  for (const part of [...LIBRARY, 'wasm']) await symlink(join(ROOT, 'pkg', part), join(bare, part));
  await writeFile(join(bare, 'index.html'), '<!doctype html><title>Bare</title><script type="module" src="element/define.js"></script><mobilenet-classifier></mobilenet-classifier>');
  const home = await serve(bare, 0);
  const [open, shut] = [await serve(SITE, 0, () => {}, { 'Access-Control-Allow-Origin': '*' }), await serve(SITE, 0)];
  const { page } = await openPage({ ...site, url: home.url }, { ready: false });
  await until(page, () => document.querySelector('mobilenet-classifier[data-ready]') !== null);
  const answers = await page.evaluate((addresses) => {
    const element = /** @type {any} */ (document.querySelector('mobilenet-classifier'));
    return Promise.all(addresses.map((at) => element.classify(new URL(at)).then((/** @type {any} */ { predictions }) => predictions[0].label, (/** @type {any} */ { code, message }) => `${code} ${message}`)));
  }, [open, shut].map(({ url }) => `${url}/samples/table.jpg`));
  assert.equal(answers[0], 'table');
  assert.match(answers[1], /^address-blocked .*does not share its pictures.*Save the picture/);
  await page.close();
  for (const server of [home, open, shut]) await server.close();
});

for (const scheme of ['light', 'dark']) {
  for (const window of WINDOWS) {
    test(`the table, ${window.width} px wide, ${scheme}`, async () => {
      const { page } = await openPage(site, { prepare: (opened) => dress(opened, scheme, window) });
      await inspect(page, `inputs-start-${window.width}-${scheme}`);
      await eventsAfter(page, () => receive(page, ['b/1.jpg', 'b/2.jpg', 'a folder with a long name/and one below it/20260101_120000_photo.jpg']), 4);
      await inspect(page, `inputs-table-${window.width}-${scheme}`);
      await page.evaluate(() => {
        const never = Array.from({ length: 4000 }, (_, at) => ({ name: `${at}.jpg`, read: () => new Promise(() => {}) }));
        /** @type {any} */ (document.querySelector('mobilenet-classifier')).receive(never, 'drop');
      });
      await inspect(page, `inputs-progress-${window.width}-${scheme}`);
      await page.close();
    });
  }
}

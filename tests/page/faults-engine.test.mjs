// What becomes of a page whose engine fails: workers that die, stay silent or run out of memory, and model files of every wrong kind.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { FURNITURE, after as eventsAfter, chromiumOnly, classify, click, hidden, openPage, openSite, openSources, refused, sample, text, topLabel, until, upload } from './browser.mjs';
import { feedCamera, hurry } from './faults.mjs';
import { addFiles, awaitCounts, awaitFitted, begin, teachTwo, temporary } from './teaching.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

/** @type {Awaited<ReturnType<typeof openSite>>} */
let site;
before(async () => (site = await openSources()));
after(() => site.close());

/**
 * A page that knows its workers, and what to do to each new one.
 *
 * @param {import('node:test').TestContext} t
 * @param {(page: Page) => Promise<unknown>} [prepare]
 */
async function open(t, prepare = async () => {}, host = site) {
  const opened = await openPage(host, {
    prepare: async (page) => {
      await page.evaluateOnNewDocument(() => {
        const workers = /** @type {Worker[]} */ ([]);
        const Plain = Worker;
        Object.assign(globalThis, {
          workers,
          Worker: class extends Plain {
            /** @param {ConstructorParameters<typeof Worker>} words */
            constructor(...words) {
              super(...words);
              workers.push(this);
            }
          },
        });
      });
      await prepare(page);
    },
  });
  t.after(() => opened.page.close());
  return opened;
}

const killed = () => /** @type {any} */ (globalThis).workers.at(-1).terminate();

test('a worker that is killed while it is idle is missed after half a minute, and the next picture is answered', async (t) => {
  const { page } = await open(t);
  await hurry(page);
  await page.evaluate(killed);
  const event = refused(await classify(page, sample('bed')));
  assert.equal(event.code, 'engine-crashed');
  assert.match(event.message, /^bed\.jpg: the classifier gave no answer for half a minute and was started again\. Bring it once more/);
  assert.equal(topLabel(await classify(page, sample('bed'))), 'bed');
  assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).workers.length), 2);
});

test('a worker that loops for ever at one picture costs that picture, and not those beside it', { skip: chromiumOnly }, async (t) => {
  const { page } = await open(t);
  const [worker] = page.workers();
  await worker?.evaluate(async () => {
    const { Classifier } = await import(new URL('../../wasm/mobilenet_web.js', location.href).href);
    const { embedBytes } = Classifier.prototype;
    let calls = 0;
    Classifier.prototype.embedBytes = function (/** @type {unknown} */ bytes) {
      if (++calls === 2) for (;;);
      return embedBytes.call(this, bytes);
    };
  });
  await hurry(page);
  await eventsAfter(page, () => upload(page, ['bed', 'sofa', 'chair'].map(sample)), 3);
  const rows = await page.evaluate(() => /** @type {any} */ (document.querySelector('mobilenet-classifier')).results.map((/** @type {any} */ { error, predictions }) => error?.code ?? predictions[0].label));
  assert.deepEqual(rows, ['bed', 'engine-crashed', 'chair']);
});

for (const type of ['error', 'messageerror']) {
  test(`a worker that reports "${type}" in the middle of a picture is replaced, and the picture is answered`, async (t) => {
    const { page } = await open(t);
    await page.evaluate((type) => {
      const [worker] = /** @type {any} */ (globalThis).workers;
      worker.postMessage = () => worker.dispatchEvent(new Event(type));
    }, type);
    assert.equal(topLabel(await classify(page, sample('sofa'))), 'sofa');
  });
}

test('a camera whose worker is killed stops with a message, and starts again', async (t) => {
  const { page } = await open(t, feedCamera);
  await hurry(page);
  await eventsAfter(page, () => click(page, '#camera'), 2);
  await page.evaluate(killed);
  await until(page, () => /** @type {any} */ (globalThis).told.some((/** @type {any} */ { code }) => code === 'engine-crashed'));
  assert.equal(await text(page, '#camera'), 'Start camera');
  const [event] = await eventsAfter(page, () => click(page, '#camera'));
  assert.equal(event?.type, 'classified');
});

test('what was taught outlives a worker that is killed', async (t) => {
  // It stays in its browser, where other tests would find it.
  const own = await openSite();
  const { page } = await open(t, undefined, own);
  t.after(own.close);
  await begin(page);
  await teachTwo(page);
  await hurry(page);
  await page.evaluate(killed);
  await addFiles(page, 0, [sample('bed')]);
  await until(page, () => /** @type {any} */ (globalThis).told.some((/** @type {any} */ { code }) => code === 'engine-crashed'));
  await awaitCounts(page, [2, 2]);
  await addFiles(page, 0, [sample('bed')]);
  await awaitCounts(page, [3, 2]);
  await awaitFitted(page);
  assert.equal(topLabel(await classify(page, sample('table'))), 'Class 2');
});

/** A ZIP with one empty folder in it. */
const ZIP = Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(26), Buffer.from('PK\x05\x06'), Buffer.alloc(18)]);
const LFS = Buffer.from(`version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 26123\n`);
const whole = await readFile(FURNITURE);
const WRONG = /** @type {[string, Buffer][]} */ ([
  ['nothing', Buffer.alloc(0)],
  ['a page that says 404', Buffer.from('<!doctype html><title>404 Not Found</title><p>There is no such file.')],
  ['a pointer of git LFS', LFS],
  ['a ZIP', ZIP],
  ['compressed', deflateRawSync(whole)],
  ['a picture', await readFile(sample('bed'))],
  ['zeros', Buffer.alloc(whole.length)],
  ['cut in its header', whole.subarray(0, 200)],
  ['cut by a byte', whole.subarray(0, -1)],
  ['a byte too long', Buffer.concat([whole, Buffer.alloc(1)])],
  ['twice itself', Buffer.concat([whole, whole])],
  ['of another version', Buffer.from(whole.toString('latin1').replace(/format\\":\d/, 'format\\":9'), 'latin1')],
]);

test('whatever is no model is refused by its name, and the one before stays', async (t) => {
  const folder = await temporary(t);
  const { page, complaints } = await open(t);
  for (const [what, bytes] of WRONG) {
    const file = join(folder, `${what.replaceAll(' ', '-')}.safetensors`);
    await writeFile(file, bytes);
    const [event] = await eventsAfter(page, () => upload(page, [file], '#model-file'));
    const { code, message } = refused(event);
    assert.match(code, /^(bad-model|empty-file|wrong-backbone|self-test-failed)$/, what);
    assert.ok(message.startsWith(`${what.replaceAll(' ', '-')}.safetensors: `), message);
    assert.equal(await hidden(page, '#notice'), false);
  }
  assert.equal(topLabel(await classify(page, sample('bed'))), 'bed');
  assert.deepEqual(complaints, []);
});

test('an address that gives a page in place of a model is refused, and says so', async (t) => {
  const { page } = await open(t);
  const [event] = await eventsAfter(page, () => page.evaluate(() => document.querySelector('mobilenet-classifier')?.setAttribute('head', 'index.html')));
  assert.equal(refused(event).code, 'bad-model');
  assert.equal(topLabel(await classify(page, sample('bed'))), 'bed');
});

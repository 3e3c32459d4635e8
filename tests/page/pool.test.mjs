// Many pictures at once, by as many workers as the machine is good for: the same answers in the same order, to the last bit, as by one.

import assert from 'node:assert/strict';
import { cp, mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { drop } from './acts.mjs';
import { CLASSES, FURNITURE, chromiumOnly, classify, isFirefox, openPage, openSite, openSources, sample, text, topLabel, until, upload } from './browser.mjs';
import { temporary } from './teaching.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

const COUNT = 30;

/** @type {Awaited<ReturnType<typeof openSources>>} */
let site;
before(async () => (site = await openSources()));
after(() => site.close());

/**
 * A folder of pictures, of which one is cut off and one is none.
 *
 * @param {import('node:test').TestContext} t
 */
async function makeFolder(t) {
  const folder = join(await temporary(t), 'photos');
  await mkdir(folder);
  for (let at = 0; at < COUNT; at++) await cp(sample(String(CLASSES[at % CLASSES.length])), join(folder, `${at}.jpg`));
  await truncate(join(folder, '7.jpg'), 900);
  await writeFile(join(folder, '11.jpg'), 'no picture');
  return folder;
}

/**
 * @param {Page} page
 * @param {number} cores that the page is told the machine has
 */
function haveCores(page, cores) {
  return page.evaluate((count) => void Object.defineProperty(navigator, 'hardwareConcurrency', { value: count, configurable: true }), cores);
}

/**
 * All that the page tells of a folder: events and results, in their order, but for the time that each took.
 *
 * @param {Page} page
 * @param {() => Promise<unknown>} bring
 */
async function outcomeOf(page, bring) {
  await page.evaluate(() => void (/** @type {any} */ (globalThis).told.length = 0));
  await bring();
  await until(page, (count) => /** @type {any} */ (globalThis).told.length === count && !document.querySelector('mobilenet-classifier[data-busy]'), COUNT);
  return page.evaluate(() => {
    const events = /** @type {any} */ (globalThis).told.map((/** @type {any} */ { millis, ...event }) => event);
    return JSON.stringify([events, /** @type {any} */ (document.querySelector('mobilenet-classifier')).results]);
  });
}

/**
 * Counts the workers that the page starts, in any browser.
 *
 * @param {Page} page
 */
function countWorkers(page) {
  return page.evaluateOnNewDocument(() => {
    const started = { count: 0 };
    Object.assign(globalThis, { started });
    globalThis.Worker = class extends Worker {
      /** @param {[string | URL, WorkerOptions?]} given */
      constructor(...given) {
        super(...given);
        // The page also asks in this way whether workers may be modules.
        started.count++;
      }
    };
  });
}

/** @param {Page} page */
function started(page) {
  return page.evaluate(() => /** @type {number} */ (/** @type {any} */ (globalThis).started.count));
}

test('a dropped folder has the same answers in the same order from one, two and four workers', async (t) => {
  const folder = await makeFolder(t);
  // Firefox's driver drops no folders.
  const files = Array.from({ length: COUNT }, (_, at) => join(folder, `${at}.jpg`));
  const { page, complaints } = await openPage(site, { prepare: countWorkers });
  const bring = () => drop(page, isFirefox ? files : [folder]);
  for (const model of [null, FURNITURE]) {
    if (model) await upload(page, [model], '#model-file');
    await haveCores(page, 1);
    const before = await started(page);
    const alone = await outcomeOf(page, bring);
    assert.equal(await started(page), before, 'one core, one worker');
    assert.match(alone, /corrupt-picture/);
    for (const cores of [2, 4]) {
      await haveCores(page, cores);
      assert.equal(await outcomeOf(page, bring), alone);
      if (!model) assert.ok((await started(page)) <= cores && (await started(page)) > 1, `${await started(page)} workers`);
    }
  }
  assert.deepEqual(complaints, []);
  await page.close();
});

test('one picture starts no second worker; a folder does, which fetches no wasm and ends after a while', async (t) => {
  const folder = await makeFolder(t);
  const kept = await openSite();
  t.after(kept.close);
  const { page } = await openPage({ ...kept, keeps: true }, { prepare: countWorkers });
  await haveCores(page, 2);
  assert.equal(topLabel(await classify(page, sample('sofa'))), 'sofa');
  assert.equal(await started(page), 1);
  const served = kept.requests.length;
  await outcomeOf(page, () => upload(page, Array.from({ length: COUNT }, (_, at) => join(folder, `${at}.jpg`))));
  assert.equal(await started(page), 2);
  assert.deepEqual(kept.requests.slice(served), []);
  assert.equal(await text(page, '#requests'), '0 requests since the page has loaded.');
  if (!isFirefox) {
    assert.equal(page.workers().length, 2);
    while (page.workers().length > 1) await new Promise((next) => setTimeout(next, 100));
  }
  assert.equal(topLabel(await classify(page, sample('bed'))), 'bed');
  await page.close();
});

test('a worker that crashes in the middle of a folder costs no answer', { skip: chromiumOnly }, async (t) => {
  const folder = await makeFolder(t);
  const { page } = await openPage(site);
  await haveCores(page, 1);
  const alone = await outcomeOf(page, () => drop(page, [folder]));
  await haveCores(page, 2);
  await outcomeOf(page, () => drop(page, [folder]));
  for (const worker of page.workers()) {
    await worker.evaluate(async () => {
      const engine = await import(new URL('../../wasm/mobilenet_web.js', location.href).href);
      const { embedBytes } = engine.Classifier.prototype;
      let count = 0;
      engine.Classifier.prototype.embedBytes = function (/** @type {Uint8Array} */ bytes) {
        if (++count === 5) throw new WebAssembly.RuntimeError('unreachable');
        return embedBytes.call(this, bytes);
      };
    });
  }
  const workers = page.workers();
  assert.equal(await outcomeOf(page, () => drop(page, [folder])), alone);
  assert.ok(workers.some((worker) => !page.workers().includes(worker)), 'none crashed');
  await page.close();
});

test('what many calls of a program are answered is what one after the other is', async () => {
  const { page } = await openPage(site, { prepare: countWorkers });
  await haveCores(page, 4);
  const { one, all, order } = await page.evaluate(async (labels) => {
    const { load } = await import(new URL('../pkg/engine/page/load.js', location.href).href);
    const classifier = await load();
    const pictures = await Promise.all(labels.map(async (label) => (await fetch(`samples/${label}.jpg`)).blob()));
    const many = Array.from({ length: 20 }, (_, at) => pictures[at % pictures.length]);
    const told = async (/** @type {Blob | undefined} */ picture) => [(await classifier.classify(picture)).predictions, [...(await classifier.embed(picture))]];
    const one = [];
    for (const picture of pictures) one.push(JSON.stringify(await told(picture)));
    /** @type {number[]} */
    const order = [];
    const all = await Promise.all(many.map(async (picture, at) => {
      const answer = classifier.classify(picture).then((/** @type {any} */ { predictions }) => (order.push(at), predictions));
      return JSON.stringify([await answer, [...(await classifier.embed(picture))]]);
    }));
    classifier.dispose();
    return { one, all, order };
  }, CLASSES);
  assert.deepEqual(all, Array.from({ length: 20 }, (_, at) => one[at % one.length]));
  assert.deepEqual(order, Array.from({ length: 20 }, (_, at) => at));
  assert.ok((await started(page)) > 1, `${await started(page)} workers`);
  await page.close();
});

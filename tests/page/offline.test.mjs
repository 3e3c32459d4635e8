// The site without a network: kept after one visit, updated whole or not at all, and never asking for anything else.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFile, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { PAINT, assemble, ground, keptOnce, repaint, repainted, sheetOf, takeUpdate } from './assemble.mjs';
import { after as eventsAfter, chromiumOnly, classify, hidden, openPage, openSite, sample, settled, text, topLabel, until } from './browser.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

/** What paths begin with. */
const NOT_KEPT = ['sw.js', 'docs/', 'element/', 'engine/', 'teach/', 'theme.css', 'wasm/mobilenet_onnx'];

/** @type {string} */
let workshop;
before(async () => (workshop = await mkdtemp(join(tmpdir(), 'mobilenet-offline-'))));
after(() => rm(workshop, { recursive: true }));

/**
 * A host with our site in a subfolder, which is the harder place for it.
 *
 * @param {import('node:test').TestContext} t
 */
async function openHost(t) {
  const host = await mkdtemp(join(workshop, 'host-'));
  const folder = join(host, 'some/where');
  await assemble(folder);
  const site = await openSite([], host);
  t.after(site.close);
  return { ...site, keeps: true, host, folder, url: `${site.url}/some/where/` };
}

/** @param {Page} page */
function state(page) {
  return page.evaluate(() => document.documentElement.dataset.offline);
}

/** @param {Page} page */
function count(page) {
  return text(page, '#requests');
}

/** @param {Page} page */
function cacheNames(page) {
  return page.evaluate(() => caches.keys());
}

/** @param {Page} page */
async function reload(page) {
  await page.reload();
  await settled(page);
}

/**
 * Looks for an update, as a browser does by itself on a visit, and waits for its outcome.
 *
 * @param {Page} page
 */
function lookForUpdate(page) {
  return page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    let found = false;
    const outcome = new Promise((done) => {
      registration.addEventListener('updatefound', () => {
        const fresh = registration.installing;
        found = fresh !== null;
        fresh?.addEventListener('statechange', () => done(fresh.state));
      });
    });
    await registration.update();
    // On a busy machine the browser may have looked on its own before, or may need long to keep what it has found.
    await Promise.race([outcome, new Promise((done) => setTimeout(done, 3000))]);
    if (found) return outcome;
    return registration.waiting ? 'installed' : null;
  });
}

/**
 * Puts another version in the place of a site, of which one file is not the listed one. All at once: the browser may look for an update on
 * its own, and find it whole.
 *
 * @param {string} site
 * @param {Parameters<typeof assemble>[1]} [change]
 * @returns {Promise<[file: string, good: Buffer]>} the file, a style sheet, and what it should be
 */
async function replaceByDamaged(site, change) {
  const update = `${site}-update`;
  await assemble(update, change);
  const sheet = await sheetOf(update);
  const good = await readFile(join(update, sheet));
  await appendFile(join(update, sheet), '/* not what was built */');
  await rm(site, { recursive: true });
  await rename(update, site);
  return [join(site, sheet), good];
}

/** @param {string} folder */
async function filesBelow(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort();
}

test('the list names every file with its digest, and the same site gives the same list', async () => {
  const [one, two] = [join(workshop, 'one'), join(workshop, 'two')];
  await assemble(one);
  await assemble(two);
  const script = await readFile(join(one, 'sw.js'), 'utf8');
  assert.equal(await readFile(join(two, 'sw.js'), 'utf8'), script);
  const listed = Object.fromEntries([...script.matchAll(/^ {2}'(.+)': '([0-9a-f]{64})',$/gm)].map(([, path, digest]) => [path, digest]));
  const forOthers = await readFile(join(one, 'element/define.js'), 'utf8');
  const isKept = (/** @type {string} */ path) =>
    !NOT_KEPT.some((beginning) => path.startsWith(beginning)) && !/\.map$|^wasm\/mobilenet_web-\w+\.js$/.test(path) && !(/^assets\/chunk-/.test(path) && forOthers.includes(path));
  const files = (await filesBelow(one)).filter(isKept);
  assert.deepEqual(Object.keys(listed).sort(), files);
  assert.ok(files.some((path) => /^wasm\/mobilenet_web-.*_bg\.wasm$/.test(path)));
  for (const path of files) {
    assert.equal(listed[path], createHash('sha256').update(await readFile(join(one, path))).digest('hex'), path);
  }
});

test('a worker whose own code changes is another version', async () => {
  const version = async (/** @type {string} */ site) => /^const VERSION = '([0-9a-f]{16})';$/m.exec(await readFile(join(site, 'sw.js'), 'utf8'))?.[1];
  const [one, two] = [join(workshop, 'code-one'), join(workshop, 'code-two')];
  await assemble(one);
  await assemble(two, (sources) => appendFile(join(sources, 'www/sw.js'), '// changed\n'));
  assert.ok(await version(one));
  assert.notEqual(await version(one), await version(two));
});

test('after one visit the page opens and classifies without its server', async (t) => {
  const site = await openHost(t);
  const { page, complaints } = await openPage(site);
  assert.equal(await state(page), 'ready-offline');
  assert.match(await text(page, '#kept'), /opens without a network/);
  const asked = site.requests.map((path) => path.replace('/some/where/', ''));
  assert.ok(asked.indexOf('sw.js') > asked.findIndex((path) => /^wasm\/mobilenet_web/.test(path)), `keeping came before loading: ${asked}`);
  await site.server.close();
  for (const address of [site.url, `${site.url}index.html`, `${site.url}?from=somewhere`]) {
    await page.goto(address);
    await settled(page);
    assert.equal(await state(page), 'ready-offline');
    assert.equal(topLabel(await classify(page, sample('chair'))), 'chair');
    const [event] = await eventsAfter(page, () => page.click('button:has(img[src$="/sofa.jpg"])'));
    assert.equal(topLabel(event), 'sofa');
    assert.match(await count(page), /^0 requests /);
  }
  assert.deepEqual(complaints, []);
});

test('an update fetches what changed, waits, and takes over on the click in every page', async (t) => {
  const site = await openHost(t);
  const { page } = await openPage(site);
  const { page: other } = await openPage(site);
  await reload(page);
  const old = await ground(page);
  const [cache] = await cacheNames(page);
  // Before the change, which the browser may find at once.
  site.requests.length = 0;
  await assemble(site.folder, repaint);

  // The visit itself makes the browser look.
  await reload(page);
  await until(page, () => document.documentElement.dataset.offline === 'update-ready');
  const changed = ['/some/where/', `/some/where/${await sheetOf(site.folder)}`];
  assert.deepEqual(site.requests.filter((path) => path !== '/some/where/sw.js').sort(), changed);
  assert.equal(await hidden(page, '#update'), false);
  assert.match(await text(page, '#update'), /A new version is ready\./);
  assert.equal(await ground(page), old);
  await reload(page);
  assert.equal(await ground(page), old);
  assert.equal(await state(page), 'update-ready');

  await page.bringToFront();
  await page.click('#update .button');
  for (const opened of [page, other]) {
    await repainted(opened);
    assert.equal(await hidden(opened, '#update'), true);
  }
  await keptOnce(page);
  const names = await cacheNames(page);
  assert.equal(names.length, 1);
  assert.notEqual(names[0], cache);
  await site.server.close();
  await reload(page);
  assert.equal(await ground(page), PAINT);
  assert.equal(topLabel(await classify(page, sample('bed'))), 'bed');
});

test('an update with a file that is not the listed one is no update', async (t) => {
  const site = await openHost(t);
  const { page, complaints } = await openPage(site);
  // The page of a first visit uses no version, so an update need not wait for it.
  await reload(page);
  const kept = await cacheNames(page);
  const [damaged, good] = await replaceByDamaged(site.folder, repaint);
  assert.equal(await lookForUpdate(page), 'redundant');
  assert.equal(await state(page), 'ready-offline');
  assert.deepEqual(await cacheNames(page), kept);

  await rm(damaged);
  assert.equal(await lookForUpdate(page), 'redundant');
  await writeFile(damaged, good);
  assert.equal(await lookForUpdate(page), 'installed');
  assert.equal(await state(page), 'update-ready');
  assert.deepEqual(complaints, []);
});

test('an update that is taken back leaves the version in use alone', async (t) => {
  const site = await openHost(t);
  const { page } = await openPage(site);
  await reload(page);
  const [cache] = await cacheNames(page);
  const sheet = await sheetOf(site.folder);
  await assemble(site.folder, repaint);
  assert.equal(await lookForUpdate(page), 'installed');
  // It is damaged on the device and on the host as well: what is there of it has to stay.
  assert.ok(cache);
  await page.evaluate(async (name, sheet) => void (await (await caches.open(name)).delete(sheet)), cache, sheet);
  const [damaged, good] = await replaceByDamaged(site.folder);
  assert.equal(await lookForUpdate(page), 'redundant');
  assert.ok((await cacheNames(page)).includes(cache));
  site.requests.length = 0;
  await writeFile(damaged, good);
  assert.equal(await lookForUpdate(page), 'installed');
  // Chromium may have asked for the script before, on its own account: then this look joins that one.
  const asked = new Set(site.requests.filter((path) => path !== '/some/where/sw.js'));
  assert.deepEqual([...asked], [`/some/where/${await sheetOf(site.folder)}`]);
  await takeUpdate(page);
  assert.deepEqual(await cacheNames(page), [cache]);
});

test('a first visit to a site with a wrong file keeps nothing, and works', async (t) => {
  const site = await openHost(t);
  await appendFile(join(site.folder, 'samples/bed.jpg'), 'x');
  const { page, complaints } = await openPage(site);
  assert.equal(await state(page), 'unavailable');
  assert.deepEqual(await cacheNames(page), []);
  assert.equal(topLabel(await classify(page, sample('table'))), 'table');
  assert.equal(await text(page, '#kept'), '');
  assert.deepEqual(complaints, []);
});

test('other files and other sites of the host are left alone', async (t) => {
  const site = await openHost(t);
  await writeFile(join(site.host, 'neighbour.txt'), 'outside');
  const { page } = await openPage(site);
  await page.evaluate(() => caches.open('somebody else'));
  await reload(page);
  await writeFile(join(site.folder, 'unlisted.txt'), 'inside');
  const contents = () =>
    page.evaluate(async () => {
      const caught = await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => url)));
      return caught.flat().sort();
    });
  const kept = await contents();
  for (const path of ['unlisted.txt', '../../neighbour.txt', 'theme.css?fresh', 'missing.txt']) {
    site.requests.length = 0;
    await page.evaluate((address) => fetch(address).then((response) => response.text()), path);
    assert.equal(site.requests.filter((asked) => !asked.endsWith('sw.js')).length, 1, path);
  }
  assert.deepEqual(await contents(), kept);
  await assemble(site.folder, repaint);
  assert.equal(await lookForUpdate(page), 'installed');
  await takeUpdate(page);
  const names = await cacheNames(page);
  assert.equal(names.length, 2);
  assert.ok(names.includes('somebody else'));
});

test('a page that was loading while the version changed loads again, once', async (t) => {
  const site = await openHost(t);
  const { page } = await openPage(site);
  await reload(page);
  await assemble(site.folder, repaint);
  assert.equal(await lookForUpdate(page), 'installed');
  await takeUpdate(page);

  // Its first load claims to have begun long ago, before the change.
  const { page: slow } = await openPage(site, {
    ready: false,
    prepare: (opened) =>
      opened.evaluateOnNewDocument(() => {
        const loads = Number(sessionStorage.getItem('loads')) + 1;
        sessionStorage.setItem('loads', String(loads));
        if (loads === 1) performance.now = () => 3_600_000;
      }),
  });
  await until(slow, () => sessionStorage.getItem('loads') === '2' && document.documentElement.dataset.offline === 'ready-offline');
  await settled(slow);
  await pause(300);
  assert.equal(await slow.evaluate(() => sessionStorage.getItem('loads')), '2');
});

test('an update can wait', async (t) => {
  const site = await openHost(t);
  const { page } = await openPage(site);
  await reload(page);
  await assemble(site.folder, repaint);
  assert.equal(await lookForUpdate(page), 'installed');
  await until(page, () => document.documentElement.dataset.offline === 'update-ready');
  await page.click('#update .close');
  assert.equal(await hidden(page, '#update'), true);
  assert.equal(topLabel(await classify(page, sample('bed'))), 'bed');
});

for (const [where, prepare] of /** @type {[string, () => void][]} */ ([
  ['without service workers', () => Reflect.deleteProperty(Navigator.prototype, 'serviceWorker')],
  ['where they are forbidden', () => void (ServiceWorkerContainer.prototype.register = () => Promise.reject(new DOMException('no', 'SecurityError')))],
])) {
  test(`${where} the page works as before`, async (t) => {
    const site = await openSite();
    t.after(site.close);
    const { page, complaints } = await openPage({ ...site, keeps: true }, { prepare: (opened) => opened.evaluateOnNewDocument(prepare) });
    assert.equal(await state(page), 'unavailable');
    assert.equal(topLabel(await classify(page, sample('sofa'))), 'sofa');
    assert.equal(await hidden(page, '#update'), true);
    assert.deepEqual(complaints, []);
  });
}

test('the counter stays at 0 while pictures are classified, and rises with every request', { skip: chromiumOnly }, async (t) => {
  const site = await openSite();
  t.after(site.close);
  const { page } = await openPage({ ...site, keeps: true });
  for (const visit of ['from the network', 'from the device']) {
    assert.equal(await count(page), '0 requests since the page has loaded.', visit);
    assert.equal(topLabel(await classify(page, sample('sofa'))), 'sofa');
    await eventsAfter(page, () => page.click('button:has(img[src$="/table.jpg"])'));
    // Entries come a moment after their requests.
    await pause(300);
    assert.equal(await count(page), '0 requests since the page has loaded.', visit);

    await page.evaluate(() => fetch('theme.css?1').then((response) => response.text()));
    await until(page, () => document.getElementById('requests')?.textContent === '1 request since the page has loaded.');
    const [engine] = page.workers();
    await engine?.evaluate(() => fetch('theme.css?2').then((response) => response.text()));
    await until(page, () => document.getElementById('requests')?.textContent === '2 requests since the page has loaded.');
    await page.evaluate(() => void (new Image().src = 'missing.png'));
    await until(page, () => document.getElementById('requests')?.textContent === '3 requests since the page has loaded.');
    await reload(page);
  }
});

test('the page can be installed', { skip: chromiumOnly }, async (t) => {
  const site = await openHost(t);
  const { page } = await openPage(site);
  const client = await page.createCDPSession();
  const { url, data, errors } = await client.send('Page.getAppManifest');
  assert.deepEqual(errors, []);
  assert.equal(url, `${site.url}manifest.webmanifest`);
  const { icons } = JSON.parse(data ?? '');
  assert.deepEqual((await client.send('Page.getInstallabilityErrors')).installabilityErrors, []);
  for (const { src, sizes, type } of icons.filter((/** @type {any} */ icon) => icon.type === 'image/png')) {
    const size = await page.evaluate(async (address) => {
      const picture = await (await fetch(address)).blob();
      const { width, height } = await createImageBitmap(picture);
      return { sizes: `${width}x${height}`, type: picture.type };
    }, src);
    assert.deepEqual(size, { sizes, type });
  }
});

/** @param {number} millis */
function pause(millis) {
  return new Promise((done) => setTimeout(done, millis));
}

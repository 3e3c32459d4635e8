// Autosave in a real Chromium: what comes back after a reload, and what happens when the browser does not play along.

import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromiumOnly, until } from '../browser.mjs';
import { openModules } from './modules.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

/** @type {Awaited<ReturnType<typeof openModules>>} */
let site;
before(async () => (site = await openModules()));
after(() => site.close());

/**
 * A page with a profile of its own, in which nothing was saved yet.
 *
 * @param {import('node:test').TestContext} t
 */
async function openContext(t) {
  const context = await site.browser.createBrowserContext();
  t.after(() => context.close());
  return { context, page: await visit(await context.newPage()) };
}

/** @param {Page} page */
async function visit(page) {
  await page.goto(site.url);
  await page.evaluate(prepare);
  return page;
}

/** Runs in the page: the modules, and short words for what the tests do with them. */
async function prepare() {
  const load = (/** @type {string} */ path) => import(new URL(path, location.href).href);
  const [{ Store }, project] = await Promise.all([load('./teach/store.js'), load('./teach/project.js')]);
  const lost = /** @type {string[]} */ ([]);
  const open = (name = 'default') => new Store(name, { onLost: (/** @type {any} */ { code }) => lost.push(code) });
  const picture = (/** @type {string} */ text) => new Blob([text], { type: 'image/jpeg' });
  const embedded = (/** @type {number} */ value, backbone = 'b1') => ({ embedding: new Float32Array(1280).fill(value), backbone });
  const withSamples = (/** @type {string[]} */ ...ids) => {
    const one = project.addClass(project.EMPTY_PROJECT, 'mug');
    return project.addSamples(one, one.classes[0].id, 0, ids.map((id) => ({ id, name: `${id}.jpg` })));
  };
  const shown = async (/** @type {any} */ restored) =>
    restored && {
      labels: restored.project.classes.map((/** @type {any} */ each) => each.label),
      ids: restored.project.samples.map((/** @type {any} */ each) => each.id).join(''),
      texts: await Promise.all([...restored.contents.values()].map(({ picture }) => picture.text())),
      embeddings: [...restored.contents.values()].map(({ embedding }) => embedding && [embedding.length, embedding[7]]),
      lost: restored.lost,
    };
  const code = (/** @type {Promise<unknown>} */ promise) => promise.then(() => 'fine', (error) => error.code ?? String(error));
  const keys = () =>
    new Promise((resolve) => {
      const request = indexedDB.open('mobilenet-web');
      request.onsuccess = () => {
        const all = request.result.transaction('pictures').objectStore('pictures').getAllKeys();
        all.onsuccess = () => (request.result.close(), resolve(all.result.map((key) => /** @type {string[]} */ (key)[1]).join('')));
      };
    });
  Object.assign(globalThis, { Store, project, open, picture, embedded, withSamples, shown, code, keys, lost, store: open() });
}

// The names that `prepare` puts into the page, for the functions below that run there.
/** @type {any} */
let [open, picture, embedded, withSamples, shown, code, keys, store, project, lost] = [];

test('nothing is there at first; what was saved is there after a reload', async (t) => {
  const { page } = await openContext(t);
  assert.equal(await page.evaluate(async () => store.load('b1')), null);
  await page.evaluate(async () => {
    store.putSample('a', picture('first'), embedded(0.5));
    store.putSample('b', picture('second'));
    store.putEmbedding('b', embedded(2));
    await store.save(withSamples('a', 'b'));
  });
  await visit(page);
  const found = await page.evaluate(async () => shown(await store.load('b1')));
  assert.deepEqual(found, { labels: ['mug'], ids: 'ab', texts: ['first', 'second'], embeddings: [[1280, 0.5], [1280, 2]], lost: 0 });
});

test('of an embedding in the memory of the engine only itself is saved, as it was', async (t) => {
  const { page } = await openContext(t);
  const found = await page.evaluate(async () => {
    const memory = new Float32Array(1_000_000).fill(3);
    store.putSample('a', picture('a'), { embedding: memory.subarray(1280, 2560), backbone: 'b1' });
    store.save(withSamples('a'));
    memory.fill(4);
    const { contents } = await store.load('b1');
    const { embedding } = contents.get('a');
    return [embedding.length, embedding[0], embedding.buffer.byteLength];
  });
  assert.deepEqual(found, [1280, 3, 5120]);
});

test('embeddings of another backbone are passed over', async (t) => {
  const { page } = await openContext(t);
  const found = await page.evaluate(async () => {
    store.putSample('a', picture('first'), embedded(0.5));
    store.putSample('b', picture('second'), embedded(1, 'b2'));
    await store.save(withSamples('a', 'b'));
    return [await shown(await store.load('b2')), await shown(await store.load(null))];
  });
  assert.deepEqual(found.map(({ embeddings }) => embeddings), [[null, [1280, 1]], [null, null]]);
});

test('the last of many saves is the one that stays, in few transactions', async (t) => {
  const { page } = await openContext(t);
  const { ids, count } = await page.evaluate(async () => {
    let count = 0;
    const begin = IDBDatabase.prototype.transaction;
    IDBDatabase.prototype.transaction = function (/** @type {[any]} */ ...words) {
      count++;
      return begin.apply(this, words);
    };
    await store.load('b1');
    const all = [];
    for (let index = 0; index < 200; index++) {
      const id = String.fromCharCode(0x4e00 + index);
      all.push(id);
      store.putSample(id, picture(id));
      const saved = store.save(withSamples(...all));
      if (index % 50 === 0) await saved;
    }
    await store.save(withSamples(...all));
    return { ids: (await shown(await store.load('b1'))).ids.length, count };
  });
  assert.equal(ids, 200);
  assert.ok(count < 20, `${count} transactions`);
});

test('removing, putting again and clearing happen in order', async (t) => {
  const { page } = await openContext(t);
  const found = await page.evaluate(async () => {
    store.putSample('a', picture('old'));
    store.putSample('b', picture('b'), embedded(1));
    await store.save(withSamples('a', 'b'));
    store.putSample('c', picture('c'));
    store.removeSamples(['a', 'b', 'c']);
    store.putSample('a', picture('new'));
    await store.save(withSamples('a'));
    const removed = await shown(await store.load('b1'));
    await store.clear();
    const cleared = await store.load('b1');
    store.clear();
    store.putSample('d', picture('d'));
    await store.save(withSamples('d'));
    return [removed.ids, removed.texts, removed.embeddings, cleared, await keys()];
  });
  assert.deepEqual(found, ['a', ['new'], [null], null, 'd']);
});

test('projects of other names are left alone', async (t) => {
  const { page } = await openContext(t);
  const found = await page.evaluate(async () => {
    const other = open('default2');
    store.putSample('a', picture('mine'));
    other.putSample('a', picture('other'));
    await Promise.all([store.save(withSamples('a')), other.save(withSamples('a'))]);
    await store.clear();
    return [await store.load('b1'), (await shown(await other.load('b1'))).texts];
  });
  assert.deepEqual(found, [null, ['other']]);
});

test('a whole project takes the place of another', async (t) => {
  const { page } = await openContext(t);
  const found = await page.evaluate(async () => {
    store.putSample('a', picture('a'));
    await store.save(withSamples('a'));
    await store.replace(withSamples('x', 'y'), [
      ['x', { picture: picture('x'), embedded: embedded(1) }],
      ['y', { picture: picture('y'), embedded: null }],
    ]);
    return [(await shown(await store.load('b1'))).texts, await keys()];
  });
  assert.deepEqual(found, [['x', 'y'], 'xy']);
});

test('samples of no project are removed, and a sample without its picture is said to be lost', async (t) => {
  const { page } = await openContext(t);
  const found = await page.evaluate(async () => {
    store.putSample('a', picture('a'));
    store.putSample('b', picture('b'));
    await store.save(withSamples('a', 'c'));
    const { ids, lost } = await shown(await store.load('b1'));
    await store.close();
    return [ids, lost, await keys()];
  });
  assert.deepEqual(found, ['a', 1, 'a']);
});

test('a full disk is said, and removing something mends it', { skip: chromiumOnly }, async (t) => {
  // Not in a context of its own: such profiles are in memory, where Chromium counts on what could not be written.
  const page = await visit(await site.browser.newPage());
  t.after(() => page.close());
  const session = await page.createCDPSession();
  const quota = (/** @type {number | undefined} */ quotaSize) =>
    session.send('Storage.overrideQuotaForOrigin', { origin: site.url, ...(quotaSize === undefined ? {} : { quotaSize }) });
  // Before the first write: afterwards the browser remembers for a while how much room there was.
  await quota(200_000);
  await page.evaluate(async () => {
    store.putSample('a', picture('a'));
    await store.save(withSamples('a'));
  });
  const full = await page.evaluate(async () => {
    const put = code(store.putSample('b', new Blob([new Uint8Array(5_000_000)])));
    const message = await store.save(withSamples('a', 'b')).catch((/** @type {Error} */ error) => error.message);
    return [await put, message, (await shown(await store.load('b1'))).ids];
  });
  assert.equal(full[0], 'storage-full');
  assert.match(full[1], /Save the project as a file/);
  assert.equal(full[2], 'a', 'the last project that was saved is still whole');

  assert.equal(await page.evaluate(async () => code(store.save(withSamples('a', 'b')))), 'storage-full');
  const mended = await page.evaluate(async () => {
    store.removeSamples(['b']);
    const saved = await code(store.save(withSamples('a')));
    return [saved, await keys()];
  });
  assert.deepEqual(mended, ['fine', 'a']);

  await page.evaluate(async () => code(store.putSample('b', new Blob([new Uint8Array(5_000_000)]))));
  await quota(undefined);
  const caughtUp = await page.evaluate(async () => [await code(store.save(withSamples('a', 'b'))), (await shown(await store.load('b1'))).ids]);
  assert.deepEqual(caughtUp, ['fine', 'ab'], 'what did not fit went along once there was room');
});

test('a picture whose file is gone does not keep the others from being saved', async (t) => {
  const { page } = await openContext(t);
  const path = join(site.folder, 'gone.jpg');
  await writeFile(path, 'soon gone');
  const input = /** @type {import('puppeteer-core').ElementHandle<HTMLInputElement>} */ (await page.$('input'));
  await input.uploadFile(path);
  assert.equal(await input.evaluate(({ files }) => files?.[0]?.size), 9);
  await rm(path);
  const found = await page.evaluate(async () => {
    const [file] = /** @type {any} */ (document.querySelector('input')).files;
    store.putSample('b', picture('b'));
    store.putSample('a', file);
    const first = await store.save(withSamples('a', 'b')).catch((/** @type {any} */ error) => [error.code, error.message]);
    const second = await code(store.save(withSamples('b')));
    return [first, second, (await shown(await store.load('b1'))).texts];
  });
  assert.deepEqual(found, [['storage-failed', '1 of the pictures cannot be read any more and were not saved: add them again.'], 'fine', ['b']]);
});

test('a database that takes no Blobs, as in a private window of Safari, gets their bytes', async (t) => {
  const { page } = await openContext(t);
  const found = await page.evaluate(async () => {
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (/** @type {unknown} */ value, /** @type {IDBValidKey} */ key) {
      if (value instanceof Blob) throw new DOMException('Error preparing Blob/File data to be stored in object store', 'UnknownError');
      return put.call(this, value, key);
    };
    store.putSample('a', new Blob(['a'], { type: 'image/png' }));
    const saved = await code(store.save(withSamples('a')));
    const restored = await store.load('b1');
    return [saved, (await shown(restored)).texts, restored.contents.get('a').picture.type];
  });
  assert.deepEqual(found, ['fine', ['a'], 'image/png']);
});

for (const [what, spoil] of /** @type {const} */ ([
  ['has no IndexedDB', () => Object.defineProperty(globalThis, 'indexedDB', { value: undefined })],
  ['forbids it', () => (IDBFactory.prototype.open = () => { throw new DOMException('denied', 'SecurityError'); })],
  ['fails to open it', () => (IDBFactory.prototype.open = () => {
    const request = /** @type {any} */ ({ error: new DOMException('disk error', 'UnknownError') });
    setTimeout(() => request.onerror());
    return request;
  })],
])) {
  test(`a browser that ${what} says so for every call`, async (t) => {
    const { page } = await openContext(t);
    await page.evaluate(spoil);
    const codes = await page.evaluate(async () => [
      await code(store.load('b1')),
      await code(store.putSample('a', picture('a'))),
      await code(store.save(withSamples('a'))),
      await code(store.clear()),
      await store.save(withSamples()).catch((/** @type {Error} */ error) => error.message),
    ]);
    assert.deepEqual(codes.slice(0, 4), Array(4).fill('storage-unavailable'));
    assert.match(String(codes[4]), /Save the project as a file before you leave/);
  });
}

test('a database that is deleted meanwhile is missed at once, and saved anew from memory', async (t) => {
  const { context, page } = await openContext(t);
  await page.evaluate(async () => {
    store.putSample('a', picture('a'));
    await store.save(withSamples('a'));
  });
  const other = await visit(await context.newPage());
  await other.evaluate(async () => {
    const request = indexedDB.deleteDatabase('mobilenet-web');
    await new Promise((resolve) => (request.onsuccess = resolve));
  });
  await page.bringToFront();
  await until(page, () => lost.length > 0);
  const found = await page.evaluate(async () => {
    const saved = await code(store.save(withSamples('a')));
    const anew = await code(store.replace(withSamples('a'), [['a', { picture: picture('a'), embedded: null }]]));
    return [lost, saved, anew, (await shown(await store.load('b1'))).texts];
  });
  assert.deepEqual(found, [['storage-failed'], 'storage-failed', 'fine', ['a']]);
});

test('data that the person clears while the page is open is missed too', { skip: chromiumOnly }, async (t) => {
  const { page } = await openContext(t);
  await page.evaluate(async () => store.save(withSamples()));
  const session = await page.createCDPSession();
  await session.send('Storage.clearDataForOrigin', { origin: site.url, storageTypes: 'all' });
  await until(page, () => lost.length > 0);
  assert.deepEqual(await page.evaluate(async () => [lost, await code(store.save(withSamples()))]), [['storage-failed'], 'storage-failed']);
});

test('a newer page in another tab takes over, and this one says so', async (t) => {
  const { context, page } = await openContext(t);
  await page.evaluate(async () => store.save(withSamples()));
  const other = await visit(await context.newPage());
  await other.evaluate(async () => {
    const request = indexedDB.open('mobilenet-web', 99);
    await new Promise((resolve) => (request.onsuccess = resolve));
    request.result.close();
  });
  await until(page, () => lost.length > 0);
  const found = await page.evaluate(async () => [lost, await code(store.save(withSamples())), await code(store.replace(withSamples(), []))]);
  assert.deepEqual(found, [['storage-unavailable'], 'storage-unavailable', 'storage-unavailable']);
  await visit(page);
  const message = await page.evaluate(async () => store.load('b1').catch((/** @type {Error} */ error) => error.message));
  assert.match(message, /newer version .* reload this tab/);
});

test('an older page in another tab that does not let go is named', async (t) => {
  const { page } = await openContext(t);
  const message = await page.evaluate(async () => {
    // There is no older version yet, so the browser's part is played.
    IDBFactory.prototype.open = () => {
      const request = /** @type {any} */ ({});
      setTimeout(() => request.onblocked());
      return request;
    };
    return store.load('b1').catch((/** @type {any} */ error) => [error.code, error.message].join());
  });
  assert.match(message, /^storage-unavailable,.*another tab: close it/);
});

test('two tabs do not write over each other: the second hears of the first, and may go on when it is closed', async (t) => {
  const { context, page } = await openContext(t);
  await page.evaluate(async () => {
    await store.load('b1');
    store.putSample('a', picture('a'));
    await store.save(withSamples('a'));
  });
  const second = await visit(await context.newPage());
  const refused = await second.evaluate(async () => store.load('b1').catch((/** @type {any} */ error) => [error.code, error.message].join()));
  assert.match(refused, /^storage-unavailable,.*open in another tab/);
  await page.close();
  const found = await second.evaluate(async () => {
    const over = await code(store.save(withSamples()));
    const { ids } = await shown(await store.load('b1'));
    return [over, ids, await code(store.save(withSamples('a')))];
  });
  assert.deepEqual(found, ['storage-unavailable', 'a', 'fine'], 'an empty project was not written over what could not be read');
});

test('without locks, as on pages without https, saving works and orphans stay', async (t) => {
  const { page } = await openContext(t);
  await page.evaluate(() => Object.defineProperty(navigator, 'locks', { value: undefined }));
  const found = await page.evaluate(async () => {
    store.putSample('a', picture('a'));
    store.putSample('b', picture('b'));
    await store.save(withSamples('a'));
    const { ids } = await shown(await store.load('b1'));
    await store.close();
    return [ids, await keys()];
  });
  assert.deepEqual(found, ['a', 'ab']);
});

test('the store can be closed and used again', async (t) => {
  const { page } = await openContext(t);
  const found = await page.evaluate(async () => {
    store.putSample('a', picture('a'));
    store.save(withSamples('a'));
    await store.close();
    const again = open();
    const { ids } = await shown(await again.load('b1'));
    await again.close();
    return [ids, await code(store.save(withSamples('a')))];
  });
  assert.deepEqual(found, ['a', 'fine']);
});

test('to be kept for good is asked once, and only when something was saved', async (t) => {
  const { page } = await openContext(t);
  const asked = await page.evaluate(async () => {
    let asked = 0;
    navigator.storage.persisted = async () => false;
    navigator.storage.persist = async () => (asked++, false);
    const seen = [];
    await store.load('b1');
    seen.push(asked);
    for (let index = 0; index < 3; index++) {
      await store.save(project.addClass(project.EMPTY_PROJECT));
      await new Promise((next) => setTimeout(next));
      seen.push(asked);
    }
    return seen;
  });
  assert.deepEqual(asked, [0, 1, 1, 1]);
});

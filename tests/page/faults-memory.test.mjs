// A device that has no memory left, and pictures that ask for too much of it.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { BOMBS, png } from './bombs.mjs';
import { SITE, classify, click, hidden, openPage, openSite, placed, refused, sample, screenshot, text, told, topLabel, until } from './browser.mjs';
import { serveFaults } from './faults.mjs';
import { limitMemory } from './memory-limit.mjs';
import { temporary } from './teaching.mjs';

/** @type {Awaited<ReturnType<typeof openSite>>} */
let site;
before(async () => (site = await openSite()));
after(() => site.close());

const WASM = `/${placed('wasm/mobilenet_web_bg.wasm')}`;
const wasm = await readFile(SITE + WASM);

/**
 * The page, with a wasm that finds no more memory than this.
 *
 * @param {import('node:test').TestContext} t
 * @param {number} pages of 64 KiB, beyond what it begins with
 */
async function openPoor(t, pages) {
  const server = await serveFaults(SITE);
  t.after(server.close);
  server.substitutes.set(WASM, limitMemory(wasm, pages));
  const { page } = await openPage({ ...server, browser: site.browser }, { ready: false });
  t.after(() => page.close());
  return { page, server };
}

// Nothing, half of what the network takes, and nearly all of it where its weights are bytes.
for (const pages of [0, 45, 85]) {
  test(`with ${pages} pages of memory for the wasm the page says so, and the same button works once there is more`, async (t) => {
    const { page, server } = await openPoor(t, pages);
    await until(page, () => /** @type {any} */ (globalThis).told.length > 0);
    const { code, message } = refused((await told(page))[0]);
    assert.equal(code, 'out-of-memory');
    assert.match(message, /not enough memory.*Close other tabs/);
    assert.equal(await hidden(page, '#again'), false);
    if (pages === 0) await screenshot(page, 'faults-memory');
    server.substitutes.clear();
    await click(page, '#again');
    await until(page, () => document.querySelector('mobilenet-classifier[data-ready]') !== null);
    assert.equal(await hidden(page, '#notice'), true);
    assert.equal(topLabel(await classify(page, sample('bed'))), 'bed');
  });
}

test('a picture that takes more memory than is left is refused by its name, and the next one is answered', async (t) => {
  const { page } = await openPoor(t, 300);
  await until(page, () => document.querySelector('mobilenet-classifier[data-ready]') !== null);
  const large = join(await temporary(t), 'large.png');
  await writeFile(large, png(4500, 4500 * 13_501));
  const { code, message } = refused(await classify(page, large));
  assert.equal(code, 'out-of-memory');
  assert.match(message, /^large\.png: there is not enough memory/);
  assert.equal(topLabel(await classify(page, sample('bed'))), 'bed');
});

test('a small file that claims to be a huge picture is refused by its format’s own header, and the next one is answered', async (t) => {
  const folder = await temporary(t);
  const { page, complaints } = await openPage(site);
  for (const [name, bytes] of Object.entries(BOMBS)) {
    await writeFile(join(folder, name), bytes);
    const { code, message } = refused(await classify(page, join(folder, name)));
    // Some decoders give up before they can tell the size.
    assert.match(code, /^(picture-too-large|corrupt-picture)$/, message);
    assert.ok(message.startsWith(`${name}: `));
    assert.equal(topLabel(await classify(page, sample('bed'))), 'bed');
  }
  assert.equal(await text(page, '#headline'), 'bed');
  assert.equal((await readFile(join(folder, 'bomb.png'))).length < 10_000, true);
  assert.deepEqual(complaints, []);
  await page.close();
});

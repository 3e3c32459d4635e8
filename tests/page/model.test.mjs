// Models of one's own: a file from the terminal opens, anything else is refused and changes nothing.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { FURNITURE, after as eventsAfter, classify, click, hidden, openPage, openSite, refused, sample, text, topLabel, until, upload } from './browser.mjs';

/** @type {Awaited<ReturnType<typeof openSite>>} */
let site;
const folder = await mkdtemp(join(tmpdir(), 'mobilenet-model-'));
before(async () => (site = await openSite()));
after(async () => {
  await site.close();
  await rm(folder, { recursive: true });
});

for (const [what, bytes] of /** @type {const} */ ([
  ['empty', Buffer.alloc(0)],
  ['text', Buffer.from('not a model at all')],
  ['with a header longer than itself', Buffer.from([255, 255, 255, 255, 255, 255, 255, 127, 123, 125])],
  ['without tensors', Buffer.from([2, 0, 0, 0, 0, 0, 0, 0, 123, 125])],
])) {
  test(`a model file that is ${what} is refused, and the open model stays`, async () => {
    const file = join(folder, 'mine.safetensors');
    await writeFile(file, bytes);
    const { page } = await openPage(site);
    const [event] = await eventsAfter(page, () => upload(page, [file], '#model-file'));
    assert.match(refused(event).code, /^(bad-model|empty-file)$/);
    assert.match(refused(event).message, /^mine\.safetensors: /);
    assert.equal(await hidden(page, '#notice'), false);
    assert.match(await text(page, '#labels'), /bed, chair, sofa/);
    assert.equal(topLabel(await classify(page, sample('bed'))), 'bed');
    await page.close();
  });
}

test('a model file is opened, also among pictures, and the built-in one comes back', async () => {
  const { page } = await openPage(site);
  const [event] = await eventsAfter(page, () => upload(page, [FURNITURE, sample('sofa')]));
  assert.equal(topLabel(event), 'sofa');
  assert.match(await text(page, '#facts'), /^furniture\.safetensors: .* right on \d+ validation photos$/);
  assert.equal(await hidden(page, '#reset'), false);

  await click(page, '#reset');
  await until(page, () => document.getElementById('facts')?.textContent?.startsWith('Built in: '));
  assert.equal(topLabel(await classify(page, sample('table'))), 'table');
  await page.close();
});

test('the built-in model answers beside another one while that is asked for', async () => {
  const { page } = await openPage(site);
  assert.equal(await hidden(page, '#compare'), true, 'there is nothing to compare with');
  await eventsAfter(page, () => upload(page, [FURNITURE, sample('sofa')]));
  assert.equal(await text(page, '#comparison'), '');
  await click(page, '#compare input');
  await classify(page, sample('bed'));
  assert.match(await text(page, '#comparison'), /^The built-in model: bed, (> )?\d+%$/);
  assert.equal(await text(page, '#headline'), 'bed');
  await click(page, '#compare input');
  await classify(page, sample('bed'));
  assert.equal(await hidden(page, '#comparison'), true);
  await click(page, '#compare input');
  await click(page, '#reset');
  await until(page, () => document.getElementById('facts')?.textContent?.startsWith('Built in: '));
  await classify(page, sample('chair'));
  assert.equal(await hidden(page, '#comparison'), true, 'it would say the same twice');
  await page.close();
});

test('a link brings its own head, and none of it goes to the server', async () => {
  const letters = deflateSync(await readFile(FURNITURE)).toString('base64url');
  const linked = { ...site, url: `${site.url}#head=${letters}` };
  const { page } = await openPage(linked);
  assert.match(await text(page, '#facts'), /^From the link: .* right on \d+ validation photos$/);
  assert.equal(topLabel(await classify(page, sample('sofa'))), 'sofa');
  assert.ok(!site.requests.some((path) => path.includes('head')));
  await click(page, '#reset');
  await until(page, () => document.getElementById('facts')?.textContent?.startsWith('Built in: '));

  await page.evaluate((hash) => (location.hash = hash), `#head=${letters}`);
  await until(page, () => document.getElementById('facts')?.textContent?.startsWith('From the link: '));
  const cut = letters.slice(0, -40);
  for (const broken of [cut, `${letters.slice(0, -1)}!`]) {
    const [event] = await eventsAfter(page, () => page.evaluate((hash) => void (location.hash = hash), `#head=${broken}`));
    assert.equal(refused(event).code, 'bad-model');
    assert.match(await text(page, '#facts'), /^From the link: /);
  }
  await page.close();
});

test('a page that is opened by a broken link says so, and has the built-in model', async () => {
  const { page } = await openPage({ ...site, url: `${site.url}#head=!` }, { ready: false });
  await until(page, () => document.querySelector('mobilenet-classifier[data-ready]') !== null);
  assert.match(await text(page, '#notice'), /the link was cut short/);
  assert.equal(await hidden(page, '#notice'), false);
  assert.match(await text(page, '#facts'), /^Built in: /);
  await page.close();
});

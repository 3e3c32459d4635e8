// The project file in a real Chromium, whose Blobs, streams and decompressor are not Node's.

import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { crc32 } from '../../../pkg/files/crc32.js';
import { readProject, writeProject } from '../../../pkg/teach/project-file.js';
import { openModules } from './modules.mjs';

/** @type {Awaited<ReturnType<typeof openModules>>} */
let site;
before(async () => (site = await openModules()));
after(() => site.close());

/** @param {import('node:test').TestContext} t */
async function openBlank(t) {
  const page = await site.browser.newPage();
  t.after(() => page.close());
  await page.goto(site.url);
  return page;
}

/**
 * An archive with one deflated picture in a class folder, and whatever it states about it.
 *
 * @param {Buffer} content
 * @param {{ size?: number, packed?: Buffer }} [stated]
 */
function deflated(content, { size = content.length, packed = deflateRawSync(content) } = {}) {
  const name = Buffer.from('mug/1.jpg');
  const facts = Buffer.alloc(26);
  facts.writeUInt16LE(20, 0);
  facts.writeUInt16LE(8, 4);
  facts.writeUInt32LE(crc32(content), 10);
  facts.writeUInt32LE(packed.length, 14);
  facts.writeUInt32LE(size, 18);
  facts.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), facts, name, packed]);
  const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), facts, Buffer.alloc(14), name]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

/**
 * Opens a project file in the page.
 *
 * @param {import('puppeteer-core').Page} page
 * @param {Buffer} bytes
 */
async function read(page, bytes) {
  await writeFile(join(site.folder, 'project.zip'), bytes);
  return page.evaluate(async () => {
    const { readProject } = await import(new URL('./teach/project-file.js', location.href).href);
    const file = await (await fetch('./project.zip')).blob();
    try {
      const { project, pictures } = await readProject(file);
      const texts = await Promise.all([...pictures.values()].map((/** @type {Blob} */ each) => each.text()));
      return { labels: project.classes.map((/** @type {any} */ each) => each.label), texts, code: '' };
    } catch (error) {
      return { labels: [], texts: [], code: /** @type {any} */ (error).code ?? String(error) };
    }
  });
}

test('what Chromium writes is what Node writes, byte for byte, and reads it again', async (t) => {
  const page = await openBlank(t);
  const base64 = await page.evaluate(async () => {
    const load = (/** @type {string} */ path) => import(new URL(path, location.href).href);
    const [{ writeProject }, { EMPTY_PROJECT, addClass, addSamples }] = await Promise.all([load('./teach/project-file.js'), load('./teach/project.js')]);
    const empty = addClass(EMPTY_PROJECT, 'Käse ☕');
    const project = addSamples(empty, empty.classes[0].id, 3, [{ id: 'a', name: 'a.png' }]);
    const blob = await writeProject(project, new Map([['a', new Blob(['a picture'])]]), new Blob(['a head']));
    return btoa(String.fromCharCode(...new Uint8Array(await blob.arrayBuffer())));
  });
  const bytes = Buffer.from(base64, 'base64');
  const { project, pictures, model } = await readProject(new Blob([bytes]));
  assert.deepEqual(Buffer.from(await (await writeProject(project, pictures, model)).arrayBuffer()), bytes);
  assert.deepEqual(await read(page, bytes), { labels: ['Käse ☕'], texts: ['a picture'], code: '' });
});

test('a compressed picture is unpacked', async (t) => {
  const content = 'a picture '.repeat(100_000);
  assert.deepEqual(await read(await openBlank(t), deflated(Buffer.from(content))), { labels: ['mug'], texts: [content], code: '' });
});

test('bombs, and what cannot be unpacked, are refused', async (t) => {
  const page = await openBlank(t);
  const bomb = Buffer.alloc(200 * 2 ** 20);
  const content = Buffer.from('a picture '.repeat(100));
  const packed = deflateRawSync(content);
  for (const bytes of [
    deflated(bomb, { size: 1000 }),
    deflated(content, { size: content.length + 1 }),
    deflated(content, { packed: packed.subarray(0, -3) }),
    deflated(content, { packed: Buffer.concat([packed, Buffer.from('more')]) }),
    deflated(content, { packed: Buffer.from([0xff, 0xff, 0xff]) }),
  ]) {
    assert.equal((await read(page, bytes)).code, 'bad-project');
  }
});

test('a file that is taken away while it is open is said to be unreadable', async (t) => {
  const page = await openBlank(t);
  const path = join(site.folder, 'gone.zip');
  await writeFile(path, deflated(Buffer.from('a picture')));
  const input = /** @type {import('puppeteer-core').ElementHandle<HTMLInputElement>} */ (await page.$('input'));
  await input.uploadFile(path);
  assert.ok(await input.evaluate(({ files }) => files?.[0]?.size));
  await rm(path);
  const code = await page.evaluate(async () => {
    const { readProject } = await import(new URL('./teach/project-file.js', location.href).href);
    return readProject(document.querySelector('input')?.files?.[0]).catch((/** @type {any} */ error) => error.code);
  });
  assert.equal(code, 'unreadable-file');
});

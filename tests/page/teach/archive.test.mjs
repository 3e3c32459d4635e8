// ZIP both ways: other programs read ours, we read theirs, and nothing hostile gets through.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { crc32 as zlibCrc32, deflateRawSync } from 'node:zlib';
import { Archive } from '../../../pkg/files/archive.js';
import { writeArchive } from '../../../pkg/files/archive-writer.js';
import { DIRECTORY_SIZE_LIMIT, ENTRY_LIMIT, ENTRY_SIZE_LIMIT, NAME_LIMIT } from '../../../pkg/files/zip.js';
import { crc32 } from '../../../pkg/files/crc32.js';

const folder = await mkdtemp(join(tmpdir(), 'mobilenet-archive-'));
after(() => rm(folder, { recursive: true }));

/**
 * @param {Record<string, string | Uint8Array>} files
 */
function written(files) {
  return writeArchive(Object.entries(files).map(([name, content]) => ({ name, content: blobOf(content) })));
}

/**
 * A Blob, as its types do not know that the bytes of Node's Buffers are shared with nobody.
 *
 * @param {...(string | Uint8Array)} parts
 */
function blobOf(...parts) {
  return new Blob(/** @type {BlobPart[]} */ (parts));
}

/** @param {Blob} blob */
async function bytesOf(blob) {
  return Buffer.from(await blob.arrayBuffer());
}

/**
 * @param {Blob} file
 * @returns {Promise<Record<string, string>>} the text of every file in an archive
 */
async function texts(file) {
  const archive = await Archive.open(file);
  return Object.fromEntries(await Promise.all(archive.names.map(async (name) => [name, await (await archive.read(name)).text()])));
}

/**
 * Runs Python where there is one.
 *
 * @param {string} script
 * @param {...string} words
 */
function python(script, ...words) {
  const { error, status, stdout, stderr } = spawnSync('python3', ['-c', script, ...words], { encoding: 'utf8' });
  if (error) return null;
  assert.equal(status, 0, stderr);
  return stdout;
}

/**
 * Makes an archive with Python.
 *
 * @param {string} lines with `z` as the archive
 */
async function packed(lines) {
  const path = join(folder, 'python.zip');
  const made = python(`import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as z:\n  ${lines.replaceAll('\n', '\n  ')}`, path);
  return made === null ? null : blobOf(await readFile(path));
}

test('checksums are those of zlib, in one piece and in several', () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, index) => (index * index) & 255);
  assert.equal(crc32(Buffer.from('123456789')), 0xcbf43926);
  assert.equal(crc32(new Uint8Array()), 0);
  assert.equal(crc32(bytes.subarray(300), crc32(bytes.subarray(0, 300))), crc32(bytes));
  // Node has it from 20.15 on.
  if (zlibCrc32) assert.equal(crc32(bytes), zlibCrc32(bytes));
});

const FILES = { 'project.json': '{}\n', 'samples/Tasse für Käse ☕/00001.jpg': 'a picture', 'samples/empty.png': '' };

test('what is written is read again, and gives the same bytes again', async () => {
  assert.deepEqual(await texts(await written(FILES)), FILES);
  assert.deepEqual(await texts(await written({})), {});
  assert.deepEqual(await bytesOf(await written(FILES)), await bytesOf(await written(FILES)));
});

test('Python reads what is written', async (t) => {
  const path = join(folder, 'ours.zip');
  await writeFile(path, await bytesOf(await written(FILES)));
  const read = 'import json, sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print(json.dumps({i.filename: z.read(i).decode() for i in z.infolist()}))';
  const found = python(read, path);
  if (found === null) return t.skip('no Python');
  assert.deepEqual(JSON.parse(found), FILES);
});

test('unzip finds nothing wrong with what is written', async (t) => {
  const path = join(folder, 'unzip.zip');
  await writeFile(path, await bytesOf(await written(FILES)));
  const { error, status, stdout } = spawnSync('unzip', ['-t', path], { encoding: 'utf8' });
  if (error) return t.skip('no unzip');
  assert.equal(status, 0, stdout);
  assert.match(stdout, /No errors detected/);
});

test('what Python packs is read: compressed, stored, with folders, a comment and names of all kinds', async (t) => {
  const file = await packed(`z.writestr('mug/1.jpg', 'a picture ' * 100_000)
z.writestr('mug/', '')
z.writestr('stored', 'plain', zipfile.ZIP_STORED)
z.writestr('Käse ☕', '')
z.comment = b'PK\\x05\\x06 is no end'`);
  if (!file) return t.skip('no Python');
  assert.deepEqual(await texts(file), { 'mug/1.jpg': 'a picture '.repeat(100_000), stored: 'plain', 'Käse ☕': '' });
});

test('what is packed into a stream, sizes behind the content, is read', async (t) => {
  const path = join(folder, 'stream.zip');
  const script = `import sys, zipfile
class Pipe:
  def __init__(self, file): self.write, self.flush = file.write, file.flush
with open(sys.argv[1], 'wb') as file, zipfile.ZipFile(Pipe(file), 'w', zipfile.ZIP_DEFLATED) as z: z.writestr('a', 'b' * 1000); z.writestr('c', 'd')`;
  if (python(script, path) === null) return t.skip('no Python');
  const bytes = await readFile(path);
  assert.ok(bytes.readUInt16LE(6) & 8);
  assert.deepEqual(await texts(blobOf(bytes)), { a: 'b'.repeat(1000), c: 'd' });
});

test('names without the flag for UTF-8 are read as UTF-8 where they are, else as the PC wrote them', async () => {
  const named = (/** @type {Uint8Array} */ name) => forged([{ name, flags: 0 }]);
  assert.deepEqual((await Archive.open(named(Buffer.from('Käse')))).names, ['Käse']);
  assert.deepEqual((await Archive.open(named(Buffer.from('K\x84se', 'latin1')))).names, ['Käse']);
});

test('a stored file is not copied, and keeps the type that it is asked for with', async () => {
  const archive = await Archive.open(await written({ 'a.png': 'abc' }));
  const blob = await archive.read('a.png', 'image/png');
  assert.deepEqual([blob.size, blob.type, archive.size('a.png'), archive.has('b')], [3, 'image/png', 3, false]);
});

/**
 * What may be wrong with an entry; without anything it is a good one.
 *
 * @typedef {object} Forgery
 * @property {string | Uint8Array} [name]
 * @property {Uint8Array} [content]
 * @property {number} [method]
 * @property {number} [flags]
 * @property {number} [localFlags]
 * @property {number} [crc]
 * @property {number} [size]
 * @property {number} [packedSize]
 * @property {number} [offset]
 * @property {number} [localSignature]
 * @property {number} [localExtra]
 */

/**
 * An archive byte by byte, written apart from the code under test.
 *
 * @param {Forgery[]} entries
 * @param {{ count?: number, disk?: number, directorySize?: number, directoryOffset?: number, before?: Buffer, behind?: Buffer }} [end]
 */
function forged(entries, end = {}) {
  const locals = /** @type {Buffer[]} */ ([]);
  const centrals = /** @type {Buffer[]} */ ([]);
  let at = 0;
  for (const entry of entries) {
    const content = entry.content ?? Buffer.from('content');
    const packed = entry.method === 8 ? deflateRawSync(content) : content;
    const name = Buffer.from(entry.name ?? 'a.jpg');
    const flags = entry.flags ?? 0x800;
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0);
    facts.writeUInt16LE(flags, 2);
    facts.writeUInt16LE(entry.method ?? 0, 4);
    facts.writeUInt32LE(entry.crc ?? crc32(content), 10);
    facts.writeUInt32LE(entry.packedSize ?? packed.length, 14);
    facts.writeUInt32LE(entry.size ?? content.length, 18);
    facts.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.alloc(4), facts, name, packed]);
    local.writeUInt32LE(entry.localSignature ?? 0x04034b50, 0);
    local.writeUInt16LE(entry.localFlags ?? flags, 6);
    local.writeUInt16LE(entry.localExtra ?? 0, 28);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(entry.offset ?? at, 10);
    centrals.push(Buffer.from([0x50, 0x4b, 1, 2, 20, 0]), facts, tail, name);
    locals.push(local);
    at += local.length;
  }
  const directory = Buffer.concat(centrals);
  const record = Buffer.alloc(22);
  record.writeUInt32LE(0x06054b50, 0);
  record.writeUInt16LE(end.disk ?? 0, 4);
  record.writeUInt16LE(end.count ?? entries.length, 8);
  record.writeUInt16LE(end.count ?? entries.length, 10);
  record.writeUInt32LE(end.directorySize ?? directory.length, 12);
  record.writeUInt32LE(end.directoryOffset ?? at, 16);
  return blobOf(...locals, directory, end.before ?? '', record, end.behind ?? '');
}

/** @param {Blob} file */
async function readAll(file) {
  const archive = await Archive.open(file);
  for (const name of archive.names) await archive.read(name);
}

test('what is forged without a fault is read', async () => {
  assert.deepEqual(await texts(forged([{}, { name: 'b', method: 8 }])), { 'a.jpg': 'content', b: 'content' });
});

/**
 * @param {string} what
 * @param {RegExp} message
 * @param {Blob | (() => Promise<Blob>)} file
 */
function refuses(what, message, file) {
  test(`an archive ${what} is refused`, async () => {
    const refusal = { name: 'MobilenetError', code: 'bad-project', message };
    await assert.rejects(readAll(file instanceof Blob ? file : await file()), refusal);
  });
}

const MILLION = Buffer.alloc(1_000_000);

refuses('that is empty', /is no ZIP file/, new Blob([]));
refuses('that is text', /is no ZIP file.*download or save it again/, new Blob(['not a ZIP at all, but longer than its end record']));
refuses('that is cut short', /is no ZIP file/, forged([{}]).slice(0, -1));
refuses('that was cut at its start', /directory is not where it should be/, forged([{}]).slice(1));
refuses('with something behind its end', /is no ZIP file/, forged([{}], { behind: Buffer.from('x') }));
refuses('in several parts', /one part of several/, forged([{}], { disk: 1 }));
refuses('with a directory that ends too early', /damaged/, forged([{}], { count: 2 }));
refuses('with a directory that goes on', /damaged/, forged([{}, { name: 'b' }], { count: 1 }));
refuses('with a directory outside', /directory is not where/, forged([{}], { directoryOffset: 0x7fffffff }));
refuses('with a directory larger than itself', /directory is not where/, forged([{}], { directorySize: 0x7fffffff }));
refuses('with 65,535 entries or more', /zip64/, forged([{}], { count: 65_535 }));
refuses('in zip64 by its directory', /zip64.*smaller/, forged([{}], { directoryOffset: 0xffffffff }));
refuses('in zip64 by its locator', /zip64/, forged([{}], { before: Buffer.from('PK\x06\x07'.padEnd(20, '\0'), 'latin1') }));
refuses('in zip64 by an entry', /zip64/, forged([{ size: 0xffffffff }]));
refuses('with a password', /password/, forged([{ flags: 1 }]));
refuses('with a password in the local header only', /password/, forged([{ localFlags: 1 }]));
refuses('with strong encryption', /password/, forged([{ flags: 0x41 }]));
refuses('compressed with LZMA', /method 14/, forged([{ method: 14 }]));
refuses('with a wrong checksum', /damaged \(a\.jpg\)/, forged([{ crc: 1 }]));
refuses('with a wrong checksum, compressed', /damaged/, forged([{ crc: 1, method: 8 }]));
refuses('that states a smaller size than it has, stored', /damaged/, forged([{ size: 3 }]));
refuses('that states a smaller size than it unpacks to', /damaged/, forged([{ content: MILLION, method: 8, size: 999_999 }]));
refuses('that states a larger size than it unpacks to', /damaged/, forged([{ content: MILLION, method: 8, size: 1_000_001 }]));
refuses('with an entry beyond its end', /damaged/, forged([{ packedSize: 1_000_000, size: 1_000_000 }]));
refuses('with an entry that begins beyond its end', /damaged/, forged([{ offset: 0x7fffffff }]));
refuses('with entries that share bytes', /damaged/, forged([{}, { name: 'b', offset: 0 }]));
refuses('with an entry that reaches into the next', /damaged/, forged([{ packedSize: 60, size: 60 }, { name: 'b' }]));
refuses('with a local header that is none', /damaged/, forged([{ localSignature: 7 }]));
refuses('with a local header that leads into the next entry', /damaged/, forged([{ localExtra: 9 }, { name: 'b' }]));
refuses('with an entry over 256 MB', /256 MB/, forged([{ method: 8, size: ENTRY_SIZE_LIMIT + 1 }]));
refuses('that unpacks to over 4 GB', /4 GB/, forged(Array.from({ length: 17 }, (_, index) => ({ name: `${index}`, method: 8, size: ENTRY_SIZE_LIMIT }))));
refuses('with compressed content that is none', /damaged/, async () => {
  const bytes = await bytesOf(forged([{ method: 8, name: 'a' }]));
  bytes.fill(0xff, 31, 35);
  return blobOf(bytes);
});
refuses('with compressed content that breaks off', /damaged/, async () => {
  const content = Buffer.from('content'.repeat(9));
  const cut = deflateRawSync(content).subarray(0, -3);
  const bytes = await bytesOf(forged([{ content: cut, size: content.length, crc: crc32(content) }]));
  // Written as stored; both headers now say deflated.
  bytes.writeUInt16LE(8, 8);
  bytes.writeUInt16LE(8, bytes.indexOf('PK\x01\x02') + 10);
  return blobOf(bytes);
});
refuses('with a directory over its limit', /more files than can be opened/, async () => {
  const large = Buffer.alloc(DIRECTORY_SIZE_LIMIT + 1);
  const end = await bytesOf(forged([], { directorySize: large.length }));
  return blobOf(large, end);
});

for (const name of ['../a', 'a/../../b', '/a', 'a//b', './a', 'C:a', 'c:/a', 'a\\b', 'a\nb', 'a\0b', '', '/', '..', 'a/..', 'x'.repeat(NAME_LIMIT + 1)]) {
  const shown = JSON.stringify(name.slice(0, 20));
  refuses(`with the name ${shown}`, /unsafe name/, forged([{ name }]));
  test(`an entry with the name ${shown} is not written`, async () => {
    await assert.rejects(writeArchive([{ name, content: new Blob([]) }]), { code: 'bad-project' });
  });
}
refuses('with a name twice', /“a\.jpg” twice/, forged([{}, {}]));
refuses('with a file that is also a folder', /twice/, forged([{ name: 'a' }, { name: 'a/', content: Buffer.alloc(0) }]));
refuses('with a name that says it is UTF-8 and is not', /no text/, forged([{ name: Buffer.from([0x84, 0xff]) }]));

test('a bomb is stopped long before it is unpacked', async () => {
  const bomb = Buffer.alloc(64 * 2 ** 20);
  const file = forged([{ content: bomb, method: 8, size: 1000 }]);
  assert.ok(file.size < 100_000);
  const archive = await Archive.open(file);
  const before = process.memoryUsage().arrayBuffers;
  await assert.rejects(archive.read('a.jpg'), { code: 'bad-project' });
  assert.ok(process.memoryUsage().arrayBuffers - before < 48 * 2 ** 20);
});

test('a name that is not there is said to be missing', async () => {
  await assert.rejects((await Archive.open(await written({}))).read('a'), { code: 'bad-project', message: /“a” is missing/ });
});

test('what would need zip64 is not written', async () => {
  const empty = new Blob([]);
  const many = Array.from({ length: ENTRY_LIMIT + 1 }, (_, index) => ({ name: String(index), content: empty }));
  await assert.rejects(writeArchive(many), { code: 'bad-project', message: /two smaller projects/ });
});

test('a file that disappears while it is read is not called damaged', async () => {
  const gone = Object.assign(await written({ a: 'b' }), { slice: () => ({ arrayBuffer: () => Promise.reject(new DOMException('', 'NotReadableError')) }) });
  await assert.rejects(Archive.open(gone), { code: 'unreadable-file', message: /Choose it again/ });
});

test('no byte that is changed, and no cut, throws anything but a Failure', async () => {
  const good = await bytesOf(forged([{ name: 'a/1.jpg' }, { name: 'b', method: 8 }]));
  const faults = /** @type {Buffer[]} */ ([]);
  for (let at = 0; at < good.length; at++) {
    for (const value of [0, 1, 0x80, 0xff]) {
      const bytes = Buffer.from(good);
      bytes[at] = (bytes[at] ?? 0) ^ value;
      faults.push(bytes);
    }
    faults.push(good.subarray(0, at), good.subarray(at));
  }
  for (const bytes of faults) {
    await readAll(blobOf(bytes)).catch((error) => assert.equal(error.name, 'MobilenetError', error.stack));
  }
});

// Files on their way: found in folders, packed for the worker, gathered for the store.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entriesOf, filesBelow, filesOfChosen } from '../../../pkg/files/folders.js';
import { isOnnx, onnxSettings } from '../../../pkg/engine/shared/onnx-file.js';
import { Changes } from '../../../pkg/teach/changes.js';

/** @typedef {FileSystemEntry & FileSystemFileEntry & FileSystemDirectoryEntry} Entry */

/**
 * @param {string} name
 * @param {Record<string, any> | null} [inside] of a folder by name; null where it is a file
 * @param {number} [portion] how many entries it gives at once
 * @returns {Entry}
 */
function entry(name, inside = null, portion = 2) {
  const children = Object.entries(inside ?? {}).map(([child, deeper]) => entry(child, deeper, portion));
  const createReader = () => ({ readEntries: (/** @type {(entries: Entry[]) => void} */ give) => give(children.splice(0, portion)) });
  const file = (/** @type {(file: File) => void} */ give) => give(new File([name], name));
  return /** @type {any} */ ({ name, isDirectory: inside !== null, isFile: inside === null, createReader, file });
}

test('a folder gives every file below it, named by its path, in the order in which a person counts', async () => {
  const found = await filesBelow([entry('photos', { 'b10.jpg': null, 'b2.jpg': null, deep: { 'a.jpg': null, deeper: { 'z.jpg': null } }, 'B1.jpg': null })]);
  assert.deepEqual(found.map(({ name }) => name), ['B1.jpg', 'b2.jpg', 'b10.jpg', 'deep/a.jpg', 'deep/deeper/z.jpg']);
  assert.equal(await (await found[3]?.read())?.text(), 'a.jpg');
});

test('what is hidden in a folder is left out', async () => {
  const found = await filesBelow([entry('photos', { '.DS_Store': null, '.thumbnails': { 'a.jpg': null }, 'a.jpg': null })]);
  assert.deepEqual(found.map(({ name }) => name), ['a.jpg']);
});

test('of several that were dropped together each is named with its folder', async () => {
  const found = await filesBelow([entry('mugs', { 'a.jpg': null }), entry('b.jpg'), entry('pens', { 'a.jpg': null })]);
  assert.deepEqual(found.map(({ name }) => name), ['b.jpg', 'mugs/a.jpg', 'pens/a.jpg']);
});

test('a folder that is locked is a file that cannot be read, and costs none of the others', async () => {
  const locked = /** @type {any} */ ({ name: 'locked', isDirectory: true, createReader: () => ({ readEntries: (/** @type {unknown} */ _, /** @type {(error: Error) => void} */ refuse) => refuse(new Error('no')) }) });
  const found = await filesBelow([locked, entry('a.jpg')]);
  assert.deepEqual(found.map(({ name }) => name), ['a.jpg', 'locked/']);
  await assert.rejects(/** @type {any} */ (found[1]).read(), { code: 'unreadable-file' });
});

test('a browser that hands a large folder out in portions gives all of it', async () => {
  const inside = Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`${index}.jpg`, null]));
  assert.equal((await entriesOf(entry('photos', inside, 100))).length, 250);
});

test('a folder that was chosen is named and ordered as one that was dropped', async () => {
  const chosen = ['photos/b10.jpg', 'photos/b9.jpg', 'photos/.hidden/a.jpg', 'photos/deep/a.jpg'].map((webkitRelativePath) => Object.assign(new File([''], 'x.jpg'), { webkitRelativePath }));
  assert.deepEqual(filesOfChosen(chosen).map(({ name }) => name), ['b9.jpg', 'b10.jpg', 'deep/a.jpg']);
});

test('settings of an ONNX file are a copy that a worker can be sent, named after the file', () => {
  const given = { labels: 'mug\nKäse', levels: /** @type {const} */ ('unit'), other: () => {} };
  assert.deepEqual(structuredClone(onnxSettings(given, 'net.onnx')), { name: 'net.onnx', labels: 'mug\nKäse', levels: 'unit', fit: undefined });
  assert.equal(onnxSettings({ name: 'mine' }, 'net.onnx').name, 'mine');
});

for (const [what, given, message] of /** @type {[string, any, RegExp][]} */ ([
  ['labels in a list', { labels: ['mug'] }, /labels of an ONNX file is a string, not of type object/],
  ['a function', { fit: () => 'crop' }, /fit of an ONNX file/],
  ['nothing', null, /options are an object/],
])) {
  test(`settings of an ONNX file that are ${what} are refused`, () => assert.throws(() => onnxSettings(given, 'net.onnx'), { code: 'bad-argument', message }));
}

for (const [what, bytes, isOne] of /** @type {[string, number[], boolean][]} */ ([
  ['a bare ONNX file', [8, 7, 0, 0, 0, 0, 0, 0, 1], true],
  ['a model file of the same first byte', [8, 0, 0, 0, 0, 0, 0, 0, 0x7b], false],
  ['nothing at all', [], false],
])) {
  test(`${what} is ${isOne ? '' : 'not '}taken for one`, () => assert.equal(isOnnx(Uint8Array.from(bytes)), isOne));
}

test('of what is still to be written the last word on each sample counts, also across a write that failed', () => {
  const [failed, later] = [new Changes(), new Changes()];
  const embedded = (/** @type {number} */ value) => ({ embedding: Float32Array.of(value), backbone: 'b' });
  failed.put('kept', { picture: new Blob(['old']), embedded: embedded(1) });
  failed.put('gone', { picture: new Blob(['x']), embedded: embedded(1) });
  later.remove('gone');
  later.putEmbedding('kept', embedded(2));
  const { pictures, embeddings, removed } = failed.followedBy(later);
  assert.deepEqual([[...pictures.keys()], embeddings.get('kept')?.embedding[0], [...embeddings.keys()], [...removed]], [['kept'], 2, ['kept'], ['gone']]);
});

test('a project that was started over needs nothing of what failed to be written before', () => {
  const [failed, later] = [new Changes(), new Changes()];
  failed.put('a', { picture: new Blob(['x']), embedded: null });
  later.everythingGone = true;
  assert.equal(failed.followedBy(later), later);
});

test('an embedding is copied, so that a view into the engine keeps none of its memory', () => {
  const changes = new Changes();
  const memory = new Float32Array(1000);
  changes.putEmbedding('a', { embedding: memory.subarray(10, 12), backbone: 'b' });
  assert.equal(changes.embeddings.get('a')?.embedding.buffer.byteLength, 8);
});

test('a picture whose file is gone is dropped, and counted, and the others are kept', async () => {
  const changes = new Changes();
  changes.put('a', { picture: new Blob(['x']), embedded: null });
  const gone = /** @type {any} */ ({ slice: () => ({ arrayBuffer: () => Promise.reject(new Error('it has moved')) }) });
  changes.put('gone', { picture: gone, embedded: null });
  assert.equal(await changes.dropUnreadable(), 1);
  assert.deepEqual([...changes.pictures.keys()], ['a']);
});

// Project archives that were changed at random, on their way or by somebody: each opens as something whole or is refused with
// a code, and what opens can be saved and opened again. `RUNS=100000` tries for longer.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { writeArchive } from '../../../pkg/files/archive-writer.js';
import { crc32 } from '../../../pkg/files/crc32.js';
import { readProject, writeProject } from '../../../pkg/teach/project-file.js';
import { EMPTY_PROJECT, addClass, addSamples } from '../../../pkg/teach/project.js';

const RUNS = Number(process.env.RUNS ?? 300);
const CODES = ['bad-project', 'unreadable-file'];

/** @param {Blob} blob */
async function bytesOf(blob) {
  return new Uint8Array(await blob.arrayBuffer());
}

/** @param {Record<string, string>} files */
async function zip(files) {
  return bytesOf(await writeArchive(Object.entries(files).map(([name, content]) => ({ name, content: new Blob([content]) }))));
}

async function saved() {
  const classes = ['mug', 'Käse/Brot'].reduce(addClass, EMPTY_PROJECT);
  const [first, second] = classes.classes.map(({ id }) => id);
  const some = addSamples(classes, String(first), 0, ['a', 'b'].map((id) => ({ id, name: `${id}.jpg` })));
  const project = addSamples(some, String(second), 1, [{ id: 'c', name: 'c.png' }]);
  return bytesOf(await writeProject(project, new Map(['a', 'b', 'c'].map((id) => [id, new Blob([`picture ${id}`])])), new Blob(['head'])));
}

/** One entry, compressed, which `writeArchive` does not do. */
function deflated() {
  const name = Buffer.from('mug/1.jpg');
  const content = Buffer.from('picture '.repeat(30));
  const packed = deflateRawSync(content);
  const shared = Buffer.alloc(26);
  shared.writeUInt16LE(20, 0);
  shared.writeUInt16LE(8, 4);
  shared.writeUInt32LE(crc32(content), 10);
  shared.writeUInt32LE(packed.length, 14);
  shared.writeUInt32LE(content.length, 18);
  shared.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), shared, name, packed]);
  const directory = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), shared, Buffer.alloc(14), name]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(local.length, 16);
  return new Uint8Array(Buffer.concat([local, directory, end]));
}

const ARCHIVES = [await saved(), deflated(), await zip({ 'mug/1.jpg': 'a', 'phone/2.png': 'b', '.DS_Store': 'c', 'top.jpg': 'd' })];

/**
 * What has to hold for any file.
 *
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
async function survive(bytes) {
  let opened;
  try {
    opened = await readProject(new Blob([bytes]));
  } catch (error) {
    const { name, code, message } = /** @type {any} */ (error);
    assert.ok(name === 'MobilenetError' && CODES.includes(code), `${name} ${code}: ${message}`);
    return;
  } finally {
    assert.equal(/** @type {any} */ ({}).polluted, undefined);
  }
  const { project, pictures, model } = opened;
  const ids = project.classes.map(({ id }) => id);
  assert.ok(project.samples.every(({ id, classId, burst }) => pictures.get(id) instanceof Blob && ids.includes(classId) && burst >= 0));
  const again = await readProject(await writeProject(project, pictures, model));
  assert.deepEqual(again.project.classes.map(({ label }) => label), project.classes.map(({ label }) => label));
  assert.deepEqual(again.project.settings, project.settings);
  assert.deepEqual(again.project.samples.map(({ name, burst }) => [name, burst]), project.samples.map(({ name, burst }) => [name, burst]));
}

const places = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const numbers = fc.constantFrom(0, 1, 8, 0x7f, 0xff, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0xfffffffe, 0xffffffff);
const change = fc.oneof(
  fc.tuple(fc.constant('byte'), places, fc.nat(255)),
  fc.tuple(fc.constant('short'), places, numbers),
  fc.tuple(fc.constant('long'), places, numbers),
  fc.tuple(fc.constant('cut'), places, fc.nat(60)),
  fc.tuple(fc.constant('copy'), places, fc.nat(60)),
);

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {[string, number, number]} change
 */
function changed(bytes, [kind, place, value]) {
  const at = Math.floor(place * bytes.length);
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  if (kind === 'byte' && at < copy.length) copy[at] = value;
  if (kind === 'short' && at + 2 <= copy.length) view.setUint16(at, value, true);
  if (kind === 'long' && at + 4 <= copy.length) view.setUint32(at, value, true);
  if (kind === 'cut') return new Uint8Array([...copy.subarray(0, at), ...copy.subarray(at + value)]);
  if (kind === 'copy') return new Uint8Array([...copy.subarray(0, at), ...copy.subarray(Math.max(0, at - value))]);
  return copy;
}

test('an archive that was changed is whole or refused', () =>
  fc.assert(
    fc.asyncProperty(fc.constantFrom(...ARCHIVES.keys()), fc.array(change, { maxLength: 5 }), (archive, changes) =>
      survive(changes.reduce(changed, /** @type {Uint8Array<ArrayBuffer>} */ (ARCHIVES[archive])))),
    { numRuns: RUNS, includeErrorInReport: true },
  ));

const words = fc.constantFrom('mug', '', ' ', '__proto__', 'constructor', '../a.jpg', 's/1.jpg', 's/2.jpg', 'S/1.JPG', '\ud800', 'x'.repeat(300), 'con', 'a/b', '.');
const junk = fc.oneof(words, fc.constantFrom(NaN, -1, 0, 0.5, 1, 2, 2 ** 32, 1e308, null, true), fc.jsonValue({ maxDepth: 2 }));

/** @param {Record<string, import('fast-check').Arbitrary<unknown>>} model */
function object(model) {
  const keys = Object.entries(model).map(([key, sound]) => [key, fc.oneof({ weight: 6, arbitrary: sound }, { weight: 1, arbitrary: junk })]);
  return fc.record(Object.fromEntries(keys), { requiredKeys: [] });
}

const shares = fc.constantFrom(0, 0.2, 0.5, 1);
const recipe = object({ seed: fc.nat(), dropout: shares, learning_rate: shares, schedule: fc.constant('cosine'), epochs: fc.nat(), batch: fc.nat() });
const sample = object({ file: words, label: fc.nat(3), burst: fc.nat(), name: words });
const manifest = object({
  format: fc.constant(1), labels: fc.array(words, { maxLength: 4 }), samples: fc.array(sample, { maxLength: 4 }), recipe,
  validation_share: shares, false_rejections: shares, polluted: fc.constant(true),
});

test('whatever project.json says, the project is whole or refused', () =>
  fc.assert(
    fc.asyncProperty(fc.oneof(manifest, junk), fc.boolean(), async (document, wrapped) => {
      const root = wrapped ? 'wrapped/' : '';
      const json = JSON.stringify(document ?? null).replace('"constructor":', '"__proto__":');
      await survive(await zip({ [`${root}project.json`]: json, [`${root}s/1.jpg`]: 'a', [`${root}s/2.jpg`]: 'b', [`${root}S/1.JPG`]: 'c' }));
    }),
    { numRuns: RUNS, includeErrorInReport: true },
  ));

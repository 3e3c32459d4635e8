// The heatmaps of the page's engine, run in Node: those of the terminal to the last bit, and one for every way in.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { CLASSES, FURNITURE, ROOT, sample } from './browser.mjs';

const PROGRAM = fileURLToPath(new URL('../../target/release/mobilenet', import.meta.url));

const { initSync, Classifier } = await import(pathToFileURL(join(ROOT, 'pkg/wasm/mobilenet_web.js')).href);
initSync({ module: readFileSync(join(ROOT, 'pkg/wasm/mobilenet_web_bg.wasm')) });
const classifier = Classifier.fromBytes(readFileSync(FURNITURE));
const head = classifier.ownHead();

/**
 * @param {string} file
 * @param {string} label
 * @returns {Float32Array}
 */
function native(file, label) {
  const { stdout } = spawnSync(PROGRAM, ['explain', FURNITURE, file, '--class', label, '--json'], { encoding: 'utf8' });
  // JSON has the shortest decimals that give the same 32 bits.
  return Float32Array.from(JSON.parse(stdout).heatmap.flat());
}

test('the same bits as in the terminal, for the picture classified last', () => {
  for (const label of CLASSES) {
    classifier.classifyBytes(readFileSync(sample(label)), 1);
    for (const [index, other] of CLASSES.entries()) {
      assert.deepEqual(classifier.heatmap(head, index), native(sample(label), other), `${label}, evidence for ${other}`);
    }
  }
});

test('pixels have the heatmap that they have when classified', () => {
  const pixels = Uint8Array.from({ length: 30 * 20 * 4 }, (_, at) => (at % 4 === 3 ? 255 : (at * 7919) >> 3));
  classifier.classifyRgba(pixels, 30, 20, 1);
  const heatmap = classifier.heatmap(head, 2);
  assert.equal(heatmap.length, 49);
  classifier.classifyBytes(readFileSync(sample('bed')), 1);
  assert.notDeepEqual(classifier.heatmap(head, 2), heatmap, 'another picture has another');
  classifier.embedRgba(pixels, 30, 20);
  assert.deepEqual(classifier.heatmap(head, 2), heatmap, 'embedded or classified');
});

test('a class that is not there is refused', () => {
  assert.throws(() => classifier.heatmap(head, CLASSES.length), { name: 'MobilenetError', code: 'bad-argument' });
});

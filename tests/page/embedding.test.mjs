// Which embeddings a head answers to, in the very wasm of the page.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WASM = join(ROOT, 'pkg/wasm');

const { Classifier, initSync } = await import(pathToFileURL(join(WASM, 'mobilenet_web.js')).href);
initSync({ module: await readFile(join(WASM, 'mobilenet_web_bg.wasm')) });
const classifier = Classifier.embedded();
const embedding = classifier.embedBytes(new Uint8Array(await readFile(join(ROOT, 'www/samples/sofa.jpg'))));
const { features, layers } = classifier.info;

test('an embedding is what the layers of the tail give, one after the other', () => {
  assert.deepEqual(layers, [1280, 576, 960, 960, 960]);
  assert.equal(features, layers.reduce((/** @type {number} */ sum, /** @type {number} */ numbers) => sum + numbers, 0));
  assert.equal(embedding.length, features);
});

for (const [name, file, lengths] of /** @type {[string, string, number[]][]} */ ([
  ['the tail', 'src/core/models/furniture.safetensors', [features]],
  ['the last layer', 'tests/core/last-layer.safetensors', [features, layers[0]]],
])) {
  test(`a head of ${name} answers to ${lengths.join(' or ')} numbers and to no others`, async () => {
    const head = classifier.openHead(new Uint8Array(await readFile(join(ROOT, file))));
    const whole = head.answer(embedding, 5);
    assert.equal(whole.predictions[0].label, 'sofa');
    for (const length of [0, 1, layers[0] - 1, layers[0], layers[0] + 1, 2000, features - 1, features, features + 1]) {
      const given = new Float32Array(length);
      given.set(embedding.subarray(0, length));
      if (lengths.includes(length)) assert.deepEqual(head.answer(given, 5), whole, `${length}`);
      else assert.throws(() => head.answer(given, 5), { code: 'bad-argument' }, `${length}`);
    }
    head.free();
  });
}

// The package in Node, in the process that calls it: the same answers, bit for bit, and the same errors.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { APP, expected, sample } from './pages.mjs';

// As an app that has installed it finds it.
const { MobilenetError, load } = await import(createRequire(join(APP, 'app.js')).resolve('mobilenet-web'));
const SOFA = join(APP, 'sofa.jpg');
const LABELS = ['bed', 'chair', 'sofa', 'swivelchair', 'table'];

test('every kind of file gives the answer of the raw bindings', async () => {
  const classifier = await load();
  assert.deepEqual(classifier.labels, LABELS);
  const bytes = sample('sofa');
  for (const source of [SOFA, pathToFileURL(SOFA), pathToFileURL(SOFA).href, bytes, new Uint8Array(bytes).buffer, new Blob([bytes]), new File([bytes], 'sofa.jpg')]) {
    assert.deepEqual((await classifier.classify(source)).predictions, await expected());
  }
  assert.deepEqual((await classifier.classify(SOFA, { topK: 2 })).predictions, (await expected()).slice(0, 2));
  classifier.dispose();
});

test('pixels are what a page would have', async () => {
  const classifier = await load();
  const white = { data: new Uint8ClampedArray(4 * 6).fill(255), width: 3, height: 2 };
  const clear = { data: new Uint8Array(4 * 6), width: 3, height: 2 };
  // Transparency is laid over white.
  assert.deepEqual(await classifier.embed(white), await classifier.embed(clear));
  await assert.rejects(classifier.embed({ ...white, width: 4 }), { name: 'MobilenetError', code: 'bad-argument' });
});

test('a heatmap is that of the likeliest label, or of the one that is named', async () => {
  await using(await load(), async (classifier) => {
    const likeliest = await classifier.heatmap(SOFA);
    assert.deepEqual([likeliest.label, likeliest.side, likeliest.values.length], ['sofa', 7, 49]);
    assert.deepEqual(likeliest.predictions, await expected());
    const bed = await classifier.heatmap(SOFA, { label: 'bed' });
    assert.equal(bed.label, 'bed');
    assert.notDeepEqual(bed.values, likeliest.values);
    await assert.rejects(classifier.heatmap(SOFA, { label: 'car' }), { code: 'bad-argument', message: /bed, chair, sofa, swivelchair, table/ });
  });
});

test('a head is fitted from files and from embeddings alike, and its file opens again', async () => {
  const classifier = await load();
  const names = ['sofa', 'chair', 'bed'];
  const samples = names.flatMap((label) => [0, 1, 2].map(() => ({ label, source: join(APP, `${label}.jpg`) })));
  const rows = await Promise.all(samples.map(({ source }) => classifier.embed(source)));
  /** @type {unknown[]} */
  const epochs = [];
  const settings = { recipe: { seed: 7, epochs: 5 } };
  const fitted = await classifier.fit(samples, { settings, onEpoch: (/** @type {unknown} */ epoch) => epochs.push(epoch) });
  const again = await classifier.fit(samples.map(({ label }, index) => ({ label, embedding: rows[index] })), { settings });
  assert.deepEqual(fitted.labels, names);
  assert.deepEqual(fitted.history, epochs);
  assert.equal(fitted.confusion.length, 3);
  assert.deepEqual(await fitted.model.arrayBuffer(), await again.model.arrayBuffer());
  const reopened = await load(fitted.model);
  assert.deepEqual((await reopened.classify(SOFA)).predictions, (await fitted.classify(SOFA)).predictions);
  const sorted = await classifier.fit(samples, { settings, labels: [...names].sort() });
  assert.deepEqual(sorted.labels, ['bed', 'chair', 'sofa']);
});

test('samples of one burst stay together', async () => {
  const classifier = await load();
  const samples = ['sofa', 'chair'].flatMap((label) => [0, 0, 0, 1, 1, 1].map((film) => ({ label, burst: `${label} ${film}`, source: join(APP, `${label}.jpg`) })));
  const settings = { recipe: { epochs: 2 } };
  const validated = async (/** @type {object[]} */ chosen) =>
    (await classifier.fit(chosen, { settings })).confusion.map((/** @type {number[]} */ row) => row.reduce((sum, count) => sum + count));
  assert.deepEqual(await validated(samples), [3, 3]);
  assert.deepEqual(await validated(samples.map((sample) => ({ ...sample, burst: undefined }))), [1, 1]);
});

test('what goes wrong has a code and a class', async () => {
  const classifier = await load();
  const cases = [
    [() => classifier.classify(join(APP, 'nothing.jpg')), 'unreadable-file', /nothing\.jpg/],
    [() => classifier.classify(new Uint8Array()), 'empty-file', /./],
    [() => classifier.classify(new Uint8Array([1, 2, 3])), 'unsupported-format', /JPEG/],
    [() => classifier.classify(sample('sofa').subarray(0, 900)), 'corrupt-picture', /./],
    [() => classifier.classify(SOFA, { topK: 0 }), 'bad-argument', /topK/],
    [() => classifier.fit([{ label: 'a', source: SOFA }, { label: 'b', source: new Uint8Array([9]) }]), 'unsupported-format', /^sample 1: /],
    [() => classifier.fit([{ label: 'a', source: SOFA }], { labels: ['b'] }), 'bad-argument', /^sample 0: "a" is none of the labels/],
    [() => load(new Uint8Array([1, 2, 3])), 'bad-model', /./],
    [() => load(join(APP, 'nothing.safetensors')), 'model-missing', /nothing\.safetensors/],
  ];
  for (const [call, code, message] of cases) {
    await assert.rejects(/** @type {() => Promise<unknown>} */ (call), (/** @type {any} */ error) => {
      assert.ok(error instanceof MobilenetError);
      assert.equal(error.code, code);
      assert.match(error.message, /** @type {RegExp} */ (message));
      return true;
    });
  }
});

test('an aborted call rejects with the reason of its signal, and nothing works after dispose', async () => {
  const reason = new Error('enough');
  const classifier = await load();
  await assert.rejects(load(null, { signal: AbortSignal.abort() }), { name: 'AbortError' });
  await assert.rejects(classifier.classify(SOFA, { signal: AbortSignal.abort(reason) }), reason);
  const underWay = classifier.classify(SOFA);
  classifier[Symbol.dispose]();
  classifier.dispose();
  await assert.rejects(underWay, { code: 'disposed' });
  for (const call of ['classify', 'embed', 'heatmap']) await assert.rejects(classifier[call](SOFA), { name: 'MobilenetError', code: 'disposed' });
  await assert.rejects(classifier.fit([]), { code: 'disposed' });
  // Others over the same backbone go on.
  assert.deepEqual((await (await load()).classify(SOFA)).predictions, await expected());
});

/**
 * @template Value
 * @param {Value & { dispose: () => void }} classifier
 * @param {(classifier: Value) => Promise<void>} work
 */
async function using(classifier, work) {
  await work(classifier);
  classifier.dispose();
}

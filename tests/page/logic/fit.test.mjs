// A fit by the API of a page: which samples it takes, what it refuses, and what comes of it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '../../../pkg/engine/page/load.js';
import { settled, takeClock, watch } from './clock.mjs';
import { MODEL, picture, playWorkers } from './worker.mjs';

const TAUGHT = { model: new TextEncoder().encode('a head'), history: [{ epoch: 1 }], confusion: [[1, 0], [0, 1]] };
const EMBEDDING = Float32Array.of(1, 2, 3);

/** @type {import('./worker.mjs').Script} */
const TEACHES = { picture: () => ({ value: [{ predictions: [], rejected: false, millis: 1, embedding: EMBEDDING }] }), teach: () => ({ value: TAUGHT }) };

/**
 * @param {import('node:test').TestContext} t
 * @param {import('./worker.mjs').Script} [script]
 */
async function open(t, script) {
  takeClock(t);
  const workers = playWorkers({ ...TEACHES, ...script });
  const classifier = await load();
  t.after(() => classifier.dispose());
  const fit = async (/** @type {Parameters<typeof classifier.fit>} */ ...given) => {
    const fitted = await classifier.fit(...given);
    t.after(() => fitted.dispose());
    return fitted;
  };
  const taught = () => workers[0]?.asked.find(({ kind }) => kind === 'teach')?.input;
  return { classifier, fit, workers, taught };
}

/**
 * @param {string} label
 * @param {...number} numbers
 */
function embedded(label, ...numbers) {
  return { label, embedding: Float32Array.from(numbers) };
}

test('samples are fitted as rows, with the classes in the order in which they bring them', async (t) => {
  const { fit, taught } = await open(t);
  await fit([embedded('pen', 1, 2, 3), { label: 'mug', source: picture() }, embedded('pen', 7, 8, 9)]);
  const { embeddings, classes, labels, bursts } = taught();
  assert.deepEqual([[...embeddings], [...classes], labels, [...bursts]], [[1, 2, 3, 1, 2, 3, 7, 8, 9], [0, 1, 0], ['pen', 'mug'], [0, 1, 2]]);
});

test('labels that are stated give the order of the classes, and settings are handed on', async (t) => {
  const { fit, taught } = await open(t);
  const settings = /** @type {any} */ ({ validation_share: 0.3 });
  await fit([embedded('pen', 1, 2, 3)], { labels: ['mug', 'pen'], settings });
  assert.deepEqual([taught().labels, [...taught().classes], taught().settings], [['mug', 'pen'], [1], settings]);
});

test('samples of one burst are of one burst, whatever names it', async (t) => {
  const { fit, taught } = await open(t);
  const film = {};
  await fit([{ ...embedded('a', 1, 2, 3), burst: film }, { ...embedded('a', 1, 2, 3), burst: 7 }, { ...embedded('b', 1, 2, 3), burst: film }, embedded('b', 1, 2, 3)]);
  assert.deepEqual([...taught().bursts], [0, 1, 0, 2]);
});

test('embeddings of the last layer alone are taken, where all are', async (t) => {
  const { fit, taught } = await open(t);
  await fit([embedded('a', 1, 2), embedded('b', 3, 4)]);
  assert.deepEqual([...taught().embeddings], [1, 2, 3, 4]);
});

for (const [what, samples, options, message] of /** @type {[string, any[], object, RegExp][]} */ ([
  ['a label that is none of the stated ones', [embedded('mug', 1, 2, 3)], { labels: ['pen'] }, /^sample 0: "mug" is none of the labels/],
  ['an embedding of another length', [embedded('a', 1, 2, 3), embedded('b', 1)], {}, /^sample 1: its embedding is not the 3 numbers/],
  ['embeddings of two lengths', [embedded('a', 1, 2, 3), embedded('b', 1, 2)], {}, /^sample 1: its embedding/],
  ['a label that is no text', [embedded(/** @type {any} */ (7), 1, 2, 3)], {}, /^a label is a text/],
])) {
  test(`${what} is refused, and nothing is fitted`, async (t) => {
    const { fit, taught } = await open(t);
    await assert.rejects(fit(samples, options), { code: 'bad-argument', message });
    assert.equal(taught(), undefined);
  });
}

test('samples without end are refused', async (t) => {
  const { fit } = await open(t);
  const one = embedded('a', 1, 2, 3);
  const endless = { *[Symbol.iterator]() { for (;;) yield one; } };
  await assert.rejects(fit(endless), { code: 'bad-argument', message: /more than 1000000 samples/ });
});

test('a picture that cannot be read is told by its number', async (t) => {
  const { fit } = await open(t, { picture: () => ({ trouble: { code: 'corrupt-picture', message: 'it is cut off', crashed: false } }) });
  await assert.rejects(fit([embedded('a', 1, 2, 3), { label: 'b', source: picture() }]), { code: 'corrupt-picture', message: 'sample 1: it is cut off' });
});

test('a model that runs in float has no embeddings to fit on', async (t) => {
  const { fit } = await open(t, { open: () => ({ value: { ...MODEL, info: { ...MODEL.info, layers: [] } } }) });
  await assert.rejects(fit([embedded('a', 1, 2, 3)]), { code: 'wrong-backbone' });
});

test('what comes of a fit is a classifier of its own, with its file, its epochs and its confusion', async (t) => {
  const { classifier, fit, workers } = await open(t);
  const fitted = await fit([embedded('a', 1, 2, 3)]);
  assert.equal(await fitted.model?.text(), 'a head');
  assert.deepEqual([fitted.history, fitted.confusion], [TAUGHT.history, TAUGHT.confusion]);
  classifier.dispose();
  await fitted.classify(picture());
  fitted.dispose();
  assert.deepEqual(workers.map(({ terminated }) => terminated), [true]);
});

test('a fit that is given up frees the worker, and leaves the classifier as it was', async (t) => {
  const { classifier, fit, workers } = await open(t, { teach: () => undefined });
  const giving = new AbortController();
  const fitted = watch(fit([embedded('a', 1, 2, 3)], { signal: giving.signal }));
  await settled();
  giving.abort();
  await settled();
  assert.deepEqual([fitted.code, workers.length], ['AbortError', 2]);
  assert.deepEqual(await classifier.embed(picture()), EMBEDDING);
});

test('a classifier that is disposed of while it fits leaves no session of the head behind', async (t) => {
  const { classifier, fit, workers } = await open(t, { teach: () => undefined });
  const other = await load();
  const fitted = watch(fit([embedded('a', 1, 2, 3)]));
  await settled();
  classifier.dispose();
  workers[0]?.answer(TAUGHT);
  await settled();
  assert.equal(fitted.code, 'disposed');
  other.dispose();
  assert.deepEqual(workers.map(({ terminated }) => terminated), [true]);
});

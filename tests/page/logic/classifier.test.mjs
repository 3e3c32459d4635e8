// The API of a page, over a worker that the test plays: what `load` opens, what a classifier answers, and what it refuses.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { load, setOnnxConverter, setRelaxedSimd } from '../../../pkg/engine/page/load.js';
import { settled, takeClock, watch } from './clock.mjs';
import { FakePixels, MODEL, picture, playWorkers } from './worker.mjs';

const ANSWER = { predictions: [{ label: 'sofa', probability: 0.9 }], rejected: false, millis: 5 };
const HEATMAP = { label: 'sofa', values: new Float32Array(49) };
const ANSWERS = { picture: () => ({ value: [{ ...ANSWER, embedding: Float32Array.of(1, 2, 3), heatmap: HEATMAP }] }) };

Object.assign(globalThis, { document: { baseURI: 'https://page.example/shop/index.html' }, HTMLImageElement: class {} });

/**
 * @param {import('node:test').TestContext} t
 * @param {import('./worker.mjs').Script} [script]
 */
async function open(t, script = ANSWERS) {
  const clock = takeClock(t);
  const workers = playWorkers(script);
  const classifier = await load();
  t.after(() => classifier.dispose());
  return { ...clock, classifier, workers };
}

/**
 * @param {import('node:test').TestContext} t
 * @param {(address: string) => Response | null} answer null where the network is gone
 */
function serve(t, answer) {
  /** @type {string[]} */
  const fetched = [];
  t.mock.method(globalThis, 'fetch', async (/** @type {URL} */ { href }) => {
    fetched.push(href);
    return answer(href) ?? Promise.reject(new TypeError('Failed to fetch'));
  });
  return fetched;
}

test('a picture is answered, with what the page needs and no more', async (t) => {
  const { classifier, workers } = await open(t);
  assert.deepEqual(classifier.labels, MODEL.labels);
  assert.deepEqual(await classifier.classify(picture()), ANSWER);
  assert.equal(workers[0]?.kinds, 'start open picture');
});

test('it asks for no more predictions than there are labels, five where nobody says', async (t) => {
  const { classifier, workers } = await open(t);
  for (const topK of [undefined, 1, 2, 3, 1000, 2 ** 40]) await classifier.classify(picture(), { topK });
  assert.deepEqual(workers[0]?.asked.slice(2).map(({ topK }) => topK), [3, 1, 2, 3, 3, 3]);
});

test('a page that has no converter for ONNX files sends none; afterwards it goes with every file, however it was named', async (t) => {
  const { workers } = await open(t);
  const converters = async () => {
    const classifier = await load(new Blob(['a model']));
    classifier.dispose();
    return workers[0]?.asked.filter(({ kind, model }) => kind === 'open' && model).at(-1).converter;
  };
  assert.equal(await converters(), undefined);
  await import('../../../pkg/onnx/index.js');
  assert.equal(await converters(), new URL('../../../pkg/onnx/mobilenet_onnx_bg.wasm', import.meta.url).href);
  setOnnxConverter('onnx.wasm');
  assert.equal(await converters(), 'https://page.example/shop/onnx.wasm');
  (await load()).dispose();
  assert.equal('converter' in workers[0]?.asked.findLast(({ kind }) => kind === 'open'), false, 'the built-in model needs none');
});

test('what an ONNX file does not say by itself is sent beside it, with its name', async (t) => {
  const lowered = new Blob(['lowered']);
  const { workers } = await open(t, { open: ({ onnx }) => ({ value: { ...MODEL, ...(onnx?.levels && { lowered }) } }) });
  const file = new File(['net'], 'net.onnx');
  const sent = () => workers[0]?.asked.findLast(({ kind }) => kind === 'open').onnx;
  const float = await load(file, { onnx: { labels: 'mug' } });
  assert.deepEqual(sent(), { name: 'net.onnx', labels: 'mug', levels: undefined, fit: undefined });
  assert.equal(float.model, file);
  const int8 = await load(new Uint8Array(1), { onnx: { levels: 'torch' } });
  assert.deepEqual([sent().name, sent().levels], ['an ONNX file', 'torch']);
  assert.equal(int8.model, lowered, 'the model file that it was converted to');
  await assert.rejects(load(file, { onnx: /** @type {any} */ ({ labels: ['mug'] }) }), { code: 'bad-argument' });
  for (const classifier of [float, int8]) classifier.dispose();
});

for (const topK of /** @type {any[]} */ ([0, -1, 1.5, NaN, Infinity, '3', null])) {
  test(`a topK of ${inspect(topK)} is refused before anything is asked`, async (t) => {
    const { classifier, workers } = await open(t);
    await assert.rejects(classifier.classify(picture(), { topK }), { name: 'MobilenetError', code: 'bad-argument', message: /^topK is a number from 1/ });
    assert.equal(workers[0]?.kinds, 'start open');
  });
}

test('pixels in memory are answered as they are; falsified ones are marked', async (t) => {
  const { classifier } = await open(t, { frame: () => ({ value: [{ ...ANSWER, noisy: true }] }) });
  assert.deepEqual(await classifier.classify(/** @type {any} */ (new FakePixels())), { ...ANSWER, noisy: true });
});

test('an embedding is what the heads answer to', async (t) => {
  const { classifier } = await open(t);
  assert.deepEqual(await classifier.embed(picture()), Float32Array.of(1, 2, 3));
});

test('a heatmap is a square of values for a label; for the likeliest without one', async (t) => {
  const { classifier, workers } = await open(t);
  const { side, label, values } = await classifier.heatmap(picture());
  assert.deepEqual([side, label, values], [7, 'sofa', HEATMAP.values]);
  await classifier.heatmap(picture(), { label: 'bed' });
  assert.deepEqual(workers[0]?.asked.slice(2).map(({ heatmap }) => heatmap), [true, 'bed']);
});

test('a heatmap for a label that the model has not is refused, naming those that it has', async (t) => {
  const { classifier } = await open(t);
  await assert.rejects(classifier.heatmap(picture(), { label: 'lamp' }), { code: 'bad-argument', message: 'this model has no label "lamp": it knows bed, sofa, table' });
});

test('a model without heatmaps says so', async (t) => {
  const { classifier } = await open(t, { picture: () => ({ value: [ANSWER] }) });
  await assert.rejects(classifier.heatmap(picture()), { code: 'bad-model' });
});

test('an aborted call is refused with the reason of its signal', async (t) => {
  const { classifier, workers } = await open(t, {});
  const reason = new Error('the user has left');
  const giving = new AbortController();
  const answer = watch(classifier.classify(picture(), { signal: giving.signal }));
  await settled();
  giving.abort(reason);
  await settled();
  assert.deepEqual([answer.state, answer.message, workers.length], ['refused', reason.message, 2]);
  await assert.rejects(classifier.classify(picture(), { signal: AbortSignal.abort() }), { name: 'AbortError' });
});

test('disposed of, it refuses what is under way and what is asked afterwards, and ends the worker', async (t) => {
  const { classifier, workers } = await open(t, {});
  const answer = watch(classifier.classify(picture()));
  await settled();
  classifier.dispose();
  classifier.dispose();
  await settled();
  assert.deepEqual([answer.code, workers[0]?.terminated], ['disposed', true]);
  await assert.rejects(classifier.embed(picture()), { code: 'disposed', message: /Load it again/ });
});

test('two classifiers share the worker; the last one that is disposed of ends it', async (t) => {
  const { classifier, workers } = await open(t);
  const other = await load();
  classifier.dispose();
  assert.deepEqual([workers.length, workers[0]?.terminated], [1, false]);
  assert.deepEqual(await other.classify(picture()), ANSWER);
  other.dispose();
  assert.equal(workers[0]?.terminated, true);
});

for (const [what, model, text] of /** @type {[string, any, string][]} */ ([
  ['a Blob', new Blob(['bytes']), 'bytes'],
  ['a Uint8Array', new TextEncoder().encode('bytes'), 'bytes'],
  ['an ArrayBuffer', new Uint8Array([97]).buffer, 'a'],
])) {
  test(`a model is opened from ${what}, and is there to be kept`, async (t) => {
    takeClock(t);
    const workers = playWorkers();
    const classifier = await load(model);
    assert.equal(await workers[0]?.asked[1].model.text(), text);
    assert.equal(await classifier.model?.text(), text);
    classifier.dispose();
  });
}

test('an address of a model is read as one of the page, and fetched', async (t) => {
  takeClock(t);
  const workers = playWorkers();
  const fetched = serve(t, () => new Response('bytes'));
  const classifier = await load('../models/mugs.safetensors');
  assert.deepEqual(fetched, ['https://page.example/models/mugs.safetensors']);
  assert.equal(await workers[0]?.asked[1].model.text(), 'bytes');
  classifier.dispose();
});

for (const [what, answer, message] of /** @type {[string, Response | null, RegExp][]} */ ([
  ['a server that has none', new Response('', { status: 404 }), /mugs\.safetensors could not be fetched \(the server answered 404\)/],
  ['no network', null, /could not be fetched \(the network is unreachable/],
])) {
  test(`a model that cannot be fetched for ${what} is refused, and leaves no worker behind`, async (t) => {
    takeClock(t);
    const workers = playWorkers();
    serve(t, () => answer);
    await assert.rejects(load('mugs.safetensors'), { name: 'MobilenetError', code: 'model-missing', message });
    assert.deepEqual(workers.map(({ terminated }) => terminated), [true]);
  });
}

test('what is no address of a model is refused', async (t) => {
  takeClock(t);
  const workers = playWorkers();
  await assert.rejects(load('https://:'), { code: 'model-missing', message: /Check it/ });
  assert.deepEqual(workers.map(({ terminated }) => terminated), [true]);
});

test('a model that is refused leaves no worker behind', async (t) => {
  takeClock(t);
  const workers = playWorkers({ open: () => ({ trouble: { code: 'bad-model', message: 'damaged', crashed: false } }) });
  await assert.rejects(load(new Blob(['x'])), { name: 'MobilenetError', code: 'bad-model', message: 'damaged' });
  assert.deepEqual(workers.map(({ terminated }) => terminated), [true]);
});

test('a load that is given up while the engine arrives ends the worker, and is refused with the reason', async (t) => {
  takeClock(t);
  const workers = playWorkers({ start: () => undefined });
  const giving = new AbortController();
  const loaded = watch(load(null, { signal: giving.signal }));
  await settled();
  giving.abort(new Error('never mind'));
  await settled();
  assert.deepEqual([loaded.message, workers.map(({ terminated }) => terminated)], ['never mind', [true]]);
});

test('it is refused at once also where others wait for the same engine, which they get', async (t) => {
  takeClock(t);
  const workers = playWorkers({ start: () => undefined });
  const giving = new AbortController();
  const [given, kept] = [watch(load(null, { signal: giving.signal })), watch(load())];
  await settled();
  giving.abort();
  await settled();
  assert.deepEqual([given.code, kept.state, workers[0]?.terminated], ['AbortError', 'waiting', false]);
  workers[0]?.answer(null);
  await settled();
  assert.deepEqual([kept.state, workers.length, workers[0]?.kinds.includes('close')], ['answered', 1, true]);
  kept.value.dispose();
});

test('progress of the engine is told to who loads', async (t) => {
  takeClock(t);
  const workers = playWorkers({ start: (_, worker) => (worker.say({ progress: { loaded: 5, total: 10 } }), { value: null }) });
  /** @type {unknown[]} */
  const progress = [];
  (await load(null, { onProgress: (each) => progress.push(each) })).dispose();
  assert.deepEqual([progress, workers.length], [[{ loaded: 5, total: 10 }], 1]);
});

test('relaxed SIMD can be forbidden to workers that start later', async (t) => {
  setRelaxedSimd(false);
  t.after(() => setRelaxedSimd(true));
  const { workers } = await open(t);
  assert.equal(workers[0]?.asked[0].relaxedSimd, false);
});

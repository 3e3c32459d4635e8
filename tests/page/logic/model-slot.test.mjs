// The model of an element: the one that it begins with, the ones that are opened afterwards, and what a stay outside the
// document leaves of them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openElement } from './element-harness.mjs';
import { settled, watch } from './clock.mjs';
import { MODEL } from './worker.mjs';

const REFUSED = { trouble: { code: 'bad-model', message: 'damaged', crashed: false } };

/**
 * @param {import('node:test').TestContext} t
 * @param {(address: string) => Response} [answer]
 */
function serve(t, answer = (address) => new Response(address)) {
  t.mock.method(globalThis, 'fetch', async (/** @type {URL} */ { href }) => answer(href));
}

test('in a document it opens the built-in model, which has no name', async (t) => {
  const { connect, models, workers } = openElement(t);
  assert.equal(models.session, null);
  assert.deepEqual(await connect(), ['notice.hide', 'open: false', 'loading.begin', 'showModel', 'results.setLabels', 'loading.showModel', 'model: null', 'open: true']);
  assert.deepEqual([models.model, workers[0]?.kinds], [{ ...MODEL, name: null }, 'start open']);
});

test('or the model that its address names, by the name of that file', async (t) => {
  serve(t);
  const { connect, worker, models } = openElement(t, { address: 'https://page.example/models/mugs.safetensors?v=2' });
  assert.equal((await connect()).includes('model: mugs.safetensors'), true);
  assert.equal(await worker().asked[1].model.text(), 'https://page.example/models/mugs.safetensors?v=2');
  assert.equal(models.model?.name, 'mugs.safetensors');
});

test('an address without a model is told and shown, and the next look tries again', async (t) => {
  let there = false;
  serve(t, () => new Response('', { status: there ? 200 : 404 }));
  const { connect, happened, models } = openElement(t, { address: 'https://page.example/mugs.safetensors' });
  assert.deepEqual((await connect()).slice(-3), ['loading.showFailure model-missing loading.failed', 'open: false', 'model failed: model-missing']);
  there = true;
  models.load();
  assert.deepEqual((await happened()).slice(-3), ['loading.showModel', 'model: mugs.safetensors', 'open: true']);
});

/**
 * A server that accepts the connection and sends nothing but what the test sends, as a browser sees it.
 *
 * @param {import('node:test').TestContext} t
 * @param {boolean} heads whether it sends at least the head of its answer
 */
function serveSlowly(t, heads) {
  const asked = { count: 0, send: (/** @type {string} */ _text) => {}, end: () => {}, cut: () => {} };
  t.mock.method(globalThis, 'fetch', (/** @type {URL} */ _address, /** @type {{ signal: AbortSignal }} */ { signal }) => {
    asked.count++;
    const gone = (/** @type {(error: unknown) => void} */ reject) => signal.addEventListener('abort', () => reject(signal.reason));
    if (!heads) return new Promise((_, reject) => gone(reject));
    const body = new ReadableStream({
      start(controller) {
        gone((error) => controller.error(error));
        asked.send = (text) => controller.enqueue(new TextEncoder().encode(text));
        asked.end = () => controller.close();
        asked.cut = () => controller.error(new TypeError('network error'));
      },
    });
    return Promise.resolve(new Response(body));
  });
  return asked;
}

for (const [what, heads] of /** @type {[string, boolean][]} */ ([['never answers', false], ['answers and sends no model', true]])) {
  test(`a server that ${what} is given up after half a minute, and asked anew by the next look`, async (t) => {
    const asked = serveSlowly(t, heads);
    const { connect, happened, wind, models, workers } = openElement(t, { address: 'https://page.example/mugs.safetensors' });
    await connect();
    await wind(29_000);
    assert.deepEqual(await happened(), []);
    const { message } = await watchFailure(models.ready, () => wind(1000));
    assert.equal(message, 'The model mugs.safetensors could not be fetched (the server did not answer: nothing arrived for 30 seconds). Try again.');
    assert.deepEqual(await happened(), ['loading.showFailure load-failed loading.failed', 'open: false', 'model failed: load-failed']);
    assert.equal(workers[0]?.terminated, false);
    models.load();
    await happened();
    assert.equal(asked.count, 2);
  });
}

test('a model that arrives slowly is waited for as long as something of it arrives', async (t) => {
  const asked = serveSlowly(t, true);
  const { connect, wind, models, worker } = openElement(t, { address: 'https://page.example/mugs.safetensors' });
  await connect();
  for (const text of '0123456789') {
    await wind(29_000);
    asked.send(text);
  }
  asked.end();
  await models.ready;
  assert.equal(await worker().asked[1].model.text(), '0123456789');
});

test('a model that breaks off is told at once', async (t) => {
  const asked = serveSlowly(t, true);
  const { connect, happened, models } = openElement(t, { address: 'https://page.example/mugs.safetensors' });
  await connect();
  const { code, message } = await watchFailure(models.ready, async () => asked.cut());
  assert.equal(`${code}: ${message}`, 'model-missing: The model mugs.safetensors could not be fetched (it did not arrive whole). Check its address, then try again.');
  assert.equal((await happened()).at(-1), 'model failed: model-missing');
});

/**
 * @param {Promise<unknown>} promise
 * @param {() => Promise<unknown>} act
 */
async function watchFailure(promise, act) {
  const seen = watch(promise);
  await act();
  await settled();
  return seen;
}

test('a file that is opened takes the place of the model, by its name', async (t) => {
  const { connect, happened, models } = openElement(t);
  await connect();
  await models.open(new File(['x'], 'mugs.safetensors'));
  assert.deepEqual(await happened(), ['open: false', 'showModel', 'results.setLabels', 'loading.showModel', 'model: mugs.safetensors', 'notice.hide', 'sayModel', 'open: true']);
});

test('one that is opened quietly is not read out, and leaves told what was', async (t) => {
  const { connect, happened, models } = openElement(t);
  await connect();
  await models.open(new Blob(['x']), 'Taught here', { quiet: true });
  assert.deepEqual(await happened(), ['open: false', 'showModel', 'results.setLabels', 'loading.showModel', 'model: Taught here', 'open: true']);
});

test('null goes back to the built-in one, whatever name it is given', async (t) => {
  const { connect, models } = openElement(t);
  await connect();
  await models.open(new Blob(['x']), 'mine');
  assert.equal((await models.open(null, 'mine')).name, null);
});

test('a file that is refused is told by its name, and the model before stays', async (t) => {
  const { connect, happened, models } = openElement(t, { script: { open: ({ model }) => (model ? REFUSED : { value: MODEL }) } });
  await connect();
  await assert.rejects(models.open(new File(['x'], 'bad.safetensors')), { code: 'bad-model' });
  assert.deepEqual(await happened(), ['open: false', 'model failed: bad-model bad.safetensors', 'open: true']);
  assert.equal(models.model?.name, null);
});

test('another address is another model; what was opened by hand is forgotten for it', async (t) => {
  serve(t);
  const { connect, happened, models, wishes, worker } = openElement(t);
  await connect();
  await models.open(new Blob(['by hand']), 'by hand');
  wishes.address = 'https://page.example/new.safetensors';
  models.restart();
  await happened();
  assert.equal(models.model?.name, 'new.safetensors');
  models.disconnect();
  models.reset();
  await connect();
  assert.equal(await worker().asked[1].model.text(), wishes.address);
});

test('out of the document it has no session; back in it the model that was opened by hand is opened again', async (t) => {
  const { connect, happened, models, workers, worker } = openElement(t);
  await connect();
  await models.open(new File(['by hand'], 'mine.safetensors'));
  models.disconnect();
  models.reset();
  assert.deepEqual([models.session, models.model, workers[0]?.terminated], [null, null, true]);
  await happened();
  assert.equal((await connect()).includes('model: mine.safetensors'), true);
  assert.equal(await worker().asked[1].model.text(), 'by hand');
});

test('what is asked before it is in a document waits until it is', async (t) => {
  const { connect, models } = openElement(t);
  const opened = watch(models.open(new Blob(['x']), 'early'));
  assert.equal(opened.state, 'waiting');
  await connect();
  assert.deepEqual([opened.state, models.model?.name], ['answered', 'early']);
});

test('a model that is open when the element has left is shown to nobody', async (t) => {
  const { connect, happened, models } = openElement(t, { script: { open: () => undefined } });
  await connect();
  models.disconnect();
  models.reset();
  assert.deepEqual((await happened()).filter((line) => line !== 'open: false'), ['model failed: cancelled']);
});

test('the built-in model answers as well where that is wished and another one is open', async (t) => {
  const { connect, models, wishes, workers } = openElement(t, { compares: true });
  await connect();
  assert.equal(models.others.length, 0, 'beside itself it says nothing new');
  await models.open(new Blob(['x']), 'mine');
  const [other] = models.others;
  assert.deepEqual([models.others, other?.model], [[other], null]);
  wishes.compares = false;
  models.compare();
  assert.equal(models.others.length, 0);
  wishes.compares = true;
  models.compare();
  assert.notEqual(models.others[0], other, 'which was closed');
  models.disconnect();
  assert.equal(workers[0]?.terminated, true, 'nothing of it keeps the worker');
});

test('an ONNX file is converted once: a fresh worker opens what came of it', async (t) => {
  const lowered = new Blob(['lowered']);
  const { connect, models } = openElement(t, { script: { open: ({ model }) => ({ value: model ? { ...MODEL, lowered, onnx: {} } : MODEL }) } });
  await connect();
  await models.open(new Blob(['onnx']), 'net.onnx');
  assert.equal(models.session?.model, lowered);
});

test('progress of the engine is shown until a model is open; that of an ONNX file is told', async (t) => {
  const { connect, happened, models, worker } = openElement(t, { script: { start: () => undefined } });
  await connect();
  worker().say({ progress: { loaded: 1, total: 2 } });
  worker().answer(null);
  await happened();
  await models.ready;
  worker().say({ progress: { loaded: 2, total: 2 } });
  worker().say({ progress: { loaded: 1, total: 2, stage: 'reading' } });
  assert.deepEqual(await happened(), ['progress: reading']);
});

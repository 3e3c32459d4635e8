// Workers that crash, do not start, or are not to be trusted: what is lost, what is tried again, and what a person is told.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setWorker } from '../../../pkg/engine/page/spawn.js';
import { settled, watch } from './clock.mjs';
import { MODEL, MODULE, frame, openClient, openSession, picture, playWorkers } from './worker.mjs';

const CRASHED = { state: 'refused', code: 'engine-crashed', message: 'the classifier crashed (unreachable) and was started again' };

test('a picture whose worker crashes is tried once more on a fresh one', async (t) => {
  const { session, worker, workers } = await openSession(t);
  const answer = watch(session.classifyPicture(picture(), { topK: 1 }));
  await settled();
  worker().crash();
  await settled();
  worker().answer(['fine']);
  await settled();
  assert.deepEqual(answer, { state: 'answered', value: ['fine'] });
  assert.deepEqual(workers.map(({ kinds, terminated }) => [kinds, terminated]), [['start open picture', true], ['start open picture', false]]);
});

test('a fresh worker is given the compiled module and the model that the session has', async (t) => {
  const { session, worker } = await openSession(t);
  const model = picture('a model');
  await session.openModel(model);
  session.classifyPicture(picture(), { topK: 1 });
  await settled();
  worker().crash();
  await settled();
  assert.equal(worker().asked[0].module, MODULE);
  assert.equal(worker().asked[1].model, model);
});

test('a model that was refused is not what a fresh worker opens', async (t) => {
  const { session, worker } = await openSession(t, { open: ({ model }) => (model ? { trouble: { code: 'bad-model', message: 'damaged', crashed: false } } : { value: MODEL }) });
  await assert.rejects(session.openModel(picture('damaged')), { code: 'bad-model' });
  session.classifyPicture(picture(), { topK: 1 });
  await settled();
  worker().crash();
  await settled();
  assert.equal(worker().asked[1].model, null);
});

test('a fresh worker opens the head of another session not before its turn', async (t) => {
  const { client, session, worker } = await openSession(t, { picture: (_, worker) => (worker.asked.length > 4 ? { value: [] } : undefined) });
  const other = client.openSession();
  await other.openModel(null);
  session.classifyPicture(picture(), { topK: 1 });
  await settled();
  worker().crash();
  await settled();
  assert.deepEqual(worker().asked.filter(({ kind }) => kind === 'open').map(({ head }) => head), [1]);
  worker().answer([]);
  other.classifyPicture(picture(), { topK: 1 });
  await settled();
  assert.equal(worker().kinds, 'start open picture open picture');
});

test('a picture that crashes two workers is refused, and the next one is answered by a third', async (t) => {
  const { session, worker, workers } = await openSession(t);
  const [bad, good] = [1, 2].map((topK) => watch(session.classifyPicture(picture(), { topK })));
  for (let count = 0; count < 2; count++) {
    await settled();
    worker().crash();
  }
  await settled();
  worker().answer(['fine']);
  await settled();
  assert.deepEqual([bad, good], [CRASHED, { state: 'answered', value: ['fine'] }]);
  assert.equal(workers.length, 3);
});

test('a refusal of the second try is told as it is', async (t) => {
  const { session, worker, workers } = await openSession(t);
  const answer = watch(session.classifyPicture(picture(), { topK: 1 }));
  await settled();
  worker().crash();
  await settled();
  worker().refuse('out-of-memory');
  await settled();
  assert.deepEqual(answer, { state: 'refused', code: 'out-of-memory', message: 'refused: out-of-memory' });
  assert.equal(workers.length, 2);
});

test('a model whose worker crashes is opened on a fresh one', async (t) => {
  const { client, worker } = openClient(t, { open: () => undefined });
  const opened = watch(client.openSession().openModel(null));
  await settled();
  worker().crash();
  await settled();
  worker().answer(MODEL);
  await settled();
  assert.deepEqual(opened, { state: 'answered', value: MODEL });
  assert.equal(worker().kinds, 'start open');
});

test('a frame goes down with its worker and is no failure; two in a row are', async (t) => {
  const { session, worker } = await openSession(t);
  const frames = [];
  for (let count = 0; count < 2; count++) {
    frames.push(watch(session.classifyFrame(frame().frame, { topK: 1 })));
    await settled();
    worker().crash();
    await settled();
  }
  assert.deepEqual(frames, [{ state: 'answered', value: null }, CRASHED]);
});

test('a frame that is answered between two crashes makes the second an accident again', async (t) => {
  const { session, worker } = await openSession(t);
  const frames = [];
  for (const act of ['crash', 'answer', 'crash']) {
    frames.push(watch(session.classifyFrame(frame().frame, { topK: 1 })));
    await settled();
    if (act === 'crash') worker().crash();
    else worker().answer(['seen']);
    await settled();
  }
  assert.deepEqual(frames.map(({ value }) => value), [null, ['seen'], null]);
});

test('pixels that went down with their worker are told, for nothing brings them again', async (t) => {
  const { session, worker } = await openSession(t);
  const answer = watch(session.classifyPixels(frame().frame, { topK: 1 }));
  await settled();
  worker().crash();
  await settled();
  assert.equal(answer.code, 'engine-crashed');
  assert.match(String(answer.message), /started again\. Bring it once more/);
});

test('a sample that went down with its worker is told, and not tried again: its frame is gone', async (t) => {
  const { session, worker, workers } = await openSession(t);
  const sample = watch(session.sample(frame().frame));
  await settled();
  worker().crash();
  await settled();
  assert.deepEqual([sample, workers.length], [CRASHED, 2]);
});

for (const type of /** @type {const} */ (['error', 'messageerror'])) {
  test(`a worker's ${type} is a crash, in words about its script`, async (t) => {
    const { session, worker, workers } = await openSession(t);
    const answer = watch(session.classifyPicture(picture(), { topK: 1 }));
    for (let count = 0; count < 2; count++) {
      await settled();
      worker().fail(type);
    }
    await settled();
    assert.equal(answer.code, 'load-failed');
    assert.match(String(answer.message), /^A script of the classifier could not be loaded/);
    assert.equal(workers.length, 3);
  });
}

test('a worker that crashes while it starts is not replaced until something is asked', async (t) => {
  const { client, workers, worker } = openClient(t, { start: () => undefined });
  const session = client.openSession();
  worker().crash();
  await settled();
  assert.deepEqual(workers.map(({ terminated }) => terminated), [true]);
  const opened = watch(session.openModel(null));
  await settled();
  assert.equal(workers.length, 2);
  worker().crash();
  await settled();
  assert.deepEqual(opened, CRASHED);
  assert.equal(workers.length, 2);
});

test('an engine that cannot be fetched is told to whoever asks, and fetched again for the next', async (t) => {
  let online = false;
  const { client, workers } = openClient(t, { start: () => (online ? { value: MODULE } : { trouble: { code: 'load-failed', message: 'no network', crashed: false } }) });
  const session = client.openSession();
  await assert.rejects(session.openModel(null), { code: 'load-failed', message: 'no network' });
  online = true;
  assert.deepEqual(await session.openModel(null), MODEL);
  assert.equal(workers.length, 2);
});

test('a worker that the browser forbids is told to whoever asks, and tried again for the next', async (t) => {
  const { client } = openClient(t);
  setWorker(() => {
    throw new Error('forbidden by the policy');
  });
  const session = client.openSession();
  await assert.rejects(session.openModel(null), { code: 'worker-blocked', message: /forbidden by the policy/ });
  const workers = playWorkers();
  assert.deepEqual(await session.openModel(null), MODEL);
  assert.equal(workers.length, 1);
});

test('a worker that distrusts relaxed SIMD is followed by one without', async (t) => {
  const { session, workers, worker } = await openSession(t);
  session.classifyFrame(frame().frame, { topK: 1 });
  await settled();
  worker().say({ distrusted: true });
  worker().crash();
  await settled();
  const again = assert.rejects(session.classifyFrame(frame().frame, { topK: 1 }), { code: 'engine-crashed' });
  await settled();
  worker().crash();
  await again;
  await settled();
  assert.deepEqual(workers.map(({ asked }) => asked[0].relaxedSimd), [true, false, false], 'from then on');
});

test('what teaches is fetched once, and handed on to the worker that follows', async (t) => {
  const studio = new ArrayBuffer(8);
  const { client, session, worker } = await openSession(t, { prepare: () => ({ studio }) });
  await client.prepareStudio();
  session.embed(picture());
  await settled();
  worker().crash();
  await settled();
  assert.equal(worker().asked[0].studio, studio);
});

test('what teaches may fail to be fetched ahead, which nobody is told', async (t) => {
  const { client, session, worker } = await openSession(t, { prepare: () => ({ studio: null }) });
  await client.prepareStudio();
  session.embed(picture());
  await settled();
  worker().crash();
  await settled();
  assert.equal(worker().asked[0].studio, null);
});

test('fetching ahead waits for no request, and ends with its worker', async (t) => {
  const { client, session, worker } = await openSession(t);
  session.classifyPicture(picture(), { topK: 1 }).catch(() => {});
  await settled();
  const prepared = watch(client.prepareStudio());
  await settled();
  assert.equal(worker().kinds, 'start open picture prepare');
  session.close();
  await settled();
  assert.equal(prepared.state, 'answered');
});

test('a late answer of a worker that has ended is nobody\'s', async (t) => {
  const { session, worker, workers } = await openSession(t);
  const answer = watch(session.classifyPicture(picture(), { topK: 1 }));
  await settled();
  worker().crash();
  await settled();
  workers[0]?.answer(['late']);
  await settled();
  assert.equal(answer.state, 'waiting');
  worker().answer(['fine']);
  await settled();
  assert.deepEqual(answer.value, ['fine']);
});

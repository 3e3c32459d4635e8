// Requests that somebody gives up: before, while and after they are done, and what that costs others.

import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { settled, watch } from './clock.mjs';
import { MODEL, MODULE, frame, openClient, openSession, picture } from './worker.mjs';

const CANCELLED = { state: 'refused', code: 'cancelled', message: 'stopped before it was classified' };

test('one that waits is refused at once, never gets to the worker, and costs none', async (t) => {
  const { session, worker, workers } = await openSession(t);
  const giving = new AbortController();
  const first = watch(session.classifyPicture(picture(), { topK: 1 }));
  const second = watch(session.classifyPicture(picture(), { topK: 2, signal: giving.signal }));
  const third = watch(session.classifyPicture(picture(), { topK: 3 }));
  await settled();
  giving.abort();
  await settled();
  assert.deepEqual([first.state, second, third.state], ['waiting', CANCELLED, 'waiting']);
  worker().answer([]);
  await settled();
  assert.deepEqual(worker().asked.slice(2).map(({ topK }) => topK), [1, 3]);
  assert.equal(workers.length, 1);
});

test('one in flight is refused at once, and its worker replaced', async (t) => {
  const { session, workers } = await openSession(t);
  const giving = new AbortController();
  const answer = watch(session.classifyPicture(picture(), { topK: 1, signal: giving.signal }));
  await settled();
  giving.abort();
  await settled();
  assert.deepEqual(answer, CANCELLED);
  assert.deepEqual(workers.map(({ terminated, kinds }) => [terminated, kinds]), [[true, 'start open picture'], [false, 'start']]);
  assert.equal(workers[1]?.asked[0].module, MODULE);
});

test('what waits behind one that is given up is answered by the fresh worker', async (t) => {
  const { session, worker, workers } = await openSession(t);
  const giving = new AbortController();
  session.classifyPicture(picture(), { topK: 1, signal: giving.signal }).catch(() => {});
  const next = watch(session.classifyPicture(picture(), { topK: 2 }));
  await settled();
  giving.abort();
  await settled();
  worker().answer(['fine']);
  await settled();
  assert.deepEqual(next, { state: 'answered', value: ['fine'] });
  assert.deepEqual([workers.length, worker().kinds], [2, 'start open picture']);
});

test('the late answer to one that was given up goes to nobody', async (t) => {
  const { session, worker, workers } = await openSession(t);
  const giving = new AbortController();
  session.classifyPicture(picture(), { topK: 1, signal: giving.signal }).catch(() => {});
  const next = watch(session.classifyPicture(picture(), { topK: 2 }));
  await settled();
  giving.abort();
  await settled();
  workers[0]?.answer(['of the first']);
  await settled();
  assert.equal(next.state, 'waiting');
  worker().answer(['of the second']);
  await settled();
  assert.deepEqual(next.value, ['of the second']);
});

test('a signal that is aborted already asks nothing', async (t) => {
  const { session, worker } = await openSession(t);
  const answer = watch(session.classifyPicture(picture(), { topK: 1, signal: AbortSignal.abort() }));
  await settled();
  assert.deepEqual(answer, CANCELLED);
  assert.equal(worker().kinds, 'start open');
});

test('an abort after the answer changes nothing', async (t) => {
  const { session, workers } = await openSession(t, { picture: () => ({ value: ['fine'] }) });
  const giving = new AbortController();
  assert.deepEqual(await session.classifyPicture(picture(), { topK: 1, signal: giving.signal }), ['fine']);
  giving.abort();
  await settled();
  assert.deepEqual(workers.map(({ terminated }) => terminated), [false]);
});

test('a signal that serves for many requests is left without listeners', async (t) => {
  const { session, worker } = await openSession(t);
  const { signal } = new AbortController();
  const asked = [1, 2, 3].map((topK) => watch(session.classifyPicture(picture(), { topK, signal })));
  for (const act of ['answer', 'refuse', 'answer']) {
    await settled();
    if (act === 'answer') worker().answer([]);
    else worker().refuse('empty-file');
  }
  await settled();
  assert.deepEqual(asked.map(({ state }) => state), ['answered', 'refused', 'answered']);
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});

test('one that is given up while the engine starts is refused, and never asked', async (t) => {
  const { client, worker } = openClient(t, { start: () => undefined });
  const session = client.openSession();
  const giving = new AbortController();
  const answer = watch(session.classifyPicture(picture(), { topK: 1, signal: giving.signal }));
  await settled();
  giving.abort();
  await settled();
  assert.deepEqual(answer, CANCELLED);
  worker().answer(MODULE);
  await settled();
  assert.equal(worker().kinds, 'start');
});

test('the worker that starts goes on for what waits behind the one that is given up', async (t) => {
  const { client, worker, workers } = openClient(t, { start: () => undefined });
  const session = client.openSession();
  const giving = new AbortController();
  const answer = watch(session.classifyPicture(picture(), { topK: 1, signal: giving.signal }));
  const next = watch(session.classifyPicture(picture(), { topK: 2 }));
  await settled();
  giving.abort();
  await settled();
  assert.deepEqual([answer, next.state], [CANCELLED, 'waiting']);
  worker().answer(MODULE);
  await settled();
  worker().answer(['fine']);
  await settled();
  assert.deepEqual([next.value, workers.length, worker().kinds], [['fine'], 1, 'start open picture']);
});

test('one that is given up while the engine starts hides no failure of the start from the next', async (t) => {
  const { client, worker } = openClient(t, { start: () => undefined });
  const session = client.openSession();
  const giving = new AbortController();
  const answer = watch(session.classifyPicture(picture(), { topK: 1, signal: giving.signal }));
  const next = watch(session.openModel(null));
  await settled();
  giving.abort();
  await settled();
  worker().refuse('load-failed');
  await settled();
  assert.deepEqual([answer.code, next.code], ['cancelled', 'load-failed']);
  assert.equal(getEventListeners(giving.signal, 'abort').length, 0);
});

test('one that is given up while its head is opened again ends that worker', async (t) => {
  let opened = 0;
  const { session, worker, workers } = await openSession(t, { open: () => (opened++ ? undefined : { value: MODEL }) });
  for (const count of [2, 3]) {
    const giving = new AbortController();
    const answer = watch(session.classifyPicture(picture(), { topK: 1, signal: giving.signal }));
    await settled();
    assert.equal(worker().kinds, count === 2 ? 'start open picture' : 'start open');
    giving.abort();
    await settled();
    assert.deepEqual([answer.code, workers.length], ['cancelled', count]);
  }
});

test('a fit that is given up frees the worker; its epochs were told until then', async (t) => {
  const { session, worker, workers } = await openSession(t);
  const giving = new AbortController();
  /** @type {unknown[]} */
  const epochs = [];
  const taught = watch(session.teach(/** @type {any} */ ({}), ({ epoch }) => epochs.push(epoch), { signal: giving.signal }));
  await settled();
  for (const epoch of [1, 2]) worker().say({ epoch: /** @type {any} */ ({ epoch }) });
  giving.abort();
  workers[0]?.say({ epoch: /** @type {any} */ ({ epoch: 3 }) });
  await settled();
  assert.deepEqual([epochs, taught.code, workers.length], [[1, 2], 'cancelled', 2]);
});

test('pixels that wait are released when they are given up', async (t) => {
  const { session } = await openSession(t);
  const giving = new AbortController();
  const { bitmap, frame: given } = frame();
  session.classifyPicture(picture(), { topK: 1 });
  const answer = watch(session.classifyPixels(given, { topK: 1, signal: giving.signal }));
  await settled();
  giving.abort();
  await settled();
  assert.deepEqual([answer.code, bitmap.gone], ['cancelled', 'closed']);
});

test('pixels that are given up while the engine starts are released', async (t) => {
  const { client, worker } = openClient(t, { start: () => undefined });
  const giving = new AbortController();
  const { bitmap, frame: given } = frame();
  const answer = watch(client.openSession().classifyPixels(given, { topK: 1, signal: giving.signal }));
  await settled();
  giving.abort();
  await settled();
  assert.deepEqual([answer.code, bitmap.gone, worker().kinds], ['cancelled', 'closed', 'start']);
});

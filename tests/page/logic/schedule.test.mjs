// The one worker of a page: started with the first session, ended with the last, and shared in turns.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settled, watch } from './clock.mjs';
import { MODEL, MODULE, frame, openClient, openSession, picture } from './worker.mjs';

test('the first session starts the worker, before anything is asked', async (t) => {
  const { client, workers, worker } = openClient(t);
  assert.equal(workers.length, 0);
  client.openSession();
  await settled();
  assert.deepEqual(worker().asked, [{ kind: 'start', module: null, studio: null, relaxedSimd: true, model: null }]);
});

test('all sessions share one worker, each with a head of its own', async (t) => {
  const { client, workers, worker } = openClient(t);
  const models = [client.openSession(), client.openSession(), client.openSession()].map((session) => session.openModel(null));
  assert.deepEqual(await Promise.all(models), [MODEL, MODEL, MODEL]);
  assert.equal(workers.length, 1);
  assert.deepEqual(worker().asked.slice(1).map(({ kind, head }) => `${kind} ${head}`), ['open 1', 'open 2', 'open 3']);
});

test('one request is in flight at a time', async (t) => {
  const { session, worker } = await openSession(t);
  const answers = [1, 2, 3].map((topK) => watch(session.classifyPicture(picture(), { topK })));
  await settled();
  assert.equal(worker().kinds, 'start open picture');
  worker().answer(['first']);
  await settled();
  assert.deepEqual(answers.map(({ state }) => state), ['answered', 'waiting', 'waiting']);
  assert.equal(worker().kinds, 'start open picture picture');
});

test('pictures of a session are answered in the order in which they came', async (t) => {
  const { session, worker } = await openSession(t, { picture: ({ topK }) => ({ value: [topK] }) });
  const answers = await Promise.all([3, 1, 2].map((topK) => session.classifyPicture(picture(), { topK })));
  assert.deepEqual(answers, [[3], [1], [2]]);
  assert.deepEqual(worker().asked.slice(2).map(({ topK }) => topK), [3, 1, 2]);
});

test('sessions take turns, however much one of them asks', async (t) => {
  const { client, worker } = openClient(t, { picture: () => ({ value: [] }) });
  const [greedy, modest] = [client.openSession(), client.openSession()];
  await Promise.all([greedy.openModel(null), modest.openModel(null)]);
  const asked = [greedy, greedy, greedy, greedy, modest, modest].map((session) => session.classifyPicture(picture(), { topK: 1 }));
  await Promise.all(asked);
  assert.deepEqual(worker().asked.slice(3).map(({ heads }) => heads[0]), [1, 2, 1, 2, 1, 1]);
});

test('a camera does not starve the pictures of another element, nor they it', async (t) => {
  const { client, worker } = openClient(t);
  const [live, still] = [client.openSession(), client.openSession()];
  await Promise.all([live.openModel(null), still.openModel(null)]);
  for (let count = 0; count < 3; count++) still.classifyPicture(picture(), { topK: 1 });
  for (let count = 0; count < 6; count++) {
    live.classifyFrame(frame().frame, { topK: 1 });
    await settled();
    worker().answer([]);
    await settled();
  }
  assert.equal(worker().kinds, 'start open open picture frame picture frame picture frame frame');
});

test('within a session a picture goes before a frame', async (t) => {
  const { session, worker } = await openSession(t);
  session.classifyPicture(picture(), { topK: 1 });
  session.classifyFrame(frame().frame, { topK: 1 });
  session.classifyPicture(picture(), { topK: 1 });
  for (let count = 0; count < 3; count++) {
    await settled();
    worker().answer([]);
  }
  await settled();
  assert.equal(worker().kinds, 'start open picture picture frame');
});

test('a refusal is that of its own request; the next one is answered', async (t) => {
  const { session, worker, workers } = await openSession(t);
  const [bad, good] = [1, 2].map((topK) => watch(session.classifyPicture(picture(), { topK })));
  await settled();
  worker().refuse('corrupt-picture', { message: 'it is cut off. Choose another one' });
  await settled();
  worker().answer(['fine']);
  await settled();
  assert.deepEqual(bad, { state: 'refused', code: 'corrupt-picture', message: 'it is cut off. Choose another one' });
  assert.deepEqual(good, { state: 'answered', value: ['fine'] });
  assert.equal(workers.length, 1, 'a refusal costs no worker');
});

test('a refusal is a MobilenetError', async (t) => {
  const { session } = await openSession(t, { picture: () => ({ trouble: { code: 'empty-file', message: 'it is empty', crashed: false } }) });
  await assert.rejects(session.classifyPicture(picture(), { topK: 1 }), { name: 'MobilenetError', code: 'empty-file', message: 'it is empty' });
});

test('progress of the engine is told to every session', async (t) => {
  const { client, worker } = openClient(t, { start: () => undefined });
  /** @type {unknown[]} */
  const heard = [];
  for (const name of ['a', 'b']) client.openSession({ onProgress: ({ loaded, total }) => heard.push([name, loaded, total]) });
  worker().say({ progress: { loaded: 10, total: null } });
  worker().say({ progress: { loaded: 20, total: 20 } });
  assert.deepEqual(heard, [['a', 10, null], ['b', 10, null], ['a', 20, 20], ['b', 20, 20]]);
});

test('requests of the worker are told to the page', async (t) => {
  const { client, worker } = openClient(t);
  /** @type {number[]} */
  const heard = [];
  client.followRequests((moments) => void heard.push(...moments));
  client.openSession();
  worker().say({ requests: [1, 2] });
  assert.deepEqual(heard, [1, 2]);
});

test('closing one of two sessions closes its head, and leaves the worker', async (t) => {
  const { client, worker } = openClient(t);
  const [one, other] = [client.openSession(), client.openSession()];
  await Promise.all([one.openModel(null), other.openModel(null)]);
  one.close();
  await settled();
  assert.deepEqual(worker().asked.at(-1), { kind: 'close', head: 1 });
  assert.equal(worker().terminated, false);
});

test('a session that never opened a model has no head to close', async (t) => {
  const { client, worker } = openClient(t);
  const [one] = [client.openSession(), client.openSession()];
  one.close();
  await settled();
  assert.equal(worker().kinds, 'start');
});

test('a head is closed before anything else is done', async (t) => {
  const { client, worker } = openClient(t);
  const [one, other] = [client.openSession(), client.openSession()];
  await Promise.all([one.openModel(null), other.openModel(null)]);
  for (let count = 0; count < 2; count++) other.classifyPicture(picture(), { topK: 1 });
  one.close();
  await settled();
  worker().answer([]);
  await settled();
  assert.equal(worker().kinds, 'start open open picture close picture');
});

test('a fresh worker is asked to close no head that it never had', async (t) => {
  const { client, worker, workers } = openClient(t);
  const [one, other] = [client.openSession(), client.openSession()];
  await Promise.all([one.openModel(null), other.openModel(null)]);
  const giving = new AbortController();
  other.classifyPicture(picture(), { topK: 1, signal: giving.signal }).catch(() => {});
  await settled();
  one.close();
  giving.abort();
  await settled();
  assert.deepEqual([workers.length, worker().kinds], [2, 'start']);
});

test('a session that closes while its model is being opened leaves no head behind', async (t) => {
  const { client, worker } = openClient(t, { open: () => undefined });
  const [one] = [client.openSession(), client.openSession()];
  one.openModel(null);
  await settled();
  one.close();
  worker().answer(MODEL);
  await settled();
  assert.equal(worker().kinds, 'start open close');
});

test('the last session that closes ends the worker, closing twice ends nothing more', async (t) => {
  const { client, workers, worker } = openClient(t);
  const [one, other] = [client.openSession(), client.openSession()];
  await settled();
  one.close();
  one.close();
  assert.equal(worker().terminated, false);
  other.close();
  other.close();
  assert.equal(worker().terminated, true);
  assert.equal(workers.length, 1);
});

test('a session that is opened later starts a worker anew, with the module that is compiled already', async (t) => {
  const { client, workers, worker } = openClient(t);
  const first = client.openSession();
  await first.openModel(null);
  first.close();
  assert.deepEqual(await client.openSession().openModel(null), MODEL);
  assert.equal(workers.length, 2);
  assert.equal(worker().asked[0].module, MODULE);
});

test('what waits in a session that closes is cancelled, and so is what is in flight where it was the last', async (t) => {
  const { session } = await openSession(t);
  const answers = [1, 2].map((topK) => watch(session.classifyPicture(picture(), { topK })));
  await settled();
  session.close();
  await settled();
  for (const answer of answers) assert.deepEqual(answer, { state: 'refused', code: 'cancelled', message: 'stopped before it was classified' });
});

test('what a closed session is asked is cancelled, and never gets to the worker', async (t) => {
  const { client, worker } = openClient(t);
  const [closed] = [client.openSession(), client.openSession()];
  closed.close();
  const asked = [closed.openModel(null), closed.classifyPicture(picture(), { topK: 1 }), closed.classifyFrame(frame().frame, { topK: 1 }), closed.file()].map(watch);
  await settled();
  assert.deepEqual(asked.map(({ code }) => code), Array(4).fill('cancelled'));
  assert.equal(worker().kinds, 'start');
});

test('without relaxed SIMD workers are started so, from then on', async (t) => {
  const { client, worker } = openClient(t);
  client.allowRelaxedSimd(false);
  client.openSession();
  await settled();
  assert.equal(worker().asked[0].relaxedSimd, false);
});

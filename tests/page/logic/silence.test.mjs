// A worker that says nothing for half a minute is taken for dead, by a clock that stands still while the device sleeps.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Patience } from '../../../pkg/engine/shared/patience.js';
import { settled, takeClock, watch } from './clock.mjs';
import { MODEL, frame, openClient, openSession, picture } from './worker.mjs';

/** @type {[string, (session: import('../../../pkg/engine/page/session.js').Session) => Promise<unknown>][]} */
const PROMPT = [
  ['picture', (session) => session.classifyPicture(picture(), { topK: 1 })],
  ['frame', (session) => session.classifyFrame(frame().frame, { topK: 1 })],
  ['embedding', (session) => session.embed(picture())],
  ['sample', (session) => session.sample(frame().frame)],
];

for (const [what, ask] of PROMPT) {
  test(`${what}: half a minute of silence is refused, not tried again, and a fresh worker is there for the next`, async (t) => {
    const { session, wind, worker, workers } = await openSession(t);
    const answer = watch(ask(session));
    await settled();
    await wind(29_000);
    assert.equal(answer.state, 'waiting');
    await wind(1000);
    assert.equal(answer.code, 'engine-crashed');
    assert.match(String(answer.message), /no answer for half a minute and was started again/);
    assert.deepEqual(workers.map(({ terminated }) => terminated), [true, false]);
    assert.equal(worker().kinds, 'start');
    const next = watch(session.classifyPicture(picture(), { topK: 1 }));
    await settled();
    worker().answer(['fine']);
    await settled();
    assert.deepEqual(next.value, ['fine']);
  });
}

for (const [what, ask] of /** @type {typeof PROMPT} */ ([
  ['model file', (session) => session.openModel(picture('a large ONNX file'))],
  ['fit', (session) => session.teach(/** @type {any} */ ({}), () => {})],
  ['export', (session) => session.export(/** @type {any} */ ({ stem: 'a', format: 'onnx', precision: 'float' }))],
])) {
  test(`${what}: it may take any time`, async (t) => {
    let opened = 0;
    const { session, wind, worker, workers } = await openSession(t, { open: () => (opened++ ? undefined : { value: MODEL }) });
    const answer = watch(ask(session));
    await settled();
    await wind(3_600_000);
    assert.equal(answer.state, 'waiting');
    worker().answer('done');
    await settled();
    assert.deepEqual([answer.value, workers.length], ['done', 1]);
  });
}

test('an engine that arrives slowly is waited for as long as something of it arrives', async (t) => {
  const { client, wind, worker, workers } = openClient(t, { start: () => undefined });
  const opened = watch(client.openSession().openModel(null));
  for (let loaded = 1; loaded <= 10; loaded++) {
    await wind(29_000);
    worker().say({ progress: { loaded, total: 10 } });
  }
  assert.deepEqual([opened.state, workers.length], ['waiting', 1]);
  await wind(30_000);
  assert.equal(opened.code, 'load-failed');
  assert.match(String(opened.message), /^Nothing more of the classifier arrives/);
  assert.equal(worker().terminated, true);
});

test('a model of the page that arrives slowly is waited for as well', async (t) => {
  const { client, wind, worker, workers } = openClient(t, { start: () => undefined });
  const opened = watch(client.openSession().openModel(null));
  for (let chunk = 1; chunk <= 10; chunk++) {
    await wind(29_000);
    worker().say({ alive: true });
  }
  worker().answer(null);
  await settled();
  assert.deepEqual([opened.state, workers.length], ['answered', 1]);
});

test('after an engine that stopped arriving the next request begins anew', async (t) => {
  let silent = true;
  const { client, wind, workers } = openClient(t, { start: () => (silent ? undefined : { value: null }) });
  const session = client.openSession();
  await wind(30_000);
  silent = false;
  assert.deepEqual(await session.openModel(null), MODEL);
  assert.equal(workers.length, 2);
});

test('a worker with nothing to do may be silent', async (t) => {
  const { session, wind, worker, workers } = await openSession(t);
  await wind(3_600_000);
  const answer = watch(session.classifyPicture(picture(), { topK: 1 }));
  await settled();
  worker().answer(['fine']);
  await settled();
  assert.deepEqual([answer.value, workers.length], [['fine'], 1]);
});

test('a worker that falls silent over the second try of a picture is replaced as well', async (t) => {
  const { session, wind, worker, workers } = await openSession(t);
  const [first, second] = [1, 2].map((topK) => watch(session.classifyPicture(picture(), { topK })));
  await settled();
  worker().crash();
  await settled();
  await wind(30_000);
  assert.equal(first?.code, 'engine-crashed');
  assert.deepEqual(workers.map(({ terminated }) => terminated), [true, true, false]);
  worker().answer(['fine']);
  await settled();
  assert.deepEqual(second?.value, ['fine']);
});

test('patience counts ticks, and begins anew with every word', async (t) => {
  const { wind } = takeClock(t);
  const patience = new Patience();
  let silences = 0;
  patience.begin(() => silences++);
  await wind(29_000);
  patience.renew();
  await wind(29_000);
  assert.equal(silences, 0);
  await wind(1000);
  assert.equal(silences, 1);
  await wind(60_000);
  assert.equal(silences, 1, 'it runs out once');
});

test('patience that was ended never runs out; begun again it has one that waits, not two', async (t) => {
  const { wind } = takeClock(t);
  const patience = new Patience();
  /** @type {string[]} */
  const silences = [];
  patience.begin(() => silences.push('first'));
  patience.end();
  await wind(60_000);
  patience.begin(() => silences.push('second'));
  patience.begin(() => silences.push('third'));
  await wind(60_000);
  assert.deepEqual(silences, ['third']);
});

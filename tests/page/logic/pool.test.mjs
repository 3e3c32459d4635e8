// More workers for many pictures: how many, when, and that nobody can tell by the answers.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setWorker } from '../../../pkg/engine/page/spawn.js';
import { settled, watch } from './clock.mjs';
import { MODEL, MODULE, frame, haveMachine, openClient, openSession, picture } from './worker.mjs';

/** @typedef {import('./worker.mjs').FakeWorker} FakeWorker */

const CANCELLED = { state: 'refused', code: 'cancelled', message: 'stopped before it was classified' };

/**
 * A session on a machine that has several cores until the test ends.
 *
 * @param {import('node:test').TestContext} t
 * @param {{ cores?: number, memory?: number, script?: import('./worker.mjs').Script }} [options]
 */
async function openPooled(t, { cores = 2, memory, script } = {}) {
  haveMachine({ cores, memory });
  t.after(() => haveMachine({ cores: 1 }));
  const opened = await openSession(t, script);
  /** @type {AbortController[]} */
  const giving = [];
  let asked = 0;
  /** Asks about more pictures, each of which is known by its number. */
  const ask = async (/** @type {number} */ count, session = opened.session) => {
    const answers = Array.from({ length: count }, () => {
      const abort = new AbortController();
      giving.push(abort);
      return watch(session.classifyPicture(picture(), { topK: ++asked, signal: abort.signal }));
    });
    await settled();
    return answers;
  };
  return { ...opened, giving, ask };
}

/**
 * @param {FakeWorker | undefined} worker
 * @returns {number} which picture it is at
 */
function at(worker) {
  return worker?.asked.findLast(({ kind }) => kind === 'picture')?.topK;
}

/** @param {FakeWorker | undefined} worker answers with the number of its picture */
async function answer(worker) {
  worker?.answer([at(worker)]);
  await settled();
}

/** @param {FakeWorker[]} workers have all that they are asked answered */
async function finish(workers) {
  for (let count = 0; count < 9; count++) for (const worker of workers) if (!worker.terminated) await answer(worker);
}

/** @param {FakeWorker[]} workers */
function alive(workers) {
  return workers.filter(({ terminated }) => !terminated).length;
}

/** @param {{ state: string, value?: any, code?: string }[]} answers */
function states(answers) {
  return answers.map(({ state, value, code }) => (state === 'answered' ? value[0] : (code ?? state)));
}

test('a few pictures are left to one worker', async (t) => {
  const { ask, workers } = await openPooled(t);
  await ask(4);
  assert.deepEqual(workers.map(({ kinds }) => kinds), ['start open picture']);
});

test('one more, and a second worker starts with the compiled module and the model', async (t) => {
  const { session, ask, workers } = await openPooled(t);
  const model = picture('a model');
  await session.openModel(model);
  await ask(5);
  const [start, open, first] = workers[1]?.asked ?? [];
  assert.deepEqual(start, { kind: 'start', module: MODULE, studio: null, relaxedSimd: true, model: null });
  assert.deepEqual([open.kind, open.model === model, first.topK], ['open', true, 2]);
  assert.equal(workers[1]?.kinds, 'start open picture');
});

for (const [cores, memory, live, most] of /** @type {[number, number | undefined, boolean, number][]} */ ([
  [1, undefined, false, 1],
  [2, undefined, false, 2],
  [3, undefined, false, 3],
  [4, 8, false, 4],
  [16, undefined, false, 4],
  [16, 4, false, 2],
  [16, 2, false, 1],
  [16, 0.5, false, 1],
  [1, undefined, true, 1],
  [2, undefined, true, 1],
  [4, undefined, true, 3],
  [16, undefined, true, 3],
])) {
  test(`${cores} cores and ${memory} GB${live ? ' with a camera' : ''}: ${most} workers`, async (t) => {
    const { client, session, ask, workers } = await openPooled(t, { cores, memory });
    const film = client.openSession();
    if (live) film.classifyFrame(frame().frame, { topK: 1 }).catch(() => {});
    assert.equal(session.ahead, most > 1 ? 8 : 1);
    await ask(30);
    assert.equal(workers.length, most);
    assert.equal(workers.filter(({ kinds }) => /picture|frame/.test(kinds)).length, most);
  });
}

test('eight pictures at a time are enough for four workers', async (t) => {
  const { session, ask, workers } = await openPooled(t, { cores: 8 });
  await ask(session.ahead);
  assert.equal(workers.length, 4);
});

test('with a camera one worker takes no further picture, and takes some again when it has stopped', async (t) => {
  const { client, ask, workers, wind } = await openPooled(t);
  await ask(20);
  const film = client.openSession();
  film.classifyFrame(frame().frame, { topK: 1 }).catch(() => {});
  await answer(workers[1]);
  assert.deepEqual([workers[1]?.kinds, alive(workers)], ['start open picture', 2]);
  await wind(2000);
  await ask(1);
  assert.equal(workers[1]?.kinds, 'start open picture picture');
});

test('frames are all for the first worker, and go before its pictures while others do those', async (t) => {
  const { session, ask, workers } = await openPooled(t, { cores: 4 });
  await ask(20);
  const live = watch(session.classifyFrame(frame().frame, { topK: 1 }));
  await answer(workers[0]);
  assert.deepEqual(workers.map(({ kinds }) => kinds.includes('frame')), [true, false, false, false]);
  workers[0]?.answer(['seen']);
  await settled();
  assert.deepEqual(live.value, ['seen']);
});

test('answers come in the order of the pictures, whichever worker is faster', async (t) => {
  const { ask, workers } = await openPooled(t);
  const answers = await ask(6);
  assert.deepEqual([at(workers[0]), at(workers[1])], [1, 2]);
  await answer(workers[1]);
  await answer(workers[1]);
  assert.deepEqual(states(answers), Array(6).fill('waiting'));
  await answer(workers[0]);
  assert.deepEqual(states(answers), [1, 2, 3, 'waiting', 'waiting', 'waiting']);
});

test('embeddings, and pictures as pixels, are shared out too', async (t) => {
  const { session, workers } = await openPooled(t);
  for (let count = 0; count < 3; count++) session.embed(picture()).catch(() => {});
  for (let count = 0; count < 3; count++) session.classifyPixels(frame().frame, { topK: 1 }).catch(() => {});
  await settled();
  workers[1]?.answer(Float32Array.of(1));
  await settled();
  assert.equal(workers[1]?.kinds, 'start embed embed');
  for (const worker of [0, 1, 1]) {
    workers[worker]?.answer([]);
    await settled();
  }
  assert.deepEqual(workers.map(({ kinds }) => kinds), ['start open embed frame', 'start embed embed open frame frame']);
});

test('a fit occupies the first worker only', async (t) => {
  const { session, ask, workers } = await openPooled(t);
  session.teach(/** @type {any} */ ({}), () => {}).catch(() => {});
  const answers = await ask(5);
  await answer(workers[1]);
  assert.deepEqual([workers[0]?.kinds, states(answers)[0]], ['start open teach', 1]);
});

test('a model is opened between the pictures before it and those behind it, by every worker', async (t) => {
  const { session, ask, workers } = await openPooled(t);
  const before = await ask(5);
  const model = picture('another model');
  session.openModel(model);
  const after = await ask(5);
  for (let count = 0; count < 4; count++) await answer(workers[0]);
  assert.deepEqual([workers[0]?.kinds, at(workers[1])], ['start open picture picture picture picture', 2], 'one is still at work');
  await answer(workers[1]);
  assert.deepEqual(states(before), [1, 2, 3, 4, 5]);
  assert.deepEqual(workers.map((worker) => worker.asked.findLast(({ kind }) => kind === 'open').model), [model, model]);
  assert.deepEqual([at(workers[0]), at(workers[1])].sort(), [6, 7]);
  assert.deepEqual(states(after), Array(5).fill('waiting'));
});

test('while a model is being opened, no other worker begins what comes behind it', async (t) => {
  let opened = 0;
  const { session, ask, workers } = await openPooled(t, { script: { open: (_, worker) => (worker.asked.length > 3 && opened++ === 0 ? undefined : { value: MODEL }) } });
  await ask(5);
  for (let count = 0; count < 4; count++) await answer(workers[0]);
  await answer(workers[1]);
  session.openModel(picture('another model'));
  await ask(5);
  assert.deepEqual([workers[0]?.asked.at(-1).kind, at(workers[1])], ['open', 2]);
  workers[0]?.answer(MODEL);
  await settled();
  assert.deepEqual([at(workers[0]), at(workers[1])].sort(), [6, 7]);
});

test('an ONNX file in float stays with the first worker; one that was converted is a model like any other', async (t) => {
  let lowered = /** @type {Blob | undefined} */ (undefined);
  const { session, ask, workers } = await openPooled(t, { script: { open: ({ model }) => ({ value: { ...MODEL, ...(model && { onnx: {}, lowered }) } }) } });
  await session.openModel(picture('onnx'));
  assert.equal(session.ahead, 1);
  const answers = await ask(9);
  assert.equal(workers.length, 1);
  for (const _ of answers) await answer(workers[0]);
  lowered = picture('converted');
  await session.openModel(picture('onnx'));
  await ask(9);
  assert.deepEqual([workers.length, workers[1]?.asked[1].model], [2, lowered]);
});

test('the head of a session that closes is closed by every worker that has it', async (t) => {
  const { client, session, ask, workers } = await openPooled(t);
  client.openSession();
  await ask(5);
  session.close();
  for (const worker of workers) await answer(worker);
  assert.deepEqual(workers.map((worker) => worker.asked.at(-1)), [{ kind: 'close', head: 1 }, { kind: 'close', head: 1 }]);
});

test('after ten seconds without work the others end, and the first one stays', async (t) => {
  const { ask, workers, wind } = await openPooled(t);
  await ask(5);
  await finish(workers);
  await wind(9000);
  assert.equal(alive(workers), 2);
  await wind(1000);
  assert.deepEqual(workers.map(({ terminated }) => terminated), [false, true]);
  await ask(5);
  assert.deepEqual([workers.length, alive(workers)], [3, 2]);
});

test('a worker that is long at one picture is not idle', async (t) => {
  const { ask, workers, wind } = await openPooled(t);
  const answers = await ask(9);
  await wind(20_000);
  await answer(workers[1]);
  await answer(workers[0]);
  assert.deepEqual([alive(workers), states(answers).slice(0, 2)], [2, [1, 2]]);
});

test('the last session that closes ends them all, also one that starts', async (t) => {
  const { session, ask, workers } = await openPooled(t, { cores: 3, script: { start: ({ module }) => (module ? undefined : { value: MODULE }) } });
  const answers = await ask(9);
  assert.equal(workers.length, 3);
  session.close();
  await settled();
  assert.deepEqual([alive(workers), states(answers)], [0, Array(9).fill('cancelled')]);
});

test('a stop cancels every picture, ends the workers that were at one, and is over at once', async (t) => {
  const { giving, ask, workers } = await openPooled(t);
  const answers = await ask(9);
  await answer(workers[1]);
  for (const each of giving) each.abort();
  await settled();
  assert.deepEqual(answers, Array(9).fill(CANCELLED));
  assert.deepEqual(workers.map(({ terminated, kinds }) => [terminated, kinds]), [[true, 'start open picture'], [true, 'start open picture picture'], [false, 'start']]);
  const next = await ask(1);
  await answer(workers[2]);
  assert.deepEqual(states(next), [10]);
});

test('one that is cancelled costs only its own worker, and holds back no other answer', async (t) => {
  const { giving, ask, workers } = await openPooled(t);
  const answers = await ask(9);
  await answer(workers[1]);
  giving[0]?.abort();
  await settled();
  assert.deepEqual(states(answers).slice(0, 3), ['cancelled', 2, 'waiting']);
  assert.deepEqual(workers.slice(0, 2).map(({ terminated }) => terminated), [true, false]);
});

test('a picture whose worker crashes is tried once more, and the other worker goes on', async (t) => {
  const { ask, workers } = await openPooled(t);
  const answers = await ask(6);
  workers[1]?.crash();
  await answer(workers[0]);
  assert.deepEqual([workers.length, at(workers[2]), workers[0]?.terminated], [3, 2, false]);
  await answer(workers[2]);
  assert.deepEqual(states(answers).slice(0, 3), [1, 2, 'waiting']);
});

test('a picture that crashes two workers is refused in its turn, and all others are answered', async (t) => {
  const { ask, workers } = await openPooled(t);
  const answers = await ask(9);
  workers[1]?.crash();
  await settled();
  workers[2]?.crash();
  await settled();
  assert.equal(states(answers)[1], 'waiting');
  await finish(workers);
  assert.deepEqual(states(answers), [1, 'engine-crashed', 3, 4, 5, 6, 7, 8, 9]);
});

test('a worker that falls silent loses its picture, and nothing else', async (t) => {
  const { ask, workers, wind } = await openPooled(t);
  const answers = await ask(6);
  await wind(29_000);
  await answer(workers[0]);
  await wind(1000);
  await finish(workers);
  assert.deepEqual(states(answers), [1, 'engine-crashed', 3, 4, 5, 6]);
});

test('what runs out of memory beside others is tried by the first worker alone, and from then on there is one', async (t) => {
  const { session, ask, workers } = await openPooled(t);
  const answers = await ask(9);
  workers[1]?.refuse('out-of-memory', { crashed: true });
  await settled();
  assert.deepEqual([workers[1]?.terminated, workers.length], [true, 2]);
  await answer(workers[0]);
  assert.equal(at(workers[0]), 2);
  for (let count = 0; count < 8; count++) await answer(workers[0]);
  assert.deepEqual(states(answers), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual([session.ahead, workers.length], [1, 2]);
});

test('the first worker too waits until it is alone before it tries again', async (t) => {
  const { ask, workers } = await openPooled(t);
  const answers = await ask(6);
  workers[0]?.refuse('out-of-memory', { crashed: true });
  await settled();
  assert.deepEqual([workers.length, workers[2]?.kinds], [3, 'start']);
  await answer(workers[1]);
  assert.deepEqual([workers[1]?.terminated, at(workers[2])], [true, 1]);
  for (let count = 0; count < 5; count++) await answer(workers[2]);
  assert.deepEqual(states(answers), [1, 2, 3, 4, 5, 6]);
});

test('alone, what runs out of memory is tried once more, as ever', async (t) => {
  const { ask, worker } = await openPooled(t);
  const [given] = await ask(1);
  for (let count = 0; count < 2; count++) {
    worker().refuse('out-of-memory', { crashed: true });
    await settled();
  }
  assert.equal(given?.code, 'out-of-memory');
});

test('a second worker that does not start costs nothing but its help', async (t) => {
  const { session, ask, workers } = await openPooled(t, { script: { start: ({ module }) => (module ? { trouble: { code: 'load-failed', message: 'no network', crashed: false } } : { value: MODULE }) } });
  const answers = await ask(9);
  for (let count = 0; count < 9; count++) await answer(workers[0]);
  assert.deepEqual([states(answers), session.ahead], [[1, 2, 3, 4, 5, 6, 7, 8, 9], 1]);
  assert.deepEqual(workers.map(({ terminated }) => terminated), [false, true]);
});

test('a page whose function gives the same worker again has one worker, which is left to its work', async (t) => {
  const { session, ask, workers } = await openPooled(t);
  const [worker] = workers;
  setWorker(() => /** @type {any} */ (worker));
  const answers = await ask(9);
  for (let count = 0; count < 9; count++) await answer(worker);
  assert.deepEqual([states(answers), session.ahead], [[1, 2, 3, 4, 5, 6, 7, 8, 9], 1]);
});

test('what another worker tells reaches the page as well: its requests, and that it distrusts relaxed SIMD', async (t) => {
  const { client, ask, workers } = await openPooled(t, { cores: 3 });
  /** @type {number[]} */
  const heard = [];
  client.followRequests((moments) => void heard.push(...moments));
  await ask(5);
  workers[1]?.say({ requests: [7] });
  workers[1]?.say({ distrusted: true });
  workers[1]?.crash();
  await settled();
  assert.deepEqual([heard, workers[2]?.asked[0].relaxedSimd], [[7], false]);
});

test('before the engine is there, one worker fetches it', async (t) => {
  haveMachine({ cores: 4 });
  t.after(() => haveMachine({ cores: 1 }));
  const { client, workers, worker } = openClient(t, { start: () => undefined });
  const session = client.openSession();
  for (let count = 0; count < 9; count++) session.classifyPicture(picture(), { topK: 1 }).catch(() => {});
  await settled();
  assert.deepEqual([workers.length, worker().kinds], [1, 'start']);
});

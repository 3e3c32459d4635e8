// Pictures that were brought together: one after the other, in order, and none costs another its answer.

import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { Batch } from '../../../pkg/element/batch.js';
import { Failure, cancelled } from '../../../pkg/engine/shared/failure.js';
import { settled } from './clock.mjs';

/**
 * A batch that keeps a diary; each picture is classified when the test says so.
 *
 * @param {number} [ahead] how many are best begun at once
 */
function openBatch(ahead = 1) {
  /** @type {string[]} */
  const diary = [];
  /** @type {Map<string, { answer: () => void, refuse: (error: unknown) => void }>} */
  const work = new Map();
  const batch = new Batch({
    classify: ({ name }, signal) =>
      new Promise((resolve, reject) => {
        diary.push(`begin ${name}`);
        signal.addEventListener('abort', () => reject(cancelled()));
        if (signal.aborted) reject(cancelled());
        work.set(name, { answer: () => resolve(/** @type {any} */ (name)), refuse: reject });
      }),
    ahead: () => ahead,
    onBusy: (busy) => diary.push(busy ? 'busy' : 'idle'),
  });
  /**
   * @param {string} name
   * @param {{ signal?: AbortSignal, onAnswer?: () => void }} [options]
   */
  const arrival = (name, { signal, onAnswer = () => {} } = {}) => ({
    name,
    signal,
    source: /** @type {const} */ ('file'),
    read: async () => new Blob(),
    onAnswer: () => (diary.push(`answer ${name}`), onAnswer()),
    onFailure: (/** @type {Failure} */ { code }) => void diary.push(`${code} ${name}`),
  });
  /** @param {...string} names */
  const answer = async (...names) => {
    for (const name of names) {
      work.get(name)?.answer();
      await settled();
    }
  };
  const add = (/** @type {string[]} */ ...names) => batch.add(names.map((name) => arrival(name)));
  return { batch, diary, work, arrival, add, answer };
}

test('pictures are classified one after the other, in the order in which they came', async () => {
  const { add, answer, diary } = openBatch();
  add('a', 'b', 'c');
  await answer('a', 'b', 'c');
  assert.deepEqual(diary, ['busy', 'begin a', 'answer a', 'begin b', 'answer b', 'begin c', 'answer c', 'idle']);
});

test('what comes while it works waits behind what is there', async () => {
  const { add, answer, diary } = openBatch();
  add('a', 'b');
  add('c');
  await answer('a', 'b', 'c');
  assert.deepEqual(diary.filter((line) => line.startsWith('begin')), ['begin a', 'begin b', 'begin c']);
  assert.equal(diary.filter((line) => line === 'busy').length, 1);
});

test('a picture is begun when its turn has come, not before', async () => {
  const { add, answer, diary } = openBatch();
  add('a', 'b');
  assert.deepEqual(diary, ['busy', 'begin a']);
  await answer('a');
  assert.equal(diary.at(-1), 'begin b');
});

test('a bad picture is refused with its code, and the batch goes on', async () => {
  const { add, answer, diary, work } = openBatch();
  add('a', 'bad', 'c');
  await answer('a');
  work.get('bad')?.refuse(new Failure('corrupt-picture', 'it is cut off'));
  await settled();
  await answer('c');
  assert.deepEqual(diary.slice(3), ['begin bad', 'corrupt-picture bad', 'begin c', 'answer c', 'idle']);
});

for (const [what, error, code] of /** @type {[string, unknown, string][]} */ ([
  ['an error of the engine', Object.assign(new Error('x'), { name: 'MobilenetError', code: 'empty-file' }), 'empty-file'],
  ['an error without a code', new TypeError('x is not a function'), 'unexpected'],
  ['what is no error at all', 'oops', 'unexpected'],
])) {
  test(`${what} is a failure with the code ${code}`, async () => {
    const { add, diary, work } = openBatch();
    add('a');
    work.get('a')?.refuse(error);
    await settled();
    assert.deepEqual(diary.slice(2), [`${code} a`, 'idle']);
  });
}

test('a listener that throws is a failure of its picture only', async () => {
  const { batch, arrival, answer, diary } = openBatch();
  const onAnswer = () => {
    throw new TypeError('the page has a fault');
  };
  batch.add([arrival('a', { onAnswer }), arrival('b')]);
  await answer('a', 'b');
  assert.deepEqual(diary.slice(2), ['answer a', 'unexpected a', 'begin b', 'answer b', 'idle']);
});

test('a stop ends the picture at work and forgets what waits; each is told that it was cancelled', async () => {
  const { add, batch, diary } = openBatch();
  add('a', 'b', 'c');
  batch.stop();
  await settled();
  assert.deepEqual(diary, ['busy', 'begin a', 'cancelled b', 'cancelled c', 'cancelled a', 'idle']);
  assert.equal(batch.busy, false);
});

test('to drop what waits leaves the picture at work its answer', async () => {
  const { add, answer, batch, diary } = openBatch();
  add('a', 'b');
  batch.drop();
  await answer('a');
  assert.deepEqual(diary, ['busy', 'begin a', 'cancelled b', 'answer a', 'idle']);
});

test('after a stop it takes pictures again', async () => {
  const { add, answer, batch, diary } = openBatch();
  add('a');
  batch.stop();
  await settled();
  add('b');
  await answer('b');
  assert.deepEqual(diary.slice(-4), ['busy', 'begin b', 'answer b', 'idle']);
});

test('a stop with nothing to do is none', () => {
  const { batch, diary } = openBatch();
  batch.stop();
  assert.deepEqual([diary, batch.busy], [[], false]);
});

test('one picture can be given up by its own signal, at work or before its turn; the others go on', async () => {
  const { batch, arrival, answer, diary } = openBatch();
  const [first, third] = [new AbortController(), new AbortController()];
  batch.add([arrival('a', { signal: first.signal }), arrival('b'), arrival('c', { signal: third.signal }), arrival('d')]);
  third.abort();
  first.abort();
  await settled();
  await answer('b', 'd');
  assert.deepEqual(diary.filter((line) => !line.startsWith('begin')), ['busy', 'cancelled c', 'cancelled a', 'answer b', 'answer d', 'idle']);
});

test('one that is given up before its turn is refused at once, also where it was given up before it came', async () => {
  const { add, batch, arrival, answer, diary } = openBatch();
  const giving = new AbortController();
  add('a');
  batch.add([arrival('b', { signal: giving.signal }), arrival('c', { signal: AbortSignal.abort() })]);
  assert.deepEqual(diary, ['busy', 'begin a', 'cancelled c']);
  giving.abort();
  assert.deepEqual(diary.at(-1), 'cancelled b');
  await answer('a');
  assert.deepEqual(diary.slice(4), ['answer a', 'idle']);
});

test('a signal that serves for many pictures is left without listeners', async () => {
  const { batch, arrival, answer } = openBatch();
  const { signal } = new AbortController();
  batch.add(['a', 'b', 'c'].map((name) => arrival(name, { signal })));
  await answer('a');
  batch.drop();
  await answer('b');
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});

test('a picture that is brought by the answer to another one is classified in the same go', async () => {
  const { batch, arrival, add, answer, diary } = openBatch();
  batch.add([arrival('a', { onAnswer: () => add('b') })]);
  await answer('a', 'b');
  assert.deepEqual(diary, ['busy', 'begin a', 'answer a', 'begin b', 'answer b', 'idle']);
});

test('it is busy from the first picture to the last', async () => {
  const { add, answer, batch } = openBatch();
  assert.equal(batch.busy, false);
  add('a', 'b');
  assert.equal(batch.busy, true);
  await answer('a');
  assert.equal(batch.busy, true);
  await answer('b');
  assert.equal(batch.busy, false);
});

const NINE = 'abcdefghi'.split('');

test('of many, a few are begun at once, and the next when one is done', async () => {
  const { add, answer, diary } = openBatch(3);
  add(...NINE);
  assert.deepEqual(diary, ['busy', 'begin a', 'begin b', 'begin c']);
  await answer('a');
  assert.deepEqual(diary.slice(4), ['answer a', 'begin d']);
});

test('few are done one after the other, however many could be begun', async () => {
  const { add, answer, diary } = openBatch(8);
  add('a', 'b', 'c', 'd');
  await answer('a', 'b', 'c', 'd');
  assert.deepEqual(diary.filter((line) => /begin|answer/.test(line)), ['a', 'b', 'c', 'd'].flatMap((name) => [`begin ${name}`, `answer ${name}`]));
});

test('they are told in the order in which they came, failures too, whichever is done first', async () => {
  const { add, answer, diary, work } = openBatch(8);
  add(...NINE);
  await answer('d', 'b');
  work.get('c')?.refuse(new Failure('corrupt-picture', 'it is cut off'));
  await settled();
  assert.equal(diary.at(-1), 'begin h');
  await answer('a', ...NINE.slice(4));
  const told = diary.filter((line) => !/begin|busy|idle/.test(line));
  assert.deepEqual(told, ['answer a', 'answer b', 'corrupt-picture c', 'answer d', ...NINE.slice(4).map((name) => `answer ${name}`)]);
  assert.deepEqual([diary.filter((line) => line === 'busy').length, diary.at(-1)], [1, 'idle']);
});

test('a stop ends all that are at work, each told once', async () => {
  const { add, answer, batch, diary } = openBatch(3);
  add(...NINE);
  await answer('b');
  batch.stop();
  await settled();
  const told = diary.filter((line) => !/begin|busy|idle/.test(line)).map((line) => line.split(' '));
  assert.deepEqual(told.map(([, name]) => name).sort(), NINE);
  assert.deepEqual([batch.busy, diary.at(-1)], [false, 'idle']);
});

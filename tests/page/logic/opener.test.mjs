// Models that are opened one after the other: the first by itself, a refused one leaves the one before, and a failure is no end.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Opener } from '../../../pkg/element/opener.js';
import { settled, watch } from './clock.mjs';

/** An opener of models that are open, or refused, when the test says so. */
function openOpener() {
  /** @type {string[]} */
  const begun = [];
  /** @type {boolean[]} */
  const changes = [];
  /** @type {{ resolve: (model: string) => void, reject: (error: unknown) => void }[]} */
  const work = [];
  const opener = new Opener({
    open: async (read) => {
      const name = String((await read()).name);
      begun.push(name);
      return new Promise((resolve, reject) => void work.push({ resolve: () => resolve(name), reject }));
    },
    first: async () => ({ blob: null, name: 'first' }),
    onChange: (open) => changes.push(open),
  });
  const next = (/** @type {string} */ name) => watch(opener.next(async () => ({ blob: null, name })));
  const finish = async (/** @type {unknown} */ error = null) => {
    await settled();
    const { resolve, reject } = /** @type {{ resolve: (model: string) => void, reject: (error: unknown) => void }} */ (work.shift());
    if (error) reject(error);
    else resolve('');
    await settled();
  };
  return { opener, begun, changes, next, finish, last: () => changes[changes.length - 1] };
}

const REFUSAL = Object.assign(new Error('damaged'), { code: 'bad-model' });

test('nothing is opened before somebody asks; then the first model is', async () => {
  const { opener, begun, changes } = openOpener();
  await settled();
  assert.deepEqual([begun, changes], [[], []]);
  watch(opener.ready);
  await settled();
  assert.deepEqual([begun, changes], [['first'], [false]]);
});

test('whoever asks while the first is being opened waits for the same', async () => {
  const { opener, begun, finish } = openOpener();
  const asked = [watch(opener.ready), watch(opener.ready)];
  await finish();
  asked.push(watch(opener.ready));
  await settled();
  assert.deepEqual([asked.map(({ state }) => state), begun], [Array(3).fill('answered'), ['first']]);
});

test('it says when a model is open, and when one is being opened', async () => {
  const { opener, changes, next, finish } = openOpener();
  watch(opener.ready);
  await finish();
  next('a');
  await finish();
  assert.deepEqual(changes, [false, true, false, true]);
});

test('a model that is asked for first waits until the first one is open', async () => {
  const { begun, next, finish } = openOpener();
  const a = next('a');
  await settled();
  assert.deepEqual(begun, ['first']);
  await finish();
  assert.deepEqual(begun, ['first', 'a']);
  await finish();
  assert.deepEqual(a, { state: 'answered', value: 'a' });
});

test('models are opened in the order in which they were asked for, and each is told of its own', async () => {
  const { begun, next, finish, changes } = openOpener();
  const opened = ['a', 'b', 'c'].map(next);
  for (let count = 0; count < 4; count++) await finish();
  assert.deepEqual(begun, ['first', 'a', 'b', 'c']);
  assert.deepEqual(opened.map(({ value }) => value), ['a', 'b', 'c']);
  assert.deepEqual(changes.filter(Boolean), [true], 'open once the last one is');
});

test('a model that is refused is told, and the one before is still open', async () => {
  const { opener, next, finish, last } = openOpener();
  watch(opener.ready);
  await finish();
  const bad = next('bad');
  await finish(REFUSAL);
  assert.deepEqual([bad.code, last()], ['bad-model', true]);
  assert.equal(await opener.ready, undefined);
});

test('the model behind one that is refused is opened', async () => {
  const { begun, next, finish, last } = openOpener();
  const [bad, good] = ['bad', 'good'].map(next);
  await finish();
  await finish(REFUSAL);
  await finish();
  assert.deepEqual([begun, bad?.code, good?.value, last()], [['first', 'bad', 'good'], 'bad-model', 'good', true]);
});

test('where the first one fails whoever asked is told, and who asks next has it tried again', async () => {
  const { opener, begun, finish, last } = openOpener();
  const failed = watch(opener.ready);
  await finish(REFUSAL);
  assert.deepEqual([failed.code, last()], ['bad-model', false]);
  const again = watch(opener.ready);
  await finish();
  assert.deepEqual([again.state, begun, last()], ['answered', ['first', 'first'], true]);
});

test('where the first one fails another one is opened all the same', async () => {
  const { opener, next, finish, last } = openOpener();
  const first = watch(opener.ready);
  const a = next('a');
  await finish(REFUSAL);
  await finish();
  assert.deepEqual([first.code, a.value, last()], ['bad-model', 'a', true]);
});

test('where the first one and another fail nothing is open', async () => {
  const { opener, begun, next, finish, last } = openOpener();
  const a = next('a');
  await finish(REFUSAL);
  await finish(REFUSAL);
  assert.deepEqual([a.code, last()], ['bad-model', false]);
  watch(opener.ready);
  await settled();
  assert.deepEqual(begun, ['first', 'a', 'first']);
});

test('a file that cannot be read is a model that is refused', async () => {
  const { opener, finish, last } = openOpener();
  watch(opener.ready);
  await finish();
  const missing = watch(opener.next(() => Promise.reject(Object.assign(new Error('gone'), { code: 'model-missing' }))));
  await settled();
  assert.deepEqual([missing.code, last()], ['model-missing', true]);
});

test('after a reset nothing is open, and the first is opened anew', async () => {
  const { opener, begun, finish, last } = openOpener();
  watch(opener.ready);
  await finish();
  opener.reset();
  assert.equal(last(), false);
  watch(opener.ready);
  await finish();
  assert.deepEqual([begun, last()], [['first', 'first'], true]);
});

test('what was being opened at a reset does not keep the next one from being open, early or late', async () => {
  const { opener, finish, last, changes } = openOpener();
  watch(opener.ready);
  await settled();
  opener.reset();
  watch(opener.ready);
  await settled();
  const before = changes.length;
  await finish();
  assert.deepEqual(changes.slice(before), [], 'the one of before the reset');
  await finish();
  assert.equal(last(), true);
});

test('a model that outlasts a reset, and the one after it, changes nothing', async () => {
  const { opener, finish, last } = openOpener();
  /** @type {(error: unknown) => void} */
  let fail = () => {};
  watch(opener.next(() => new Promise((_, reject) => (fail = reject))));
  await finish();
  opener.reset();
  watch(opener.ready);
  await finish();
  assert.equal(last(), true);
  fail(REFUSAL);
  await settled();
  assert.equal(last(), true);
});

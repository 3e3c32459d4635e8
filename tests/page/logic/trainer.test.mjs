// When a lesson is fitted: after a pause, one fit at a time, and always once more with what came in meanwhile.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trainer } from '../../../pkg/teach/trainer.js';
import { settled, takeClock } from './clock.mjs';

/**
 * A trainer that keeps a diary; a fit ends when the test says so.
 *
 * @param {import('node:test').TestContext} t
 */
function openTrainer(t) {
  const { wind } = takeClock(t);
  /** @type {string[]} */
  const diary = [];
  /** @type {{ resolve: (outcome: string) => void, reject: (error: unknown) => void }[]} */
  const fits = [];
  /** @type {Trainer<string, string>} */
  const trainer = new Trainer({
    fit: (lesson) => {
      diary.push(`fit ${lesson}`);
      return new Promise((resolve, reject) => fits.push({ resolve, reject }));
    },
    onDone: (outcome) => diary.push(`done ${outcome}`),
    onFailure: (error) => diary.push(`failed ${error}`),
  });
  const end = async (/** @type {{ outcome?: string, error?: string }} */ { outcome = '', error }) => {
    const fit = fits.shift();
    if (error) fit?.reject(error);
    else fit?.resolve(outcome);
    await settled();
  };
  return { trainer, wind, diary, end };
}

test('a change is fitted after a pause of a quarter of a second', async (t) => {
  const { trainer, wind, diary, end } = openTrainer(t);
  trainer.request('a');
  await wind(249);
  assert.deepEqual(diary, []);
  await wind(1);
  await end({ outcome: 'of a' });
  assert.deepEqual(diary, ['fit a', 'done of a']);
});

test('changes that follow one another are one fit, of the last', async (t) => {
  const { trainer, wind, diary } = openTrainer(t);
  for (const lesson of ['a', 'b', 'c']) {
    trainer.request(lesson);
    await wind(200);
  }
  assert.deepEqual(diary, []);
  await wind(50);
  assert.deepEqual(diary, ['fit c']);
});

test('where there is nothing to fit any more, nothing is', async (t) => {
  const { trainer, wind, diary } = openTrainer(t);
  trainer.request('a');
  trainer.request(null);
  await wind(10_000);
  assert.deepEqual(diary, []);
});

test('one fit runs at a time; the newest change is fitted as soon as it ends', async (t) => {
  const { trainer, wind, diary, end } = openTrainer(t);
  trainer.request('a');
  await wind(250);
  for (const lesson of ['b', 'c']) {
    trainer.request(lesson);
    await wind(1000);
  }
  assert.deepEqual(diary, ['fit a']);
  await end({ outcome: 'of a' });
  await end({ outcome: 'of c' });
  assert.deepEqual(diary, ['fit a', 'fit c', 'done of c']);
});

test('a fit that was overtaken is not told: its head is of samples that are gone', async (t) => {
  const { trainer, wind, diary, end } = openTrainer(t);
  trainer.request('a');
  await wind(250);
  trainer.request(null);
  await end({ outcome: 'of a' });
  await wind(10_000);
  assert.deepEqual(diary, ['fit a']);
});

test('a fit that fails is told, and the next change is fitted', async (t) => {
  const { trainer, wind, diary, end } = openTrainer(t);
  trainer.request('a');
  await wind(250);
  await end({ error: 'crash' });
  trainer.request('b');
  await wind(250);
  await end({ outcome: 'of b' });
  assert.deepEqual(diary, ['fit a', 'failed crash', 'fit b', 'done of b']);
});

test('what came in while a fit failed is fitted', async (t) => {
  const { trainer, wind, diary, end } = openTrainer(t);
  trainer.request('a');
  await wind(250);
  trainer.request('b');
  await wind(250);
  await end({ error: 'crash' });
  assert.deepEqual(diary, ['fit a', 'failed crash', 'fit b']);
});

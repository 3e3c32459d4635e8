// What is said aloud, and how calm the time of a frame is.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Announcer } from '../../../pkg/element/announcer.js';
import { Stopwatch } from '../../../pkg/element/stopwatch.js';
import { ENGLISH } from '../../../pkg/words/words.js';
import { Writer } from '../../../pkg/words/writer.js';
import { takeClock } from './clock.mjs';
import { elements } from './dom.mjs';

test('the first sentence is said at once, then the newest of those that came within three seconds', async (t) => {
  const { wind } = takeClock(t);
  const { region } = elements();
  const announcer = new Announcer(region);
  const said = [];
  for (const sentence of ['a sofa', 'a bed', 'a chair']) {
    announcer.say(sentence);
    said.push(region.textContent);
  }
  await wind(2999);
  said.push(region.textContent);
  await wind(1);
  assert.deepEqual([...said, region.textContent], ['a sofa', 'a sofa', 'a sofa', 'a sofa', 'a chair']);
});

test('a sentence that stands there already is not said again', async (t) => {
  const { wind } = takeClock(t);
  const { region } = elements();
  let writes = 0;
  let text = '';
  Object.defineProperty(region, 'textContent', { get: () => text, set: (given) => ((text = given), writes++) });
  const announcer = new Announcer(region);
  for (let count = 0; count < 5; count++) {
    announcer.say('a sofa');
    await wind(3000);
  }
  assert.equal(writes, 1);
});

test('what was said in another language is taken back, and what waits with it', async (t) => {
  const { wind } = takeClock(t);
  const { region } = elements();
  const announcer = new Announcer(region);
  announcer.say('a sofa');
  announcer.say('a bed');
  announcer.clear();
  await wind(10_000);
  assert.equal(region.textContent, '');
});

test('the time of a frame settles, and tells how many there are in a second', async (t) => {
  const { wind } = takeClock(t);
  const { root, time } = elements();
  const stopwatch = new Stopwatch(time, new Writer(root));
  stopwatch.showFrame(20);
  assert.equal(time.textContent, ENGLISH.say('stopwatch.frame', { millis: '20' }));
  await wind(50);
  stopwatch.showFrame(120);
  assert.equal(time.textContent, ENGLISH.say('stopwatch.frames', { millis: '30', count: 20 }));
  stopwatch.clear();
  assert.equal(time.textContent, '');
  stopwatch.showPicture(4.26);
  assert.equal(time.textContent, ENGLISH.say('stopwatch.picture', { millis: '4.3' }));
});

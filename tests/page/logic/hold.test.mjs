// The button that is held to capture: with finger, mouse and keys, and by who can only click.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hold } from '../../../pkg/teach/hold.js';
import { takeClock } from './clock.mjs';
import { FakeElement } from './dom.mjs';

/** @param {import('node:test').TestContext} t */
function openButton(t) {
  const { wind } = takeClock(t);
  const page = new EventTarget();
  Object.assign(document, { addEventListener: page.addEventListener.bind(page), removeEventListener: page.removeEventListener.bind(page) });
  const button = Object.assign(new FakeElement('button'), { setPointerCapture: () => {} });
  /** @type {string[]} */
  const diary = [];
  new Hold(/** @type {any} */ (button), { onStart: () => diary.push('start'), onStop: () => diary.push('stop') });
  const send = (/** @type {string} */ type, given = {}) => {
    const event = Object.assign(new Event(type, { cancelable: true }), given);
    button.dispatchEvent(event);
    return event;
  };
  return { wind, page, button, diary, send };
}

for (const [what, begin, end] of /** @type {[string, [string, object], [string, object]][]} */ ([
  ['a finger that is lifted', ['pointerdown', { button: 0 }], ['pointerup', {}]],
  ['a finger that the browser takes away', ['pointerdown', { button: 0 }], ['pointercancel', {}]],
  ['a key', ['keydown', { key: ' ' }], ['keyup', { key: ' ' }]],
  ['another key', ['keydown', { key: 'Enter' }], ['keyup', { key: 'Enter' }]],
  ['a key, until the focus goes elsewhere', ['keydown', { key: ' ' }], ['blur', {}]],
])) {
  test(`it is held by ${what}`, (t) => {
    const { button, diary, send } = openButton(t);
    send(...begin);
    assert.deepEqual([diary, button.hasAttribute('data-held')], [['start'], true]);
    send(...end);
    assert.deepEqual([diary, button.hasAttribute('data-held')], [['start', 'stop'], false]);
  });
}

test('a key that repeats while it is held is one hold', (t) => {
  const { diary, send } = openButton(t);
  for (let count = 0; count < 5; count++) send('keydown', { key: ' ' });
  send('keyup', { key: ' ' });
  send('blur');
  assert.deepEqual(diary, ['start', 'stop']);
});

test('keys make no click besides, and a long touch no menu', (t) => {
  const { send } = openButton(t);
  const prevented = [send('keydown', { key: ' ' }), send('keyup', { key: ' ' }), send('contextmenu')].map(({ defaultPrevented }) => defaultPrevented);
  assert.deepEqual(prevented, [true, true, true]);
});

test('another key, and another button of the mouse, hold nothing', (t) => {
  const { diary, send } = openButton(t);
  send('keydown', { key: 'a' });
  send('pointerdown', { button: 2 });
  assert.deepEqual(diary, []);
});

test('a click without a pointer, as of a screen reader, is a hold of a second', async (t) => {
  const { diary, send, wind } = openButton(t);
  send('click', { detail: 0 });
  await wind(999);
  assert.deepEqual(diary, ['start']);
  await wind(1);
  assert.deepEqual(diary, ['start', 'stop']);
});

test('the click that ends a press is no second hold', async (t) => {
  const { diary, send, wind } = openButton(t);
  send('pointerdown', { button: 0 });
  send('pointerup');
  send('click', { detail: 1 });
  await wind(2000);
  assert.deepEqual(diary, ['start', 'stop']);
});

test('a page that is hidden lets go', (t) => {
  const { page, diary, send } = openButton(t);
  send('keydown', { key: ' ' });
  page.dispatchEvent(new Event('visibilitychange'));
  assert.deepEqual(diary, ['start', 'stop']);
});

test('a button that is disabled cannot be held', (t) => {
  const { button, diary, send } = openButton(t);
  button.disabled = true;
  send('pointerdown', { button: 0 });
  send('click', { detail: 0 });
  assert.deepEqual(diary, []);
});

// The counter of requests: what left the device since the page has loaded, and nothing else.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestCounter, watchRequests } from '../../../pkg/engine/shared/requests.js';
import { takeClock } from './clock.mjs';

const PAGE = 'https://page.example';

/**
 * A browser that lists requests when the test says so.
 *
 * @param {import('node:test').TestContext} t
 * @param {string[]} [types] of entries that it knows
 */
function browse(t, types = ['mark', 'resource']) {
  /** @type {((list: { getEntries: () => unknown[] }) => void)[]} */
  const listeners = [];
  class FakeObserver {
    static supportedEntryTypes = types;
    /** @param {(list: { getEntries: () => unknown[] }) => void} listener */
    constructor(listener) {
      listeners.push(listener);
    }
    observe() {}
  }
  const { PerformanceObserver } = globalThis;
  Object.assign(globalThis, { PerformanceObserver: FakeObserver, location: new URL(PAGE) });
  t.after(() => Object.assign(globalThis, { PerformanceObserver }));
  const list = (/** @type {object[]} */ ...entries) => {
    const whole = entries.map((entry) => ({ initiatorType: 'fetch', transferSize: 300, responseStatus: 200, startTime: 5, ...entry }));
    for (const listener of listeners) listener({ getEntries: () => whole });
  };
  return { list, listeners };
}

for (const [what, entry, counted] of /** @type {[string, object, boolean][]} */ ([
  ['a file of our own host', { name: `${PAGE}/model` }, true],
  ['a file of another host', { name: 'https://other.example/a.png', transferSize: 0 }, true],
  ['a request that failed', { name: `${PAGE}/gone`, transferSize: 0, responseStatus: 0 }, true],
  ['what came out of a cache', { name: `${PAGE}/model`, transferSize: 0 }, false],
  ['a picture in memory', { name: `blob:${PAGE}/1-2-3` }, false],
  ['an address that is its own content', { name: 'data:text/plain,a' }, false],
  ['the keeping of this site', { name: `${PAGE}/sw.js`, initiatorType: 'other' }, false],
  ['a script of that name that the page asks for', { name: `${PAGE}/sw.js`, initiatorType: 'script' }, true],
  ['a script of that name elsewhere', { name: 'https://other.example/sw.js', initiatorType: 'other' }, true],
])) {
  test(`${what} is ${counted ? '' : 'not '}counted`, (t) => {
    const { list } = browse(t);
    /** @type {number[]} */
    const heard = [];
    watchRequests((moments) => heard.push(...moments));
    list(entry);
    assert.deepEqual(heard, counted ? [performance.timeOrigin + 5] : []);
  });
}

test('requests that are listed together are told together, and of none nobody is told', (t) => {
  const { list } = browse(t);
  /** @type {number[]} */
  const counts = [];
  watchRequests(({ length }) => counts.push(length));
  list({ name: `${PAGE}/a` }, { name: 'data:,' }, { name: `${PAGE}/b` });
  list({ name: 'data:,' });
  assert.deepEqual(counts, [2]);
});

test('a browser that lists no requests has none counted, and fails at nothing', (t) => {
  const { listeners } = browse(t, ['mark']);
  watchRequests(() => {});
  assert.equal(listeners.length, 0);
});

test('only what began after the page had loaded counts, whoever tells of it and however late', (t) => {
  takeClock(t);
  /** @type {number[]} */
  const counts = [];
  const counter = new RequestCounter({ onCount: (count) => counts.push(count) });
  const at = (/** @type {number} */ millis) => performance.timeOrigin + 1000 + millis;
  counter.add([at(-500)]);
  assert.deepEqual(counts, [], 'nothing is claimed before it has loaded');
  counter.start();
  counter.add([at(-1), at(1)]);
  counter.add([at(2), at(3)]);
  assert.deepEqual(counts, [0, 1, 3]);
});

test('what was told before the page had loaded, and began after, counts as well', (t) => {
  takeClock(t);
  /** @type {number[]} */
  const counts = [];
  const counter = new RequestCounter({ onCount: (count) => counts.push(count) });
  counter.add([performance.timeOrigin + 1001]);
  counter.start();
  assert.deepEqual(counts, [1]);
});

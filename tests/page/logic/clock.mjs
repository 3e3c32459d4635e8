// Time and turns of the event loop without waiting: a test winds the clock on by hand.
//
// Not the mock timers of Node 20: of an interval that ends itself they go on.

import { mock } from 'node:test';

/** Everything that follows from what has happened so far has happened. */
export async function settled() {
  for (let round = 0; round < 10; round++) await new Promise((resolve) => setImmediate(resolve));
}

/**
 * Takes over the timers and `performance.now` until the test ends.
 *
 * @param {import('node:test').TestContext} t
 */
export function takeClock(t) {
  let now = 1000;
  let lastId = 0;
  /** @type {Map<number, { due: number, every: number, ring: () => void }>} */
  const timers = new Map();
  const set = (/** @type {() => void} */ ring, /** @type {number} */ millis, /** @type {number} */ every) => {
    timers.set(++lastId, { due: now + millis, every, ring });
    return /** @type {any} */ (lastId);
  };
  const clear = (/** @type {any} */ id) => void timers.delete(id);
  const mocks = [
    mock.method(globalThis, 'setTimeout', (/** @type {() => void} */ ring, millis = 0) => set(ring, millis, 0)),
    mock.method(globalThis, 'setInterval', (/** @type {() => void} */ ring, millis = 0) => set(ring, millis, millis)),
    mock.method(globalThis, 'clearTimeout', clear),
    mock.method(globalThis, 'clearInterval', clear),
    mock.method(performance, 'now', () => now),
  ];
  t.after(() => mocks.forEach((each) => each.mock.restore()));
  return { wind: (/** @type {number} */ millis) => windTo(now + millis) };

  /** @param {number} end rings what is due until then, in order, each with all that follows from it */
  async function windTo(end) {
    for (;;) {
      const [next] = [...timers].filter(([, { due }]) => due <= end).sort(([, one], [, other]) => one.due - other.due);
      if (!next) break;
      const [id, timer] = next;
      now = timer.due;
      if (timer.every) timer.due += timer.every;
      else timers.delete(id);
      timer.ring();
      await settled();
    }
    now = end;
    await settled();
  }
}

/**
 * What has become of a promise so far; a refusal is its code, or its name where it has none.
 *
 * @param {Promise<any>} promise
 */
export function watch(promise) {
  const seen = /** @type {{ state: 'waiting' | 'answered' | 'refused', value?: any, code?: string, message?: string }} */ ({ state: 'waiting' });
  promise.then(
    (value) => void Object.assign(seen, { state: 'answered', value }),
    (error) => void Object.assign(seen, { state: 'refused', code: typeof error.code === 'string' ? error.code : error.name, message: error.message }),
  );
  return seen;
}

// A camera that ends while it runs: unplugged, blocked, or taken by another program.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settled, takeClock } from './clock.mjs';

// Out of sight of the types: its timers have the types of a browser, which those of Node replace here.
const { Camera } = await import(new URL('../../../pkg/element/camera.js', import.meta.url).href);

// In a page that nobody looks at, no frame is missed.
Object.assign(globalThis, { document: { hidden: true } });

/**
 * @param {import('node:test').TestContext} t
 * @param {string[]} ids of the cameras that are plugged in
 */
async function openCamera(t, ids) {
  const clock = takeClock(t);
  const plugged = { ids };
  /** @type {EventTarget[]} */
  const tracks = [];
  const getUserMedia = async (/** @type {any} */ { video }) => {
    const deviceId = video.deviceId?.exact ?? plugged.ids[0];
    const track = Object.assign(new EventTarget(), { stop() {}, getSettings: () => ({ deviceId }) });
    tracks.push(track);
    return { getTracks: () => [track], getVideoTracks: () => [track] };
  };
  const enumerateDevices = async () => [...plugged.ids.map((deviceId) => ({ kind: 'videoinput', deviceId })), { kind: 'audioinput', deviceId: 'microphone' }];
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { mediaDevices: { getUserMedia, enumerateDevices } } });
  t.after(() => (before ? Object.defineProperty(globalThis, 'navigator', before) : Reflect.deleteProperty(globalThis, 'navigator')));
  /** @type {[string, string | undefined][]} */
  const lost = [];
  const video = { play: async () => {}, requestVideoFrameCallback() {}, paused: false, videoWidth: 4 };
  const camera = new Camera(video, { onFrame() {}, onStill() {}, onLost: (/** @type {any} */ { code }, /** @type {string} */ unplugged) => void lost.push([code, unplugged]) });
  t.after(() => camera.stop());
  await camera.start('two');
  const end = async () => {
    tracks.at(-1)?.dispatchEvent(new Event('ended'));
    await settled();
  };
  return { ...clock, camera, plugged, lost, end };
}

test('one that was unplugged while another one is there is named', async (t) => {
  const { camera, plugged, lost, end } = await openCamera(t, ['one', 'two']);
  plugged.ids = ['one'];
  await end();
  assert.deepEqual([lost, camera.running], [[['camera-lost', 'two']], false]);
});

test('so is one that the browser still lists for a moment', async (t) => {
  const { plugged, lost, end, wind } = await openCamera(t, ['one', 'two']);
  await end();
  assert.deepEqual(lost, []);
  plugged.ids = ['one'];
  await wind(1000);
  assert.deepEqual(lost, [['camera-lost', 'two']]);
});

test('one that stays listed was blocked or taken, and is not to be replaced', async (t) => {
  const { lost, end, wind } = await openCamera(t, ['one', 'two']);
  await end();
  await wind(1000);
  assert.deepEqual(lost, [['camera-lost', undefined]]);
});

for (const [what, left] of /** @type {[string, string[]][]} */ ([['there is none left', []], ['the page may use none any more, so that none has an id', ['', '']]])) {
  test(`where ${what} it is lost at once`, async (t) => {
    const { plugged, lost, end } = await openCamera(t, ['one', 'two']);
    plugged.ids = left;
    await end();
    assert.deepEqual(lost, [['camera-lost', undefined]]);
  });
}

test('who stops or starts a camera meanwhile is told nothing of the one before', async (t) => {
  for (const act of ['stop', 'start']) {
    const { camera, lost, end, wind } = await openCamera(t, ['one', 'two']);
    await end();
    await camera[act]('one');
    await wind(5000);
    assert.deepEqual([lost, camera.running], [[], act === 'start']);
    camera.stop();
  }
});

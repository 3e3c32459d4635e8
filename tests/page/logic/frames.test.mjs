// Live frames: the newest wins, one is answered at a time, and none is left in memory.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchFrames } from '../../../pkg/engine/page/frames.js';
import { settled, watch } from './clock.mjs';
import { FakeBitmap, FakePixels, frame, openClient, openSession, picture } from './worker.mjs';

test('of the frames that wait only the newest is answered; the others are released', async (t) => {
  const { session, worker } = await openSession(t);
  const frames = [1, 2, 3, 4].map((topK) => {
    const { bitmap, frame: given } = frame();
    return { bitmap, answer: watch(session.classifyFrame(given, { topK })) };
  });
  await settled();
  worker().answer(['first']);
  await settled();
  worker().answer(['newest']);
  await settled();
  assert.deepEqual(frames.map(({ answer }) => answer.value), [['first'], null, null, ['newest']]);
  assert.deepEqual(frames.map(({ bitmap }) => bitmap.gone), ['transferred', 'closed', 'closed', 'transferred']);
  assert.deepEqual(worker().asked.slice(2).map(({ topK }) => topK), [1, 4]);
});

test('a frame that has lost its place is told at once', async (t) => {
  const { session } = await openSession(t);
  session.classifyPicture(picture(), { topK: 1 });
  const older = watch(session.classifyFrame(frame().frame, { topK: 1 }));
  session.classifyFrame(frame().frame, { topK: 1 });
  await settled();
  assert.deepEqual(older, { state: 'answered', value: null });
});

test('the newest frame of one session takes no place of another', async (t) => {
  const { client, session, worker } = await openSession(t, { picture: () => undefined });
  const other = client.openSession();
  await other.openModel(null);
  session.classifyPicture(picture(), { topK: 1 });
  const frames = [session, other].map((each) => watch(each.classifyFrame(frame().frame, { topK: 1 })));
  for (const value of [[], ['a'], ['b']]) {
    await settled();
    worker().answer(value);
  }
  await settled();
  assert.deepEqual(frames.map(({ value }) => value).sort(), [['a'], ['b']]);
});

test('pixels wait in order as pictures do, and no frame takes their place', async (t) => {
  const { session, worker } = await openSession(t);
  const answers = [
    watch(session.classifyFrame(frame().frame, { topK: 1 })),
    watch(session.classifyPixels(frame().frame, { topK: 2 })),
    watch(session.classifyFrame(frame().frame, { topK: 3 })),
    watch(session.classifyPixels(frame().frame, { topK: 4 })),
  ];
  for (const value of ['a', 'b', 'c', 'd']) {
    await settled();
    worker().answer([value]);
  }
  await settled();
  assert.deepEqual(worker().asked.slice(2).map(({ topK }) => topK), [1, 2, 4, 3]);
  assert.deepEqual(answers.map(({ value }) => value), [['a'], ['b'], ['d'], ['c']]);
});

test('a frame that waits when its session closes is released, and gets no answer', async (t) => {
  const { session } = await openSession(t);
  session.classifyPicture(picture(), { topK: 1 }).catch(() => {});
  const { bitmap, frame: given } = frame();
  const answer = watch(session.classifyFrame(given, { topK: 1 }));
  session.close();
  await settled();
  assert.deepEqual([answer, bitmap.gone], [{ state: 'answered', value: null }, 'closed']);
});

/** @type {[string, (session: import('../../../pkg/engine/page/session.js').Session, frame: ImageBitmap) => Promise<unknown>][]} */
const ASKED = [
  ['a live frame', (session, frame) => session.classifyFrame(frame, { topK: 1 })],
  ['pixels', (session, frame) => session.classifyPixels(frame, { topK: 1 })],
  ['a sample', (session, frame) => session.sample(frame)],
];

for (const [what, ask] of ASKED) {
  test(`${what}: a closed session releases what it is given`, async (t) => {
    const { session } = await openSession(t);
    session.close();
    const { bitmap, frame: given } = frame();
    const answer = watch(ask(session, given));
    await settled();
    assert.deepEqual([answer.code, bitmap.gone], ['cancelled', 'closed']);
  });

  test(`${what}: what never gets to a worker is released`, async (t) => {
    const { client } = openClient(t, { start: () => ({ trouble: { code: 'load-failed', message: 'no network', crashed: false } }) });
    const { bitmap, frame: given } = frame();
    const answer = watch(ask(client.openSession(), given));
    await settled();
    assert.deepEqual([answer.code, bitmap.gone], ['load-failed', 'closed']);
  });

  test(`${what}: what gets there is transferred, not copied`, async (t) => {
    const { session } = await openSession(t);
    const { bitmap, frame: given } = frame();
    ask(session, given);
    await settled();
    assert.equal(bitmap.gone, 'transferred');
  });
}

test('pixels in plain memory are copied and stay the caller\'s', async (t) => {
  const { session, worker } = await openSession(t);
  const pixels = /** @type {ImageData} */ (new FakePixels());
  const answer = watch(session.classifyPixels(pixels, { topK: 1 }));
  await settled();
  assert.equal(worker().asked[2].frame, pixels);
  worker().answer(['fine']);
  await settled();
  assert.deepEqual(answer.value, ['fine']);
});

/**
 * A video that shows a frame whenever the test says so.
 *
 * @param {import('node:test').TestContext} t
 */
function playVideo(t) {
  const page = { hidden: false };
  /** @type {FakeBitmap[]} */
  const made = [];
  /** @type {(() => void)[]} */
  let waiting = [];
  const video = { videoWidth: 4, requestVideoFrameCallback: (/** @type {() => void} */ show) => void waiting.push(show) };
  const createImageBitmap = async () => (made.push(new FakeBitmap()), made[made.length - 1]);
  Object.assign(globalThis, { document: page, createImageBitmap });
  t.after(() => ['document', 'createImageBitmap'].forEach((name) => Reflect.deleteProperty(globalThis, name)));
  const showFrame = async () => {
    for (const show of waiting.splice(0)) show();
    await settled();
  };
  return { video: /** @type {any} */ (video), page, made, showFrame };
}

test('a video is followed frame by frame for as long as somebody looks', async (t) => {
  const { video, made, showFrame } = playVideo(t);
  let goesOn = true;
  /** @type {unknown[]} */
  const frames = [];
  const ended = watch(watchFrames(video, () => goesOn, (frame) => void frames.push(frame)));
  for (let count = 0; count < 3; count++) await showFrame();
  assert.deepEqual(frames, made);
  assert.equal(made.length, 3);
  goesOn = false;
  await showFrame();
  assert.deepEqual([made.length, ended.state], [3, 'answered']);
});

test('nothing is taken from a video while the tab is hidden, or before it has a picture', async (t) => {
  const { video, page, made, showFrame } = playVideo(t);
  watchFrames(video, () => true, () => {});
  page.hidden = true;
  await showFrame();
  page.hidden = false;
  video.videoWidth = 0;
  await showFrame();
  assert.equal(made.length, 0);
  video.videoWidth = 4;
  await showFrame();
  assert.equal(made.length, 1);
});

test('a frame that is taken just when somebody stops is released', async (t) => {
  const { video, made, showFrame } = playVideo(t);
  let looks = 0;
  /** @type {unknown[]} */
  const frames = [];
  watchFrames(video, () => ++looks < 3, (frame) => void frames.push(frame));
  await showFrame();
  assert.deepEqual([frames.length, made.map(({ gone }) => gone)], [0, ['closed']]);
});

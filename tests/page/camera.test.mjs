// The camera: a fake one that shows a sample, and every way in which there is none.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { denyCamera, loseCamera } from './acts.mjs';
import { CAMERA, after as eventsAfter, classified, classify, click, find, hidden, openPage, openSite, refused, sample, screenshot, text, told, topLabel, until } from './browser.mjs';
import { endCamera, feedCamera } from './faults.mjs';
import { openCamera } from './teaching.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

for (const label of ['sofa', 'chair']) {
  test(`a camera that looks at a ${label} finds a ${label}`, async (t) => {
    const site = await openCamera(t, [label]);
    const { page, complaints } = await openPage(site);
    const events = await eventsAfter(page, () => click(page, '#camera'), 5);
    for (const event of events) {
      assert.equal(topLabel(event), label);
      assert.equal(event.source, 'camera');
    }
    assert.equal(await text(page, '#headline'), label);
    assert.match(await text(page, '#time'), /ms per frame, \d+ frames a second$/);
    assert.deepEqual(complaints, []);
    await screenshot(page, `camera-${label}`);
  });
}

test('stopping turns the camera off and the frames end', async (t) => {
  const site = await openCamera(t, ['bed']);
  const { page } = await openPage(site);
  await eventsAfter(page, () => click(page, '#camera'));
  const track = await page.evaluateHandle(() => {
    const stream = /** @type {MediaStream} */ (/** @type {any} */ (globalThis).find('video').srcObject);
    return /** @type {MediaStreamTrack} */ (stream.getVideoTracks()[0]);
  });
  assert.equal(await track.evaluate(({ readyState }) => readyState), 'live');
  await click(page, '#camera');
  assert.equal(await track.evaluate(({ readyState }) => readyState), 'ended');
  assert.equal(await (await find(page, 'video')).evaluate((video) => /** @type {HTMLVideoElement} */ (video).srcObject === null), true);
  const count = (await told(page)).length;
  await pause(300);
  assert.equal((await told(page)).length, count);
  assert.equal(await text(page, '#headline'), '');
});

test('a picture takes the place of the camera', async (t) => {
  const site = await openCamera(t, ['bed']);
  const { page } = await openPage(site);
  await eventsAfter(page, () => click(page, '#camera'));
  await click(page, 'button:has(img[src$="/table.jpg"])');
  await until(page, () => /** @type {any} */ (globalThis).find('#headline').textContent === 'table');
  const count = (await told(page)).length;
  await pause(300);
  assert.equal((await told(page)).length, count);
  assert.equal(await text(page, '#camera'), 'Start camera');
});

test('nothing is classified while the page is hidden', async (t) => {
  const site = await openCamera(t, ['bed']);
  const { page } = await openPage(site);
  await eventsAfter(page, () => click(page, '#camera'));
  await page.evaluate(() => Object.defineProperty(document, 'hidden', { value: true, configurable: true }));
  // A frame or two may be under way.
  await pause(1000);
  const count = (await told(page)).length;
  await pause(500);
  assert.equal((await told(page)).length, count);
  await eventsAfter(page, async () => page.evaluate(() => Reflect.deleteProperty(document, 'hidden')));
});

test('a denied camera is explained, and pictures still work', async (t) => {
  const site = await openSite(['--use-fake-device-for-media-stream']);
  t.after(site.close);
  const { page } = await openPage(site);
  await denyCamera(page);
  const [event] = await eventsAfter(page, () => click(page, '#camera'));
  assert.equal(refused(event).code, 'camera-denied');
  assert.match(refused(event).message, /Allow it/);
  assert.match(await text(page, '#notice'), /The camera is blocked/);
  await screenshot(page, 'camera-denied');
  assert.equal(topLabel(await classify(page, sample('bed'))), 'bed');
});

test('a missing camera is explained', async (t) => {
  const site = await openSite(['--use-fake-ui-for-media-stream']);
  t.after(site.close);
  const { page } = await openPage(site);
  const [event] = await eventsAfter(page, () => click(page, '#camera'));
  assert.equal(refused(event).code, 'camera-missing');
  assert.match(refused(event).message, /No camera was found/);
});

test('every refusal of a browser has a code and a way out', async (t) => {
  const site = await openSite();
  t.after(site.close);
  const { page } = await openPage(site);
  for (const [name, code] of Object.entries({
    NotAllowedError: 'camera-denied',
    SecurityError: 'camera-denied',
    NotFoundError: 'camera-missing',
    OverconstrainedError: 'camera-missing',
    NotReadableError: 'camera-in-use',
    AbortError: 'camera-in-use',
    TypeError: 'camera-failed',
  })) {
    await page.evaluate((thrown) => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', thrown));
    }, name);
    const [event] = await eventsAfter(page, () => click(page, '#camera'));
    assert.equal(refused(event).code, code);
    assert.equal(await hidden(page, '#notice'), false);
  }
  await page.evaluate(() => Object.defineProperty(navigator, 'mediaDevices', { value: undefined }));
  const [event] = await eventsAfter(page, () => click(page, '#camera'));
  assert.equal(refused(event).code, 'camera-insecure');
});

test('a camera whose id is gone is replaced by another one, which is said', async (t) => {
  const site = await openSite(CAMERA);
  t.after(site.close);
  const { page } = await openPage(site);
  await page.$eval('mobilenet-classifier', (element) => element.setAttribute('camera', 'unplugged'));
  const [event, next] = await eventsAfter(page, () => click(page, '#camera'), 2);
  assert.equal(refused(event).code, 'camera-replaced');
  assert.equal(classified(next).source, 'camera');
  assert.match(await text(page, '#notice'), /Another camera is running/);
  await screenshot(page, 'camera-replaced');
  assert.equal(await text(page, '#camera'), 'Stop camera');
  await click(page, '#camera');

  // One that is there is opened without a word.
  await page.$eval('mobilenet-classifier', async (element) => {
    const devices = await navigator.mediaDevices.enumerateDevices();
    element.setAttribute('camera', devices.find(({ kind }) => kind === 'videoinput')?.deviceId ?? '');
  });
  assert.equal(classified((await eventsAfter(page, () => click(page, '#camera')))[0]).source, 'camera');
  assert.equal(await hidden(page, '#notice'), true);
});

test('a camera that is pulled out while another one is there gives way to it', async (t) => {
  const site = await openSite();
  t.after(site.close);
  const { page } = await openPage(site, { prepare: feedCamera });
  await page.evaluate(() => {
    const open = navigator.mediaDevices.getUserMedia;
    const plugged = { ids: ['one', 'two'] };
    Object.assign(globalThis, { plugged });
    navigator.mediaDevices.getUserMedia = async (wishes) => {
      const id = /** @type {any} */ (wishes).video.deviceId?.exact;
      if (!plugged.ids.length || (id && !plugged.ids.includes(id))) throw new DOMException('no', id === 'two' ? 'NotFoundError' : 'OverconstrainedError');
      const stream = await open.call(navigator.mediaDevices, wishes);
      const deviceId = id ?? plugged.ids[0];
      Object.assign(stream.getVideoTracks()[0] ?? {}, { getSettings: () => ({ deviceId }) });
      return stream;
    };
    const listed = (/** @type {string} */ id) => ({ kind: /** @type {const} */ ('videoinput'), deviceId: id, label: `Camera ${id}`, groupId: '', toJSON() {} });
    navigator.mediaDevices.enumerateDevices = async () => plugged.ids.map(listed);
  });
  const unplug = (/** @type {string[]} */ left) => page.evaluate((ids) => void (/** @type {any} */ (globalThis).plugged.ids = ids), left);
  await page.$eval('mobilenet-classifier', (element) => element.setAttribute('camera', 'two'));
  await eventsAfter(page, () => click(page, '#camera'));
  assert.equal(await hidden(page, '#camera-choice'), false);
  const events = await eventsAfter(page, async () => {
    await unplug(['one']);
    await endCamera(page);
  }, 4);
  // Answers to the last frames of the one that is gone may come first.
  const replaced = events.filter(({ type }) => type === 'classifier-error');
  assert.deepEqual(replaced.map((event) => refused(event).code), ['camera-replaced']);
  assert.equal(classified(events.at(-1)).source, 'camera');
  assert.match(await text(page, '#notice'), /Another camera is running.*no longer there, so another one was started/);
  assert.equal(await text(page, '#camera'), 'Stop camera');
  assert.equal(await hidden(page, '#camera-choice'), true, 'of one there is nothing to choose');
  await page.$eval('mobilenet-classifier', (element) => {
    const { stream } = /** @type {any} */ (element);
    if (stream.getVideoTracks()[0].getSettings().deviceId !== 'one') throw new Error('it is the camera that is gone');
  });

  // The last one is missed.
  await unplug([]);
  await endCamera(page);
  await until(page, () => /** @type {any} */ (globalThis).told.some((/** @type {any} */ { code }) => code === 'camera-lost'));
  assert.equal(await text(page, '#camera'), 'Start camera');
  await unplug(['one']);
  await eventsAfter(page, () => click(page, '#camera'));
  await unplug([]);
  const before = await page.evaluate(() => /** @type {any} */ (globalThis).told.length);
  await page.$eval('mobilenet-classifier', (element) => element.setAttribute('camera', 'one'));
  await until(page, (from) => /** @type {any} */ (globalThis).told.slice(from).some((/** @type {any} */ { code }) => code === 'camera-missing'), before);
  assert.equal(await text(page, '#camera'), 'Start camera');
});

test('a camera that is pulled out is missed', async (t) => {
  const site = await openSite(CAMERA);
  t.after(site.close);
  const { page } = await openPage(site);
  await eventsAfter(page, () => click(page, '#camera'));
  await loseCamera(page);
  await until(page, () => /** @type {any} */ (globalThis).told.some((/** @type {any} */ { code }) => code === 'camera-lost'));
  assert.equal(await text(page, '#camera'), 'Start camera');
});

/** @param {number} millis */
function pause(millis) {
  return new Promise((done) => setTimeout(done, millis));
}

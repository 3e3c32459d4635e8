// What is taught: samples from files and the camera, fits that follow them, and undo.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { removeClass, removeSamples } from '../../../pkg/teach/project.js';
import { ENGLISH } from '../../../pkg/words/words.js';
import { settled, watch } from './clock.mjs';
import { files, names, openLesson } from './lesson-harness.mjs';

test('files become samples of their class, each a burst of its own, kept before the project that names them', async (t) => {
  const { lesson, classes, stored } = openLesson(t);
  const [mug = ''] = classes('mug', 'pen');
  stored.length = 0;
  await lesson.addFiles(mug, files('a.jpg', 'b.jpg'));
  assert.deepEqual(lesson.samplesOf(mug).map(({ name, burst }) => [name, burst]), [['a.jpg', 0], ['b.jpg', 1]]);
  assert.deepEqual(stored, ['put b1', 'save 1', 'put b1', 'save 2']);
});

test('a file that cannot be read is told by its name and left out; the others are taken', async (t) => {
  const { lesson, classes, told, trouble } = openLesson(t);
  const [mug = ''] = classes('mug');
  trouble.picture = 'bad.jpg';
  /** @type {number[]} */
  const progress = [];
  await lesson.addFiles(mug, files('a.jpg', 'bad.jpg', 'c.jpg'), { onProgress: (done) => progress.push(done) });
  assert.deepEqual(names(lesson), ['a.jpg', 'c.jpg']);
  assert.deepEqual(told.filter((line) => line !== 'change'), ['corrupt-picture bad.jpg: it is cut off']);
  assert.deepEqual(progress, [1, 2, 3]);
});

test('files that came together are undone together', async (t) => {
  const { lesson, classes } = openLesson(t);
  const [mug = ''] = classes('mug');
  await lesson.addFiles(mug, files('a.jpg', 'b.jpg', 'c.jpg'));
  lesson.undo();
  assert.deepEqual([names(lesson), lesson.canUndo], [[], false]);
  lesson.redo();
  assert.equal(names(lesson).length, 3);
});

test('files are taken until somebody stops it', async (t) => {
  const { lesson, classes } = openLesson(t);
  const [mug = ''] = classes('mug');
  const stopping = new AbortController();
  await lesson.addFiles(mug, files('a', 'b', 'c'), { signal: stopping.signal, onProgress: (done) => done === 2 && stopping.abort() });
  assert.deepEqual(names(lesson), ['a', 'b']);
});

test('a click takes one sample from the camera, a hold ten a second, all of one burst', async (t) => {
  const { lesson, classes, grab, wind } = openLesson(t);
  const [mug = ''] = classes('mug');
  lesson.capture(mug, grab, AbortSignal.abort());
  await settled();
  assert.deepEqual(names(lesson), ['camera 1.1.jpg']);
  const hold = new AbortController();
  const held = watch(lesson.capture(mug, grab, hold.signal));
  await settled();
  await wind(350);
  hold.abort();
  await wind(100);
  assert.equal(held.state, 'answered');
  assert.deepEqual(names(lesson).slice(1), ['camera 2.1.jpg', 'camera 2.2.jpg', 'camera 2.3.jpg', 'camera 2.4.jpg']);
  lesson.undo();
  assert.deepEqual(names(lesson), ['camera 1.1.jpg'], 'a burst is one step');
});

test('a camera that fails ends the capture, and what was captured stays', async (t) => {
  const { lesson, classes, grab, wind } = openLesson(t);
  const [mug = ''] = classes('mug');
  let grabs = 0;
  const failing = async () => {
    if (grabs++) throw Object.assign(new Error('pulled out'), { code: 'camera-lost' });
    return grab();
  };
  const captured = watch(lesson.capture(mug, failing, new AbortController().signal));
  await settled();
  await wind(100);
  assert.deepEqual([captured.code, names(lesson)], ['camera-lost', ['camera 1.1.jpg']]);
});

test('a class that is removed while it is captured takes nothing more', async (t) => {
  const { lesson, classes, grab, wind } = openLesson(t);
  const [mug = ''] = classes('mug', 'pen');
  const hold = new AbortController();
  lesson.capture(mug, grab, hold.signal);
  await settled();
  lesson.change((project) => removeClass(project, mug));
  await wind(300);
  hold.abort();
  await wind(100);
  assert.deepEqual(names(lesson), []);
});

test('two classes with samples are fitted, on what the samples hold', async (t) => {
  const { lesson, classes, wind, fits, endFit, told } = openLesson(t);
  const [mug = '', , phone = ''] = classes('mug', 'pen', 'phone');
  await lesson.addFiles(phone, files('a.jpg'));
  await wind(1000);
  assert.equal(fits.length, 0, 'one class is nothing to tell apart');
  await lesson.addFiles(mug, files('bb.jpg'));
  await wind(250);
  const { embeddings, classes: indices, bursts, labels } = fits[0]?.input ?? {};
  assert.deepEqual([[...embeddings], [...indices], [...bursts], labels], [[5, 5, 6, 6], [1, 0], [0, 1], ['mug', 'phone']]);
  assert.equal(lesson.isFitted, false);
  await endFit();
  assert.deepEqual([told.at(-1), lesson.isFitted], ['taught mug,phone', true]);
});

/** @param {import('node:test').TestContext} t */
async function openFitted(t) {
  const opened = openLesson(t);
  const [mug = '', pen = ''] = opened.classes('mug', 'pen');
  await opened.lesson.addFiles(mug, files('a.jpg'));
  await opened.lesson.addFiles(pen, files('b.jpg'));
  await opened.wind(250);
  await opened.endFit();
  opened.told.length = opened.stored.length = 0;
  return { ...opened, mug, pen };
}

test('files that come quickly are one fit', async (t) => {
  const { lesson, mug, wind, fits } = await openFitted(t);
  await lesson.addFiles(mug, files('c', 'd', 'e'));
  await wind(250);
  assert.deepEqual([fits.length, fits[0]?.input.bursts.length], [1, 5]);
});

test('a change makes the head one of other samples, and an undo has it fitted again', async (t) => {
  const { lesson, mug, wind, fits, endFit } = await openFitted(t);
  await lesson.addFiles(mug, files('c'));
  assert.equal(lesson.isFitted, false);
  lesson.undo();
  await wind(250);
  assert.equal(fits[0]?.input.bursts.length, 2);
  await endFit();
  assert.equal(lesson.isFitted, true);
});

test('where there is nothing to tell apart any more the page is told, once, and a fit on its way is forgotten', async (t) => {
  const { lesson, mug, pen, wind, endFit, told } = await openFitted(t);
  await lesson.addFiles(mug, files('c'));
  await wind(250);
  lesson.change((project) => removeClass(project, pen));
  lesson.change((project) => removeClass(project, mug));
  await endFit();
  assert.deepEqual(told.filter((line) => line.startsWith('taught')), ['taught nothing']);
});

test('a fit that fails is told, and the next change is fitted', async (t) => {
  const { lesson, mug, wind, fits, endFit, told } = await openFitted(t);
  await lesson.addFiles(mug, files('c'));
  await wind(250);
  fits.shift()?.reject(Object.assign(new Error('it crashed'), { name: 'MobilenetError', code: 'engine-crashed' }));
  await settled();
  assert.deepEqual(told.slice(-2), ['fit failed', 'engine-crashed : it crashed']);
  await lesson.addFiles(mug, files('d'));
  await wind(250);
  await endFit();
  assert.equal(told.at(-1), 'taught mug,pen');
});

test('undo and redo are kept as any change is', async (t) => {
  const { lesson, mug, stored } = await openFitted(t);
  await lesson.addFiles(mug, files('c'));
  lesson.undo();
  lesson.redo();
  assert.deepEqual(stored, ['put b1', 'save 3', 'save 2', 'save 3']);
});

test('a change that changes nothing is not kept, not fitted and not told', async (t) => {
  const { lesson, wind, stored, told, fits } = await openFitted(t);
  lesson.change((project) => removeSamples(project, ['nobody']));
  lesson.redo();
  await wind(1000);
  assert.deepEqual([stored, told, fits], [[], [], []]);
});

test('samples that nothing can bring back are removed from the store, and their pictures released', async (t) => {
  const { lesson, mug, stored } = await openFitted(t);
  await lesson.addFiles(mug, files('c'));
  const sample = /** @type {import('../../../pkg/teach/project.js').Sample} */ (lesson.samplesOf(mug).at(-1));
  const url = lesson.urlOf(sample);
  assert.equal(lesson.urlOf(sample), url, 'one picture has one address');
  const revoke = t.mock.method(URL, 'revokeObjectURL');
  lesson.undo();
  assert.equal(revoke.mock.callCount(), 0, 'a redo needs it');
  await lesson.addFiles(mug, files('d'));
  assert.equal(stored.filter((line) => line === 'remove 1').length, 1);
  assert.deepEqual(revoke.mock.calls.map(({ arguments: [address] }) => address), [url]);
});

test('advice is about classes with samples, and none where there are fewer than two', async (t) => {
  const { lesson, classes, wind, endFit } = openLesson(t);
  const [mug = '', pen = ''] = classes('mug', 'pen', 'empty');
  await lesson.addFiles(mug, files('a.jpg'));
  assert.deepEqual(lesson.advice(ENGLISH), []);
  await lesson.addFiles(pen, files('bb.jpg'));
  await wind(250);
  await endFit();
  const few = lesson.advice(ENGLISH).filter(({ code }) => code === 'too-few-samples');
  assert.deepEqual(few.map(({ classIds: [id] }) => id), [mug, pen]);
});

test('of many files a few are embedded at once, and the samples come in the order of the files', async (t) => {
  const { lesson, classes, embedded, trouble } = openLesson(t, { ahead: 3 });
  const [mug = ''] = classes('mug');
  let go = () => {};
  trouble.slow[1] = new Promise((resolve) => (go = resolve));
  const six = ['a', 'bb', 'ccc', 'dddd', 'eeeee', 'ffffff'];
  const adding = lesson.addFiles(mug, files(...six));
  await settled();
  assert.deepEqual([embedded, names(lesson)], [[1, 2, 3], []]);
  go();
  await adding;
  assert.deepEqual([embedded, names(lesson)], [[1, 2, 3, 4, 5, 6], six]);
});

test('an abort in the middle of many files leaves out those that were begun and not added', async (t) => {
  const { lesson, classes } = openLesson(t, { ahead: 3 });
  const [mug = ''] = classes('mug');
  const stopping = new AbortController();
  await lesson.addFiles(mug, files('a', 'b', 'c', 'd', 'e'), { signal: stopping.signal, onProgress: (done) => done === 2 && stopping.abort() });
  assert.deepEqual(names(lesson), ['a', 'b']);
});

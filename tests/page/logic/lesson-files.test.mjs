// A lesson that is kept: in this browser, as a file, and across what goes wrong with either.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../../../pkg/engine/shared/failure.js';
import { readProject, writeProject } from '../../../pkg/teach/project-file.js';
import { EMPTY_PROJECT, addClass, addSamples } from '../../../pkg/teach/project.js';
import { settled, watch } from './clock.mjs';
import { files, names, openLesson } from './lesson-harness.mjs';

/** Two classes with a sample each, as they were kept. */
function keptProject() {
  const classes = ['mug', 'pen'].reduce((project, label) => addClass(project, label), EMPTY_PROJECT);
  return classes.classes.reduce((project, { id, label }, burst) => addSamples(project, id, burst, [{ id: label, name: `${label}.jpg` }]), classes);
}

/** @param {Float32Array | null} embedding */
function saved(embedding) {
  const contents = new Map(['mug', 'pen'].map((id) => [id, { picture: new Blob([id]), embedding: id === 'mug' ? embedding : Float32Array.of(7, 7) }]));
  return { project: keptProject(), contents, lost: 3 };
}

test('where nothing was kept there is nothing to take up', async (t) => {
  const { lesson, told } = openLesson(t);
  assert.deepEqual(await lesson.restore(), { found: false, lost: 0 });
  assert.deepEqual(told, []);
});

test('what was kept is taken up and fitted; no undo takes it away; what was lost is counted', async (t) => {
  const { lesson, wind, fits } = openLesson(t, { saved: saved(Float32Array.of(1, 2)) });
  assert.deepEqual(await lesson.restore(), { found: true, lost: 3 });
  assert.deepEqual([names(lesson), lesson.canUndo], [['mug.jpg', 'pen.jpg'], false]);
  await wind(250);
  assert.deepEqual([...fits[0]?.input.embeddings], [1, 2, 7, 7]);
});

test('embeddings that another backbone made are made anew', async (t) => {
  const { lesson, wind, fits } = openLesson(t, { saved: saved(null) });
  await lesson.restore();
  await wind(250);
  assert.deepEqual([...fits[0]?.input.embeddings], [3, 3, 7, 7]);
});

test('a store that cannot be read is told by who restores, and not once more for each change', async (t) => {
  const failure = new Failure('storage-unavailable', 'open in another tab');
  const opened = openLesson(t, { saved: Promise.reject(failure) });
  await assert.rejects(opened.lesson.restore(), failure);
  opened.trouble.storage = failure;
  opened.classes('mug', 'pen');
  await settled();
  assert.deepEqual(opened.told, ['change']);
});

test('a full disk is told once, not for each frame of a burst, and again after it had room', async (t) => {
  const { lesson, classes, grab, wind, trouble, told } = openLesson(t);
  const [mug = ''] = classes('mug');
  const failures = () => told.filter((line) => line.startsWith('storage-full')).length;
  const hold = new AbortController();
  trouble.storage = new Failure('storage-full', 'no room left');
  lesson.capture(mug, grab, hold.signal);
  await settled();
  await wind(500);
  assert.deepEqual([failures(), names(lesson).length], [1, 6]);
  trouble.storage = null;
  await wind(100);
  trouble.storage = new Failure('storage-full', 'no room left');
  await wind(100);
  hold.abort();
  await wind(100);
  assert.equal(failures(), 2);
});

test('another trouble with the store is told as well', async (t) => {
  const { classes, trouble, told } = openLesson(t);
  for (const code of /** @type {const} */ (['storage-full', 'storage-failed'])) {
    trouble.storage = new Failure(code, 'oops');
    classes(code);
    await settled();
  }
  assert.deepEqual(told.filter((line) => line !== 'change'), ['storage-full : oops', 'storage-failed : oops']);
});

test('a saved lesson has its pictures, its classes, and the head that they give', async (t) => {
  const { lesson, classes, wind, endFit } = openLesson(t);
  const [mug = '', pen = ''] = classes('mug', 'pen');
  await lesson.addFiles(mug, files('a.jpg'));
  await lesson.addFiles(pen, files('b.jpg'));
  await wind(250);
  await endFit();
  const { project, pictures, model } = await readProject(await lesson.save());
  assert.deepEqual(project.classes.map(({ label }) => label), ['mug', 'pen']);
  assert.deepEqual(await Promise.all([...pictures.values()].map((picture) => picture.text())), ['a.jpg', 'b.jpg']);
  assert.equal(await model?.text(), 'a head');
});

test('what is saved before its fit is there is fitted first', async (t) => {
  const { lesson, classes, fits, endFit } = openLesson(t);
  const [mug = '', pen = ''] = classes('mug', 'pen');
  await lesson.addFiles(mug, files('a.jpg'));
  await lesson.addFiles(pen, files('b.jpg'));
  const saving = lesson.save();
  await settled();
  assert.equal(fits.length, 1);
  await endFit();
  assert.equal(await (await readProject(await saving)).model?.text(), 'a head');
});

test('one class is saved without a head', async (t) => {
  const { lesson, classes, fits } = openLesson(t);
  const [mug = ''] = classes('mug');
  await lesson.addFiles(mug, files('a.jpg'));
  assert.deepEqual([(await readProject(await lesson.save())).model, fits.length], [null, 0]);
});

/** @param {Record<string, string>} pictures by label */
function fileOf(pictures) {
  const project = keptProject();
  return writeProject(project, new Map(project.classes.map(({ label }) => [label, new File([pictures[label] ?? ''], `${label}.jpg`)])));
}

test('a project file takes the place of the lesson, is kept, and can be undone', async (t) => {
  const { lesson, classes, stored } = openLesson(t);
  classes('before');
  await settled();
  stored.length = 0;
  /** @type {[number, number][]} */
  const progress = [];
  await lesson.open(await fileOf({ mug: 'm', pen: 'pp' }), { onProgress: (done, all) => void progress.push([done, all]) });
  assert.deepEqual([names(lesson), progress], [['mug.jpg', 'pen.jpg'], [[1, 2], [2, 2]]]);
  assert.deepEqual(stored, ['put b1', 'put b1', 'save 2']);
  lesson.undo();
  assert.deepEqual(lesson.project.classes.map(({ label }) => label), ['before']);
});

test('a file that is no project leaves the lesson as it is', async (t) => {
  const { lesson, classes, told } = openLesson(t);
  classes('before');
  const before = lesson.project;
  await assert.rejects(lesson.open(new Blob(['not a ZIP'])), { code: 'bad-project' });
  assert.deepEqual([lesson.project, told], [before, ['change']]);
});

test('a project with a picture that cannot be read names it, and leaves the lesson as it is', async (t) => {
  const { lesson, classes, stored, trouble } = openLesson(t);
  classes('before');
  await settled();
  stored.length = 0;
  const before = lesson.project;
  trouble.picture = 'pp';
  await assert.rejects(lesson.open(await fileOf({ mug: 'm', pen: 'pp' })), { code: 'corrupt-picture', message: 'pen.jpg: it is cut off' });
  assert.deepEqual([lesson.project, stored], [before, []]);
});

test('a lesson that closes fits nothing more, releases its pictures, and lets go of the store', async (t) => {
  const { lesson, classes, wind, fits, stored } = openLesson(t);
  const [mug = '', pen = ''] = classes('mug', 'pen');
  await lesson.addFiles(mug, files('a.jpg'));
  await lesson.addFiles(pen, files('b.jpg'));
  const urls = lesson.project.samples.map((sample) => lesson.urlOf(sample));
  const revoke = t.mock.method(URL, 'revokeObjectURL');
  const closed = watch(lesson.close());
  await wind(1000);
  assert.deepEqual([closed.state, fits.length, stored.at(-1)], ['answered', 0, 'close']);
  assert.deepEqual(revoke.mock.calls.map(({ arguments: [address] }) => address), urls);
});

test('a lesson at rest leaves the store to another tab, and goes on when it is changed', async (t) => {
  const { lesson, classes, stored } = openLesson(t);
  await lesson.rest();
  classes('mug');
  assert.deepEqual(stored, ['close', 'save 0']);
});

// Pictures on their way through the element: brought, read when their turn has come, answered, shown, told.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { client } from '../../../pkg/engine/page/client.js';
import { Failure } from '../../../pkg/engine/shared/failure.js';
import { watch } from './clock.mjs';
import { openElement } from './element-harness.mjs';
import { haveMachine } from './worker.mjs';

/** @param {string} [label] */
function answerOf(label = 'sofa') {
  return { predictions: [{ label, probability: 0.9 }], rejected: false, millis: 1 };
}

const BAD = { trouble: { code: 'corrupt-picture', message: 'it is cut off', crashed: false } };
/** @type {import('./worker.mjs').Script} answers every picture, but for one of three bytes */
const ANSWERS = { picture: ({ heads, picture }) => (picture.size === 3 ? BAD : { value: heads.map((/** @type {number} */ _, /** @type {number} */ at) => answerOf(at ? 'built in' : 'sofa')) }) };

/** @param {...string} names each a file that is as large as its name */
function files(...names) {
  return names.map((name) => new File([name], name));
}

/**
 * An element whose model is open.
 *
 * @param {import('node:test').TestContext} t
 * @param {Parameters<typeof openElement>[1]} [options]
 */
async function openReady(t, options = { script: ANSWERS }) {
  const element = openElement(t, options);
  await element.connect();
  return element;
}

test('a dropped picture is answered, shown, and told, in this order', async (t) => {
  const { intake, happened, worker } = await openReady(t);
  intake.receive(files('a.jpg'), 'drop');
  assert.deepEqual(await happened(), [
    'notice.hide', 'results.clear', 'busy: true',
    'showPicture a.jpg', 'row a.jpg', 'answer: sofa drop a.jpg', 'busy: false',
  ]);
  const { kind, topK, heatmap, picture } = worker().asked[2];
  assert.deepEqual([kind, topK, heatmap, await picture.text()], ['picture', 3, false, 'a.jpg']);
});

test('a picture that comes before the model waits for it', async (t) => {
  const { intake, connect, happened } = openElement(t, { script: ANSWERS });
  intake.receive(files('a.jpg'), 'file');
  assert.equal((await happened()).includes('busy: true'), true);
  assert.equal((await connect()).includes('answer: sofa file a.jpg'), true);
});

test('where there is no model each picture is refused for it, and the rest goes on', async (t) => {
  const { intake, connect, happened } = openElement(t, { script: { open: () => ({ trouble: { code: 'bad-model', message: 'damaged', crashed: false } }) } });
  await connect();
  intake.receive(files('a.jpg', 'b.jpg'), 'file');
  assert.deepEqual((await happened()).filter((line) => line.startsWith('failed')), ['failed: bad-model file a.jpg', 'failed: bad-model file b.jpg']);
});

test('a bad file fails in its row, takes the stage from what was there, and the others are answered', async (t) => {
  const { intake, happened } = await openReady(t);
  intake.receive(files('a.jpg', 'bad', 'c.jpg'), 'drop');
  const lines = (await happened()).filter((line) => /^(row|failed|answer|showNothing)/.test(line));
  assert.deepEqual(lines, [
    'row a.jpg', 'answer: sofa drop a.jpg',
    'row bad corrupt-picture', 'showNothing', 'failed: corrupt-picture drop bad',
    'row c.jpg', 'answer: sofa drop c.jpg',
  ]);
});

test('a file in a folder is read when its turn has come, and one that is gone fails alone', async (t) => {
  const { intake, happened, worker } = await openReady(t, { script: {} });
  /** @type {string[]} */
  const read = [];
  const found = ['a', 'gone', 'c'].map((name) => ({
    name: `folder/${name}`,
    read: async () => {
      read.push(name);
      if (name === 'gone') throw new Failure('unreadable-file', 'it has moved');
      return new File([name], name);
    },
  }));
  intake.receive(found, 'drop');
  await happened();
  assert.deepEqual(read, ['a']);
  worker().answer([answerOf()]);
  const lines = await happened();
  assert.deepEqual([read, lines.filter((line) => line.startsWith('failed'))], [['a', 'gone', 'c'], ['failed: unreadable-file drop folder/gone']]);
  worker().answer([answerOf()]);
  assert.equal((await happened()).includes('answer: sofa drop folder/c'), true);
});

test('a model among the pictures is opened, and classified as none', async (t) => {
  const { intake, happened, worker } = await openReady(t);
  intake.receive(files('mugs.safetensors', 'a.jpg'), 'drop');
  const lines = await happened();
  assert.equal(lines.includes('model: mugs.safetensors'), true);
  assert.deepEqual(lines.filter((line) => line.startsWith('row')), ['row a.jpg']);
  assert.equal(worker().kinds, 'start open open picture');
});

test('an ONNX file is opened with the labels beside it; labels that come afterwards open it anew', async (t) => {
  const { intake, happened, models, worker } = await openReady(t, { script: { open: ({ model }) => ({ value: { labels: [], info: { layers: [], input: {} }, ...(model && { onnx: {} }) } }) } });
  intake.receive(files('net.onnx', 'labels.txt'), 'drop');
  await happened();
  assert.equal(models.model?.name, 'net.onnx');
  const { model, onnx } = worker().asked[2];
  assert.deepEqual([model.name, onnx.name, onnx.labels], ['net.onnx', 'net.onnx', 'labels.txt']);
  intake.receive(files('more.txt'), 'drop');
  await happened();
  assert.equal(worker().asked.at(-1).onnx.labels, 'more.txt');
});

test('pictures that come with an ONNX file and its labels are answered by it', async (t) => {
  const { intake, happened, worker } = await openReady(t, { script: { open: ({ model }) => ({ value: { labels: [], info: { layers: [], input: {} }, ...(model && { onnx: {} }) } }) } });
  intake.receive(files('a.jpg', 'net.onnx', 'labels.txt'), 'drop');
  await happened();
  assert.equal(worker().kinds, 'start open open picture');
});

test('a video that comes alone is played; among pictures it is refused', async (t) => {
  const { intake, happened } = await openReady(t);
  intake.receive(files('film.mp4'), 'drop');
  assert.deepEqual(await happened(), ['play film.mp4']);
  intake.receive(files('film.mp4', 'a.jpg'), 'drop');
  const lines = await happened();
  assert.deepEqual(lines.filter((line) => /^(failed|answer)/.test(line)), ['failed: unsupported-format drop film.mp4', 'answer: sofa drop a.jpg']);
});

test('pictures that come while others wait join their table; those that come later begin a new one', async (t) => {
  const { intake, happened } = await openReady(t);
  intake.receive(files('a.jpg', 'b.jpg'), 'drop');
  intake.receive(files('c.jpg'), 'drop');
  assert.equal((await happened()).filter((line) => line === 'results.clear').length, 1);
  intake.receive(files('d.jpg'), 'drop');
  assert.equal((await happened()).filter((line) => line === 'results.clear').length, 1);
});

test('a script is given the answer as a promise, and what the page is told', async (t) => {
  const { intake, happened } = await openReady(t);
  const answer = await intake.classify(new File(['x'], 'a.jpg'));
  assert.deepEqual(answer, answerOf());
  assert.equal((await happened()).includes('answer: sofa script a.jpg'), true);
});

test('a script is given the failure as a rejection, and the page is told as well', async (t) => {
  const { intake, happened } = await openReady(t);
  await assert.rejects(intake.classify(new Blob(['bad'])), { name: 'MobilenetError', code: 'corrupt-picture', message: 'it is cut off' });
  assert.equal((await happened()).includes('failed: corrupt-picture script'), true);
});

test('a picture that a script gives up is cancelled, and no failure', async (t) => {
  const { intake, happened, workers } = await openReady(t, { script: {} });
  const giving = new AbortController();
  const answer = watch(intake.classify(new Blob(['x']), { signal: giving.signal }));
  await happened();
  giving.abort();
  assert.deepEqual(await happened(), ['busy: false']);
  assert.deepEqual([answer.code, workers.length], ['cancelled', 2]);
});

test('a stop while the engine starts is heard at once, and so is the signal of a script', async (t) => {
  const { intake, connect, happened, worker, workers } = openElement(t, { script: { start: () => undefined } });
  await connect();
  intake.receive(files('a.jpg', 'b.jpg'), 'drop');
  await happened();
  intake.stop();
  assert.deepEqual(await happened(), ['row b.jpg cancelled', 'row a.jpg cancelled', 'busy: false']);
  const giving = new AbortController();
  const answer = watch(intake.classify(new Blob(['x']), { signal: giving.signal }));
  await happened();
  giving.abort();
  assert.deepEqual([await happened(), answer.code], [['busy: false'], 'cancelled']);
  worker().answer(null);
  assert.equal((await happened()).includes('model: null'), true);
  assert.deepEqual([workers.length, worker().kinds], [1, 'start open']);
});

test('a stop cancels each picture in its row, tells of no failure, and frees the worker', async (t) => {
  const { intake, happened, workers } = await openReady(t, { script: {} });
  intake.receive(files('a.jpg', 'b.jpg', 'c.jpg'), 'drop');
  await happened();
  intake.stop();
  assert.deepEqual(await happened(), ['row b.jpg cancelled', 'row c.jpg cancelled', 'row a.jpg cancelled', 'busy: false']);
  assert.deepEqual(workers.map(({ terminated }) => terminated), [true, false]);
});

test('an element that leaves the document while it classifies shows nothing more', async (t) => {
  const { intake, models, happened } = await openReady(t, { script: {} });
  intake.receive(files('a.jpg', 'b.jpg'), 'drop');
  await happened();
  models.disconnect();
  intake.drop();
  models.reset();
  const lines = await happened();
  assert.deepEqual(lines.filter((line) => /^(show|answer|failed)/.test(line)), []);
  assert.deepEqual(lines.filter((line) => line.startsWith('row')), ['row b.jpg cancelled', 'row a.jpg cancelled']);
});

test('an answer that comes after the element was taken elsewhere is shown to nobody', async (t) => {
  const { intake, models, connect, happened, worker } = await openReady(t, { script: {} });
  const other = client.openSession();
  t.after(() => other.close());
  intake.receive(files('a.jpg'), 'drop');
  await happened();
  models.disconnect();
  models.reset();
  await connect();
  worker().answer([answerOf()]);
  assert.deepEqual((await happened()).filter((line) => /^(showPicture|answer)/.test(line)), []);
});

test('where it is wished, the built-in model answers over the same pass', async (t) => {
  const { intake, models, worker } = await openReady(t, { script: ANSWERS, compares: true });
  await models.open(new Blob(['x']), 'mine');
  const answer = /** @type {any} */ (await intake.classify(new Blob(['x'])));
  assert.deepEqual(answer.builtIn, answerOf('built in'));
  assert.equal(worker().asked.filter(({ kind }) => kind === 'picture').length, 1);
});

test('a file of the table can be seen again, with the answer that it had, and without being classified', async (t) => {
  const { intake, lines, happened, worker } = await openReady(t);
  intake.receive(files('a.jpg', 'b.jpg'), 'drop');
  await happened();
  const asked = worker().asked.length;
  lines.get('a.jpg')?.(answerOf());
  assert.deepEqual(await happened(), ['stop', 'showPicture a.jpg']);
  assert.equal(worker().asked.length, asked);
});

test('a camera or video makes room for a picture', async (t) => {
  const { intake, live, happened } = await openReady(t);
  live.active = true;
  intake.receive(files('a.jpg'), 'drop');
  assert.equal((await happened())[0], 'stop');
});

/** @type {import('./worker.mjs').Script} */
const EXPLAINED = { picture: ({ heads, heatmap }) => ({ value: heads.map(() => ({ ...answerOf(), ...(heatmap && { heatmap: { label: 'sofa', values: new Float32Array(49) } }) })) }) };

test('a heatmap that is shown is asked for with the picture', async (t) => {
  const { intake, happened, worker } = await openReady(t, { script: EXPLAINED, heatmap: true });
  intake.receive(files('a.jpg'), 'drop');
  await happened();
  assert.deepEqual(worker().asked.slice(2).map(({ heatmap }) => heatmap), [true]);
});

test('one that is shown later is asked for then, of the picture that is shown', async (t) => {
  const { intake, wishes, happened, worker } = await openReady(t, { script: EXPLAINED });
  intake.receive(files('a.jpg', 'b.jpg'), 'drop');
  await happened();
  await intake.explain();
  assert.deepEqual(worker().asked.slice(2).map(({ heatmap }) => heatmap), [false, false], 'nobody wishes it');
  wishes.heatmap = true;
  await intake.explain();
  const { heatmap, picture } = worker().asked.at(-1);
  assert.deepEqual([heatmap, await picture.text(), await happened()], [true, 'b.jpg', ['explain true sofa']]);
});

test('a file of the table that is seen again is explained then; not by another model than the one that answered', async (t) => {
  const { intake, lines, models, wishes, happened, worker } = await openReady(t, { script: EXPLAINED });
  const given = await intake.classify(files('a.jpg')[0]);
  intake.receive(files('a.jpg', 'b.jpg'), 'drop');
  await happened();
  wishes.heatmap = true;
  lines.get('a.jpg')?.(given);
  assert.equal((await happened()).at(-1), 'explain true sofa');
  await models.open(new Blob(['x']), 'mine');
  const asked = worker().asked.length;
  lines.get('a.jpg')?.(given);
  await happened();
  assert.equal(worker().asked.length, asked);
});

test('a file that is gone when somebody wants to see it again is told', async (t) => {
  const { intake, lines, happened } = await openReady(t);
  let there = true;
  const read = async () => (there ? new File(['x'], 'a.jpg') : Promise.reject(new Failure('unreadable-file', 'it has moved')));
  intake.receive([{ name: 'a.jpg', read }], 'drop');
  await happened();
  there = false;
  lines.get('a.jpg')?.(answerOf());
  assert.deepEqual(await happened(), ['failed: unreadable-file file a.jpg']);
});

const NINE = [...'123456789'].map((name) => `${name}.jpg`);

/** @param {import('node:test').TestContext} t */
async function openPooled(t) {
  haveMachine({ cores: 2 });
  t.after(() => haveMachine({ cores: 1 }));
  return openReady(t, { script: {} });
}

test('a folder is shown and told in order, whichever worker is faster', async (t) => {
  const { intake, happened, workers } = await openPooled(t);
  intake.receive(files(...NINE), 'drop');
  await happened();
  assert.deepEqual(workers.map(({ kinds }) => kinds), ['start open picture', 'start open picture']);
  for (let count = 0; count < 3; count++) {
    workers[1]?.answer([answerOf('late')]);
    assert.deepEqual(await happened(), [], 'the first picture is not done');
  }
  /** @type {string[]} */
  const diary = [];
  for (let count = 0; count < 9; count++) {
    workers[0]?.answer([answerOf()]);
    workers[1]?.answer([answerOf()]);
    await happened().then((lines) => diary.push(...lines));
  }
  assert.deepEqual(diary.filter((line) => line.startsWith('row')), NINE.map((name) => `row ${name}`));
  assert.deepEqual(diary.filter((line) => line.startsWith('answer')).slice(0, 5).map((line) => line.split(' ')[1]), ['sofa', 'late', 'late', 'late', 'sofa']);
});

test('a stop in the middle of a folder shows nothing more, not even what was ready', async (t) => {
  const { intake, happened, workers } = await openPooled(t);
  intake.receive(files(...NINE), 'drop');
  await happened();
  workers[1]?.answer([answerOf()]);
  await happened();
  intake.stop();
  const lines = await happened();
  assert.deepEqual(lines.filter((line) => /^(show|answer|failed)/.test(line)), []);
  assert.deepEqual(lines.filter((line) => line.startsWith('row')).sort(), NINE.map((name) => `row ${name} cancelled`));
});

test('of many pictures one in five seconds is shown, and the last one', async (t) => {
  const { intake, happened, wind, worker } = await openReady(t, { script: {} });
  intake.receive(files(...NINE), 'drop');
  await happened();
  /** @type {string[]} */
  const diary = [];
  for (let count = 0; count < 9; count++) {
    worker().answer([answerOf()]);
    diary.push(...(await happened()));
    await wind(2000);
  }
  assert.deepEqual(diary.filter((line) => line.startsWith('showPicture')), ['1.jpg', '4.jpg', '7.jpg', '9.jpg'].map((name) => `showPicture ${name}`));
  assert.equal(diary.filter((line) => line.startsWith('answer')).length, 9);
});

// What a session asks of the worker, message by message, and what of it comes back.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settled } from './clock.mjs';
import { MODEL, frame, openSession, picture } from './worker.mjs';

/** @typedef {import('../../../pkg/engine/page/session.js').Session} Session */

const [PICTURE, MODEL_FILE] = [picture(), picture('a model')];
const INPUT = /** @type {any} */ ({ embeddings: Float32Array.of(1), classes: Uint32Array.of(0), bursts: Uint32Array.of(0), labels: ['mug'], settings: {} });

/** @type {[string, (session: Session) => Promise<unknown>, object][]} */
const MESSAGES = [
  ['a picture with its bytes as they are', (session) => session.classifyPicture(PICTURE, { topK: 3 }), { kind: 'picture', heads: [1], picture: PICTURE, topK: 3, heatmap: false, embedding: undefined }],
  ['a heatmap for a label', (session) => session.classifyPicture(PICTURE, { topK: 1, heatmap: 'sofa' }), { kind: 'picture', heads: [1], picture: PICTURE, topK: 1, heatmap: 'sofa', embedding: undefined }],
  ['its embedding as well', (session) => session.classifyPicture(PICTURE, { topK: 1, embedding: true }), { kind: 'picture', heads: [1], picture: PICTURE, topK: 1, heatmap: false, embedding: true }],
  ['an embedding alone, which needs no head', (session) => session.embed(PICTURE), { kind: 'embed', picture: PICTURE }],
  ['a profile', (session) => session.profile(20), { kind: 'profile', frames: 20 }],
  ['a fit over the shared backbone', (session) => session.teach(INPUT, () => {}), { kind: 'teach', head: null, input: INPUT }],
  ['a fit over its own model', (session) => session.teach(INPUT, () => {}, { own: true }), { kind: 'teach', head: 1, input: INPUT }],
  ['the open model for another runtime', (session) => session.export({ stem: 'mine', format: 'onnx', precision: 'float' }), { kind: 'export', model: MODEL_FILE, stem: 'mine', format: 'onnx', precision: 'float' }],
  ['the open model as a link', (session) => session.link(), { kind: 'link', model: MODEL_FILE }],
];

for (const [what, ask, message] of MESSAGES) {
  test(`it asks for ${what}, and gives what the worker answers`, async (t) => {
    const { session, worker } = await openSession(t);
    await session.openModel(MODEL_FILE);
    const answer = ask(session);
    await settled();
    assert.deepEqual(worker().asked[3], message);
    worker().answer('the answer');
    assert.equal(await answer, 'the answer');
  });
}

test('the open model is given as a file', async (t) => {
  const { session } = await openSession(t, { file: () => ({ value: new TextEncoder().encode('a file') }) });
  assert.equal(await (await session.file()).text(), 'a file');
});

test('a model that is opened is told, and so are the labels of a refused one\'s successor', async (t) => {
  const { session, worker } = await openSession(t);
  assert.deepEqual(await session.openModel(MODEL_FILE), MODEL);
  assert.deepEqual(worker().asked.slice(1).map(({ head, model }) => [head, model]), [[1, null], [1, MODEL_FILE]]);
  assert.equal(session.model, MODEL_FILE);
});

test('an ONNX file is opened with its settings beside it, and once more in a fresh worker where nothing was made of it', async (t) => {
  const settings = /** @type {const} */ ({ name: 'net.onnx', levels: 'unit' });
  const lowered = new Blob(['lowered']);
  const { session, worker } = await openSession(t, { open: ({ onnx }) => ({ value: { ...MODEL, ...(onnx?.name === 'lower' && { lowered }) } }) });
  const reopened = async () => {
    const answer = session.classifyPicture(PICTURE, { topK: 1 });
    await settled();
    worker().crash();
    await settled();
    worker().answer([]);
    await answer;
    return worker().asked[1];
  };
  await session.openModel(MODEL_FILE, settings);
  assert.deepEqual(worker().asked.at(-1), { kind: 'open', head: 1, model: MODEL_FILE, onnx: settings });
  assert.deepEqual(await reopened(), { kind: 'open', head: 1, model: MODEL_FILE, onnx: settings });
  await session.openModel(MODEL_FILE, { name: 'lower' });
  assert.deepEqual(await reopened(), { kind: 'open', head: 1, model: lowered });
  await session.openModel(null);
  assert.deepEqual(await reopened(), { kind: 'open', head: 1, model: null });
});

test('others answer over the same pass: one request, one answer each, their heads opened first', async (t) => {
  const { client, session, worker } = await openSession(t, { picture: ({ heads }) => ({ value: heads.map((/** @type {number} */ id) => `of ${id}`) }) });
  const other = client.openSession();
  assert.deepEqual(await session.classifyPicture(PICTURE, { topK: 1, others: [other] }), ['of 1', 'of 2']);
  assert.equal(worker().kinds, 'start open open picture');
  assert.deepEqual(worker().asked[2], { kind: 'open', head: 2, model: null });
  await session.classifyPicture(PICTURE, { topK: 1, others: [other] });
  assert.equal(worker().kinds, 'start open open picture picture', 'once');
});

test('one of the others that closes meanwhile costs the answer nothing, and leaves no head behind', async (t) => {
  const { client, session, worker } = await openSession(t);
  const other = client.openSession();
  const answer = session.classifyPicture(PICTURE, { topK: 1, others: [other] });
  await settled();
  other.close();
  worker().answer(['a', 'b']);
  assert.deepEqual(await answer, ['a', 'b']);
  await settled();
  assert.deepEqual(worker().asked.at(-1), { kind: 'close', head: 2 });
});

test('what it is asked in one go is sent in that order, whatever it is', async (t) => {
  const { session, worker } = await openSession(t, { picture: () => ({ value: [] }), embed: () => ({ value: [] }), sample: () => ({ value: {} }), link: () => ({ value: '' }) });
  await Promise.all([session.link(), session.classifyPicture(PICTURE, { topK: 1 }), session.sample(frame().frame), session.embed(PICTURE), session.openModel(null)]);
  assert.equal(worker().kinds, 'start open link picture sample embed open');
});

test('epochs are told to who asked for the fit', async (t) => {
  const { session, worker } = await openSession(t);
  /** @type {unknown[]} */
  const epochs = [];
  const taught = session.teach(INPUT, ({ epoch }) => epochs.push(epoch));
  await settled();
  for (const epoch of [1, 2]) worker().say({ epoch: /** @type {any} */ ({ epoch }) });
  worker().answer('a head');
  assert.deepEqual([await taught, epochs], ['a head', [1, 2]]);
  worker().say({ epoch: /** @type {any} */ ({ epoch: 3 }) });
  assert.deepEqual(epochs, [1, 2], 'none after the fit');
});

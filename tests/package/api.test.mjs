// The API in a page: what it takes, what it answers, how its calls end, and that all of it shares one worker.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { APP, POLICY, expected, host, launch, open } from './pages.mjs';

const node = await import(createRequire(join(APP, 'app.js')).resolve('mobilenet-web'));

/** @type {import('puppeteer-core').Browser} */
let browser;
before(async () => void (browser = await launch()));
after(() => browser.close());

/**
 * A page of the package's origin, in which `api()` gives the API, `picture(name)` a sample, and `workers` counts.
 *
 * @param {import('node:test').TestContext} t
 */
async function blank(t) {
  const url = await host(t, APP, { 'Content-Security-Policy': POLICY });
  const { page, complaints } = await open(t, browser, `${url}/blank.html`);
  await page.evaluate(() => {
    const workers = { started: 0, ended: 0 };
    globalThis.Worker = class extends Worker {
      /** @param {ConstructorParameters<typeof Worker>} words */
      constructor(...words) {
        super(...words);
        workers.started++;
      }
      /** @override */
      terminate() {
        workers.ended++;
        super.terminate();
      }
    };
    const api = () => import(new URL('node_modules/mobilenet-web/engine/page/load.js', location.href).href);
    const picture = async (/** @type {string} */ name) => (await fetch(`${name}.jpg`)).blob();
    const ending = (/** @type {Promise<unknown>} */ call) =>
      call.then(() => ({ name: 'answered' }), ({ name, code, message }) => ({ name, code, message }));
    Object.assign(globalThis, { api, picture, ending, workers });
  });
  return { page, complaints };
}

test('files have the answer of the raw bindings, and pixels of every kind one answer', async (t) => {
  const { page, complaints } = await blank(t);
  const answers = await page.evaluate(async () => {
    const { load } = await api();
    const classifier = await load();
    const file = await picture('sofa');
    const bitmap = await createImageBitmap(file);
    const { width, height } = bitmap;
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
    const offscreen = new OffscreenCanvas(width, height);
    offscreen.getContext('2d')?.drawImage(bitmap, 0, 0);
    const image = Object.assign(new Image(), { src: 'sofa.jpg' });
    const data = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')).getImageData(0, 0, width, height);
    const told = async (/** @type {import('../../pkg/engine/page/load.js').Picture} */ source) => (await classifier.classify(source)).predictions;
    const [files, pixels] = [[file, new File([file], 'sofa.jpg')], [data, bitmap, canvas, offscreen, image]];
    // What was given is still there.
    return { files: await Promise.all(files.map(told)), pixels: await Promise.all(pixels.map(told)), width: bitmap.width, rest: await classifier.classify(bitmap) };
  });
  for (const predictions of answers.files) assert.deepEqual(predictions, await expected());
  for (const predictions of answers.pixels) assert.deepEqual(predictions, answers.rest.predictions);
  assert.equal(answers.rest.predictions[0]?.label, 'sofa');
  assert.ok(answers.width > 0);
  assert.deepEqual(complaints, []);
});

test('embedding, heatmap and fitted head equal those of Node', async (t) => {
  const { page, complaints } = await blank(t);
  const settings = { recipe: { seed: 3, epochs: 4 } };
  const names = ['sofa', 'chair', 'bed'];
  const found = await page.evaluate(async (names, settings) => {
    const { load } = await api();
    const classifier = await load();
    const sofa = await picture('sofa');
    const { values, label, side } = await classifier.heatmap(sofa, { label: 'bed' });
    const samples = await Promise.all([...names, ...names].map(async (label) => ({ label, source: await picture(label) })));
    let epochs = 0;
    const fitted = await classifier.fit(samples, { settings, onEpoch: () => epochs++ });
    const model = await /** @type {Blob} */ (fitted.model).arrayBuffer();
    const reopened = await load(model);
    return {
      embedding: [...(await classifier.embed(sofa))],
      heatmap: { values: [...values], label, side },
      model: [...new Uint8Array(model)],
      labels: reopened.labels,
      history: fitted.history,
      epochs,
      same: (await fitted.classify(sofa)).predictions[0]?.probability === (await reopened.classify(sofa)).predictions[0]?.probability,
    };
  }, names, settings);
  const classifier = await node.load();
  const file = (/** @type {string} */ name) => join(APP, `${name}.jpg`);
  const { values, label, side } = await classifier.heatmap(file('sofa'), { label: 'bed' });
  const fitted = await classifier.fit([...names, ...names].map((label) => ({ label, source: file(label) })), { settings });
  assert.deepEqual(found.embedding, [...(await classifier.embed(file('sofa')))]);
  assert.deepEqual(found.heatmap, { values: [...values], label, side });
  assert.deepEqual(Buffer.from(found.model), Buffer.from(await fitted.model.arrayBuffer()));
  assert.deepEqual([found.labels, found.epochs, found.history, found.same], [names, fitted.history.length, fitted.history, true]);
  assert.deepEqual(complaints, []);
});

test('loading twice starts one worker, and the last dispose ends it', async (t) => {
  const { page } = await blank(t);
  const counts = await page.evaluate(async () => {
    const { load } = await api();
    const [one, two] = await Promise.all([load(), load('node_modules/mobilenet-web/models/furniture.safetensors')]);
    const sofa = await picture('sofa');
    const answers = await Promise.all([one.classify(sofa), two.classify(sofa)]);
    const counts = [{ ...workers }];
    one.dispose();
    one.dispose();
    await two.classify(sofa);
    counts.push({ ...workers });
    two[Symbol.dispose]();
    counts.push({ ...workers });
    (await load()).dispose();
    return { counts: [...counts, { ...workers }], same: JSON.stringify(answers[0].predictions) === JSON.stringify(answers[1].predictions) };
  });
  assert.deepEqual(counts, {
    counts: [{ started: 1, ended: 0 }, { started: 1, ended: 0 }, { started: 1, ended: 1 }, { started: 2, ended: 2 }],
    same: true,
  });
});

test('after dispose every call rejects, also those under way', async (t) => {
  const { page } = await blank(t);
  const endings = await page.evaluate(async () => {
    const { load } = await api();
    const [classifier, other] = [await load(), await load()];
    const sofa = await picture('sofa');
    const underWay = [1, 2, 3].map(() => ending(classifier.classify(sofa)));
    await new Promise((next) => setTimeout(next));
    classifier.dispose();
    const calls = [classifier.classify(sofa), classifier.embed(sofa), classifier.heatmap(sofa), classifier.fit([])];
    return [...(await Promise.all([...underWay, ...calls.map(ending)])), await ending(other.classify(sofa))];
  });
  assert.equal(endings.pop()?.name, 'answered');
  for (const { name, code } of endings) assert.deepEqual([name, code], ['MobilenetError', 'disposed']);
});

test('an aborted call rejects with the reason of its signal and frees the engine', async (t) => {
  const { page, complaints } = await blank(t);
  const found = await page.evaluate(async () => {
    const { load } = await api();
    const classifier = await load();
    const sofa = await picture('sofa');
    const samples = ['sofa', 'chair'].flatMap((label) => Array.from({ length: 400 }, () => ({ label, embedding: Float32Array.from({ length: 1280 }, Math.random) })));
    const settings = { recipe: { epochs: 10_000, patience: 10_000 } };
    const fitting = new AbortController();
    const waiting = new AbortController();
    // A fit that would take minutes is at work, and a picture waits behind it.
    let begin = (/** @type {unknown} */ _epoch) => {};
    const begun = new Promise((resolve) => (begin = resolve));
    const fit = ending(classifier.fit(samples, { settings, signal: fitting.signal, onEpoch: (epoch) => begin(epoch) }));
    await begun;
    const behind = ending(classifier.classify(sofa, { signal: waiting.signal }));
    const later = classifier.classify(sofa);
    waiting.abort(new TypeError('no longer wanted'));
    const first = await behind;
    const startedBefore = workers.started;
    fitting.abort();
    const endings = [first, await fit, await ending(classifier.classify(sofa, { signal: AbortSignal.abort() })), await ending(load(null, { signal: AbortSignal.abort() }))];
    return { endings: endings.map(({ name }) => name), predictions: (await later).predictions, replaced: workers.started - startedBefore };
  });
  assert.deepEqual(found.endings, ['TypeError', 'AbortError', 'AbortError', 'AbortError']);
  assert.equal(found.replaced, 1);
  assert.deepEqual(found.predictions, await expected());
  assert.deepEqual(complaints, []);
});

test('a load that is aborted on its way leaves no worker behind', async (t) => {
  const { page } = await blank(t);
  const found = await page.evaluate(async () => {
    const { load } = await api();
    const controller = new AbortController();
    /** @type {number[]} */
    const loaded = [];
    const onProgress = (/** @type {{ loaded: number }} */ { loaded: bytes }) => {
      loaded.push(bytes);
      controller.abort();
    };
    const { name } = await ending(load(null, { onProgress, signal: controller.signal }));
    return { name, progressed: loaded.length > 0, left: workers.started - workers.ended };
  });
  assert.deepEqual(found, { name: 'AbortError', progressed: true, left: 0 });
});

test('what goes wrong has a code and a class', async (t) => {
  const { page } = await blank(t);
  const codes = await page.evaluate(async () => {
    const { MobilenetError, load } = await api();
    const classifier = await load();
    const empty = Object.assign(document.createElement('canvas'), { width: 0, height: 0 });
    const calls = {
      'empty-file': classifier.classify(new Blob([])),
      'unsupported-format': classifier.classify(new Blob(['text'])),
      'unreadable-picture': classifier.classify(empty),
      'no image': classifier.classify(Object.assign(new Image(), { src: 'nothing.jpg' })),
      'no frame': classifier.classify(document.createElement('video')),
      'bad-argument': classifier.classify(await picture('sofa'), { topK: 1.5 }),
      'no label': classifier.heatmap(await picture('sofa'), { label: 'car' }),
      'bad-model': load(new Uint8Array([1, 2, 3])),
      'model-missing': load('nothing.safetensors'),
      'no address': load('http://'),
    };
    const told = Object.entries(calls).map(async ([name, call]) => [name, await call.catch((/** @type {unknown} */ error) => error instanceof MobilenetError && error.code)]);
    return Object.fromEntries(await Promise.all(told));
  });
  assert.deepEqual(codes, {
    'empty-file': 'empty-file',
    'unsupported-format': 'unsupported-format',
    'unreadable-picture': 'unreadable-picture',
    'no image': 'unreadable-picture',
    'no frame': 'unreadable-picture',
    'bad-argument': 'bad-argument',
    'no label': 'bad-argument',
    'bad-model': 'bad-model',
    'model-missing': 'model-missing',
    'no address': 'model-missing',
  });
});

test('a video is followed while somebody looks, until it is stopped', async (t) => {
  const { page, complaints } = await blank(t);
  const found = await page.evaluate(async () => {
    const { load } = await api();
    const classifier = await load();
    const canvas = Object.assign(document.createElement('canvas'), { width: 240, height: 320 });
    const context = canvas.getContext('2d');
    let shown = await createImageBitmap(await picture('sofa'));
    const painting = setInterval(() => context?.drawImage(shown, 0, 0, 240, 320), 20);
    const video = Object.assign(document.createElement('video'), { muted: true, srcObject: canvas.captureStream() });
    document.body.append(video);
    await video.play();
    let answers = 0;
    const sees = (/** @type {string} */ label) =>
      new Promise((resolve, reject) => {
        const onAnswer = (/** @type {any} */ answer) => {
          answers++;
          if (answer.predictions[0].label === label && answer.predictions.length === 2) resolve(label);
        };
        classifier.start(video, { topK: 2, onAnswer, onError: reject });
      });
    const quiet = async () => {
      const before = answers;
      await new Promise((next) => setTimeout(next, 400));
      return answers - before;
    };
    const seen = [await sees('sofa')];
    shown = await createImageBitmap(await picture('chair'));
    seen.push(await sees('chair'));
    let hidden = true;
    Object.defineProperty(document, 'hidden', { get: () => hidden });
    await quiet();
    const whileHidden = await quiet();
    hidden = false;
    seen.push(await sees('chair'));
    classifier.stop();
    await quiet();
    const afterStop = await quiet();
    clearInterval(painting);
    return { seen, whileHidden, afterStop };
  });
  assert.deepEqual(found, { seen: ['sofa', 'chair', 'chair'], whileHidden: 0, afterStop: 0 });
  assert.deepEqual(complaints, []);
});

test('a video whose frames cannot be classified is given up, once, and told', async (t) => {
  const { page } = await blank(t);
  const told = await page.evaluate(async () => {
    const { load } = await api();
    const classifier = await load();
    const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 64 });
    const painting = setInterval(() => canvas.getContext('2d')?.fillRect(0, 0, Math.random() * 64, 64), 20);
    const video = Object.assign(document.createElement('video'), { muted: true, srcObject: canvas.captureStream() });
    await video.play();
    Worker.prototype.postMessage = () => {
      throw new Error('no worker');
    };
    /** @type {string[]} */
    const codes = [];
    await new Promise((resolve) => classifier.start(video, { onError: ({ code }) => (codes.push(code), resolve(code)) }));
    await new Promise((next) => setTimeout(next, 300));
    clearInterval(painting);
    return codes;
  });
  assert.deepEqual(told, ['unexpected']);
});

test('a page may start the worker itself', async (t) => {
  const { page } = await blank(t);
  const found = await page.evaluate(async () => {
    const { load, setWorker } = await api();
    let calls = 0;
    setWorker(() => {
      calls++;
      return new Worker('node_modules/mobilenet-web/engine/worker/worker.js', { type: 'module' });
    });
    const classifier = await load();
    return { calls, label: (await classifier.classify(await picture('sofa'))).predictions[0]?.label };
  });
  assert.deepEqual(found, { calls: 1, label: 'sofa' });
});

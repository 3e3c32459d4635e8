// The page: connects what people bring (pictures, a camera, a model) with the classifier and with what they see.
//
// Everything that happens is also told to the page: `classified` and `classifier-error` events rise from <main>.

import { Announcer } from './announcer.js';
import { Camera } from './camera.js';
import { Client } from './client.js';
import { Failure } from './failure.js';
import { linkedHead } from './link.js';
import { ModelCard } from './model.js';
import { Notice } from './notice.js';
import { listenToChooser, listenToDrops, listenToPastes, listenToSamples } from './pictures.js';
import { Predictions, verdict } from './predictions.js';
import { Results } from './results.js';
import { Stage } from './stage.js';
import { Stopwatch } from './stopwatch.js';

/**
 * @typedef {import('./client.js').Answer} Answer
 * @typedef {import('./pictures.js').Source} Source
 * @typedef {import('./results.js').Line} Line
 * @typedef {{ file: File, source: Source, line: Line }} Arrival
 */

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 */
function element(id, type) {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new TypeError(`index.html has no ${type.name} with the id ${id}`);
}

const page = element('classifier', HTMLElement);
const video = element('video', HTMLVideoElement);
const cameraButton = element('camera', HTMLButtonElement);
const cameraChoice = element('camera-choice', HTMLSelectElement);

const notice = new Notice(element('notice', HTMLElement));
const announcer = new Announcer(element('announcer', HTMLElement));
const stopwatch = new Stopwatch(element('time', HTMLElement));
const stage = new Stage({
  element: element('stage', HTMLElement),
  backdrop: element('backdrop', HTMLElement),
  image: element('picture', HTMLImageElement),
  caption: element('caption', HTMLElement),
});
const predictions = new Predictions({
  headline: element('headline', HTMLElement),
  detail: element('detail', HTMLElement),
  list: element('bars', HTMLElement),
});
const results = new Results({
  box: element('results', HTMLElement),
  list: element('lines', HTMLElement),
  count: element('count', HTMLElement),
  stop: element('stop', HTMLButtonElement),
});
const card = new ModelCard({
  loading: element('loading', HTMLElement),
  progress: element('progress', HTMLProgressElement),
  state: element('state', HTMLElement),
  labels: element('labels', HTMLElement),
  facts: element('facts', HTMLElement),
  reset: element('reset', HTMLButtonElement),
});
const client = new Client({ onProgress: (progress) => card.showProgress(progress) });
const camera = new Camera(video, { onFrame: classifyFrame, onLost: (failure) => (closeCamera(), report(failure, 'camera')) });

/** @type {Arrival[]} */
const waiting = [];
let working = false;
let cancelled = new AbortController();

/**
 * @param {Answer} answer
 * @param {Source | 'camera'} source
 * @param {string} name of the file
 */
function tell(answer, source, name) {
  page.dispatchEvent(new CustomEvent('classified', { bubbles: true, detail: { ...answer, source, name } }));
  // A camera's percentages never stand still, and would never let a screen reader rest.
  announcer.say(source === 'camera' ? verdict(answer).headline : sentence(answer, name));
}

/**
 * @param {Answer} answer
 * @param {string} name
 */
function sentence(answer, name) {
  const { headline, detail } = verdict(answer);
  return `${name}: ${headline}, ${detail}`;
}

/**
 * @param {unknown} error
 * @param {Source | 'camera' | 'model'} source
 * @param {string} [name] of the file, which the engine does not know
 */
function report(error, source, name = '') {
  const { code, message: reason } = Failure.from(error);
  const message = name ? `${name}: ${reason}` : reason;
  // In a list every file has its own line for this.
  if (results.shown && source !== 'camera' && source !== 'model') announcer.say(message);
  else notice.show(code, message);
  page.dispatchEvent(new CustomEvent('classifier-error', { bubbles: true, detail: { code, message, source, name } }));
}

/**
 * @param {File[]} files
 * @param {Source} source
 */
function receive(files, source) {
  const models = files.filter(({ name }) => name.endsWith('.safetensors'));
  for (const model of models) openModel(model, model.name);
  const pictures = files.filter((file) => !models.includes(file));
  if (!pictures.length) return;
  closeCamera();
  if (!working) results.clear();
  for (const file of pictures) {
    waiting.push({ file, source, line: results.add(file.name, (answer) => showAgain(file, answer)) });
  }
  work();
}

/** One file after the other, so that each line can be followed and a stop loses nothing but what still waits. */
async function work() {
  if (working) return;
  working = true;
  notice.hide();
  page.toggleAttribute('data-busy', true);
  for (let next = waiting.shift(); next; next = waiting.shift()) await classify(next);
  page.toggleAttribute('data-busy', false);
  working = false;
}

/** @param {Arrival} arrival */
async function classify({ file, source, line }) {
  try {
    await loaded;
    const answer = await client.classifyPicture(file, { topK: predictions.topK, signal: cancelled.signal });
    show(file, answer);
    line.answer(answer);
    tell(answer, source, file.name);
  } catch (error) {
    const failure = Failure.from(error);
    // What was shown before is not the answer to this file.
    showNothing();
    line.fail(failure);
    report(failure, source, file.name);
  }
}

/**
 * @param {File} file
 * @param {Answer} answer
 */
function show(file, answer) {
  closeCamera();
  notice.hide();
  stage.showPicture(file);
  predictions.show(answer);
  stopwatch.showPicture(answer.millis);
}

/**
 * @param {File} file
 * @param {Answer} answer
 */
function showAgain(file, answer) {
  show(file, answer);
  announcer.say(sentence(answer, file.name));
}

function showNothing() {
  stage.showNothing();
  predictions.clear();
  stopwatch.clear();
}

function stopWork() {
  const stopped = new Failure('cancelled', 'stopped before it was classified');
  for (const { line } of waiting.splice(0)) line?.fail(stopped);
  cancelled.abort();
  cancelled = new AbortController();
}

/** @param {ImageBitmap} frame */
async function classifyFrame(frame) {
  try {
    await loaded;
    const answer = await client.classifyFrame(frame, { topK: predictions.topK });
    // Answers on their way when the camera was stopped would overwrite what is shown now.
    if (!answer || !camera.running) return;
    predictions.show(answer);
    stopwatch.showFrame(answer.millis);
    tell(answer, 'camera', '');
  } catch (error) {
    if (!camera.running) return;
    closeCamera();
    report(error, 'camera');
  }
}

/** @param {string} [deviceId] */
async function openCamera(deviceId) {
  stopWork();
  notice.hide();
  try {
    if (!(await camera.start(deviceId))) return;
    results.clear();
    showNothing();
    stage.showCamera();
    cameraButton.textContent = 'Stop camera';
    await offerCameras();
  } catch (error) {
    closeCamera();
    report(error, 'camera');
  }
}

async function offerCameras() {
  const cameras = await camera.list();
  cameraChoice.replaceChildren(...cameras.map(({ label, deviceId }) => new Option(label, deviceId, false, deviceId === camera.deviceId)));
  cameraChoice.hidden = cameras.length < 2;
}

function closeCamera() {
  if (camera.running) showNothing();
  camera.stop();
  cameraChoice.hidden = true;
  cameraButton.textContent = 'Start camera';
}

/**
 * @param {Blob | null} file null is the model inside the wasm
 * @param {string | null} name
 */
async function openModel(file, name) {
  try {
    const model = await client.openModel(file);
    notice.hide();
    predictions.setLabels(model.labels);
    stopwatch.clear();
    card.showModel(model, name);
    announcer.say(`Model opened: ${model.labels.join(', ')}`);
  } catch (error) {
    report(error, 'model', name ?? '');
  }
}

/** Opens the head in the page's address, if there is one. */
async function openLink() {
  try {
    const head = linkedHead(location.hash);
    if (head) await openModel(head, 'From the link');
  } catch (error) {
    report(error, 'model');
  }
}

/** Goes back to the model inside the wasm, and forgets the link. */
function resetModel() {
  history.replaceState(null, '', location.pathname + location.search);
  openModel(null, null);
}

async function load() {
  try {
    const model = await client.load();
    predictions.setLabels(model.labels);
    card.showModel(model, null);
    await openLink();
    page.toggleAttribute('data-ready', true);
  } catch (error) {
    card.showFailure();
    report(error, 'model');
    throw error;
  }
}

const loaded = load();
// Reported above; whoever needs the model waits for this promise and fails with it.
loaded.catch(() => {});

const listeners = {
  onFiles: receive,
  /** @type {(failure: Failure, source: Source) => void} */
  onFailure: report,
};
listenToChooser(element('pictures', HTMLInputElement), listeners);
listenToDrops(element('stage', HTMLElement), listeners);
listenToPastes(listeners);
listenToSamples(element('samples', HTMLElement), listeners);
listenToChooser(element('model-file', HTMLInputElement), { ...listeners, onFiles: ([file]) => file && openModel(file, file.name) });
element('reset', HTMLButtonElement).addEventListener('click', resetModel);
window.addEventListener('hashchange', openLink);
element('stop', HTMLButtonElement).addEventListener('click', stopWork);
cameraButton.addEventListener('click', () => (camera.running ? closeCamera() : openCamera()));
cameraChoice.addEventListener('change', () => openCamera(cameraChoice.value));

if (new URLSearchParams(location.search).has('profile')) {
  import('./profile.js').then(({ ProfilePanel }) => new ProfilePanel({ client, main: page }).measure());
}

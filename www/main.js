// The page around <mobilenet-classifier>: its language, the samples, the model card, links that carry a head, and what is dropped or
// pasted anywhere.

import { offerLanguages, writer } from './language.js';
import './relaxed-simd.js';
import '../pkg/element/define.js';
import { MobilenetClassifier } from '../pkg/element/element.js';
import { listenToChooser, listenToDrops, listenToPastes } from '../pkg/element/pictures.js';
import { client } from '../pkg/engine/page/client.js';
import { setOnnxConverter } from '../pkg/engine/page/converter.js';
import { Failure } from '../pkg/engine/shared/failure.js';
import { Footer } from './footer.js';
import { linkedHead } from './link.js';
import { ModelCard } from './model.js';
import { offerInstall } from './offline.js';
import { OnnxPanel } from './onnx.js';
import { listenToSamples } from './samples.js';

/**
 * @template {Element} T
 * @param {string} selector
 * @param {new () => T} type
 */
function find(selector, type) {
  const found = document.querySelector(selector);
  if (found instanceof type) return found;
  throw new TypeError(`index.html has no ${type.name} at ${selector}`);
}

setOnnxConverter(new URL('../pkg/wasm/mobilenet_onnx_bg.wasm', import.meta.url));

const classifier = find('mobilenet-classifier', MobilenetClassifier);
// All scripts that the page needs to begin with are there, and the browser has elements.
find('#stuck', HTMLElement).remove();

const reset = find('#reset', HTMLButtonElement);
const footer = new Footer({ count: find('#requests', HTMLElement), kept: find('#kept', HTMLElement), update: find('#update', HTMLElement) }, writer);
client.followRequests((moments) => footer.addRequests(moments));
const compare = find('#compare', HTMLLabelElement);
const card = new ModelCard({ facts: find('#facts', HTMLElement), reset, compare }, writer);
offerLanguages(find('#language', HTMLSelectElement));

/**
 * The element tells what became of it.
 *
 * @param {Blob | null} model
 * @param {string} [name]
 */
function open(model, name) {
  classifier.openModel(model, name).catch(() => {});
}

/**
 * A file by any other name is taken for a model of ours.
 *
 * @param {File[]} files
 */
function openChosen(files) {
  const [file] = files;
  if (files.some(({ name }) => /\.(onnx|txt)$/i.test(name))) classifier.receive(files, 'file');
  else if (file) open(file);
}

/** Opens the head in the page's address, if there is one. */
function openLink() {
  try {
    const head = linkedHead(location.hash);
    if (head) open(head, 'From the link');
  } catch (error) {
    classifier.refuse(error, 'model');
  }
}

/** Goes back to the model inside the wasm, and forgets the link. */
function resetModel() {
  history.replaceState(null, '', location.pathname + location.search);
  open(null);
}

/** @type {import('../pkg/element/pictures.js').Listeners} */
const listeners = {
  onFiles: (files, source) => classifier.receive(files, source),
  onFailure: (failure, source) => classifier.refuse(failure, source),
};
listenToDrops(window, { ...listeners, onHover: (over) => classifier.toggleAttribute('data-dropping', over) });
listenToPastes(listeners);
listenToSamples(find('#samples', HTMLElement), listeners);
listenToChooser(find('#model-file', HTMLInputElement), { ...listeners, onFiles: openChosen });
new OnnxPanel(compare, classifier, writer);
classifier.addEventListener('model-opened', () => classifier.model && card.show(classifier.model));
reset.addEventListener('click', resetModel);
compare.addEventListener('change', () => (classifier.compare = find('#compare input', HTMLInputElement).checked));
addEventListener('hashchange', openLink);
openLink();

/**
 * Nothing that is shown first waits for what teaches. A head from a link is what its sender wants to be seen: what was taught here
 * waits for a click then.
 */
async function addTheRest() {
  const { MobilenetTeacher, ProfilePanel, SharePanel } = await import('./later.js');
  find('mobilenet-teacher', MobilenetTeacher).restore = !location.hash;
  if (new URLSearchParams(location.search).has('profile')) new ProfilePanel(find('main', HTMLElement), writer).measure();
  await new SharePanel({ place: find('#share', HTMLElement), classifier }).ready;
}

const torn = () => classifier.refuse(new Failure('load-failed', 'A part of the page could not be fetched, so not everything here works. Reload it to try again.'), 'model');
const opened = new Promise((done) => ['model-opened', 'classifier-error'].forEach((type) => classifier.addEventListener(type, done, { once: true })));
opened.then(offerInstall);
// Who has a picture at hand gets its answer first.
const rest = opened.then(() => new Promise((done) => setTimeout(done, 200))).then(addTheRest);
rest.catch(torn);
// Requests are counted once all is there that the page needs, whatever is done with it.
classifier.addEventListener('model-opened', () => rest.catch(() => {}).then(() => client.prepareStudio()).then(() => footer.start()), { once: true });

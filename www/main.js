// The page around <mobilenet-classifier>: the samples, the model card, links that carry a head, and what is dropped or
// pasted anywhere.

import './element/define.js';
import { MobilenetClassifier } from './element/element.js';
import { listenToChooser, listenToDrops, listenToPastes } from './element/pictures.js';
import { linkedHead } from './link.js';
import { ModelCard } from './model.js';
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

const classifier = find('mobilenet-classifier', MobilenetClassifier);
const reset = find('#reset', HTMLButtonElement);
const card = new ModelCard({ facts: find('#facts', HTMLElement), reset });

/**
 * The element tells what became of it.
 *
 * @param {Blob | null} model
 * @param {string} [name]
 */
function open(model, name) {
  classifier.openModel(model, name).catch(() => {});
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

/** @type {import('./element/pictures.js').Listeners} */
const listeners = {
  onFiles: (files, source) => classifier.receive(files, source),
  onFailure: (failure, source) => classifier.refuse(failure, source),
};
listenToDrops(window, { ...listeners, onHover: (over) => classifier.toggleAttribute('data-dropping', over) });
listenToPastes(listeners);
listenToSamples(find('#samples', HTMLElement), listeners);
listenToChooser(find('#model-file', HTMLInputElement), { ...listeners, onFiles: ([file]) => file && open(file) });
classifier.addEventListener('model-opened', () => classifier.model && card.show(classifier.model));
reset.addEventListener('click', resetModel);
addEventListener('hashchange', openLink);
openLink();

// Teaching is fetched once the page is of use. A head from a link is what its sender wants to be seen: what was taught here
// waits for a click then.
classifier.ready.then(async () => {
  const { MobilenetTeacher } = await import('./teach/define.js');
  find('mobilenet-teacher', MobilenetTeacher).restore = !location.hash;
}).catch(() => {});

if (new URLSearchParams(location.search).has('profile')) {
  import('./profile.js').then(({ ProfilePanel }) => new ProfilePanel(find('main', HTMLElement)).measure());
}

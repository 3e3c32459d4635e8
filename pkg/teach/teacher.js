// <mobilenet-teacher>: teaches the <mobilenet-classifier> around it new classes, from its camera and from files. `define.js`
// registers it.
//
// Its words are in the language of its `lang`, or of the nearest element around it that has one.
//
// Attributes, each with a property of the same name:
// - `open`: shows the classes; without it an invitation with one button, which sets it.
// - `restore`: takes up what was taught in this browser before, if anything was, and opens.
// - `project`: the name under which it is kept in this browser. Default "default"; two teachers need two names.
//
// Event, which bubbles through the classifier and is composed:
// - `taught`: `{ model, labels, history, confusion, accuracy, samples }`; model is the head as a Blob, a file that `mobilenet`
//   and every classifier open, or null when fewer than two classes have samples.
// What goes wrong is told by the classifier as `classifier-error`, and shown in its notice.
//
// Parts: teach, invitation. Colours are those of the classifier.

import { Failure } from '../engine/shared/failure.js';
import { HostElement } from '../element/host-element.js';
import { dress } from '../element/template.js';
import { Follower } from '../words/follower.js';
import { Writer } from '../words/writer.js';
import { button } from './class-card.js';
import { TeachPanel } from './panel.js';

/**
 * @typedef {import('../element/element.js').MobilenetClassifier} MobilenetClassifier
 * @typedef {import('./lesson.js').Outcome} Outcome
 * @typedef {CustomEvent<{ predictions: { label: string, probability: number }[], rejected: boolean, source: string }>} Classified
 */

// Each in words that bundlers know for an address.
const sheets = () => [
  new URL('../element/base.css', import.meta.url),
  new URL('../element/controls.css', import.meta.url),
  new URL('./teach.css', import.meta.url),
  new URL('./classes.css', import.meta.url),
];
// What the model that is being taught is called in events, whatever the language (`Words.nameOf`).
const NAME = 'Taught here';

/** The custom element. */
export class MobilenetTeacher extends HostElement {
  static observedAttributes = ['open', 'restore'];

  /** @type {MobilenetClassifier | null} */
  #classifier = null;
  /** @type {Promise<TeachPanel> | null} */
  #panel = null;
  #frame = document.createElement('div');
  #writer = new Writer(this.#frame);
  #follower = new Follower(this, (words) => this.#setWords(words));
  #invitation = invite(() => this.#begin());
  #onModel = () => this.attributeChangedCallback();
  #onCamera = () => this.#showCamera();
  #onClassified = (/** @type {Event} */ event) => this.#showLikely(/** @type {Classified} */ (event));

  constructor() {
    super();
    this.#frame.append(this.#invitation);
    dress(this.attachShadow({ mode: 'open' }), sheets(), this.#frame, this.#follower.ready);
  }

  connectedCallback() {
    this.#follower.start();
    const classifier = /** @type {MobilenetClassifier | null} */ (this.closest('mobilenet-classifier'));
    if (!classifier || this.#classifier) return;
    this.#classifier = classifier;
    classifier.addEventListener('classified', this.#onClassified);
    classifier.addEventListener('camera-changed', this.#onCamera);
    this.attributeChangedCallback();
  }

  disconnectedCallback() {
    // By then it may be in the document again, somewhere else.
    queueMicrotask(() => this.isConnected || this.#release());
  }

  attributeChangedCallback() {
    const classifier = this.#classifier;
    if (!classifier) return;
    if (this.open || (this.restore && classifier.model)) this.#openPanel({ onlyIfKept: !this.open });
    // Asked whether it is ready, a classifier that failed would try once more to load, which is for a person to decide.
    else if (this.restore) classifier.addEventListener('model-opened', this.#onModel, { once: true });
  }

  get open() {
    return this.hasAttribute('open');
  }

  /** @param {boolean} on */
  set open(on) {
    this.toggleAttribute('open', Boolean(on));
  }

  get restore() {
    return this.hasAttribute('restore');
  }

  /** @param {boolean} on */
  set restore(on) {
    this.toggleAttribute('restore', Boolean(on));
  }

  get project() {
    return this.getAttribute('project') || 'default';
  }

  /** @param {string} name */
  set project(name) {
    this.setAttribute('project', name);
  }

  /** @param {import('../words/words.js').Words} words */
  async #setWords(words) {
    this.#writer.setWords(words);
    const panel = await this.#panel?.catch(() => null);
    panel?.rewrite();
  }

  /** A click on the invitation: the camera is what comes next, so it starts at once. */
  async #begin() {
    this.open = true;
    await this.#panel;
    await this.#startCamera();
  }

  /** @param {{ onlyIfKept?: boolean }} [options] */
  async #openPanel({ onlyIfKept = false } = {}) {
    this.#panel ??= this.#makePanel();
    try {
      const panel = await this.#panel;
      if (!(await panel.begin({ onlyIfKept }))) return;
      this.#put(panel.element);
      this.open = true;
      await this.#showCamera();
    } catch (error) {
      this.#panel = null;
      this.#classifier?.refuse(Failure.from(error), 'model');
    }
  }

  async #makePanel() {
    const classifier = /** @type {MobilenetClassifier} */ (this.#classifier);
    await classifier.ready;
    const engine = classifier.session;
    if (!engine) throw new Failure('cancelled', 'The classifier has left the page.');
    const info = classifier.model?.info;
    const host = {
      engine,
      // Those that were saved before embeddings had a tail are too short, and made again.
      backbone: info ? `${info.backbone} ${info.features}` : '',
      last: info?.layers[0] ?? 0,
      project: this.project,
      openCamera: () => this.#startCamera(),
      grab: () => classifier.grab(),
      onTaught: (/** @type {Outcome | null} */ outcome) => void this.#tell(outcome),
      onFailure: (/** @type {Failure} */ failure, /** @type {string} */ name = '') => classifier.refuse(failure, 'model', name),
    };
    return new TeachPanel(host, this.#writer);
  }

  /** @param {HTMLElement} element to be seen, which may not have been there when the language changed */
  #put(element) {
    this.#frame.replaceChildren(element);
    this.#writer.rewrite();
  }

  async #startCamera() {
    if (this.#classifier?.stream) return true;
    // The classifier shows and tells why it did not start.
    return this.#classifier?.startCamera().then(() => true, () => false) ?? false;
  }

  /** @param {Outcome | null} outcome */
  async #tell(outcome) {
    const model = outcome && new Blob([new Uint8Array(outcome.taught.model)]);
    await this.#classifier?.openModel(model, NAME, { quiet: true }).catch(() => {});
    const { history = [], confusion = [], best_epoch: best = 0 } = outcome?.taught ?? {};
    const detail = {
      model,
      labels: outcome?.labels ?? [],
      history,
      confusion,
      accuracy: history[best - 1]?.validation_accuracy ?? null,
      samples: outcome?.project.samples.length ?? 0,
    };
    this.dispatchEvent(new CustomEvent('taught', { bubbles: true, composed: true, detail }));
  }

  /** @param {Classified} event */
  async #showLikely({ detail: { predictions, rejected, source } }) {
    const panel = await this.#panel;
    panel?.showLikely(source === 'camera' && !rejected ? (predictions[0]?.label ?? null) : null);
  }

  async #showCamera() {
    const panel = await this.#panel;
    panel?.showCamera(this.#classifier?.stream ?? null, this.#classifier?.mirror ?? false);
  }

  async #release() {
    this.#follower.stop();
    this.#classifier?.removeEventListener('model-opened', this.#onModel);
    this.#classifier?.removeEventListener('classified', this.#onClassified);
    this.#classifier?.removeEventListener('camera-changed', this.#onCamera);
    this.#classifier = null;
    const panel = await this.#panel?.catch(() => null);
    this.#panel = null;
    this.#put(this.#invitation);
    await panel?.close();
  }
}

/** @param {() => void} onAccept */
function invite(onAccept) {
  const invitation = document.createElement('section');
  invitation.className = 'invitation';
  invitation.setAttribute('part', 'invitation');
  invitation.setAttribute('aria-labelledby', 'invitation-title');
  const title = document.createElement('h2');
  title.id = 'invitation-title';
  title.dataset.say = 'teach.title';
  const text = document.createElement('p');
  text.dataset.say = 'teach.invitation';
  const accept = button('button primary');
  accept.dataset.say = 'teach.start';
  accept.addEventListener('click', onAccept);
  invitation.append(title, text, accept);
  return invitation;
}

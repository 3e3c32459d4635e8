// A lesson: the project that is being taught, the pictures and embeddings that belong to it, and the head that comes of it.
//
// It knows nothing of what is seen. Every change goes through the history, to the store, and to the trainer, in that order:
// what can be undone is what is kept, and what is kept is what is fitted.

import { Failure } from '../engine/shared/failure.js';
import { advise } from './advice.js';
import { ahead } from './ahead.js';
import { History } from './history.js';
import { readProject, writeProject } from './project-file.js';
import * as projects from './project.js';
import { Trainer } from './trainer.js';

/**
 * @typedef {import('./project.js').Project} Project
 * @typedef {import('./curves.js').Epoch} Epoch
 * @typedef {import('../engine/worker/worker.js').Taught} Taught
 * @typedef {import('../engine/worker/worker.js').TeachInput} TeachInput
 * @typedef {{ picture: Blob, embedding: Float32Array | null }} Content of a sample
 * @typedef {{ taught: Taught, project: Project, labels: string[], millis: number }} Outcome labels: of the classes with samples
 *
 * @typedef {object} Engine
 * @property {(frame: ImageBitmap) => Promise<{ picture: Blob, embedding: Float32Array }>} sample a frame as a picture file
 * @property {number} [ahead] how many are best embedded at once
 * @property {(picture: Blob, options: { signal?: AbortSignal }) => Promise<Float32Array>} embed
 * @property {(input: TeachInput, onEpoch: (epoch: Epoch) => void) => Promise<Taught>} teach
 *
 * @typedef {object} Listeners
 * @property {() => void} onChange the project is another one
 * @property {() => void} onFit a fit begins
 * @property {() => void} onFitFailed likewise told to `onFailure`
 * @property {(epoch: Epoch) => void} onEpoch
 * @property {(outcome: Outcome | null) => void} onTaught null when there is nothing to tell apart any more
 * @property {(failure: Failure, name?: string) => void} onFailure
 */

// Ten frames a second differ enough to be worth keeping, and leave time for the live answer.
const CAPTURE_MILLIS = 100;

export class Lesson {
  #engine;
  #store;
  #backbone;
  #last;
  #listeners;
  #history = new History(projects.EMPTY_PROJECT);
  /** @type {Map<string, Content>} by sample id, of every project that can be returned to */
  #contents = new Map();
  /** @type {Map<string, string>} by sample id */
  #urls = new Map();
  /** @type {Trainer<Project, Outcome>} */
  #trainer;
  /** @type {Outcome | null} */
  #latest = null;
  /** The code of what keeps it from being stored, which is told once and not for each frame of a burst. */
  #storageTrouble = '';

  /**
   * @param {{ engine: Engine, store: import('./store.js').Store, backbone: string, last: number }} parts backbone: names what makes the
   *   engine's embeddings; last: numbers of its last layer, with which they start
   * @param {Listeners} listeners
   */
  constructor({ engine, store, backbone, last }, listeners) {
    this.#engine = engine;
    this.#store = store;
    this.#backbone = backbone;
    this.#last = last;
    this.#listeners = listeners;
    this.#trainer = new Trainer({
      fit: (project) => (listeners.onFit(), this.#fit(project, listeners.onEpoch)),
      onDone: (outcome) => this.#tell(outcome),
      onFailure: (error) => {
        listeners.onFitFailed();
        listeners.onFailure(Failure.from(error));
      },
    });
  }

  get project() {
    return this.#history.present;
  }

  get canUndo() {
    return this.#history.canUndo;
  }

  get canRedo() {
    return this.#history.canRedo;
  }

  /** Whether there are two classes to tell apart. */
  get canFit() {
    return canFit(this.project);
  }

  /**
   * What is wrong with the samples, most important first. Classes without any are not yet there.
   *
   * @param {import('../words/words.js').Words} words
   */
  advice(words) {
    const { samples } = this.project;
    const begun = { ...this.project, classes: projects.begunClasses(this.project) };
    if (begun.classes.length < 2) return [];
    const embeddings = new Map(samples.flatMap(({ id }) => {
      const embedding = this.#contents.get(id)?.embedding;
      return embedding ? [[id, embedding]] : [];
    }));
    const validation = this.isFitted ? (this.#latest?.taught ?? null) : null;
    return advise(begun, { embeddings, last: this.#last, validation }, words);
  }

  /** @param {string} classId */
  samplesOf(classId) {
    return this.project.samples.filter((sample) => sample.classId === classId);
  }

  /** @param {{ id: string }} sample */
  urlOf({ id }) {
    const known = this.#urls.get(id);
    if (known) return known;
    const url = URL.createObjectURL(this.#content(id).picture);
    this.#urls.set(id, url);
    return url;
  }

  /** Whether the latest head is that of the present samples. */
  get isFitted() {
    return this.#latest?.project === this.project;
  }

  /** Takes up what was kept in this browser; whether there was anything, and how many samples of it were lost. */
  async restore() {
    const restored = await this.#store.load(this.#backbone).catch((error) => {
      this.#storageTrouble = error.code;
      throw error;
    });
    if (!restored || restored.project.classes.length === 0) return { found: false, lost: 0 };
    for (const [id, content] of restored.contents) this.#contents.set(id, content);
    this.#history = new History(restored.project);
    await this.#embedMissing();
    this.#changed();
    return { found: true, lost: restored.lost };
  }

  /**
   * Begins with a project that no undo takes away.
   *
   * @param {Project} project
   */
  begin(project) {
    this.#history = new History(project);
    this.#changed();
  }

  /**
   * @param {(project: Project) => Project} operation one of `project.js`
   * @param {{ joined?: boolean }} [options] as of `History.change`
   */
  change(operation, options) {
    const before = this.project;
    const gone = this.#history.change(operation(before), options);
    this.#forget(gone);
    if (gone.length) this.#stored(this.#store.removeSamples(gone));
    if (this.project !== before) this.#changed();
  }

  undo() {
    this.#step(() => this.#history.undo());
  }

  redo() {
    this.#step(() => this.#history.redo());
  }

  /** @param {() => Project} step of the history, which has an end on both sides */
  #step(step) {
    const before = this.project;
    if (step() !== before) this.#changed();
  }

  /**
   * Takes samples from the camera until it is told to stop, and one at least.
   *
   * @param {string} classId
   * @param {() => Promise<ImageBitmap>} grab
   * @param {AbortSignal} signal
   */
  async capture(classId, grab, signal) {
    const burst = projects.nextBurst(this.project);
    for (let count = 0; count === 0 || !signal.aborted; count++) {
      const begun = performance.now();
      const { picture, embedding } = await this.#engine.sample(await grab());
      this.#add(classId, burst, { picture, embedding }, `camera ${burst + 1}.${count + 1}.jpg`, count > 0);
      await rest(CAPTURE_MILLIS - (performance.now() - begun));
    }
  }

  /**
   * Adds picture files, each a burst of its own. What cannot be read is told of and left out.
   *
   * @param {string} classId
   * @param {readonly File[]} files
   * @param {{ signal?: AbortSignal, onProgress?: (done: number) => void }} [options]
   */
  async addFiles(classId, files, { signal, onProgress = () => {} } = {}) {
    let joined = false;
    let done = 0;
    for (const { item: picture, outcome } of ahead(files, () => this.#engine.ahead, (file) => this.#engine.embed(file, { signal }))) {
      if (signal?.aborted) return;
      try {
        const embedding = await outcome;
        this.#add(classId, projects.nextBurst(this.project), { picture, embedding }, picture.name, joined);
        joined = true;
      } catch (error) {
        this.#listeners.onFailure(Failure.from(error), picture.name);
      }
      onProgress(++done);
    }
  }

  /**
   * Opens a project file in place of the present project, which can be returned to.
   *
   * @param {Blob} file
   * @param {{ onProgress?: (done: number, all: number) => void }} [options]
   */
  async open(file, { onProgress } = {}) {
    const { project, pictures } = await readProject(file);
    for (const [id, picture] of pictures) this.#contents.set(id, { picture, embedding: null });
    try {
      await this.#embedMissing(project, onProgress);
    } catch (error) {
      this.#forget(pictures.keys());
      throw error;
    }
    for (const id of pictures.keys()) this.#putSample(id);
    this.change(() => project);
  }

  /** The project as a file, with the head that its samples give. */
  async save() {
    const project = this.project;
    const latest = this.isFitted ? this.#latest : canFit(project) && (await this.#fit(project, () => {}));
    const pictures = new Map(project.samples.map(({ id }) => [id, this.#content(id).picture]));
    return writeProject(project, pictures, latest ? new Blob([new Uint8Array(latest.taught.model)]) : null);
  }

  /** Lets another tab have the project until it is changed here. */
  rest() {
    return this.#store.close();
  }

  /** Lets go of everything but what is kept in this browser. */
  async close() {
    this.#trainer.request(null);
    this.#forget([...this.#contents.keys()]);
    await this.#store.close();
  }

  /**
   * @param {string} classId
   * @param {number} burst
   * @param {Content} content
   * @param {string} name
   * @param {boolean} joined to the step before
   */
  #add(classId, burst, content, name, joined) {
    // The class may have been deleted while its picture was on the way.
    if (!this.project.classes.some(({ id }) => id === classId)) return;
    const id = projects.newId();
    this.#contents.set(id, content);
    this.#putSample(id);
    this.change((project) => projects.addSamples(project, classId, burst, [{ id, name }]), { joined });
  }

  /** What every change ends with. */
  #changed() {
    const { project } = this;
    this.#stored(this.#store.save(project));
    this.#trainer.request(canFit(project) ? project : null);
    this.#listeners.onChange();
    if (!canFit(project) && this.#latest) this.#tell(null);
  }

  /** @param {Outcome | null} outcome */
  #tell(outcome) {
    this.#latest = outcome;
    this.#listeners.onTaught(outcome);
  }

  /**
   * @param {Project} project
   * @param {(epoch: Epoch) => void} onEpoch
   * @returns {Promise<Outcome>}
   */
  async #fit(project, onEpoch) {
    const { ids, labels, classes, bursts, settings } = projects.fitInput(project);
    const rows = ids.map((id) => this.#content(id).embedding ?? new Float32Array());
    const features = rows[0]?.length ?? 0;
    const embeddings = new Float32Array(rows.length * features);
    rows.forEach((row, index) => embeddings.set(row, index * features));
    const begun = performance.now();
    const taught = await this.#engine.teach({ embeddings, labels, classes, bursts, settings }, onEpoch);
    return { taught, project, labels, millis: performance.now() - begun };
  }

  /**
   * @param {Project} [project]
   * @param {(done: number, all: number) => void} [onProgress]
   */
  async #embedMissing(project = this.project, onProgress = () => {}) {
    const missing = project.samples.filter(({ id }) => !this.#content(id).embedding);
    const embed = (/** @type {{ id: string }} */ { id }) => this.#engine.embed(this.#content(id).picture, {});
    let done = 0;
    for (const { item: { id, name }, outcome } of ahead(missing, () => this.#engine.ahead, embed)) {
      this.#content(id).embedding = await outcome.catch((error) => {
        const { code, message } = Failure.from(error);
        throw new Failure(code, `${name}: ${message}`);
      });
      onProgress(++done, missing.length);
    }
  }

  /** @param {string} id */
  #putSample(id) {
    const { picture, embedding } = this.#content(id);
    this.#stored(this.#store.putSample(id, picture, embedding && { embedding, backbone: this.#backbone }));
  }

  /** @param {Promise<void>} written */
  #stored(written) {
    written.then(() => (this.#storageTrouble = ''), (error) => {
      const failure = Failure.from(error);
      if (failure.code !== this.#storageTrouble) this.#listeners.onFailure(failure);
      this.#storageTrouble = failure.code;
    });
  }

  /** @param {Iterable<string>} ids of samples that nothing can bring back */
  #forget(ids) {
    for (const id of ids) {
      URL.revokeObjectURL(this.#urls.get(id) ?? '');
      this.#urls.delete(id);
      this.#contents.delete(id);
    }
  }

  /** @param {string} id */
  #content(id) {
    const content = this.#contents.get(id);
    if (!content) throw new TypeError(`no sample has the id ${id}`);
    return content;
  }
}

/** @param {Project} project */
function canFit(project) {
  return projects.begunClasses(project).length >= 2;
}

/** @param {number} millis */
function rest(millis) {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, millis)));
}

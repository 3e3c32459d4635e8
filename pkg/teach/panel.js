// The part of the page where it is taught: shows a lesson's classes, and hands what people do to the lesson.

import { save } from '../files/export.js';
import { Failure } from '../engine/shared/failure.js';
import { ClassCard, button, group } from './class-card.js';
import { listenToDrops } from './drops.js';
import { Gallery } from './gallery.js';
import { Lesson } from './lesson.js';
import { Outcome } from './outcome.js';
import * as projects from './project.js';
import { Store } from './store.js';
import { Tools } from './tools.js';
import { Viewfinder } from './viewfinder.js';

/**
 * @typedef {import('./lesson.js').Outcome} Taught
 *
 * @typedef {object} Host where the panel lives
 * @property {import('./lesson.js').Engine} engine
 * @property {string} backbone names what makes the engine's embeddings
 * @property {number} last numbers of its last layer
 * @property {string} project its name in this browser's storage
 * @property {() => Promise<boolean>} openCamera whether it runs then
 * @property {() => Promise<ImageBitmap>} grab a frame of the camera
 * @property {(taught: Taught | null) => void} onTaught
 * @property {(failure: Failure, name?: string) => void} onFailure
 */

// With fewer there is nothing to tell apart.
const FIRST_CLASSES = 2;

export class TeachPanel {
  element = document.createElement('section');
  #host;
  #writer;
  #lesson;
  /** @type {Map<string, ClassCard>} by class id */
  #cards = new Map();
  #list = document.createElement('ol');
  #outcome;
  #viewfinder = new Viewfinder();
  #gallery;
  #tools;
  #addClass = button('button add-class');
  #captures = new AbortController();
  /** @type {Promise<void> | null} what was kept is being taken up, or was */
  #restoring = null;
  /** Pictures are being looked at, which is what is said meanwhile. */
  #looking = 0;

  /**
   * @param {Host} host
   * @param {import('../words/writer.js').Writer} writer
   */
  constructor(host, writer) {
    this.#host = host;
    this.#writer = writer;
    this.#outcome = new Outcome(writer);
    this.#tools = new Tools(writer, {
      onUndo: () => this.#lesson.undo(),
      onRedo: () => this.#lesson.redo(),
      onSave: () => this.#try(() => this.#save()),
      onOpen: (file) => this.open(file),
      onStartOver: () => this.#change(() => this.#firstProject()),
    });
    this.#lesson = new Lesson(
      { engine: host.engine, store: new Store(host.project, { onLost: host.onFailure }), backbone: host.backbone, last: host.last },
      {
        onChange: () => this.#show(),
        onFit: () => (this.#outcome.begin(), this.#outcome.say((words) => words.say('teach.learning'))),
        onFitFailed: () => this.#outcome.say((words) => words.say('teach.failed')),
        onEpoch: (epoch) => this.#outcome.addEpoch(epoch),
        onTaught: (taught) => this.#showTaught(taught),
        onFailure: host.onFailure,
      },
    );
    this.#gallery = new Gallery(writer, (sample) => this.#lesson.urlOf(sample), {
      onRemove: (ids) => this.#change((project) => projects.removeSamples(project, ids)),
      onMove: (ids, classId) => this.#change((project) => projects.moveSamples(project, ids, classId)),
    });
    this.#build();
    this.#show();
  }

  /**
   * Takes up what was kept in this browser, or begins with empty classes.
   *
   * @param {{ onlyIfKept: boolean }} options
   * @returns {Promise<boolean>} false where no samples were kept and it did not begin
   */
  async begin({ onlyIfKept }) {
    await this.#try(() => (this.#restoring ??= this.#restore()));
    if (onlyIfKept && !this.#lesson.project.samples.length) {
      await this.#lesson.rest();
      return false;
    }
    if (!this.#lesson.project.classes.length) this.#lesson.begin(this.#firstProject());
    return true;
  }

  async #restore() {
    const { found, lost } = await this.#lesson.restore().catch((error) => {
      // Whoever asks next may have closed the other tab that was in the way.
      this.#restoring = null;
      throw error;
    });
    const count = this.#lesson.project.samples.length;
    if (found && count) this.#outcome.say((words) => words.say('teach.restored', { count }));
    if (lost) this.#host.onFailure(new Failure('storage-failed', `${lost} ${lost === 1 ? 'picture' : 'pictures'} of your project could not be found again in this browser.`));
  }

  /**
   * Opens a project file.
   *
   * @param {File} file
   */
  async open(file) {
    this.#outcome.say((words) => words.say('teach.opening'));
    await this.#look(() => this.#lesson.open(file, { onProgress: (done, all) => this.#sayLooking(done, all) }), file.name);
  }

  /** Stops capturing and lets go of the storage. */
  close() {
    this.#captures.abort();
    return this.#lesson.close();
  }

  /**
   * @param {MediaStream | null} stream null while the camera is off
   * @param {boolean} mirrored
   */
  showCamera(stream, mirrored) {
    this.#viewfinder.show(stream, mirrored);
    if (!stream) this.showLikely(null);
  }

  /** @param {string | null} label of the class that the camera shows now */
  showLikely(label) {
    this.#viewfinder.say(this.#writer.words.isolate(label ?? ''));
    for (const { id, label: own } of this.#lesson.project.classes) {
      this.#cards.get(id)?.element.toggleAttribute('data-likely', own === label);
    }
  }

  /** The language is another one: what the writer does not know of is said again. */
  rewrite() {
    this.#outcome.advise(this.#lesson.advice(this.#writer.words));
  }

  #build() {
    const title = document.createElement('h2');
    title.id = 'teach-title';
    this.#writer.write(title, (words) => words.say('teach.title'));
    const advice = document.createElement('p');
    advice.className = 'hint';
    this.#writer.write(advice, (words) => words.say('teach.how'));
    this.#writer.write(this.#addClass, (words) => words.say('class.add'));
    this.#list.className = 'class-list';
    this.#addClass.addEventListener('click', () => this.#addClassAndName());
    this.element.className = 'teach';
    this.element.setAttribute('part', 'teach');
    this.element.setAttribute('aria-labelledby', title.id);
    this.element.append(group('teach-head', title, this.#tools.element), advice, this.#viewfinder.element, this.#list, this.#addClass, this.#outcome.element, this.#gallery.element);
    this.element.addEventListener('keydown', (event) => this.#tools.press(event));
    listenToDrops(this.element, { onFolders: (folders) => this.#addFolders(folders), onFailure: this.#host.onFailure });
  }

  #show() {
    const { project } = this.#lesson;
    for (const id of this.#cards.keys()) if (!project.classes.some((each) => each.id === id)) this.#cards.delete(id);
    for (const { id } of project.classes) if (!this.#cards.has(id)) this.#cards.set(id, this.#card(id));
    const cards = project.classes.map(({ id }) => /** @type {ClassCard} */ (this.#cards.get(id)));
    const elements = cards.map(({ element }) => element);
    // What has the focus would lose it by being put where it is already.
    if (elements.length !== this.#list.children.length || elements.some((element, index) => this.#list.children[index] !== element)) {
      this.#list.replaceChildren(...elements);
    }
    project.classes.forEach(({ id, label }, index) => cards[index]?.show(label, this.#lesson.samplesOf(id)));
    this.#tools.show({ canUndo: this.#lesson.canUndo, canRedo: this.#lesson.canRedo, isEmpty: project.samples.length === 0 });
    // Advice looks at every sample: once for all pictures that are being added, not after each.
    if (this.#looking) return;
    this.rewrite();
    if (!this.#lesson.canFit) this.#sayState();
  }

  /** Where nothing else is under way. */
  #sayState() {
    const { canFit, isFitted, project } = this.#lesson;
    if (isFitted) this.#outcome.repeat();
    else if (canFit) this.#outcome.say((words) => words.say('teach.learning'));
    else this.#outcome.say((words) => (project.samples.length ? words.say('teach.next') : ''));
  }

  /**
   * @param {number} done
   * @param {number} all
   */
  #sayLooking(done, all) {
    this.#outcome.say((words) => words.say('teach.looking', { done, all }));
  }

  /** @param {string} id */
  #card(id) {
    const card = new ClassCard(id, this.#writer, (sample) => this.#lesson.urlOf(sample), {
      onRename: (label) => this.#change((project) => projects.renameClass(project, id, label)),
      onRemove: () => this.#removeClass(id),
      onCapture: () => this.#startCapture(id),
      onRelease: () => this.#captures.abort(),
      onFiles: (files) => this.#addFiles(id, files),
      onGallery: () => this.#openGallery(id),
    });
    listenToDrops(card.element, { onFiles: (files) => this.#addFiles(id, files), onFailure: this.#host.onFailure });
    return card;
  }

  /**
   * @param {Parameters<Lesson['change']>[0]} operation
   * @param {Parameters<Lesson['change']>[1]} [options]
   */
  #change(operation, options) {
    return this.#try(async () => this.#lesson.change(operation, options));
  }

  async #addClassAndName() {
    await this.#change((project) => this.#withClass(project));
    const { classes } = this.#lesson.project;
    const added = classes[classes.length - 1];
    if (added) this.#cards.get(added.id)?.focusLabel();
  }

  /** @param {string} id */
  async #removeClass(id) {
    const at = this.#lesson.project.classes.findIndex((each) => each.id === id);
    await this.#change((project) => projects.removeClass(project, id));
    const { classes } = this.#lesson.project;
    const next = classes[at] ?? classes[classes.length - 1];
    // What had the focus is gone: the keys for undo go on from here.
    if (next) this.#cards.get(next.id)?.focusRemove();
    else this.#addClass.focus();
  }

  /** @param {string} classId */
  async #startCapture(classId) {
    this.#captures.abort();
    this.#captures = new AbortController();
    const { signal } = this.#captures;
    if (!(await this.#host.openCamera())) return;
    await this.#try(() => this.#lesson.capture(classId, this.#host.grab, signal));
  }

  /**
   * @param {string} classId
   * @param {File[]} files
   */
  async #addFiles(classId, files) {
    await this.#look(() => this.#lesson.addFiles(classId, files, { onProgress: (done) => this.#sayLooking(done, files.length) }));
  }

  /**
   * @param {() => Promise<unknown>} act
   * @param {string} [name] of the file
   */
  async #look(act, name) {
    this.#looking++;
    await this.#try(act, name);
    this.#looking--;
    this.#show();
    if (!this.#looking) this.#sayState();
  }

  /** @param {Map<string, File[]>} folders by name, each a class */
  async #addFolders(folders) {
    for (const [label, files] of folders) {
      const named = () => this.#lesson.project.classes.find((each) => each.label === label);
      if (!named()) await this.#change((project) => projects.addClass(project, label));
      const found = named();
      if (found) await this.#addFiles(found.id, files);
    }
  }

  /** @param {string} id */
  #openGallery(id) {
    const { classes } = this.#lesson.project;
    const shown = classes.find((each) => each.id === id);
    if (shown) this.#gallery.open(shown, classes, this.#lesson.samplesOf(id));
  }

  async #save() {
    const name = 'project.zip';
    this.#outcome.say((words) => words.say('teach.saving'));
    save(name, await this.#lesson.save());
    this.#outcome.say((words) => words.say('teach.saved', { name }));
  }

  /** @param {Taught | null} taught */
  #showTaught(taught) {
    if (taught) this.#outcome.show({ labels: taught.labels, confusion: taught.taught.confusion, millis: taught.millis });
    else this.#outcome.clear();
    this.rewrite();
    this.#host.onTaught(taught);
  }

  /**
   * @param {() => Promise<unknown>} act
   * @param {string} [name] of the file
   */
  async #try(act, name) {
    try {
      await act();
    } catch (error) {
      this.#host.onFailure(Failure.from(error), name);
    }
  }

  /** Classes to begin with, without samples. */
  #firstProject() {
    return Array.from({ length: FIRST_CLASSES }).reduce((/** @type {projects.Project} */ project) => this.#withClass(project), projects.EMPTY_PROJECT);
  }

  /** @param {projects.Project} project gets a class more, named in the language of the page */
  #withClass(project) {
    return projects.addClass(project, projects.freeLabel(project, (number) => this.#writer.words.say('class.label', { number })));
  }
}

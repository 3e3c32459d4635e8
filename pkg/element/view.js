// What one sees and hears of the element: everything in its shadow root but the ways in.

import { Announcer } from './announcer.js';
import { HeatmapLayer } from './heatmap.js';
import { Loading, NAMED_LABELS } from './loading.js';
import { Notice } from './notice.js';
import { Predictions, SURE, summary, verdict } from './predictions.js';
import { Results } from './results.js';
import { Stage } from './stage.js';
import { Stopwatch } from './stopwatch.js';
import { part } from './template.js';

/**
 * @typedef {import('./comparison.js').Compared} Answer
 * @typedef {import('../engine/worker/worker.js').Model} Model
 * @typedef {import('../engine/worker/worker.js').Progress} Progress
 * @typedef {import('../engine/shared/failure.js').Failure} Failure
 * @typedef {Pick<Answer, 'predictions' | 'rejected'>} Verdict
 */

/** Shows what it is told; asks for nothing itself. */
export class View {
  #announcer;
  #comparison;
  #evidenceButton;
  #mirrorButton;
  #heat;
  #loading;
  #notice;
  #predictions;
  #results;
  #stage;
  #stopwatch;
  #writer;
  /** @type {Answer | null} to what is on the stage */
  #answer = null;
  #threshold = SURE;
  #heatmap = false;
  #crop = false;

  /**
   * @param {ShadowRoot} root
   * @param {import('../words/writer.js').Writer} writer
   */
  constructor(root, writer) {
    this.#writer = writer;
    const image = part(root, 'picture', HTMLImageElement);
    this.#announcer = new Announcer(part(root, 'announcer', HTMLElement));
    this.#comparison = part(root, 'comparison', HTMLElement);
    this.#evidenceButton = part(root, 'evidence', HTMLButtonElement);
    this.#mirrorButton = part(root, 'mirror', HTMLButtonElement);
    this.#heat = new HeatmapLayer({ canvas: part(root, 'heat', HTMLCanvasElement), caption: part(root, 'heat-caption', HTMLElement) }, writer);
    this.#loading = new Loading({
      box: part(root, 'loading', HTMLElement),
      progress: part(root, 'progress', HTMLProgressElement),
      state: part(root, 'state', HTMLElement),
      again: part(root, 'again', HTMLButtonElement),
      labels: part(root, 'labels', HTMLElement),
    }, writer);
    this.#notice = new Notice(part(root, 'notice', HTMLElement), writer);
    this.#predictions = new Predictions({
      headline: part(root, 'headline', HTMLElement),
      detail: part(root, 'detail', HTMLElement),
      list: part(root, 'bars', HTMLElement),
    }, writer);
    this.#results = new Results({
      box: part(root, 'results', HTMLElement),
      rows: part(root, 'lines', HTMLElement),
      count: part(root, 'count', HTMLElement),
      progress: part(root, 'done', HTMLProgressElement),
      stop: part(root, 'stop', HTMLButtonElement),
      more: part(root, 'more', HTMLButtonElement),
      csv: part(root, 'csv', HTMLButtonElement),
      json: part(root, 'json', HTMLButtonElement),
    }, writer);
    this.#stage = new Stage({
      element: part(root, 'stage', HTMLElement),
      backdrop: part(root, 'backdrop', HTMLElement),
      image,
      video: part(root, 'video', HTMLVideoElement),
      caption: part(root, 'caption', HTMLElement),
    }, writer);
    this.#stopwatch = new Stopwatch(part(root, 'time', HTMLElement), writer);
    // Before, a picture has no size.
    image.addEventListener('load', () => this.#showHeat());
  }

  /** How many predictions there is room for. */
  get topK() {
    return this.#predictions.topK;
  }

  /** @param {number | null} wanted */
  setTopK(wanted) {
    this.#predictions.setTopK(wanted);
    this.#showAnswer();
  }

  /** @param {number} threshold */
  setThreshold(threshold) {
    this.#threshold = threshold;
    this.#showAnswer();
  }

  /** @param {boolean} on */
  setHeatmap(on) {
    this.#heatmap = on;
    this.#evidenceButton.setAttribute('aria-pressed', String(on));
    this.#showHeat();
  }

  /** @param {boolean} on */
  setMirror(on) {
    this.#mirrorButton.setAttribute('aria-pressed', String(on));
  }

  /** @param {import('../words/words.js').Words} words */
  setWords(words) {
    this.#writer.setWords(words);
    this.#announcer.clear();
  }

  /** @param {string} lang of the labels */
  setLang(lang) {
    this.#predictions.setLang(lang);
  }

  showLoading() {
    this.#loading.begin();
  }

  /** @param {Progress} progress */
  showProgress(progress) {
    this.#loading.showProgress(progress);
  }

  /** @param {Model} model */
  showModel(model) {
    this.#crop = model.info.input.fit === 'crop';
    this.#answer = null;
    this.#predictions.setLabels(model.labels);
    this.#results.setLabels(model.labels);
    this.#stopwatch.clear();
    this.#loading.showModel(model);
    this.#showHeat();
  }

  /** @param {import('../engine/shared/failure.js').Code} code of why there is none */
  showNoModel(code) {
    this.#loading.showFailure(code, 'loading.failed');
  }

  /** @param {import('../engine/shared/failure.js').Code} code of why it is still the model before */
  showKeptModel(code) {
    this.#loading.showFailure(code, 'loading.kept');
  }

  /**
   * @param {Blob} file
   * @param {string} name
   * @param {Answer} answer
   */
  showPicture(file, name, answer) {
    this.#notice.hide();
    this.#heat.clear();
    this.#answer = answer;
    this.#stage.showPicture(file, name);
    this.#showAnswer();
    this.#stopwatch.showPicture(answer.millis);
  }

  showCamera() {
    this.#results.clear();
    this.showNothing();
    this.#stage.showCamera();
  }

  /** @param {string} name of the file */
  showVideo(name) {
    this.#results.clear();
    this.showNothing();
    this.#stage.showVideo(name);
  }

  /** @param {Answer} answer to what the camera saw, or the video shows */
  showFrame(answer) {
    this.#answer = answer;
    this.#showAnswer();
    this.#showHeat();
    this.#stopwatch.showFrame(answer.millis);
  }

  showNothing() {
    this.#answer = null;
    this.#heat.clear();
    this.#stage.showNothing();
    this.#predictions.clear();
    this.#showComparison();
    this.#stopwatch.clear();
  }

  #showAnswer() {
    if (this.#answer) this.#predictions.show(this.#answer, this.#threshold);
    this.#showComparison(this.#answer?.builtIn);
  }

  /** @param {Answer} [builtIn] what the built-in model sees, where it was asked */
  #showComparison(builtIn) {
    const threshold = this.#threshold;
    this.#comparison.hidden = !builtIn;
    this.#writer.write(this.#comparison, (words) => (builtIn ? words.say('answer.built-in', verdict(words, builtIn, threshold)) : ''));
  }

  #showHeat() {
    const heatmap = this.#heatmap && this.#answer?.heatmap;
    if (heatmap) this.#heat.show(heatmap, { ...this.#stage.size, crop: this.#crop });
    else this.#heat.clear();
  }

  /**
   * A row in the table that several files have.
   *
   * @param {string} name
   * @param {(answer: Answer) => void} onChoose the person wants to see that picture again
   */
  addLine(name, onChoose) {
    const line = this.#results.add(name, onChoose);
    return {
      answer: (/** @type {Answer} */ answer) => {
        const threshold = this.#threshold;
        line.answer(answer, (words) => summary(words, answer, threshold));
      },
      fail: (/** @type {Failure} */ failure) => line.fail(failure),
    };
  }

  /** What became of the files of the table. */
  get results() {
    return this.#results.all;
  }

  clearLines() {
    this.#results.clear();
  }

  sayLoading() {
    this.#announcer.say(this.#writer.words.say('loading.begun'));
  }

  /** @param {Model} model */
  sayModel({ labels }) {
    const { words } = this.#writer;
    const named = labels.length > NAMED_LABELS ? words.say('model.labels', { count: labels.length }) : words.series(labels);
    this.#announcer.say(words.say('model.opened', { labels: named }));
  }

  /**
   * @param {Verdict} answer
   * @param {string} name of the file
   */
  sayAnswer(answer, name) {
    const { words } = this.#writer;
    const message = words.say('answer.spoken', verdict(words, answer, this.#threshold));
    this.#announcer.say(name ? words.say('notice.of-file', { name, message }) : message);
  }

  /**
   * Without the percentages, which never stand still, and would never let a screen reader rest.
   *
   * @param {Verdict} answer
   */
  sayFrame(answer) {
    this.#announcer.say(verdict(this.#writer.words, answer, this.#threshold).headline);
  }

  /**
   * @param {Failure} failure
   * @param {string} name of the file, if there is one
   * @param {boolean} ofFile
   */
  showFailure(failure, name, ofFile) {
    // In a list every file has its own line for this.
    if (ofFile && this.#results.shown) this.#announcer.say(this.#writer.words.explain(failure, name).text);
    else this.#notice.show(failure, name);
  }

  hideFailure() {
    this.#notice.hide();
  }
}

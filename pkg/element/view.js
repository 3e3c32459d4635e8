// What is on the stage, and the answer to it.

import { Announcer } from './announcer.js';
import { HeatmapLayer } from './heatmap.js';
import { NAMED_LABELS } from './loading.js';
import { part } from './parts.js';
import { BARS, SURE, VERDICT, predictionsIn, verdict } from './predictions.js';
import { Stage } from './stage.js';
import { Stopwatch, TIME } from './stopwatch.js';

/**
 * @typedef {import('./comparison.js').Compared} Answer
 * @typedef {import('../engine/worker/worker.js').Heatmap} Heatmap
 * @typedef {import('../engine/worker/worker.js').Model} Model
 * @typedef {Pick<Answer, 'predictions' | 'rejected'>} Verdict
 */

export const LOOKS = `
<button id="evidence" class="button" part="button" type="button" aria-pressed="false" data-say="heatmap.show"></button>
<button id="mirror" class="button" part="button" type="button" aria-pressed="false" data-say="stage.mirror"></button>`;

/** @param {{ loading: string, labels: string }} places of what is loaded, in the panel of the answer */
export const answerMarkup = ({ loading, labels }) => `
<div id="answer" class="answer" part="answer" role="group" aria-labelledby="answer-title" tabindex="-1">
  <h2 id="answer-title" data-say="answer.title"></h2>
  ${VERDICT}
  ${loading}
  ${BARS}
  <p id="comparison" class="comparison" part="comparison" hidden></p>
  ${TIME}
  ${labels}
</div>`;

export const ANNOUNCER = '<p id="announcer" class="unseen" role="status"></p>';

/** Shows what it is told; asks for nothing itself. */
export class View {
  #announcer;
  #comparison;
  #evidenceButton;
  #mirrorButton;
  #notice;
  #heat;
  #predictions;
  #stage;
  #stopwatch;
  #writer;
  /** @type {Blob | null} the picture on the stage */
  #picture = null;
  /** @type {Answer | null} to what is on the stage */
  #answer = null;
  #threshold = SURE;
  #heatmap = false;
  #crop = false;

  /**
   * @param {ShadowRoot} root
   * @param {import('../words/writer.js').Writer} writer
   * @param {import('./notice.js').Notice} notice
   */
  constructor(root, writer, notice) {
    this.#writer = writer;
    this.#notice = notice;
    this.#announcer = new Announcer(part(root, 'announcer', HTMLElement));
    this.#comparison = part(root, 'comparison', HTMLElement);
    this.#evidenceButton = part(root, 'evidence', HTMLButtonElement);
    this.#mirrorButton = part(root, 'mirror', HTMLButtonElement);
    this.#heat = new HeatmapLayer({ canvas: part(root, 'heat', HTMLCanvasElement), caption: part(root, 'heat-caption', HTMLElement) }, writer);
    this.#predictions = predictionsIn(root, writer);
    this.#stage = new Stage(root, writer, () => this.#showHeat());
    this.#stopwatch = new Stopwatch(part(root, 'time', HTMLElement), writer);
  }

  /** What there is room for in an answer. */
  get wishes() {
    return { topK: this.#predictions.topK, heatmap: this.#heatmap };
  }

  /** The picture on the stage and its answer, if the heatmap is wanted and the answer has none. */
  get unexplained() {
    const [picture, answer] = [this.#picture, this.#answer];
    return this.#heatmap && picture && answer && !answer.heatmap ? { picture, answer } : null;
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

  /** @param {Model} model */
  showModel(model) {
    this.#crop = model.info.input.fit === 'crop';
    this.#answer = null;
    this.#predictions.setLabels(model.labels);
    this.#stopwatch.clear();
    this.#showHeat();
  }

  /**
   * Shows and says it.
   *
   * @param {Blob} file
   * @param {string} name
   * @param {Answer} answer
   */
  showPicture(file, name, answer) {
    this.#picture = file;
    this.#answer = answer;
    this.#notice.hide();
    this.#heat.clear();
    this.#stage.showPicture(file, name);
    this.#showAnswer();
    this.#stopwatch.showPicture(answer.millis);
    const { words } = this.#writer;
    const message = words.say('answer.spoken', verdict(words, answer, this.#threshold));
    this.#announcer.say(name ? words.say('notice.of-file', { name, message }) : message);
  }

  /**
   * @param {Answer} answer ignored if the stage shows another one by now
   * @param {Heatmap} [heatmap]
   */
  explain(answer, heatmap) {
    if (answer !== this.#answer || !heatmap) return;
    this.#answer = { ...answer, heatmap };
    this.#showHeat();
  }

  showCamera() {
    this.showNothing();
    this.#stage.showCamera();
  }

  /** @param {string} name of the file */
  showVideo(name) {
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
    this.#picture = null;
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

  /** @param {string} sentence */
  say(sentence) {
    this.#announcer.say(sentence);
  }

  sayLoading() {
    this.say(this.#writer.words.say('loading.begun'));
  }

  /** @param {Model} model */
  sayModel({ labels }) {
    const { words } = this.#writer;
    const named = labels.length > NAMED_LABELS ? words.say('model.labels', { count: labels.length }) : words.series(labels);
    this.say(words.say('model.opened', { labels: named }));
  }

  /**
   * Without the percentages, which never stand still, and would never let a screen reader rest.
   *
   * @param {Verdict} answer
   */
  sayFrame(answer) {
    this.say(verdict(this.#writer.words, answer, this.#threshold).headline);
  }

  /**
   * @param {import('../engine/shared/failure.js').Failure} failure
   * @param {string} name of the file
   */
  sayFailure(failure, name) {
    this.say(this.#writer.words.explain(failure, name).text);
  }
}

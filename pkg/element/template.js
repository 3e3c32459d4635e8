// What is in the element's shadow root, and its style sheets. Its words are keys, which the writer says.

import { ownFile } from '../engine/shared/own-files.js';

// Each in words that bundlers know for an address.
const sheets = () => [
  new URL('./base.css', import.meta.url),
  new URL('./controls.css', import.meta.url),
  new URL('./stage.css', import.meta.url),
  new URL('./notice.css', import.meta.url),
  new URL('./answer.css', import.meta.url),
];

const MARKUP = `
<div class="frame" part="frame" hidden>
  <div class="left">
    <div class="look" role="group" data-say-label="stage.title">
      <figure id="stage" class="stage" part="stage" data-view="empty">
        <div class="empty">
          <slot name="empty">
            <svg class="finder" viewBox="0 0 64 48" aria-hidden="true"><path d="M6 15V9q0-3 3-3h7M48 6h7q3 0 3 3v6M58 33v6q0 3-3 3h-7M16 42H9q-3 0-3-3v-6"/></svg>
          </slot>
        </div>
        <div id="backdrop" class="backdrop"></div>
        <img id="picture" class="picture" part="picture" alt="">
        <video id="video" class="video" part="video" playsinline muted data-say-label="stage.camera"></video>
        <canvas id="heat" class="heat" part="heatmap" role="img" hidden></canvas>
        <p id="heat-caption" class="heat-caption" aria-hidden="true"></p>
        <figcaption id="caption" class="caption" part="caption"></figcaption>
        <div class="drop-here" aria-hidden="true" data-say="stage.drop"></div>
      </figure>

      <div class="controls" part="controls">
        <input id="pictures" class="file" type="file" multiple accept="image/jpeg,image/png,image/webp,image/gif,image/bmp,video/mp4,video/webm">
        <label for="pictures" class="button primary" part="button button-primary" data-say="pictures.choose"></label>
        <button id="camera" class="button" part="button" type="button"></button>
        <select id="camera-choice" class="button" part="button" data-say-label="camera.which" hidden></select>
        <button id="evidence" class="button" part="button" type="button" aria-pressed="false" data-say="heatmap.show"></button>
        <button id="mirror" class="button" part="button" type="button" aria-pressed="false" data-say="stage.mirror"></button>
        <button id="stop-video" class="button" part="button" type="button" data-say="video.stop"></button>
        <slot name="actions"></slot>
        <p class="hint"><slot name="hint" data-say="pictures.hint"></slot></p>
        <input id="folder" class="file" type="file" webkitdirectory>
        <label for="folder" class="folder" data-say="pictures.folder"></label>
      </div>

      <div id="notice" class="notice" part="notice" role="alert" hidden>
        <p><strong class="notice-title"></strong> <span class="notice-text" dir="auto"></span></p>
        <button class="close" type="button" data-say-label="notice.dismiss">
          <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M3 3l10 10M13 3L3 13"/></svg>
        </button>
      </div>
    </div>

    <slot></slot>
  </div>

  <div class="side">
    <div id="answer" class="answer" part="answer" role="group" aria-labelledby="answer-title" tabindex="-1">
      <h2 id="answer-title" data-say="answer.title"></h2>
      <p class="verdict"><span id="headline" class="headline" part="headline" data-say-looking="answer.looking"></span> <span id="detail" class="detail" part="detail"></span></p>
      <div id="loading" class="loading" part="loading">
        <p id="state"></p>
        <progress id="progress" data-say-label="loading.begun" max="1"></progress>
        <button id="again" class="button small" part="button" type="button" data-say="loading.again" hidden></button>
      </div>
      <ul id="bars" class="bars" part="bars" data-say-label="answer.bars"></ul>
      <p id="comparison" class="comparison" part="comparison" hidden></p>
      <p id="time" class="time" part="time"></p>
      <p id="labels" class="labels" part="labels"></p>
    </div>

    <div id="results" class="results" part="results" role="group" aria-labelledby="results-title" hidden>
      <h2 id="results-title"><span data-say="results.title"></span> <span id="count" class="count"></span></h2>
      <button id="stop" class="button small" part="button" type="button" data-say="results.stop" hidden></button>
      <progress id="done" data-say-label="results.progress" max="1"></progress>
      <div class="lines" role="region" aria-labelledby="results-title" tabindex="0">
        <table>
          <thead><tr><th scope="col" data-say="results.file"></th><th scope="col" data-say="results.answer"></th><th scope="col" data-say="results.certainty"></th></tr></thead>
          <tbody id="lines"></tbody>
        </table>
      </div>
      <button id="more" class="button small" part="button" type="button" hidden></button>
      <p class="keep"><span data-say="results.keep"></span>
        <button id="csv" class="button small" part="button" type="button">CSV</button>
        <button id="json" class="button small" part="button" type="button">JSON</button>
      </p>
    </div>

    <slot name="aside"></slot>
  </div>

  <p id="announcer" class="unseen" role="status"></p>
</div>`;

/** @type {HTMLTemplateElement | null} parsed with the first element */
let template = null;

/**
 * @param {ShadowRoot} root to be filled
 * @param {Promise<unknown>} worded its words are there
 * @returns {HTMLElement} all of its content
 */
export function build(root, worded) {
  // Only now: a server has no document.
  template ??= Object.assign(document.createElement('template'), { innerHTML: MARKUP });
  const content = document.importNode(template.content, true);
  const frame = /** @type {HTMLElement} */ (content.querySelector('.frame'));
  dress(root, sheets(), frame, worded);
  return frame;
}

// Style sheets that hang must not keep an element from appearing.
const PATIENCE_MILLIS = 5000;

/**
 * Fills a shadow root. What is in it appears once its words and its style sheets are there, or have failed: never unstyled,
 * and never first in a language that it does not stay in.
 *
 * @param {ShadowRoot} root
 * @param {URL[]} sheets
 * @param {HTMLElement} frame all of its content
 * @param {Promise<unknown>} worded
 */
export function dress(root, sheets, frame, worded) {
  // A bundler may have made one of several.
  const addresses = new Set(sheets.map((sheet) => ownFile(sheet).href));
  const links = [...addresses].map((href) => Object.assign(document.createElement('link'), { rel: 'stylesheet', href }));
  frame.hidden = true;
  const late = new Promise((done) => setTimeout(done, PATIENCE_MILLIS));
  Promise.race([late, Promise.all([worded, ...links.map(settled)])]).then(() => (frame.hidden = false));
  root.append(...links, frame);
}

/** @param {HTMLLinkElement} link */
function settled(link) {
  return new Promise((done) => {
    link.addEventListener('load', done, { once: true });
    link.addEventListener('error', done, { once: true });
  });
}

/**
 * @template {Element} T
 * @param {ShadowRoot} root
 * @param {string} id
 * @param {new () => T} type
 */
export function part(root, id, type) {
  const found = root.getElementById(id);
  if (found instanceof type) return found;
  throw new TypeError(`the template has no ${type.name} with the id ${id}`);
}

// The element's shadow root, put together from what its parts draw, and its style sheets. Words are keys, which the writer says.

import { ownFile } from '../engine/shared/own-files.js';
import { CAMERA_BUTTONS, STOP_VIDEO } from './live.js';
import { LABELS, LOADING } from './loading.js';
import { NOTICE } from './notice.js';
import { RESULTS } from './results.js';
import { STAGE } from './stage.js';
import { ANNOUNCER, LOOKS, answerMarkup } from './view.js';

// Each in words that bundlers know for an address.
const sheets = () => [
  new URL('./base.css', import.meta.url),
  new URL('./controls.css', import.meta.url),
  new URL('./stage.css', import.meta.url),
  new URL('./notice.css', import.meta.url),
  new URL('./answer.css', import.meta.url),
];

const CONTROLS = `
<div class="controls" part="controls">
  <input id="pictures" class="file" type="file" multiple accept="image/jpeg,image/png,image/webp,image/gif,image/bmp,video/mp4,video/webm">
  <label for="pictures" class="button primary" part="button button-primary" data-say="pictures.choose"></label>
  ${CAMERA_BUTTONS}
  ${LOOKS}
  ${STOP_VIDEO}
  <slot name="actions"></slot>
  <p class="hint"><slot name="hint" data-say="pictures.hint"></slot></p>
  <input id="folder" class="file" type="file" webkitdirectory>
  <label for="folder" class="folder" data-say="pictures.folder"></label>
</div>`;

const MARKUP = `
<div class="frame" part="frame" hidden>
  <div class="left">
    <div class="look" role="group" data-say-label="stage.title">
      ${STAGE}
      ${CONTROLS}
      ${NOTICE}
    </div>
    <slot></slot>
  </div>
  <div class="side">
    ${answerMarkup({ loading: LOADING, labels: LABELS })}
    ${RESULTS}
    <slot name="aside"></slot>
  </div>
  ${ANNOUNCER}
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

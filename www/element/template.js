// What is in the element's shadow root, and its style sheets.

// Each in words that bundlers know for an address.
const SHEETS = [
  new URL('./base.css', import.meta.url),
  new URL('./controls.css', import.meta.url),
  new URL('./stage.css', import.meta.url),
  new URL('./notice.css', import.meta.url),
  new URL('./answer.css', import.meta.url),
];

const template = document.createElement('template');
template.innerHTML = `
<div class="frame" part="frame" lang="en" hidden>
  <div class="left">
    <div class="look" role="group" aria-label="Your picture">
      <figure id="stage" class="stage" part="stage" data-view="empty">
        <div class="empty">
          <slot name="empty">
            <svg class="finder" viewBox="0 0 64 48" aria-hidden="true"><path d="M6 15V9q0-3 3-3h7M48 6h7q3 0 3 3v6M58 33v6q0 3-3 3h-7M16 42H9q-3 0-3-3v-6"/></svg>
          </slot>
        </div>
        <div id="backdrop" class="backdrop"></div>
        <img id="picture" class="picture" part="picture" alt="">
        <video id="video" class="video" part="video" playsinline muted aria-label="What your camera sees"></video>
        <canvas id="heat" class="heat" part="heatmap" role="img" hidden></canvas>
        <p id="heat-caption" class="heat-caption" aria-hidden="true"></p>
        <figcaption id="caption" class="caption" part="caption"></figcaption>
        <div class="drop-here" aria-hidden="true">Drop it here</div>
      </figure>

      <div class="controls" part="controls">
        <input id="pictures" class="file" type="file" multiple accept="image/jpeg,image/png,image/webp,image/gif,image/bmp,video/mp4,video/webm">
        <label for="pictures" class="button primary" part="button button-primary">Choose pictures</label>
        <button id="camera" class="button" part="button" type="button">Start camera</button>
        <select id="camera-choice" class="button" part="button" aria-label="Which camera" hidden></select>
        <button id="evidence" class="button" part="button" type="button" aria-pressed="false">Show evidence</button>
        <button id="mirror" class="button" part="button" type="button" aria-pressed="false">Mirror</button>
        <button id="stop-video" class="button" part="button" type="button">Stop video</button>
        <slot name="actions"></slot>
        <p class="hint"><slot name="hint">or drop files here</slot></p>
        <input id="folder" class="file" type="file" webkitdirectory>
        <label for="folder" class="folder">Choose a folder</label>
      </div>

      <div id="notice" class="notice" part="notice" role="alert" hidden>
        <p><strong class="notice-title"></strong> <span class="notice-text"></span></p>
        <button class="close" type="button" aria-label="Dismiss this message">
          <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M3 3l10 10M13 3L3 13"/></svg>
        </button>
      </div>
    </div>

    <slot></slot>
  </div>

  <div class="side">
    <div class="answer" part="answer" role="group" aria-labelledby="answer-title">
      <h2 id="answer-title">I see</h2>
      <p class="verdict"><span id="headline" class="headline" part="headline"></span> <span id="detail" class="detail" part="detail"></span></p>
      <div id="loading" class="loading" part="loading">
        <p id="state">Loading the model</p>
        <progress id="progress" aria-label="Loading the model" max="1"></progress>
      </div>
      <ul id="bars" class="bars" part="bars" aria-label="How likely each label is"></ul>
      <p id="comparison" class="comparison" part="comparison" hidden></p>
      <p id="time" class="time" part="time"></p>
      <p id="labels" class="labels" part="labels"></p>
    </div>

    <div id="results" class="results" part="results" role="group" aria-labelledby="results-title" hidden>
      <h2 id="results-title">Your pictures <span id="count" class="count"></span></h2>
      <button id="stop" class="button small" part="button" type="button" hidden>Stop</button>
      <progress id="done" aria-label="Pictures that are done" max="1"></progress>
      <div class="lines" role="region" aria-labelledby="results-title" tabindex="0">
        <table>
          <thead><tr><th scope="col">File</th><th scope="col">Answer</th><th scope="col">Certainty</th></tr></thead>
          <tbody id="lines"></tbody>
        </table>
      </div>
      <button id="more" class="button small" part="button" type="button" hidden></button>
      <p class="keep">Keep it as
        <button id="csv" class="button small" part="button" type="button">CSV</button>
        <button id="json" class="button small" part="button" type="button">JSON</button>
      </p>
    </div>

    <slot name="aside"></slot>
  </div>

  <p id="announcer" class="unseen" role="status"></p>
</div>`;

/** @param {ShadowRoot} root to be filled */
export function build(root) {
  const content = document.importNode(template.content, true);
  const frame = /** @type {HTMLElement} */ (content.querySelector('.frame'));
  dress(root, SHEETS, frame);
}

/**
 * Fills a shadow root. What is in it appears once its style sheets are there, or have failed: never unstyled.
 *
 * @param {ShadowRoot} root
 * @param {URL[]} sheets
 * @param {HTMLElement} frame all of its content
 */
export function dress(root, sheets, frame) {
  const links = sheets.map(({ href }) => Object.assign(document.createElement('link'), { rel: 'stylesheet', href }));
  frame.hidden = true;
  Promise.all(links.map(settled)).then(() => (frame.hidden = false));
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

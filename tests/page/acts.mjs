// What is done to a page in different ways in Chromium, by its DevTools protocol, and in Firefox: dropping files, receiving
// downloads, giving and taking camera and clipboard, and asking for dark or for little motion.

import { isFirefox } from './browser.mjs';
import * as firefox from './firefox.mjs';

/**
 * @typedef {import('puppeteer-core').Page} Page
 * @typedef {{ x: number, y: number }} Point
 */

/** Far from the stage. */
const CORNER = { x: 5, y: 5 };

/**
 * @param {Page} page
 * @param {string[]} files folders as well, in Chromium
 * @param {Point} [at]
 */
export async function drop(page, files, at = CORNER) {
  const letGo = await drag(page, files, at);
  await letGo();
}

/**
 * Holds files over the page.
 *
 * @param {Page} page
 * @param {string[]} files
 * @param {Point} at
 * @returns {Promise<() => Promise<void>>} lets go of them
 */
export async function drag(page, files, at) {
  if (isFirefox) return dragMade(page, files, at);
  const client = await page.createCDPSession();
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of /** @type {const} */ (['dragEnter', 'dragOver'])) await client.send('Input.dispatchDragEvent', { type, ...at, data });
  return async () => {
    await client.send('Input.dispatchDragEvent', { type: 'drop', ...at, data });
    await client.detach();
  };
}

/**
 * The same with events that are made in the page, of files that a field was given.
 *
 * @param {Page} page
 * @param {string[]} files
 * @param {Point} at
 */
async function dragMade(page, files, at) {
  const field = await page.evaluateHandle(() => document.documentElement.appendChild(Object.assign(document.createElement('input'), { type: 'file', multiple: true, hidden: true })));
  await field.uploadFile(...files);
  const held = await field.evaluateHandle((input, { x, y }) => {
    input.remove();
    const dataTransfer = new DataTransfer();
    for (const file of input.files ?? []) dataTransfer.items.add(file);
    let [target, inner] = [document.documentElement, document.elementFromPoint(x, y)];
    for (; inner && inner !== target; inner = target.shadowRoot?.elementFromPoint(x, y) ?? null) target = /** @type {HTMLElement} */ (inner);
    return { send: (/** @type {string} */ type) => target.dispatchEvent(new DragEvent(type, { dataTransfer, clientX: x, clientY: y, bubbles: true, composed: true, cancelable: true })) };
  }, at);
  const send = (/** @type {string} */ type) => held.evaluate(({ send }, type) => send(type), type);
  await send('dragenter');
  const isRefused = await send('dragover');
  return async () => void (await send(isRefused ? 'dragleave' : 'drop'));
}

/**
 * @param {Page} page
 * @param {string} folder
 */
export async function downloadInto(page, folder) {
  if (isFirefox) return firefox.downloadInto(page.browser(), folder);
  const client = await page.browser().target().createCDPSession();
  await client.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder });
}

/** @param {Page} page */
export async function denyCamera(page) {
  if (isFirefox) return firefox.prefer(page.browser(), { 'permissions.default.camera': 2 });
  const { origin } = new URL(page.url());
  await page.browserContext().setPermission(origin, { permission: { name: 'camera' }, state: 'denied' });
}

/**
 * Takes the camera away from a page that has it.
 *
 * @param {Page} page
 */
export async function loseCamera(page) {
  if (isFirefox) return firefox.revokeCamera(page.browser());
  await page.evaluate(() => {
    const stream = /** @type {MediaStream} */ (/** @type {any} */ (globalThis).find('video').srcObject);
    // A page cannot pull a plug; this is the event that the browser sends then.
    stream.getVideoTracks()[0]?.dispatchEvent(new Event('ended'));
  });
}

/**
 * Takes all that the site has kept, as a person does in the settings.
 *
 * @param {Page} page
 */
export async function clearStorage(page) {
  const { origin, hostname } = new URL(page.url());
  if (isFirefox) return firefox.clearStorage(page.browser(), hostname);
  const client = await page.createCDPSession();
  await client.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' });
}

/** @param {Page} page */
export async function allowClipboard(page) {
  if (isFirefox) return firefox.prefer(page.browser(), { 'dom.events.testing.asyncClipboard': true });
  const { origin } = new URL(page.url());
  await page.browserContext().overridePermissions(origin, ['clipboard-read', 'clipboard-write', 'clipboard-sanitized-write']);
}

/**
 * @param {Page} page
 * @param {string} scheme of colours
 */
export async function emulate(page, scheme) {
  // Without motion a screenshot shows where a bar ends, not where it is on its way.
  const features = [
    { name: 'prefers-color-scheme', value: scheme },
    { name: 'prefers-reduced-motion', value: 'reduce' },
  ];
  await (isFirefox ? firefox.emulate(page.browser(), features) : page.emulateMediaFeatures(features));
}

// Firefox, driven by WebDriver BiDi: how it is started, and what it does in the place of Chromium's DevTools protocol.

import puppeteer from 'puppeteer-core';

/**
 * @typedef {import('puppeteer-core').Browser} Browser
 * @typedef {Record<string, string | number | boolean>} Preferences
 */

export const EXECUTABLE = process.env.FIREFOX ?? '/usr/bin/firefox-esr';

/** What it has for flags of Chromium. */
const FLAGS = /** @type {Record<string, string>} */ ({
  '--use-fake-device-for-media-stream': 'media.navigator.streams.fake',
  '--use-fake-ui-for-media-stream': 'media.navigator.permission.disabled',
});

/** @param {string[]} flags of Chromium; those that it has nothing for are left out */
export function launch(flags) {
  const camera = flags.flatMap((flag) => (FLAGS[flag] ? [[FLAGS[flag], true]] : []));
  // An icon that a page does not name would be looked for, against a strict policy.
  const extraPrefsFirefox = { 'browser.chrome.site_icons': false, ...Object.fromEntries(camera) };
  // Preferences of a Firefox that runs are set in its own window.
  return puppeteer.launch({ browser: 'firefox', executablePath: EXECUTABLE, headless: true, args: ['--remote-allow-system-access'], extraPrefsFirefox });
}

/**
 * @param {Browser} browser
 * @param {string} method
 * @param {object} params
 * @returns {Promise<any>}
 */
async function ask(browser, method, params) {
  const { connection } = /** @type {any} */ (browser);
  return (await connection.send(method, params)).result;
}

/**
 * Runs in the window of the browser itself.
 *
 * @param {Browser} browser
 * @param {string} expression
 */
async function inWindow(browser, expression) {
  const { contexts } = await ask(browser, 'browsingContext.getTree', { 'moz:scope': 'chrome', maxDepth: 0 });
  const { type, exceptionDetails } = await ask(browser, 'script.evaluate', { expression, target: { context: contexts[0].context }, awaitPromise: true });
  if (type === 'exception') throw new Error(`${expression}: ${exceptionDetails.text}`);
}

/**
 * @param {Browser} browser
 * @param {Preferences} preferences
 */
export function prefer(browser, preferences) {
  const kinds = { string: 'String', number: 'Int', boolean: 'Bool' };
  const calls = Object.entries(preferences).map(([name, value]) => {
    const kind = kinds[/** @type {keyof kinds} */ (typeof value)];
    return `Services.prefs.set${kind}Pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`;
  });
  return inWindow(browser, calls.join(''));
}

/**
 * Takes the camera away from the page that is in front, as a person does next to the address bar.
 *
 * @param {Browser} browser
 */
export function revokeCamera(browser) {
  return inWindow(
    browser,
    `{
      const page = gBrowser.selectedBrowser.browsingContext.currentWindowGlobal;
      page.getActor('WebRTC').sendAsyncMessage('webrtc:StopSharing', String(page.innerWindowId));
    }`,
  );
}

/**
 * Takes all that a host has kept.
 *
 * @param {Browser} browser
 * @param {string} host
 */
export function clearStorage(browser, host) {
  return inWindow(browser, `new Promise((done) => Services.clearData.deleteDataFromHost(${JSON.stringify(host)}, true, Ci.nsIClearDataService.CLEAR_DOM_STORAGES, done))`);
}

/**
 * @param {Browser} browser
 * @param {string} destinationFolder
 */
export function downloadInto(browser, destinationFolder) {
  return ask(browser, 'browser.setDownloadBehavior', { downloadBehavior: { type: 'allowed', destinationFolder } });
}

/**
 * @param {Browser} browser
 * @param {{ name: string, value: string }[]} features of CSS media
 */
export async function emulate(browser, features) {
  const preferences = features.map(({ name, value }) => {
    if (name === 'prefers-color-scheme') return ['layout.css.prefers-color-scheme.content-override', value === 'dark' ? 0 : 1];
    if (name === 'prefers-reduced-motion') return ['ui.prefersReducedMotion', Number(value === 'reduce')];
    throw new Error(`Firefox has no preference for ${name}`);
  });
  await prefer(browser, Object.fromEntries(preferences));
}

// Pages that use the installed package in a real Chromium, and what the raw bindings give in Node to compare with.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import puppeteer from 'puppeteer-core';
import webpack from 'webpack';
import { serve } from '../../pkg/build/serve.mjs';

/**
 * @typedef {import('puppeteer-core').Browser} Browser
 * @typedef {import('puppeteer-core').Page} Page
 */

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const APP = join(ROOT, 'target/package-app');
export const PACKAGE = join(APP, 'node_modules/mobilenet-web');
export const ONNX = join(APP, 'node_modules/mobilenet-web-onnx');
/** What the README says that the package needs. */
export const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'";
const PATIENCE_MILLIS = 30_000;
export const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--no-first-run'];

/**
 * @param {string} name of a package
 * @returns {Promise<{ files: string[], size: number }>} what its tarball has in it, and how long it is
 */
export async function packed(name) {
  return JSON.parse(await readFile(join(APP, 'packed.json'), 'utf8'))[name];
}

/** @param {string} name */
export function sample(name) {
  return readFileSync(join(APP, `${name}.jpg`));
}

/** The answer that every way of embedding has to give, bit for bit. */
export async function expected(name = 'sofa') {
  const { Classifier, initSync } = await import(join(PACKAGE, 'wasm/mobilenet_web.js'));
  initSync({ module: readFileSync(join(PACKAGE, 'wasm/mobilenet_web_bg.wasm')) });
  const { predictions } = Classifier.embedded().classifyBytes(new Uint8Array(sample(name)), 5);
  assert.equal(predictions[0].label, name);
  return predictions;
}

/** What tests call an ONNX file. */
export const NETWORK = 'net.onnx';

/**
 * The furniture model as an ONNX file, with a sigmoid in place of its softmax: no model of ours can be made of that, so it runs in float, and
 * nothing is converted for a minute.
 */
export async function network() {
  const wasm = (/** @type {string} */ name) => readFile(join(PACKAGE, `wasm/${name}_bg.wasm`));
  const { Classifier, initSync: initEngine } = await import(join(PACKAGE, 'wasm/mobilenet_web.js'));
  const { Studio, initSync: initStudio } = await import(join(PACKAGE, 'wasm/mobilenet_studio.js'));
  initEngine({ module: await wasm('mobilenet_web') });
  initStudio({ module: await wasm('mobilenet_studio') });
  const { files } = new Studio(Classifier.backboneFile()).export(Classifier.headFile(), 'net', 'onnx', 'float');
  const file = Buffer.from(files.find((/** @type {{ name: string }} */ { name }) => name.endsWith('.onnx')).bytes);
  file.write('Sigmoid', file.lastIndexOf('Softmax'));
  return file;
}

/** @param {import('puppeteer-core').LaunchOptions} [options] */
export function launch(options = {}) {
  const args = options.browser === 'firefox' ? [] : FLAGS;
  return puppeteer.launch({ executablePath: process.env.CHROME ?? '/usr/bin/chromium', headless: true, args, ...options });
}

/**
 * Serves a folder until the test ends.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} folder
 * @param {Record<string, string>} [headers]
 * @param {(path: string) => void} [onRequest]
 */
export async function host(t, folder, headers, onRequest = () => {}) {
  const server = await serve(folder, 0, onRequest, headers);
  t.after(server.close);
  return server.url;
}

/**
 * Opens a page; `complaints` collects everything a clean page has none of.
 *
 * @param {import('node:test').TestContext} t
 * @param {Browser} browser
 * @param {string} url
 */
export async function open(t, browser, url) {
  const page = await browser.newPage();
  t.after(() => browser.connected && page.close());
  /** @type {string[]} */
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // The browser asks for an icon by itself.
    const icon = message.location().url?.endsWith('/favicon.ico');
    if (!icon && ['error', 'warn'].includes(message.type())) complaints.push(message.text());
  });
  await page.evaluateOnNewDocument(() => {
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
      console.error(`violation of ${effectiveDirective}: ${blockedURI}`);
    });
    addEventListener('message', ({ data }) => void (data?.predictions || data?.error ? Object.assign(globalThis, { outcome: data }) : null));
  });
  await page.goto(url);
  return { page, complaints };
}

/**
 * What the app on a page reported.
 *
 * @param {Page} page
 */
export async function outcome(page) {
  const end = Date.now() + PATIENCE_MILLIS;
  for (;;) {
    const found = await page.evaluate(() => /** @type {any} */ (globalThis).outcome);
    if (found) return found;
    if (Date.now() > end) throw new Error(`${page.url()} reported nothing within ${PATIENCE_MILLIS} ms`);
    await new Promise((next) => setTimeout(next, 30));
  }
}

/**
 * Builds by webpack, without a complaint.
 *
 * @param {import('webpack').Configuration} configuration
 */
export function bundle(configuration) {
  return new Promise((done, failed) => {
    webpack(configuration, (error, stats) => {
      if (error) return failed(error);
      const { errors = [], warnings = [] } = stats?.toJson({ all: false, errors: true, warnings: true }) ?? {};
      // The wasm is larger than what webpack finds large.
      const complaints = [...errors, ...warnings.filter(({ message }) => !/size limit|limit the size/.test(message))];
      if (complaints.length) failed(new Error(complaints.map(({ message }) => message).join('\n')));
      else done(undefined);
    });
  });
}

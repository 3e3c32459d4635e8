// Puts the page together as a folder for any static host: node pkg/build/site.mjs SITE WASM-FOLDER
//
// The site is www/ without what only its developers need, plus the wasm with its glue, the licences, and a service worker that
// knows every file by its digest. The same sources give the same bytes.

import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The parts of the library that a page is made of. */
export const LIBRARY = ['element', 'engine', 'files', 'teach', 'words'];
/** What a visitor fetches on demand: the documentation, and the converter of ONNX files, which is as large as everything else together. */
const NOT_KEPT = /^(sw\.js$|docs\/|wasm\/mobilenet_onnx)/;
const LICENCES = ['LICENSE-MIT', 'LICENSE-APACHE', 'NOTICE'];

/**
 * @param {object} folders
 * @param {string} folders.site made, or brought up to date
 * @param {string} folders.wasm all wasm and their glue
 * @param {string} [folders.sources] where `www` and `pkg` are
 */
export function assemble({ site, wasm, sources = ROOT }) {
  const parent = dirname(resolve(site));
  mkdirSync(parent, { recursive: true });
  const fresh = mkdtempSync(join(parent, '.site.'));
  try {
    copyPage(sources, fresh);
    copyWasm(wasm, join(fresh, 'wasm'));
    for (const name of LICENCES) cpSync(join(ROOT, name), join(fresh, name));
    writeFileSync(join(fresh, 'sw.js'), serviceWorker(readFileSync(join(sources, 'www/sw.js'), 'utf8'), digests(fresh)));
    chmodSync(fresh, 0o755);
    if (existsSync(site)) update(site, fresh);
    else renameSync(fresh, site);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/**
 * @param {string} sources
 * @param {string} to
 */
function copyPage(sources, to) {
  cpSync(join(sources, 'www'), to, { recursive: true });
  for (const path of textsOf(to)) writeFileSync(path, readFileSync(path, 'utf8').replaceAll('../pkg/', './'));
  for (const folder of LIBRARY) cpSync(join(sources, 'pkg', folder), join(to, folder), { recursive: true });
  rmSync(join(to, 'engine/node'), { recursive: true });
}

/** @param {string} folder */
function textsOf(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => /\.(html|js)$/.test(path)).map((path) => join(folder, path));
}

/**
 * @param {string} wasm
 * @param {string} to
 */
function copyWasm(wasm, to) {
  mkdirSync(to);
  for (const name of readdirSync(wasm)) if (/\.(js|wasm)$/.test(name)) cpSync(join(wasm, name), join(to, name));
}

/**
 * A version of the page is a version of this script: it names every file with its digest, and itself by a digest of it all.
 *
 * @param {string} source
 * @param {Map<string, string>} files
 */
function serviceWorker(source, files) {
  const kept = [...files].filter(([path]) => !NOT_KEPT.test(path));
  const list = kept.map(([path, digest]) => `  '${path}': '${digest}',`).join('\n');
  const script = source.trimEnd();
  const version = sha256(script + list).slice(0, 16);
  // Functions, because a text in this place may not have a "$" in it.
  const named = script.replace("const VERSION = ''", () => `const VERSION = '${version}'`);
  return `${named.replace('const FILES = {', (opening) => `${opening}\n${list}`)}\n`;
}

/**
 * Requests meanwhile never meet half a site: a new version takes the old one's place as a whole, and where files only come in
 * addition, as the converter of ONNX files does when it is built last, the others stay untouched.
 *
 * @param {string} site
 * @param {string} fresh
 */
function update(site, fresh) {
  const [before, after] = [digests(site), digests(fresh)];
  if (![...before].every(([path, digest]) => after.get(path) === digest)) return replace(site, fresh);
  // Backwards, so that a wasm is there before the script that fetches it.
  for (const path of [...after.keys()].filter((path) => !before.has(path)).reverse()) {
    mkdirSync(dirname(join(site, path)), { recursive: true });
    renameSync(join(fresh, path), join(site, path));
  }
}

/**
 * @param {string} site
 * @param {string} fresh
 */
function replace(site, fresh) {
  const old = `${fresh}.old`;
  renameSync(site, old);
  renameSync(fresh, site);
  rmSync(old, { recursive: true });
}

/**
 * @param {string} folder
 * @returns {Map<string, string>} paths with digests, in one order everywhere
 */
function digests(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => slashed(relative(folder, join(entry.parentPath ?? entry.path, entry.name)))).sort();
  return new Map(paths.map((path) => [path, sha256(readFileSync(join(folder, path)))]));
}

/** @param {string | Buffer} content */
function sha256(content) {
  return createHash('sha256').update(content).digest('hex');
}

/** @param {string} path */
function slashed(path) {
  return path.split(sep).join('/');
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [, , site, wasm] = process.argv;
  if (!site || !wasm) throw new Error('usage: node pkg/build/site.mjs SITE WASM-FOLDER');
  assemble({ site, wasm });
}

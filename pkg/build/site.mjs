// Puts the page together as a folder for any static host: node pkg/build/site.mjs SITE WASM-FOLDER
//
// - Scripts and style sheets are bundled into `assets/`, a script per place of execution, because every request of a first visit costs a
//   round trip. A name has the digest of what is in it, so a host may let browsers keep it for ever. Source maps lie beside them.
// - What is under a fixed address stays there: the page, its documentation, icons and samples, `element/define.js` and
//   `teach/define.js` for other pages, the reader of ONNX files, which is built last, and `built-in.js`, which `mobilenet site` replaces.
// - A service worker knows every file by its digest.
// The same sources give the same bytes.

import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LICENCES, ROOT } from './bundle.mjs';
import { Assets, sha256, slashed } from './site/assets.mjs';

/** The parts of the library that a page is made of. */
export const LIBRARY = ['element', 'engine', 'files', 'teach', 'words'];
/** Of www/, what is served as it is. The documentation has the theme too. */
const FIXED = ['curtain.js', 'docs', 'icons', 'manifest.webmanifest', 'samples', 'theme.css'];
/**
 * What a visitor fetches on demand: the documentation, source maps, the engine's glue, and the reader of ONNX files, which is as large as everything
 * else together.
 */
const NOT_KEPT = /^(sw\.js$|theme\.css$|docs\/|engine\/|wasm\/mobilenet_(onnx|web-\w+\.js$)|.*\.map$)/;

/**
 * @param {object} folders
 * @param {string} folders.site made, or brought up to date
 * @param {string} folders.wasm all wasm and their glue
 * @param {string} [folders.sources] where `www` and `pkg` are
 */
export async function assemble({ site, wasm, sources = ROOT }) {
  const parent = dirname(resolve(site));
  mkdirSync(parent, { recursive: true });
  const fresh = mkdtempSync(join(parent, '.site.'));
  try {
    for (const name of FIXED) cpSync(join(sources, 'www', name), join(fresh, name), { recursive: true });
    for (const name of LICENCES) cpSync(join(ROOT, name), join(fresh, name));
    const assets = new Assets(fresh, resolve(wasm), resolve(sources));
    await assets.write();
    const kept = [...digests(fresh)].filter(([path]) => !NOT_KEPT.test(path) && !assets.onDemand.has(path));
    writeFileSync(join(fresh, 'sw.js'), serviceWorker(readFileSync(join(sources, 'www/sw.js'), 'utf8'), kept));
    chmodSync(fresh, 0o755);
    if (existsSync(site)) update(site, fresh);
    else renameSync(fresh, site);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/**
 * A version of the page is a version of this script: it names every file with its digest, and itself by a digest of it all.
 *
 * @param {string} source
 * @param {[path: string, digest: string][]} files
 */
function serviceWorker(source, files) {
  const list = files.map(([path, digest]) => `  '${path}': '${digest}',`).join('\n');
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

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [, , site, wasm] = process.argv;
  if (!site || !wasm) throw new Error('usage: node pkg/build/site.mjs SITE WASM-FOLDER');
  await assemble({ site, wasm });
}

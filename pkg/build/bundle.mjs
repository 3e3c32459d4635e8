// What the site and the one file have in common: the scripts of page and library, bundled.
//
// Scripts name the files that they need as bundlers know it, by `new URL('./x', import.meta.url)`. What stands there in a bundle is
// for each of both to say; nothing else of a script is changed.

import { readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const LICENCES = ['LICENSE-MIT', 'LICENSE-APACHE', 'NOTICE'];
const NEW_WORKER = /new Worker\(new URL\('[^']+', import\.meta\.url\), \{ type: 'module' \}\)/;
const LITERAL = /new URL\(\s*'([^']+)',\s*import\.meta\.url\s*\)/;
const NAMED = new RegExp(`${NEW_WORKER.source}|${LITERAL.source}`, 'g');

/**
 * @typedef {object} Rules
 * @property {string} wasm folder of the wasm files and their glue
 * @property {(path: string) => { path: string, external?: boolean } | null} place what stands in place of a module; null for itself
 * @property {(script: string, path: string) => string} change of a module's text
 */

/**
 * @param {string[] | Record<string, string>} entryPoints
 * @param {Rules} rules
 * @param {import('esbuild').BuildOptions} options
 */
export async function bundle(entryPoints, rules, options) {
  const { outputFiles = [], metafile } = await build({
    entryPoints,
    bundle: true,
    minify: true,
    format: 'esm',
    charset: 'utf8',
    legalComments: 'none',
    plugins: [following(rules)],
    logLevel: 'warning',
    write: false,
    ...options,
  });
  return { outputFiles, metafile };
}

/**
 * @param {Rules} rules
 * @returns {import('esbuild').Plugin}
 */
function following({ wasm, place, change }) {
  return {
    name: 'following',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /\.js$/ }, ({ path, resolveDir }) => {
        const asked = resolve(resolveDir, path);
        return place(asked) ?? { path: asked };
      });
      onLoad({ filter: /\.js$/ }, ({ path }) => {
        const file = dirname(path).endsWith(join('pkg', 'wasm')) ? join(wasm, basename(path)) : path;
        return { contents: change(readFileSync(file, 'utf8'), path), resolveDir: dirname(path) };
      });
    },
  };
}

/**
 * @param {string} script
 * @param {() => string} start what starts the worker
 * @param {(path: string) => string} address what stands for the address of a file
 */
export function readdressed(script, start, address) {
  return script.replace(NAMED, (_, path) => (path ? address(path) : start()));
}

/** @param {string} script @returns {string[]} the style sheets that it names */
export function sheetsOf(script) {
  return [...script.matchAll(NAMED)].map(([, path = '']) => path).filter((path) => path.endsWith('.css'));
}

/** @param {string} html @returns {string[]} the style sheets of a page, in their order */
export function linkedSheets(html) {
  return [...html.matchAll(/<link rel="stylesheet" href="([^"]+)">/g)].map(([, href = '']) => href);
}

/**
 * @param {string} html
 * @param {RegExp} pattern
 * @param {(...found: string[]) => string} by
 */
export function replaced(html, pattern, by) {
  const after = html.replace(pattern, by);
  if (after === html) throw new Error(`www/index.html has nothing like ${pattern}`);
  return after;
}

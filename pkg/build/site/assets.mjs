// The scripts and style sheets of the site, bundled, and the wasm that they fetch: each under a name with its digest. What is named
// has to be made before what names it: wasm, worker, scripts of other pages, the page.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { transformSync } from 'esbuild';
import { bundle, linkedSheets, readdressed, replaced, sheetsOf } from '../bundle.mjs';

/** Where bundles would be if they were written among the sources, which makes their digests the same everywhere. */
const OUT = 'out';
const NAMES = 'assets/[name]-[hash]';

/** @typedef {Map<string, import('esbuild').Metafile['outputs'][string]>} Outputs by their paths in the site */

/** Writes them into the folder of a site. */
export class Assets {
  #site;
  #wasm;
  #sources;
  /** @type {Map<string, string>} of a wasm, where it is in the site */
  #places = new Map();
  #worker = '';
  /** Of the element, which every page needs at once. */
  #elementSheet = '';
  /** What only other pages fetch. */
  onDemand = new Set();

  /**
   * @param {string} site
   * @param {string} wasm
   * @param {string} sources
   */
  constructor(site, wasm, sources) {
    this.#site = site;
    this.#wasm = wasm;
    this.#sources = sources;
  }

  async write() {
    this.#copyWasm();
    this.#worker = await this.#bundleWorker();
    this.#put('engine/worker/worker.js', `import '../../${this.#worker}';\n`);
    const built = join(this.#sources, 'pkg/engine/page/built-in.js');
    this.#put('built-in.js', readFileSync(built, 'utf8'));
    const forOthers = await this.#bundle({ 'element/define': 'pkg/build/site/element.js', 'teach/define': 'pkg/teach/define.js' }, { entryNames: '[dir]/[name]' });
    const page = await this.#bundle({ main: 'www/main.js' }, { entryNames: NAMES });
    this.#writePage(page);
    for (const path of forOthers.keys()) if (!page.has(path)) this.onDemand.add(path);
  }

  /** By their digests, but for the reader of ONNX files: what names it must not change when it comes. */
  #copyWasm() {
    for (const name of readdirSync(this.#wasm).filter((name) => name.endsWith('_bg.wasm'))) {
      const stem = name.replace('_bg.wasm', '');
      const code = readFileSync(join(this.#wasm, name));
      const glue = readFileSync(join(this.#wasm, `${stem}.js`));
      const place = stem === 'mobilenet_onnx' ? `wasm/${stem}` : `wasm/${stem}-${digestName(code, glue)}`;
      this.#put(`${place}_bg.wasm`, code);
      // The engine's is a part of the worker, and here for `mobilenet verify`, which runs it in Node.
      this.#put(`${place}.js`, glue);
      this.#places.set(stem, place);
    }
  }

  async #bundleWorker() {
    return entryOf(await this.#bundle({ worker: 'pkg/engine/worker/worker.js' }, { entryNames: NAMES, splitting: false }));
  }

  /**
   * @param {Record<string, string>} entries their names, and where they are below the sources
   * @param {import('esbuild').BuildOptions} options
   */
  async #bundle(entries, options) {
    const { outputFiles, metafile } = await bundle(
      Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, join(this.#sources, path)])),
      { wasm: this.#wasm, place: (path) => this.#module(path), change: (script, path) => this.#change(script, path) },
      { absWorkingDir: this.#sources, outdir: join(this.#sources, OUT), chunkNames: NAMES, splitting: true, sourcemap: true, metafile: true, ...options },
    );
    for (const { path, contents } of outputFiles) this.#put(slashed(relative(join(this.#sources, OUT), path)), contents);
    return new Map(Object.entries(metafile?.outputs ?? {}).map(([path, output]) => [inSite(path), output]));
  }

  /**
   * What is a file of its own. All bundles are one folder below the site.
   *
   * @param {string} path
   */
  #module(path) {
    if (path.endsWith(join('engine', 'page', 'built-in.js'))) return { path: '../built-in.js', external: true };
    const name = basename(path, '.js');
    if (!/^mobilenet_(studio|onnx)$/.test(name)) return null;
    return { path: `../${this.#placeOf(name)}.js`, external: true };
  }

  /** @param {string} stem of a wasm, also of one that is not built yet */
  #placeOf(stem) {
    return this.#places.get(stem) ?? `wasm/${stem}`;
  }

  /**
   * @param {string} script
   * @param {string} path
   */
  #change(script, path) {
    const sheet = this.#mergeSheets(sheetsOf(script).map((name) => join(dirname(path), name)));
    if (path.endsWith(join('element', 'template.js'))) this.#elementSheet = sheet;
    const literal = (/** @type {string} */ place) => `new URL('../${place}', import.meta.url)`;
    return readdressed(script, () => `new Worker(${literal(this.#worker)}, { type: 'module' })`, (name) => {
      if (name.endsWith('.css')) return literal(sheet);
      const [, stem = '', ending = ''] = /(mobilenet_\w+?)(_bg\.wasm|\.js)$/.exec(name) ?? [];
      if (!stem) throw new Error(`the site has no place for ${name} yet: give it one here`);
      return literal(this.#placeOf(stem) + ending);
    });
  }

  /**
   * One sheet for all that belong together: each would be a request.
   *
   * @param {string[]} paths
   */
  #mergeSheets(paths) {
    if (!paths.length) return '';
    const { code: text } = transformSync(paths.map((path) => readFileSync(path, 'utf8')).join('\n'), { loader: 'css', minify: true });
    const place = `assets/${basename(paths[0] ?? '', '.css')}-${digestName(text)}.css`;
    this.#put(place, text);
    return place;
  }

  /** @param {Outputs} outputs */
  #writePage(outputs) {
    const main = entryOf(outputs);
    const preloads = importsOf(main, outputs).map((path) => `    <link rel="modulepreload" href="${path}">\n`).join('');
    const page = join(this.#sources, 'www/index.html');
    let html = readFileSync(page, 'utf8');
    const sheet = this.#mergeSheets(linkedSheets(html).map((href) => join(dirname(page), href)));
    html = replaced(html, /^ *<link rel="(preload|modulepreload|stylesheet)".*\n/gm, () => '');
    html = replaced(html, /^ *<script type="module".*\n/m, () => `    <link rel="stylesheet" href="${sheet}">\n    <link rel="preload" as="style" href="${this.#elementSheet}">\n${preloads}    <script type="module" src="${main}"></script>\n`);
    this.#put('index.html', html);
  }

  /**
   * @param {string} path below the site
   * @param {string | Uint8Array} content
   */
  #put(path, content) {
    mkdirSync(dirname(join(this.#site, path)), { recursive: true });
    writeFileSync(join(this.#site, path), content);
  }
}

/** @param {string} path of an output, or as an external module is imported */
function inSite(path) {
  return path.replace(/^(out|\.\.)\//, '');
}

/** @param {Outputs} outputs of one entry */
function entryOf(outputs) {
  const found = [...outputs].find(([path, { entryPoint }]) => entryPoint && /^assets\/(main|worker)-/.test(path));
  return found?.[0] ?? '';
}

/**
 * @param {string} entry
 * @param {Outputs} outputs
 * @returns {string[]} what is fetched with it, and with what it imports
 */
function importsOf(entry, outputs) {
  const found = new Set(/** @type {string[]} */ ([]));
  const add = (/** @type {string} */ path) => {
    for (const { kind, path: imported } of outputs.get(path)?.imports ?? []) {
      if (kind !== 'import-statement' || found.has(inSite(imported))) continue;
      found.add(inSite(imported));
      add(inSite(imported));
    }
  };
  add(entry);
  return [...found];
}

/** @param {(string | Buffer)[]} contents */
function digestName(...contents) {
  return sha256(Buffer.concat(contents.map((content) => Buffer.from(content)))).slice(0, 8);
}

/** @param {string | Buffer} content */
export function sha256(content) {
  return createHash('sha256').update(content).digest('hex');
}

/** @param {string} path */
export function slashed(path) {
  return path.split(sep).join('/');
}


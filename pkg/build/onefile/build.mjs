// Makes the page one HTML file that opens by a double click: node pkg/build/onefile/build.mjs OUT [WASM-FOLDER]
//
// The sources are those of the site. What differs:
// - Scripts are bundled into one inline module, and the worker into a second one. Every literal `new URL('./x', import.meta.url)`
//   becomes the address of something inside the file: style sheets are `data:` URLs where they are used; the worker and the
//   wasm are blocks in base64, which `blocks.js` unpacks.
// - `REPLACED` leaves out what only a site needs.
// - The policy allows the two inline elements by their digests, and no address that is not inside the file: that there are no
//   requests is enforced by the browser. Blocks are never run, so they need no digest, and `mobilenet export` can fill
//   the last one, `model`, in a page that is built.
// The same sources give the same bytes.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { LICENCES, ROOT, bundle, linkedSheets, readdressed, replaced } from '../bundle.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const WWW = join(ROOT, 'www');

// The wasm files that it carries.
const WASM = ['mobilenet_web', 'mobilenet_studio'];
const REPLACED = new Map([
  [join(ROOT, 'pkg/engine/page/built-in.js'), join(HERE, 'built-in.js')],
  [join(ROOT, 'pkg/engine/worker/onnx.js'), join(HERE, 'onnx.js')],
  [join(WWW, 'offline.js'), join(HERE, 'offline.js')],
]);

/** @param {string} path below www/ */
const source = (path) => readFileSync(join(WWW, path), 'utf8');

/**
 * A module of the sources, with what it has beside itself inside the file.
 *
 * @param {string} script
 * @param {string} path
 */
function moved(script, path) {
  if (path.startsWith(HERE)) return script;
  const imports = new Set();
  const from = (/** @type {string} */ name) => JSON.stringify(join(HERE, name));
  const text = readdressed(
    script,
    () => {
      imports.add(`import { startWorker } from ${from('blocks.js')};`);
      return 'startWorker()';
    },
    (path) => {
      if (path.endsWith('.css')) {
        const name = `sheet${imports.size}`;
        imports.add(`import ${name} from ${JSON.stringify(path)};`);
        return `new URL(${name})`;
      }
      if (!path.endsWith('.wasm')) throw new Error(`one file has no place for ${path} yet: give it one here`);
      imports.add(`import { address } from ${from('carried.js')};`);
      return `new URL(address(${JSON.stringify(basename(path))}))`;
    },
  );
  return [...imports, text].join('');
}

/**
 * @param {string} entry
 * @param {string} wasm folder of the wasm files and their glue
 * @param {import('esbuild').BuildOptions} options
 */
async function inline(entry, wasm, options) {
  const place = (/** @type {string} */ path) => (REPLACED.has(path) ? { path: /** @type {string} */ (REPLACED.get(path)) } : null);
  const { outputFiles } = await bundle([entry], { wasm, place, change: moved }, { loader: { '.css': 'dataurl' }, ...options });
  const script = outputFiles[0]?.text.trim() ?? '';
  // Either would end up somewhere else than meant: at no address, or outside of the inline script.
  const stray = /import\.meta|<\/script|<!--/i.exec(script);
  if (stray) throw new Error(`${entry} has "${stray[0]}" in it after bundling, which one file cannot have`);
  return script;
}

/** @param {string} text of an inline element */
const digest = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/**
 * @param {string} name
 * @param {string | Buffer} content
 */
function block(name, content) {
  return `<script type="application/gzip" data-part="${name}">${gzipSync(content, { level: 9 }).toString('base64')}</script>`;
}

/** @param {string} script @param {string} style */
function policy(script, style) {
  return [
    "default-src 'none'",
    `script-src ${digest(script)} 'wasm-unsafe-eval'`,
    'worker-src blob:',
    `style-src data: ${digest(style)}`,
    'img-src data: blob:',
    'media-src blob:',
    'connect-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** @param {string} wasm */
async function page(wasm) {
  const [script, worker] = await Promise.all([
    inline(join(HERE, 'page.js'), wasm, {}),
    inline(join(HERE, 'worker.js'), wasm, { format: 'iife', inject: [join(HERE, 'carried.js')] }),
  ]);
  const licences = LICENCES.map((name) => readFileSync(join(ROOT, name), 'utf8')).join('\n');
  const blocks = [
    `<script type="text/plain" id="licences">\n${licences}</script>`,
    block('worker.js', worker),
    ...WASM.map((name) => `${name}_bg.wasm`).map((name) => block(name, readFileSync(join(wasm, name)))),
    // What `src/core/export/html.rs` fills: the base64 of a model file. Empty, the built-in model is that inside the wasm.
    '<script type="application/octet-stream" data-part="model"></script>',
    `<script type="module">${script}</script>`,
  ];
  const style = linkedSheets(source('index.html')).map(source).join('');
  let html = source('index.html');
  html = replaced(html, /^ *<link rel="(preload|modulepreload)".*\n/gm, () => '');
  html = replaced(html, /^ *<meta name="description".*\n/m, () => '');
  html = replaced(html, /^ *<p class="docs">.*\n/m, () => '');
  html = replaced(html, /^ *<script .*<\/script>\n/gm, () => '');
  html = replaced(html, /^ *<link rel="stylesheet".*\n/gm, () => '');
  html = replaced(html, / *<\/head>/, (end) => `    <style>${style}</style>\n${end}`);
  html = replaced(html, /content="default-src[^"]*"/, () => `content="${policy(script, style)}"`);
  html = replaced(html, /src="(samples\/[^"]+\.jpg)"/g, (_, path = '') => `src="data:image/jpeg;base64,${readFileSync(join(WWW, path)).toString('base64')}"`);
  return replaced(html, / *<\/body>/, (end) => `${blocks.join('\n')}\n${end}`);
}

const [, , out, wasm = join(ROOT, 'pkg/wasm')] = process.argv;
if (!out) throw new Error('name the file: node pkg/build/onefile/build.mjs OUT [WASM-FOLDER]');
const html = await page(resolve(wasm));
mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, html);
console.error(`${out}: ${(Buffer.byteLength(html) / 1e6).toFixed(2)} MB`);

// An app for each framework, in `frameworks/`: installed as its lock file says, with the packed packages beside it, built, and asked
// for a sofa in Chromium. Only Next.js is part of every run; FRAMEWORKS=all, or names with commas between them, runs others, which
// `./build.sh soak frameworks` does.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { APP, FLAGS, NETWORK, ONNX, PACKAGE, ROOT, expected, host, launch, network, open, outcome } from './pages.mjs';

/**
 * @typedef {object} Setting
 * @property {string} name
 * @property {string} app its folder in `frameworks/`
 * @property {string} [build] its script
 * @property {string} code where its own code is
 * @property {string} out what it builds, to be served
 * @property {string} [answer] in there, of a program, which needs no browser
 * @property {string} [recipe] the language of the README's recipe, which is shown as well
 * @property {string[]} [said] by each output, after its classifier has seen a sofa; without it by that of the recipe
 * @property {string[]} [flags] of a browser that opens what is built as files, without a server
 * @property {RegExp} [warning] what the browser may complain of
 */

// React 19 attaches `onclassified` to a tag that it renders in the browser, but not to one that came from a server
// (react/react#35446). Once it does, the README and `react.d.ts` no longer have to warn.
const SAID_IN_NEXT = ['sofa', '', 'sofa'];

/** @type {Setting[]} */
const SETTINGS = [
  { name: 'next', app: 'next', code: 'app', out: 'out', recipe: 'jsx', said: SAID_IN_NEXT },
  { name: 'next-webpack', app: 'next', build: 'build:webpack', code: 'app', out: 'out', recipe: 'jsx', said: SAID_IN_NEXT },
  { name: 'parcel', app: 'parcel', code: '.', out: 'dist' },
  { name: 'rsbuild', app: 'rsbuild', code: 'src', out: 'dist' },
  { name: 'esbuild', app: 'esbuild', code: '.', out: 'dist' },
  // What Electron allows the pages that it opens from files.
  { name: 'esbuild-file', app: 'esbuild', code: '.', out: 'dist', flags: ['--allow-file-access-from-files'] },
  { name: 'import-map', app: 'import-map', code: '.', out: 'dist' },
  { name: 'sveltekit', app: 'sveltekit', code: 'src', out: 'build', recipe: 'svelte' },
  { name: 'astro', app: 'astro', code: 'src', out: 'dist' },
  // It preloads style sheets that are only addressed, in a mode that their links do not ask for.
  { name: 'nuxt', app: 'nuxt', code: 'app', out: '.output/public', recipe: 'vue', warning: /^A preload for '[^']+\.css' is found, but is not used/ },
  { name: 'angular', app: 'angular', code: 'src', out: 'dist/browser' },
  { name: 'deno', app: 'deno', code: '.', out: 'dist', answer: 'answer.json' },
  { name: 'bun', app: 'bun', code: '.', out: 'dist', answer: 'answer.json' },
];
const SOURCES = join(import.meta.dirname, 'frameworks');
const FOLDER = join(ROOT, 'target/frameworks');
const QUIET = { NEXT_TELEMETRY_DISABLED: '1', ASTRO_TELEMETRY_DISABLED: '1', NUXT_TELEMETRY_DISABLED: '1' };

const { FRAMEWORKS = 'next' } = process.env;
const chosen = SETTINGS.filter(({ name }) => FRAMEWORKS === 'all' || FRAMEWORKS.split(',').includes(name));

/** @type {import('puppeteer-core').Browser} */
let browser;
before(async () => void (browser = await launch()));
after(() => browser.close());

test('a framework was chosen', () => assert.ok(chosen.length));

for (const setting of chosen) {
  test(setting.name, async (t) => {
    const { engines } = JSON.parse(await readFile(join(SOURCES, setting.app, 'package.json'), 'utf8'));
    if (isTooOld(engines?.node)) return t.skip(`needs Node ${engines.node}`);
    const root = join(FOLDER, setting.app);
    await install(root, setting.app);
    for (const name of ['ask.js', 'report.js']) {
      await copyFile(name === 'ask.js' ? join(SOURCES, 'shared', name) : join(APP, name), join(root, setting.code, name));
    }
    if (setting.recipe) await writeFile(join(root, setting.code, `recipe.${setting.recipe}`), await recipe(setting.recipe));
    const out = join(root, setting.out);
    await rm(out, { recursive: true, force: true });
    npm(root, 'run', '--silent', setting.build ?? 'build');
    if (setting.answer) return assert.deepEqual(JSON.parse(await readFile(join(out, setting.answer), 'utf8')), await expected());
    await copyFile(join(APP, 'sofa.jpg'), join(out, 'sofa.jpg'));
    await writeFile(join(out, NETWORK), await network());

    const { page, complaints } = await visit(t, out, setting.flags);
    const { error, named, predictions, said, shown, sheets, styled } = await outcome(page);
    const ours = complaints.filter((complaint) => !setting.warning?.test(complaint));
    assert.deepEqual({ error, complaints: ours, sheets, styled }, { error: undefined, complaints: [], sheets: [5, 4], styled: true });
    assert.deepEqual(predictions, await expected());
    assert.deepEqual(shown, await expected());
    assert.equal(named, 'tres');
    assert.deepEqual(said, setting.said ?? (setting.recipe ? ['sofa'] : []));
  });
}

/**
 * @param {import('node:test').TestContext} t
 * @param {string} folder
 * @param {string[]} [flags]
 */
async function visit(t, folder, flags) {
  if (!flags) return open(t, browser, `${await host(t, folder)}/index.html`);
  const own = await launch({ args: [...FLAGS, ...flags] });
  t.after(() => own.close());
  return open(t, own, pathToFileURL(join(folder, 'index.html')).href);
}

/**
 * What the README gives for a framework, as it stands there. In Next.js it says that it runs in the browser too.
 *
 * @param {string} language
 */
async function recipe(language) {
  const readme = await readFile(join(PACKAGE, 'README.md'), 'utf8');
  const [, text] = new RegExp(`\n\`\`\`${language}\n(.*?)\`\`\``, 's').exec(readme) ?? [];
  assert.ok(text, `the README has no ${language}`);
  return language === 'jsx' ? `"use client";\n${text}` : text;
}

/** @param {string} [least] as `>=22.12` */
function isTooOld(least = '>=0.0') {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = least.slice(2).split('.').map(Number);
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}

/**
 * What the lock file names is installed once, the package each time.
 *
 * @param {string} root
 * @param {string} app
 */
async function install(root, app) {
  await mkdir(root, { recursive: true });
  await cp(join(SOURCES, app), root, { recursive: true });
  const lock = await readFile(join(SOURCES, app, 'package-lock.json'), 'utf8');
  const mark = join(root, '.installed-lock.json');
  if ((await readFile(mark, 'utf8').catch(() => '')) !== lock) {
    // Not `npm ci`, which wants every optional package of every platform in the lock file.
    npm(root, 'install', '--no-fund', '--no-audit');
    await writeFile(mark, lock);
  }
  for (const [name, from] of Object.entries({ 'mobilenet-web': PACKAGE, 'mobilenet-web-onnx': ONNX })) {
    const copy = join(root, 'node_modules', name);
    await rm(copy, { recursive: true, force: true });
    await cp(from, copy, { recursive: true });
  }
}

/**
 * @param {string} cwd
 * @param {...string} words
 */
function npm(cwd, ...words) {
  try {
    return execFileSync('npm', words, { cwd, encoding: 'utf8', env: { ...process.env, ...QUIET }, stdio: 'pipe' });
  } catch (error) {
    const { stdout, stderr } = /** @type {{ stdout: string, stderr: string }} */ (error);
    throw new Error(`npm ${words.join(' ')}\n${stdout}\n${stderr}`);
  }
}

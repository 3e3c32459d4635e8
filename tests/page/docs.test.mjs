// The documentation in www/docs: it names what there is and nothing else, its commands and links work, its numbers are those of
// the code and of the README, and as pages they are as accessible and as quiet as the page itself.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { refresh } from '../bench/figures.mjs';
import { LISTS, ROOT, fieldsOf, listed, source } from './api.mjs';
import { SITE, openSite } from './browser.mjs';
import { LIMITS, PROGRAM, notBuilt } from './facts.mjs';
import { WINDOWS, dress, inspect } from './inspect.mjs';

const DOCS = join(SITE, 'docs');
const PAGES = ['index.html', 'api.html', 'formats.html', 'limits.html', 'figures.html'];
/** Where plain links may lead. */
const ELSEWHERE = ['www.npmjs.com', 'arxiv.org', 'huggingface.co'];
const UNITS = /** @type {Record<string, number>} */ ({ '': 1, MB: 2 ** 20, GB: 2 ** 30 });

/**
 * @typedef {{ key: string, names: string[] }} List
 * @typedef {object} Read what is on a page
 * @property {string[]} ids
 * @property {string[]} links
 * @property {string[]} undescribed pictures without a text in their place
 * @property {string[]} scripts and what else is inline
 * @property {string[]} code
 * @property {List[]} lists
 * @property {List[]} types
 * @property {{ name: string, text: string }[]} numbers
 * @property {string} head what all pages have in common
 */

/** @type {Awaited<ReturnType<typeof openSite>>} */
let site;
/** @type {Map<string, Read>} */
const pages = new Map();
/** @type {string[]} */
const asked = [];
/** @type {string[]} */
const complaints = [];

before(async () => {
  site = await openSite();
  const page = await site.browser.newPage();
  page.on('request', (request) => asked.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  for (const name of PAGES) {
    await page.goto(`${site.url}/docs/${name}`);
    pages.set(name, await page.evaluate(read));
  }
  await page.close();
});
after(() => site.close());

/** Runs in the page. */
function read() {
  const all = (/** @type {string} */ selector, /** @type {ParentNode} */ root = document) => [...root.querySelectorAll(selector)];
  const texts = (/** @type {string} */ selector, /** @type {ParentNode} */ root = document) => all(selector, root).map(({ textContent }) => textContent ?? '');
  return {
    ids: all('[id]').map(({ id }) => id),
    links: all('a').map((link) => link.getAttribute('href') ?? ''),
    undescribed: all('img').filter((image) => !image.getAttribute('alt')).map(({ outerHTML }) => outerHTML),
    scripts: all('script, style, [style]').map(({ outerHTML }) => outerHTML),
    code: texts('code'),
    lists: all('[data-lists]').map((list) => ({ key: list.getAttribute('data-lists') ?? '', names: texts(list.matches('dl') ? 'dt code' : 'code', list) })),
    types: all('[data-type]').map((type) => ({ key: type.getAttribute('data-type') ?? '', names: texts('code', type) })),
    numbers: all('data').map((data) => ({ name: data.getAttribute('value') ?? '', text: data.textContent ?? '' })),
    head: texts('header')[0] ?? '',
  };
}

/** @param {(page: Read, name: string) => unknown} check */
function forEachPage(check) {
  for (const [name, page] of pages) check(page, name);
}

/** @param {'lists' | 'types'} kind */
function namesOnPages(kind) {
  /** @type {Map<string, string[]>} */
  const lists = new Map();
  forEachPage((page) => page[kind].forEach(({ key, names }) => lists.set(key, [...(lists.get(key) ?? []), ...names])));
  return lists;
}

/**
 * `classify(source, { topK })` and `Classifier.embedded()` without what is around the name.
 *
 * @param {string} code
 */
function bare(code) {
  return code.replace(/\(.*$/s, '').replace(/^[A-Z]\w*\./, '');
}

test('the lists name what is in the code, all of it and nothing else', async (t) => {
  const onPages = namesOnPages('lists');
  for (const [key, names] of Object.entries(LISTS)) {
    const wanted = names();
    await t.test(key, { skip: !wanted && notBuilt }, () => assert.deepEqual(listed((onPages.get(key) ?? []).map(bare)), listed(wanted ?? [])));
  }
  assert.deepEqual([...onPages.keys()].filter((key) => !(key in LISTS) && key !== 'limits'), [], 'lists of what is not there');
});

test('types have the fields that are named, and no others', () => {
  for (const [type, names] of namesOnPages('types')) assert.deepEqual(listed(names), listed(fieldsOf(type)), type);
});

test('the inventory of unsafe code names every file with any, and how often', () => {
  const uses = (/** @type {string} */ path) => [...source(path).matchAll(/\bunsafe (\{|fn|impl|trait|extern)/g)].length;
  const files = readdirSync(join(ROOT, 'src'), { recursive: true }).map((name) => `src/${name}`).filter((path) => path.endsWith('.rs'));
  const found = files.map((path) => ({ path, count: uses(path) })).filter(({ count }) => count > 0);
  const rows = source('.github/SECURITY.md').matchAll(/^\| `(src\/[^`]+)` \| (\d+) \|/gm);
  const told = [...rows].map(([, path = '', count]) => ({ path, count: Number(count) }));
  const byPath = (/** @type {{ path: string }} */ one, /** @type {{ path: string }} */ other) => (one.path < other.path ? -1 : 1);
  assert.deepEqual(told.sort(byPath), found.sort(byPath));
});

test('the limits are those of the program and of the page, all of them', { skip: notBuilt }, () => {
  /** @type {Record<string, number>} */
  const stated = {};
  forEachPage(({ numbers }) =>
    numbers.forEach(({ name, text }) => {
      const [, digits = '', unit = ''] = /^([\d,]+) ?(\w*)$/.exec(text) ?? [];
      stated[name] = Number(digits.replaceAll(',', '')) * (UNITS[unit] ?? NaN);
    }),
  );
  assert.deepEqual(stated, LIMITS);
});

test('figures are those of the README and the model cards', () => {
  const page = source('www/docs/figures.html');
  assert.equal(refresh(page, source), page, 'run node tests/bench/figures.mjs');
});

test('commands name subcommands and options that there are', { skip: notBuilt }, async () => {
  /** @type {Map<string, Promise<string>>} */
  const known = new Map();
  const help = (/** @type {string[]} */ words) => {
    const key = words.join(' ');
    if (!known.has(key)) known.set(key, promisify(execFile)(PROGRAM, [...words, '--help']).then(({ stdout }) => stdout));
    return known.get(key);
  };
  const commands = [...pages.values()].flatMap(({ code }) => code.flatMap((text) => text.split('\n'))).filter((line) => /^(target\/release\/)?mobilenet /.test(line));
  assert.ok(commands.length > 20, `${commands.length} commands`);
  for (const command of commands) {
    const [, first = '', second = ''] = command.split(' ');
    if (first === 'help') continue;
    const text = (await help(first === 'backbone' ? [first, second] : [first])) ?? '';
    for (const option of command.match(/(?<= )--[a-z-]+/g) ?? []) assert.match(text, new RegExp(`${option}(?![\\w-])`), command);
  }
});

test('./build.sh does what it is said to do', () => {
  const script = source('build.sh');
  const [, usage = ''] = /usage\(\) \{([\s\S]*?)\n\}/.exec(script) ?? [];
  const commands = [...pages.values()].flatMap(({ code }) => code.flatMap((text) => text.split('\n'))).filter((line) => line.startsWith('./build.sh'));
  for (const command of commands) {
    const [, word, ...rest] = command.split(' ');
    if (word) assert.match(script, new RegExp(`^ {2}${word}( \\|.*)?\\)`, 'm'), command);
    for (const option of rest.filter((text) => text.startsWith('--'))) assert.ok(usage.includes(option), command);
  }
});

test('every link leads somewhere, and every picture can be told', () => {
  forEachPage(({ links, undescribed }, name) => {
    assert.deepEqual(undescribed, [], name);
    for (const link of links) {
      const { protocol, host, pathname, hash } = new URL(link, `site:///docs/${name}`);
      if (protocol !== 'site:') {
        assert.ok(protocol === 'https:' && ELSEWHERE.includes(host), `${name}: ${link}`);
        continue;
      }
      assert.ok(existsSync(join(SITE, pathname)), `${name}: ${link}`);
      const target = pages.get(pathname.replace('/docs/', ''));
      if (hash) assert.ok(target?.ids.includes(hash.slice(1)), `${name}: ${link}`);
    }
  });
});

test('pages have no script, nothing inline, one head, and ask nobody else', () => {
  forEachPage(({ scripts, head, ids }, name) => {
    assert.deepEqual(scripts, [], name);
    assert.equal(head, pages.get('index.html')?.head, name);
    assert.equal(new Set(ids).size, ids.length, `${name} has an id twice`);
  });
  assert.deepEqual(complaints, []);
  assert.deepEqual(asked.filter((url) => !url.startsWith(site.url) && !url.startsWith('data:')), []);
  const used = new Set(asked.map((url) => url.replace(`${site.url}/docs/`, '')));
  assert.deepEqual(readdirSync(DOCS).filter((file) => !used.has(file)), [], 'files that no page needs');
});

for (const scheme of ['light', 'dark']) {
  for (const window of WINDOWS) {
    test(`${window.width} px wide, ${scheme}`, async (t) => {
      const page = await site.browser.newPage();
      await dress(page, scheme, window);
      for (const name of PAGES) {
        await t.test(name, async () => {
          await page.goto(`${site.url}/docs/${name}`);
          await inspect(page, `docs-${name.replace('.html', '')}-${window.width}-${scheme}`);
        });
      }
      await page.close();
    });
  }
}

// The language of page, element and teacher: all of their words come from the dictionary, and any of its changes is followed.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { assemble } from './assemble.mjs';
import { after as eventsAfter, chromiumOnly, classify, click, find, openPage, openSite, refused, sample, settled, text, topLabel, until, upload } from './browser.mjs';
import { addFiles, begin } from './teaching.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

const NO_PICTURE = fileURLToPath(new URL('./browser.mjs', import.meta.url));

// A language that says everything in English between brackets, in the place of German.
const BRACKETS = `import en from './en.js';
const mark = (text) => '⟦' + text + '⟧';
const forms = (message) => Object.fromEntries(Object.entries(message).map(([category, text]) => [category, mark(text)]));
export default Object.fromEntries(Object.entries(en).map(([key, message]) => [key, typeof message === 'string' ? mark(message) : forms(message)]));
`;

const TWO = `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>Somebody's page</title><link rel="icon" href="data:,"><script type="module" src="element/define.js"></script></head>
  <body>
    <mobilenet-classifier id="one"></mobilenet-classifier>
    <div id="around" lang="de-CH"><mobilenet-classifier id="two"></mobilenet-classifier></div>
    <mobilenet-classifier id="three" lang="ar"></mobilenet-classifier>
    <mobilenet-classifier id="four" lang="xx"></mobilenet-classifier>
  </body>
</html>`;

/** @type {string} */
let folder;
/** @type {Awaited<ReturnType<typeof openSite>>} */
let site;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mobilenet-language-'));
  await assemble(join(folder, 'site'), async (sources) => {
    await writeFile(join(sources, 'pkg/words/de.js'), BRACKETS);
  });
  await writeFile(join(folder, 'site/two.html'), TWO);
  site = await openSite([], join(folder, 'site'));
});
after(async () => {
  await site.close();
  await rm(folder, { recursive: true });
});

/**
 * A visit of somebody who was never here.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} path
 * @param {Parameters<typeof openPage>[1]} [options]
 */
async function visit(t, path, options) {
  const context = await site.browser.createBrowserContext();
  t.after(() => context.close());
  return openPage({ url: `${site.url}/${path}`, browser: context }, options);
}

/**
 * What people see and hear that did not come through the dictionary, but for numbers, names, and what is the same everywhere.
 *
 * @param {Page} page
 */
async function foreign(page) {
  const said = await page.evaluate(() => {
    const found = /** @type {string[]} */ ([]);
    const named = ['aria-label', 'aria-valuetext', 'alt', 'title', 'placeholder'];
    const walk = (/** @type {Element} */ element) => {
      if (element.matches('script, style, link, [translate="no"], .profile-table tbody:nth-of-type(2) th') || !element.checkVisibility()) return;
      for (const name of named) found.push(element.getAttribute(name) ?? '');
      for (const node of element.childNodes) if (node instanceof Text) found.push(node.data);
      if (element instanceof HTMLInputElement && element.type === 'text') found.push(element.value);
      for (const child of [...(element.shadowRoot?.children ?? []), ...element.children]) walk(child);
    };
    walk(document.body);
    return [...found, document.title, document.querySelector('meta[name=description]')?.getAttribute('content') ?? ''];
  });
  const seen = said.map((each) => each.trim()).filter(Boolean);
  assert.ok(seen.filter((each) => each.includes('⟦')).length > 20, 'the page does not speak the language of brackets');
  return seen.filter((each) => !/^([\d.,%<>–\s]|bed|chair|sofa|swivelchair|table|CSV|JSON|browser\.mjs|[\w.-]+\.jpg)*$/.test(unbracketed(each)));
}

/**
 * @param {string} said
 * @returns {string}
 */
function unbracketed(said) {
  const less = said.replace(/⟦[^⟦⟧]*⟧/g, '');
  return less === said ? said : unbracketed(less);
}

/** @type {[state: string, reach: (page: Page) => Promise<unknown>][]} */
const STATES = [
  ['start', async () => {}],
  ['a picture', (page) => classify(page, sample('sofa'))],
  ['its evidence', (page) => click(page, '#evidence')],
  ['a failure', (page) => classify(page, NO_PICTURE)],
  ['a list', (page) => eventsAfter(page, () => upload(page, [sample('bed'), NO_PICTURE, sample('swivelchair')]), 3)],
  ['a camera that is not there', (page) => eventsAfter(page, () => click(page, '#camera'))],
  ['teaching', begin],
  ['what was taught', teach],
  ['the gallery', (page) => click(page, '.class-card .class-count')],
];

/** @param {Page} page */
async function teach(page) {
  await addFiles(page, 0, ['bed', 'sofa'].map(sample));
  await addFiles(page, 1, ['chair', 'bed'].map(sample));
  await until(page, () => /** @type {any} */ (globalThis).taught.at(-1)?.samples === 4);
  await until(page, () => /** @type {any} */ (globalThis).find('.advice li') !== null);
  await page.evaluate(() => void (/** @type {any} */ (globalThis).find('.outcome details').open = true));
}

test('everything that people see or hear came through the dictionary', async (t) => {
  const { page, complaints } = await visit(t, '?lang=de');
  for (const [state, reach] of STATES) {
    await t.test(state, async () => {
      await reach(page);
      assert.deepEqual(await foreign(page), []);
    });
  }
  assert.deepEqual(complaints, []);
});

test('the profile as well, but for the names of layers', async (t) => {
  const { page } = await visit(t, '?lang=de&profile');
  await until(page, () => document.querySelector('.profile tbody') !== null);
  assert.deepEqual(await foreign(page), []);
});

test('events, results and files are the same in every language', async (t) => {
  const { page } = await visit(t, '?lang=de');
  const event = refused(await classify(page, NO_PICTURE));
  assert.deepEqual([event.code, event.source], ['unsupported-format', 'file']);
  assert.match(event.message, /^browser\.mjs: /);
  assert.doesNotMatch(event.message, /⟦/);
  assert.match(await text(page, '.notice-text'), /^⟦browser\.mjs: ⟦/);
  const results = await page.evaluate(() => JSON.stringify(/** @type {any} */ (document.querySelector('mobilenet-classifier')).results));
  assert.doesNotMatch(results, /⟦/);
});

/**
 * @param {Page} page
 * @param {string} id of the element
 */
function spoken(page, id) {
  return page.evaluate((wanted) => {
    const root = document.getElementById(wanted)?.shadowRoot;
    const frame = /** @type {HTMLElement | null | undefined} */ (root?.querySelector('.frame'));
    return { camera: root?.getElementById('camera')?.textContent, lang: frame?.lang, dir: frame?.dir };
  }, id);
}

test('elements of one page speak the language of the nearest lang, and follow it', async (t) => {
  const { page, complaints } = await visit(t, 'two.html', { ready: false });
  const english = { camera: 'Start camera', lang: 'en', dir: 'ltr' };
  const german = { camera: '⟦Start camera⟧', lang: 'de', dir: 'ltr' };
  const four = (/** @type {string} */ id) => document.getElementById(id)?.shadowRoot?.querySelector('.frame:not([hidden])') !== null;
  for (const id of ['one', 'two', 'three', 'four']) await until(page, four, id);
  assert.deepEqual(await Promise.all(['one', 'two', 'four'].map((id) => spoken(page, id))), [english, german, english]);
  const arabic = await spoken(page, 'three');
  assert.deepEqual([arabic.lang, arabic.dir], ['ar', 'rtl']);

  await page.evaluate(() => document.documentElement.setAttribute('lang', 'de'));
  await until(page, () => document.getElementById('one')?.shadowRoot?.getElementById('camera')?.textContent === '⟦Start camera⟧');
  assert.deepEqual(await spoken(page, 'four'), english);
  await page.evaluate(() => document.getElementById('two')?.setAttribute('lang', 'en'));
  await until(page, () => document.getElementById('two')?.shadowRoot?.getElementById('camera')?.textContent === 'Start camera');
  // Moved to where another language is spoken.
  await page.evaluate(() => document.getElementById('two')?.removeAttribute('lang'));
  await until(page, () => document.getElementById('two')?.shadowRoot?.getElementById('camera')?.textContent === '⟦Start camera⟧');
  await page.evaluate(() => (document.documentElement.setAttribute('lang', 'en'), document.body.append(/** @type {Element} */ (document.getElementById('two')))));
  await until(page, () => document.getElementById('two')?.shadowRoot?.getElementById('camera')?.textContent === 'Start camera');
  assert.deepEqual(complaints, []);
});

test('an answer that is shown already changes its language, and its bars their direction', async (t) => {
  const { page } = await visit(t, '');
  await classify(page, sample('sofa'));
  const shown = async () => [await text(page, '#headline'), await text(page, '#time'), await text(page, '#answer-title')];
  const [label, time = '', title] = await shown();
  assert.deepEqual([label, title], ['sofa', 'I see']);
  await page.select('#language', 'de');
  await until(page, () => document.title.startsWith('⟦'));
  await until(page, () => /** @type {any} */ (globalThis).find('#answer-title').textContent === '⟦I see⟧');
  assert.deepEqual(await shown(), ['sofa', `⟦${time}⟧`, '⟦I see⟧']);

  await page.select('#language', 'ar');
  await until(page, () => document.documentElement.dir === 'rtl' && /** @type {any} */ (globalThis).find('.frame').dir === 'rtl');
  const sides = await page.evaluate(() => {
    const { find } = /** @type {any} */ (globalThis);
    const [bar, fill] = [find('.row[data-best] .row-bar'), find('.row[data-best] .row-bar > span')].map((each) => each.getBoundingClientRect());
    const [stage, side] = [find('.stage'), find('.side')].map((each) => each.getBoundingClientRect());
    const turned = ['#picture', '#heat', '#video'].map((each) => getComputedStyle(find(each)).transform);
    return { right: Math.abs(bar.right - fill.right) < 1, less: fill.left > bar.left, answerOnTheLeft: side.right <= stage.left || innerWidth < 900, turned };
  });
  assert.deepEqual(sides, { right: true, less: true, answerOnTheLeft: true, turned: ['none', 'none', 'none'] });
});

test('the choice is remembered, an address goes before it, and a browser before English', async (t) => {
  const { page } = await visit(t, '', {
    prepare: (opened) => opened.evaluateOnNewDocument(() => Object.defineProperty(navigator, 'languages', { get: () => ['xx', 'de-AT', 'en'] })),
  });
  const language = () => page.evaluate(() => [document.documentElement.lang, /** @type {HTMLSelectElement | null} */ (document.querySelector('#language'))?.value]);
  assert.deepEqual(await language(), ['de', 'de']);
  await page.select('#language', 'en');
  await until(page, () => document.title === 'What am I looking at?');
  await page.reload();
  await settled(page);
  assert.deepEqual(await language(), ['en', 'en']);
  await page.goto(`${site.url}/?lang=de`);
  await settled(page);
  assert.deepEqual(await language(), ['de', 'de']);
  await page.select('#language', 'en');
  await until(page, () => document.title === 'What am I looking at?');
  assert.equal(new URL(page.url()).search, '');
});

test('the selector names every language in itself, and works by keyboard', async (t) => {
  const { page } = await visit(t, '');
  const options = await page.$$eval('#language option', (found) => found.map((each) => [/** @type {HTMLElement} */ (each).lang, each.textContent]));
  assert.equal(options.length, 9);
  assert.deepEqual(options.slice(0, 2), [['en', 'English'], ['de', 'Deutsch']]);
  await page.focus('#language');
  await page.keyboard.press('ArrowDown');
  await until(page, () => document.title === '⟦What am I looking at?⟧');
  assert.equal(await page.$eval('#language', (choice) => document.activeElement === choice), true);
});

test('no English flashes up before another language', { skip: chromiumOnly }, async (t) => {
  const { page } = await visit(t, '?lang=de', {
    ready: false,
    prepare: async (opened) => {
      await opened.evaluateOnNewDocument(watch);
      // However slow this machine is, nothing loses patience.
      const client = await opened.createCDPSession();
      await client.send('Animation.enable');
      await client.send('Animation.setPlaybackRate', { playbackRate: 0 });
      await opened.setRequestInterception(true);
      opened.on('request', (request) => setTimeout(() => request.continue(), /\/de-\w+\.js$/.test(request.url()) ? 700 : 0));
    },
  });
  await until(page, () => /** @type {any} */ (globalThis).seen.has('⟦Start camera⟧'));
  const seen = await page.evaluate(() => [.../** @type {any} */ (globalThis).seen]);
  assert.deepEqual(seen.sort(), ['⟦Start camera⟧', '⟦What am I looking at?⟧']);
});

/** Runs in the page: collects what its title and a button say in every frame in which they can be seen. */
function watch() {
  const seen = new Set();
  const { setTimeout } = globalThis;
  Object.assign(globalThis, { seen, setTimeout: (/** @type {() => void} */ act, /** @type {number} */ millis) => (millis < 3000 ? setTimeout(act, millis) : 0) });
  const look = () => {
    const found = [document.querySelector('h1'), document.querySelector('mobilenet-classifier')?.shadowRoot?.getElementById('camera')];
    for (const element of found) if (element?.checkVisibility({ visibilityProperty: true })) seen.add(element.textContent);
    requestAnimationFrame(look);
  };
  look();
}

for (const [what, refuse] of /** @type {[string, (request: import('puppeteer-core').HTTPRequest) => unknown][]} */ ([
  ['cannot be fetched', (request) => request.abort()],
  ['never comes', () => {}],
])) {
  test(`where a dictionary ${what} the page appears in English`, async (t) => {
    const { page } = await visit(t, '?lang=de', {
      ready: false,
      prepare: async (opened) => {
        await opened.setRequestInterception(true);
        opened.on('request', (request) => (/\/de-\w+\.js$/.test(request.url()) ? refuse(request) : request.continue()));
      },
    });
    await until(page, () => /** @type {any} */ (globalThis).find?.('#camera')?.checkVisibility({ visibilityProperty: true }));
    assert.equal(await text(page, '#camera'), 'Start camera');
    assert.equal(await (await find(page, 'h1')).evaluate((title) => title.checkVisibility({ visibilityProperty: true })), true);
  });
}

test('without a network it speaks the language that is chosen then', async (t) => {
  const own = await mkdtemp(join(folder, 'alone-'));
  await assemble(own);
  const alone = await openSite([], own);
  t.after(alone.close);
  const { page } = await openPage({ ...alone, keeps: true });
  await alone.server.close();
  await page.reload();
  await settled(page);
  for (const lang of ['ja', 'ar']) {
    await page.select('#language', lang);
    await until(page, (wanted) => /** @type {any} */ (globalThis).find('.frame').lang === wanted && document.documentElement.lang === wanted, lang);
    assert.equal(topLabel(await classify(page, sample('chair'))), 'chair');
  }
});

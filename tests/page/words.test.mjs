// The dictionaries: every language says everything that English says, with the same values and in all of its plurals.

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { listOfProgram, notBuilt } from './facts.mjs';
import { LIBRARY } from '../../pkg/build/site.mjs';

/** @typedef {Record<string, string | Record<string, string>>} Dictionary */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const { LANGUAGES, Words, ENGLISH, languageFor } = await import(pathToFileURL(join(ROOT, 'pkg/words/words.js')).href);
const { default: ENGLISH_WORDS } = await import(pathToFileURL(join(ROOT, 'pkg/words/en.js')).href);
const ENGLISH_KEYS = Object.keys(ENGLISH_WORDS);

// Errors of the terminal, which has files and a quality gate.
const OUT_OF_THE_PAGE = ['gate-failed', 'io'];
// What the page tells nobody needs no title: somebody wanted it so.
const UNTITLED = ['cancelled', 'disposed'];

// Units, punctuation, names, and words that both languages have.
const SAME = {
  'every language': [
    'model.card', 'notice.of-file', 'answer.spoken', 'list.separator', 'profile.millis', 'profile.speed', 'advice.quoted',
    'share.runtime.tflite', 'share.runtime.onnx', 'share.runtime.tfjs', 'share.runtime.int8',
  ],
};

/** @returns {Promise<string[]>} what is in the scripts of the page and of the library */
async function scripts() {
  const folders = ['www', ...LIBRARY.map((name) => `pkg/${name}`)].map((name) => join(ROOT, name));
  const named = await Promise.all(folders.map(async (folder) => (await readdir(folder, { recursive: true })).map((name) => join(folder, name))));
  return Promise.all(named.flat().filter((name) => /\.(js|html)$/.test(name)).map((name) => readFile(name, 'utf8')));
}

/** @param {string | Record<string, string>} message */
function forms(message) {
  return typeof message === 'string' ? { other: message } : message;
}

/** @param {string} text */
function values(text) {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
}

/**
 * @param {(language: { lang: string, name: string, dictionary: Dictionary }) => void} check
 */
async function forEachLanguage(check) {
  for (const { lang, name, load } of LANGUAGES.slice(1)) check({ lang, name, dictionary: (await load()).default });
}

test('nine languages, each by a name of its own', () => {
  assert.deepEqual(LANGUAGES.map((/** @type {any} */ { lang }) => lang), ['en', 'de', 'es', 'fr', 'pt', 'ar', 'hi', 'ja', 'zh-Hans']);
  assert.equal(new Set(LANGUAGES.map((/** @type {any} */ { name }) => name)).size, LANGUAGES.length);
  assert.deepEqual(LANGUAGES.filter((/** @type {any} */ { dir }) => dir === 'rtl').map((/** @type {any} */ { lang }) => lang), ['ar']);
});

test('every language has every key of English, and no other', () =>
  forEachLanguage(({ lang, dictionary }) => assert.deepEqual(Object.keys(dictionary).sort(), [...ENGLISH_KEYS].sort(), lang)));

test('every message has the values of the English one', () =>
  forEachLanguage(({ lang, dictionary }) => {
    for (const key of ENGLISH_KEYS) {
      const wanted = values(forms(ENGLISH_WORDS[key]).other ?? '');
      for (const [category, text] of Object.entries(forms(/** @type {string} */ (dictionary[key])))) {
        // Where it counts to one or two, the number may be in the noun.
        const expected = ['zero', 'one', 'two'].includes(category) && !text.includes('{count}') ? wanted.filter((name) => name !== 'count') : wanted;
        assert.deepEqual([...new Set(values(text))], [...new Set(expected)], `${lang} ${key} ${category}`);
      }
    }
  }));

test('what counts has a form for each plural category of the language', () =>
  forEachLanguage(({ lang, dictionary }) => {
    const categories = new Intl.PluralRules(lang).resolvedOptions().pluralCategories.sort();
    for (const [key, message] of Object.entries(dictionary)) {
      assert.equal(typeof message, typeof ENGLISH_WORDS[key], `${lang} ${key}`);
      if (typeof message !== 'string') assert.deepEqual(Object.keys(message).sort(), categories, `${lang} ${key}`);
    }
  }));

test('nothing was left in English, nothing is empty', () =>
  forEachLanguage(({ lang, dictionary }) => {
    const same = new Set([...SAME['every language'], ...(/** @type {Record<string, string[]>} */ (SAME)[lang] ?? [])]);
    const english = new Map(ENGLISH_KEYS.map((key) => [key, new Set(Object.values(forms(ENGLISH_WORDS[key])))]));
    const left = Object.entries(dictionary).flatMap(([key, message]) =>
      Object.values(forms(message)).filter((text) => text.trim() === '' || (english.get(key)?.has(text) && !same.has(key))).map((text) => `${key}: ${text}`),
    );
    assert.deepEqual(left, [], lang);
  }));

test('no name is fixed in words of our own: braces are balanced and nothing is markup', () =>
  forEachLanguage(({ lang, dictionary }) => {
    for (const [key, message] of Object.entries(dictionary)) {
      for (const text of Object.values(forms(message))) assert.doesNotMatch(text.replace(/\{\w+\}/g, ''), /[{}<]|&\w+;/, `${lang} ${key}`);
    }
  }));

test('every code of a failure has a title and a sentence', { skip: notBuilt }, async () => {
  const page = (await scripts()).join('\n');
  const codes = new Set([
    ...(listOfProgram('codes') ?? []).filter((code) => !OUT_OF_THE_PAGE.includes(code)),
    ...[...page.matchAll(/(?:Failure|MobilenetError|trouble|refuse|failed)\(\s*'([a-z-]+)'/g)].map(([, code = '']) => code),
    ...[...page.matchAll(/Error: \['([a-z-]+)'/g)].map(([, code = '']) => code),
  ]);
  assert.ok(codes.size > 30, `${codes.size} codes`);
  const said = (/** @type {string} */ kind) => ENGLISH_KEYS.filter((key) => key.startsWith(`${kind}.`)).map((key) => key.slice(kind.length + 1)).sort();
  assert.deepEqual(said('failure'), [...codes].sort());
  assert.deepEqual(said('title'), [...codes].filter((code) => !UNTITLED.includes(code)).sort());
});

test('nothing is kept that nobody says', async () => {
  const page = (await scripts()).filter((script) => !script.includes("'page.title'")).join('\n');
  const idle = ENGLISH_KEYS.filter((key) => !/^(title|failure)\./.test(key) && !page.includes(`'${key}'`) && !page.includes(`"${key}"`));
  assert.deepEqual(idle, []);
});

test('English in the markup is that of the dictionary', async () => {
  const markup = await readFile(join(ROOT, 'www/index.html'), 'utf8');
  const said = [...markup.matchAll(/data-say(-\w+)?="([\w.-]+)"(?: (?:aria-label|alt|content)="([^"]*)")?[^>]*>([^<]*)/g)];
  assert.equal(said.length, markup.split('data-say').length - 1);
  for (const [, place, key = '', attribute, text] of said) assert.equal(place ? attribute : text, ENGLISH_WORDS[key], key);
});

test('a wish is answered with the language that is there', () => {
  const answer = (/** @type {string} */ wish) => languageFor(wish)?.lang ?? null;
  assert.deepEqual(['de-AT', 'PT-br', 'zh-CN', 'zh_Hans', 'EN', 'xx', ''].map(answer), ['de', 'pt', 'zh-Hans', 'zh-Hans', 'en', null, null]);
});

test('numbers, shares and lists are those of the language', async () => {
  const [german, arabic] = await Promise.all(['de', 'ar'].map(async (lang) => {
    const language = LANGUAGES.find((/** @type {any} */ each) => each.lang === lang);
    return new Words(language, (await language.load()).default);
  }));
  assert.deepEqual([ENGLISH.percent(0.876), german.percent(0.876)], ['88%', '88\u00a0%']);
  assert.deepEqual([ENGLISH.percent(0.999), ENGLISH.percent(0.001)], ['> 99%', '< 1%']);
  assert.equal(german.number(1234.5), '1.234,5');
  assert.equal(ENGLISH.list(['a', 'b', 'c']), 'a, b and c');
  assert.equal(german.list(['a', 'b', 'c']), 'a, b und c');
  // What is in it runs from left to right by itself.
  assert.equal(arabic.isolate('sofa.jpg'), '\u2068sofa.jpg\u2069');
  assert.equal(german.isolate('sofa.jpg'), 'sofa.jpg');
});

test('English tells a failure in its own words, another language in its sentence for the code', async () => {
  const [, language] = LANGUAGES;
  const dictionary = (await language.load()).default;
  const german = new Words(language, dictionary);
  const failure = { code: 'empty-file', message: 'It holds nothing at all.' };
  assert.deepEqual(ENGLISH.explain(failure), { text: failure.message, lang: 'en' });
  const small = { code: 'bad-model', message: 'it is cut. Copy it again' };
  assert.equal(ENGLISH.explain(small).text, 'It is cut. Copy it again.');
  assert.equal(ENGLISH.explain(small, 'a.bin').text, 'a.bin: it is cut. Copy it again');
  assert.deepEqual(german.explain(failure), { text: dictionary['failure.empty-file'], lang: 'de' });
  assert.deepEqual(german.explain({ code: 'of-tomorrow', message: 'New.' }), { text: 'New.', lang: 'en' });
  assert.equal(german.title('of-tomorrow'), dictionary['title.unexpected']);
});

// Hostile names: labels and names of files are text wherever they stand, turn nothing around them, and fit.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ENGLISH } from '../../pkg/words/words.js';
import { after as eventsAfter, classify, click, openPage, openSite, sample, screenshot, until } from './browser.mjs';
import { addFiles, awaitCounts, awaitFitted, begin } from './teaching.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

const OVERRIDE = '\u202e';
const NAMES = [
  '<img src=x onerror="globalThis.hit=1">',
  '</style><script>globalThis.hit=1</script>',
  '"\'><svg/onload=globalThis.hit=1>',
  'javascript:globalThis.hit=1',
  `photo${OVERRIDE}gnp.exe`,
  `\u2069${OVERRIDE}turned\u2066`,
  'أريكة 3',
  '\u0000\u0001\u0007\u001b[31m\u007f',
  '&lt;b&gt;{count}{label}$&$1',
  '=1+1', '+1', '-1', '@SUM(1)', '\t=1', '＝1',
  'x'.repeat(200),
  'ü'.repeat(100),
  '𝕏'.repeat(50),
  '__proto__', 'constructor', 'toString',
  ' '.repeat(40),
];

/** @type {Awaited<ReturnType<typeof openSite>>} */
let site;
before(async () => (site = await openSite()));
after(() => site.close());

/** @param {Page} page */
async function unharmed(page) {
  const found = await page.evaluate(() => {
    const roots = [document, ...[...document.querySelectorAll('*')].flatMap(({ shadowRoot }) => shadowRoot ?? [])];
    return {
      hit: 'hit' in globalThis,
      elements: roots.flatMap((root) => [...root.querySelectorAll('img[src="x"], script:not([src]), [onerror], [onload]')].map(({ outerHTML }) => outerHTML)),
      overrides: roots.some((root) => /[\u202a-\u202e]/.test([...root.querySelectorAll('p, th, td, span, h2, h3, li, button, figcaption')].map(({ textContent }) => textContent).join(''))),
      wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      title: document.title,
    };
  });
  assert.deepEqual(found, { hit: false, elements: [], overrides: false, wide: 0, title: 'What am I looking at?' });
}

for (const [lang, width] of /** @type {const} */ ([['en', 390], ['ar', 1440]])) {
  test(`files by hostile names are rows of text, in ${lang} at ${width} px`, async () => {
    const { page, complaints } = await openPage({ ...site, url: `${site.url}/?lang=${lang}` }, { prepare: (opened) => opened.setViewport({ width, height: 844 }) });
    if (lang === 'ar') await page.evaluate(() => { document.title = 'What am I looking at?'; });
    await eventsAfter(page, () => page.evaluate(async (names) => {
      const bed = await (await fetch('samples/bed.jpg')).blob();
      /** @type {any} */ (document.querySelector('mobilenet-classifier')).receive(names.flatMap((name) => [new File([bed], name), new File(['broken'], name)]), 'drop');
    }, NAMES), 2 * NAMES.length);
    await unharmed(page);
    // One that is shown large, and one that is told of.
    await page.evaluate(() => [.../** @type {any} */ (globalThis).find('#lines').querySelectorAll('button')][8].click());
    await until(page, () => /** @type {any} */ (globalThis).find('#stage').dataset.view === 'picture');
    await unharmed(page);
    await screenshot(page, `faults-names-${lang}`);
    assert.deepEqual(complaints, []);
    await page.close();
  });
}

test('classes by hostile names are taught, answered, shared and kept as text', async (t) => {
  // They stay in their browser, where other tests would find them.
  const own = await openSite();
  t.after(own.close);
  const { page, complaints } = await openPage(own, { prepare: (opened) => opened.setViewport({ width: 390, height: 844 }) });
  await begin(page);
  await addFiles(page, 0, [sample('bed')]);
  await addFiles(page, 1, [sample('chair')]);
  await awaitCounts(page, [1, 1]);
  await awaitFitted(page);
  // Of 200 bytes at most, and without line breaks; the rest of them is for the teacher to refuse.
  const labels = NAMES.filter((name) => name.trim() && Buffer.byteLength(name) <= 200 && !/[\r\n]/.test(name));
  assert.ok(labels.length >= 18, `${labels.length} labels`);
  for (let at = 0; at < labels.length; at += 2) {
    const pair = labels.slice(at, at + 2);
    const opened = await page.evaluate(async (pair) => {
      const fields = [.../** @type {any} */ (globalThis).find('.class-list').querySelectorAll('.class-label')];
      const before = /** @type {any} */ (globalThis).taught.length;
      pair.forEach((label, index) => {
        fields[index].value = label;
        fields[index].dispatchEvent(new Event('change'));
      });
      for (let left = 200; left && /** @type {any} */ (globalThis).taught.length === before; left--) await new Promise((next) => setTimeout(next, 50));
      return /** @type {any} */ (globalThis).taught.length > before;
    }, pair);
    assert.ok(opened, JSON.stringify(pair));
    const event = await classify(page, sample('bed'));
    assert.equal(event.type, 'classified');
    await unharmed(page);
  }
  await click(page, '#share summary');
  await until(page, () => /#head=/.test(/** @type {any} */ (document.querySelector('#share input')).value));
  await unharmed(page);
  assert.deepEqual(complaints, []);
  await page.close();
});

test('in a sentence an override ends with its name, and Arabic does not move what follows', () => {
  const names = [`a${OVERRIDE}b`, `\u2069${OVERRIDE}b`, '\u2067b', 'أريكة', 'sofa', '\u2068sofa\u2069'];
  const said = names.map((name) => ENGLISH.say('answer.perhaps', { label: name, percent: '51%' }));
  for (const sentence of said) {
    assert.doesNotMatch(sentence, /[\u202a-\u202e]/);
    const marks = [...sentence.matchAll(/[\u2066-\u2069]/g)].map(([mark]) => (mark === '\u2069' ? -1 : 1));
    assert.equal(marks.reduce((sum, next) => sum + next, 0), 0, JSON.stringify(sentence));
  }
  assert.match(said[3] ?? '', /\u2068أريكة\u2069/);
  assert.doesNotMatch(said[4] ?? '', /[\u2066-\u2069]/);
});

// How the page looks: screenshots in target/screenshots, nothing wider than the window, nothing that axe objects to.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { after as eventsAfter, chromiumOnly, classify, click, openPage, openSite, sample, screenshot, until, upload } from './browser.mjs';
import { dress, inspect, objections } from './inspect.mjs';
import { addFiles, begin, press } from './teaching.mjs';

const NO_PICTURE = fileURLToPath(new URL('./browser.mjs', import.meta.url));
const WINDOWS = [{ width: 360, height: 780 }, { width: 1440, height: 900 }];

/** @typedef {import('puppeteer-core').Page} Page */

/** @type {[name: string, reach: (page: Page) => Promise<unknown>][]} */
const STATES = [
  ['start', async () => {}],
  ['picture', (page) => classify(page, sample('sofa'))],
  ['evidence', (page) => click(page, '#evidence')],
  ['error', (page) => classify(page, NO_PICTURE)],
  ['list', (page) => eventsAfter(page, () => upload(page, [sample('bed'), NO_PICTURE, sample('swivelchair')]), 3)],
  ['update', showUpdate],
];

/** @type {typeof STATES} */
const TEACHING = [
  ['teach', begin],
  ['taught', teach],
  ['gallery', (page) => press(page, '3 samples: show those of Class 1')],
];

/** @type {typeof STATES} */
const IN_EVERY_LANGUAGE = [
  ['start', async () => {}],
  ['picture', (page) => classify(page, sample('sofa'))],
  ['taught', async (page) => (await begin(page), await teach(page))],
];

/** @type {Awaited<ReturnType<typeof openSite>> & { keeps: boolean }} */
let site;
before(async () => (site = { ...(await openSite()), keeps: true }));
after(() => site.close());

for (const scheme of ['light', 'dark']) {
  for (const window of WINDOWS) {
    test(`${window.width} px wide, ${scheme}`, async (t) => {
      const { page } = await openPage(site, { prepare: (opened) => dress(opened, scheme, window) });
      for (const [state, reach] of STATES) {
        await t.test(state, async () => {
          await reach(page);
          await inspect(page, `${state}-${window.width}-${scheme}`);
        });
      }
      await page.close();
    });
  }
}

for (const scheme of ['light', 'dark']) {
  for (const window of WINDOWS) {
    test(`teaching, ${window.width} px wide, ${scheme}`, async (t) => {
      // What was taught would be there in the next window as well.
      const alone = await openSite();
      t.after(alone.close);
      const { page } = await openPage(alone, { prepare: (opened) => dress(opened, scheme, window) });
      for (const [state, reach] of TEACHING) {
        await t.test(state, async () => {
          await reach(page);
          await inspect(page, `${state}-${window.width}-${scheme}`);
        });
      }
    });
  }
}

// The longest words, the other direction, and two scripts of their own.
for (const [lang, width, height] of /** @type {[string, number, number][]} */ ([['ar', 390, 844], ['ar', 1440, 900], ['de', 390, 844], ['hi', 390, 844], ['ja', 390, 844]])) {
  test(`in ${lang}, ${width} px wide`, async (t) => {
    const alone = await openSite();
    t.after(alone.close);
    const { page } = await openPage({ ...alone, url: `${alone.url}?lang=${lang}` }, { prepare: (opened) => dress(opened, 'light', { width, height }) });
    for (const [state, reach] of IN_EVERY_LANGUAGE) {
      await t.test(state, async () => {
        await reach(page);
        await inspect(page, `${state}-${width}-${lang}`);
      });
    }
  });
}

for (const scheme of ['light', 'dark']) {
  for (const window of WINDOWS) {
    test(`the profile, ${window.width} px wide, ${scheme}`, async () => {
      const { page } = await openPage({ ...site, url: `${site.url}?profile` }, { prepare: (opened) => dress(opened, scheme, window) });
      await until(page, () => document.querySelector('.profile tbody') !== null);
      await inspect(page, `profile-${window.width}-${scheme}`);
      await page.close();
    });
  }
}

test('the page keeps its shape with text twice as large and a very long name', async () => {
  const window = { width: 360, height: 780 };
  const { page } = await openPage(site, { prepare: (opened) => dress(opened, 'light', window) });
  await page.evaluate(() => void (document.documentElement.style.fontSize = '200%'));
  await page.evaluate(async () => {
    const clipboard = new DataTransfer();
    clipboard.items.add(new File(['x'], `${'long'.repeat(60)}.jpg`));
    clipboard.items.add(new File(['x'], 'short.jpg'));
    /** @type {any} */ (globalThis).paste(clipboard);
  });
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  await page.close();
});

test('teaching keeps its shape with text twice as large and long names', async (t) => {
  const alone = await openSite();
  t.after(alone.close);
  const { page } = await openPage(alone, { prepare: (opened) => dress(opened, 'light', { width: 360, height: 780 }) });
  await page.evaluate(() => void (document.documentElement.style.fontSize = '200%'));
  await begin(page);
  await press(page, 'Add a class');
  await page.keyboard.type('A'.repeat(60));
  await page.keyboard.press('Enter');
  await addFiles(page, 2, [sample('chair')]);
  await teach(page, 6);
  await screenshot(page, 'taught-large-text');
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  await press(page, '3 samples: show those of Class 1');
  await screenshot(page, 'gallery-large-text');
  const [width, room] = await page.evaluate(() => {
    const gallery = /** @type {any} */ (globalThis).find('.gallery');
    return [gallery.scrollWidth, gallery.clientWidth];
  });
  assert.ok(width <= room, `${width} px in ${room}`);
});

test('in forced colours everything of the teacher has an edge', { skip: chromiumOnly }, async (t) => {
  const alone = await openSite();
  t.after(alone.close);
  const { page } = await openPage(alone, { prepare: (opened) => opened.setViewport({ width: 1440, height: 900 }) });
  // Puppeteer does not know this feature yet.
  const client = await page.createCDPSession();
  await client.send('Emulation.setEmulatedMedia', { features: [{ name: 'forced-colors', value: 'active' }] });
  await begin(page);
  await teach(page);
  await screenshot(page, 'taught-forced-colors');
  const edges = await page.evaluate(() =>
    ['.teach', '.class-card', '.button', '.hold', '.class-label:hover, .class-label'].map((selector) => parseFloat(getComputedStyle(/** @type {any} */ (globalThis).find(`.teach ${selector}`) ?? /** @type {any} */ (globalThis).find(selector)).borderTopWidth)),
  );
  assert.ok(edges.every((width) => width >= 1), `${edges}`);
  assert.deepEqual(await objections(page), []);
});

/**
 * Two classes of sample pictures, and what came of them unfolded.
 *
 * @param {Page} page
 * @param {number} [samples] with those that are there already
 */
async function teach(page, samples = 5) {
  await addFiles(page, 0, ['bed', 'sofa', 'swivelchair'].map(sample));
  await addFiles(page, 1, ['chair', 'table'].map(sample));
  await until(page, (all) => /** @type {any} */ (globalThis).taught.at(-1)?.samples === all, samples);
  await page.evaluate(() => void (/** @type {any} */ (globalThis).find('.outcome details').open = true));
}

/**
 * The offer as it looks; how it comes about is for offline.test.mjs.
 *
 * @param {Page} page
 */
function showUpdate(page) {
  return page.$eval('#update', (box) => {
    /** @type {HTMLElement} */ (box).hidden = false;
    /** @type {HTMLElement} */ (box.querySelector('.update-text')).textContent = 'A new version is ready.';
  });
}

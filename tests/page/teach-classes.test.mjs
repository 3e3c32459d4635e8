// Classes and their samples: named, deleted, moved, and every change undone and redone, with the live model that goes with it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { find, hidden, sample, text, until } from './browser.mjs';
import { CARD, addFiles, awaitCounts, awaitFitted, awaitLabels, awaitTaught, chord, counts, focused, head, names, openTeacher, press, refusals, teachTwo } from './teaching.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

/**
 * @param {Page} page
 * @param {number} index of the class
 * @param {string} name
 * @param {'Enter' | 'Tab'} key that ends it
 */
async function rename(page, index, name, key) {
  const field = await find(page, `${CARD(index)} .class-label`);
  await field.click({ count: 3 });
  if (name) await page.keyboard.type(name);
  else await page.keyboard.press('Delete');
  await page.keyboard.press(key);
}

test('a class is renamed, and the model with it', async (t) => {
  const { page } = await openTeacher(t);
  await teachTwo(page);
  await rename(page, 0, ' mug ', 'Enter');
  await awaitLabels(page, ['mug', 'Class 2']);
  assert.deepEqual(await names(page), ['mug', 'Class 2']);
  await rename(page, 1, 'phone', 'Tab');
  await awaitLabels(page, ['mug', 'phone']);
});

for (const key of /** @type {const} */ (['Enter', 'Tab'])) {
  test(`names that cannot be are refused, and the field shows the old one again (${key})`, async (t) => {
    const { page } = await openTeacher(t);
    for (const [name, code, title] of /** @type {const} */ ([['', 'bad-label', 'That name cannot be used'], ['Class 2', 'duplicate-label', 'There is such a class already']])) {
      await rename(page, 0, name, key);
      await until(page, (expected) => /** @type {any} */ (globalThis).told.at(-1)?.code === expected, code);
      assert.match(await text(page, '#notice'), new RegExp(title));
      assert.equal(await hidden(page, '#notice'), false);
      assert.deepEqual(await names(page), ['Class 1', 'Class 2']);
    }
    assert.deepEqual(await refusals(page), ['bad-label', 'duplicate-label']);
    await rename(page, 0, 'mug', key);
    await until(page, () => /** @type {any} */ (globalThis).find('.class-label').value === 'mug');
  });
}

test('a class is added and its name is what is typed next; deleted, its samples go with it', async (t) => {
  const { page } = await openTeacher(t);
  await teachTwo(page);
  await press(page, 'Add a class');
  assert.deepEqual(await names(page), ['Class 1', 'Class 2', 'Class 3']);
  await page.keyboard.type('plant');
  await page.keyboard.press('Enter');
  assert.deepEqual(await names(page), ['Class 1', 'Class 2', 'plant']);
  await addFiles(page, 2, [sample('swivelchair')]);
  await awaitLabels(page, ['Class 1', 'Class 2', 'plant']);
  await press(page, 'Delete the class Class 1');
  await awaitCounts(page, [2, 1]);
  await awaitLabels(page, ['Class 2', 'plant']);
  assert.equal(await focused(page), 'Delete the class Class 2');
  // The keys go on from there.
  await chord(page, 'Control', 'z');
  await awaitCounts(page, [2, 2, 1]);
  await awaitLabels(page, ['Class 1', 'Class 2', 'plant']);
});

test('undo and redo, by button and by keys, bring back counts and the live model, to the last byte', async (t) => {
  const { page } = await openTeacher(t);
  await teachTwo(page);
  const [two, builtIn] = [await head(page), 'bed,chair,sofa,swivelchair,table'];
  await addFiles(page, 1, [sample('swivelchair')]);
  await awaitCounts(page, [2, 3]);
  await awaitFitted(page);
  const three = await head(page);
  assert.notDeepEqual(three, two);
  await press(page, 'Undo');
  await awaitCounts(page, [2, 2]);
  await awaitFitted(page);
  assert.deepEqual(await head(page), two);
  await chord(page, 'Control', 'Shift', 'z');
  await awaitCounts(page, [2, 3]);
  await awaitFitted(page);
  assert.deepEqual(await head(page), three);
  assert.equal(await focused(page), 'Undo', 'redo can be pressed no more, so it lost the focus');
  for (let step = 0; step < 3; step++) await chord(page, 'Control', 'z');
  await awaitCounts(page, [0, 0]);
  await awaitLabels(page, builtIn.split(','));
  assert.equal(await focused(page), 'Redo');
  for (let step = 0; step < 3; step++) await press(page, 'Redo');
  await awaitCounts(page, [2, 3]);
  await awaitLabels(page, ['Class 1', 'Class 2']);
  await awaitFitted(page);
  assert.deepEqual(await head(page), three);
  assert.deepEqual(await refusals(page), []);
});

test('keys for undo belong to a field that is being typed in', async (t) => {
  const { page } = await openTeacher(t);
  await press(page, 'Add a class');
  await page.keyboard.type('x');
  await chord(page, 'Control', 'z');
  assert.equal((await counts(page)).length, 3);
});

test('the gallery shows the samples of a class, deletes them, moves them, and gives the focus back', async (t) => {
  const { page } = await openTeacher(t);
  await teachTwo(page);
  const opener = '2 samples: show those of Class 1';
  const open = () => press(page, opener);
  const selected = () => text(page, '.gallery-actions button:nth-child(2)');
  await open();
  assert.equal(await text(page, '.gallery h3'), 'Class 1: 2 samples');
  const boxes = await (await find(page, '.gallery')).$$eval('input', (all) => all.map((box) => box.getAttribute('aria-label')));
  assert.deepEqual(boxes, ['Sample 1, bed.jpg', 'Sample 2, sofa.jpg']);
  await page.keyboard.press('Escape');
  assert.equal(await hidden(page, '.gallery'), true);
  assert.equal(await focused(page), opener);

  await open();
  await press(page, 'Select all');
  assert.equal(await selected(), 'Delete 2');
  await press(page, 'Select all');
  assert.equal(await selected(), 'Delete');
  await (await find(page, '.gallery li:nth-child(2) input')).click();
  await (await find(page, '.gallery select')).evaluate((select) => {
    /** @type {HTMLSelectElement} */ (select).selectedIndex = 1;
    select.dispatchEvent(new Event('change'));
  });
  await awaitCounts(page, [1, 3]);
  assert.equal(await focused(page), '1 sample: show those of Class 1');
  await chord(page, 'Control', 'z');
  await awaitCounts(page, [2, 2]);

  await open();
  await press(page, 'Select all');
  await press(page, 'Delete 2');
  await awaitCounts(page, [0, 2]);
  assert.equal(await focused(page), 'Hold to capture Class 1', 'there is nothing left to show');
  await chord(page, 'Control', 'z');
  await awaitCounts(page, [2, 2]);
  await open();
  await press(page, 'Done');
  assert.equal(await focused(page), opener);
  assert.deepEqual(await refusals(page), []);
});

test('without samples it answers by the model inside again, and starting over is undone like anything else', async (t) => {
  const { page } = await openTeacher(t);
  await teachTwo(page);
  const taught = await head(page);
  await press(page, '2 samples: show those of Class 2');
  await press(page, 'Select all');
  await press(page, 'Delete 2');
  await awaitLabels(page, ['bed', 'chair', 'sofa', 'swivelchair', 'table']);
  assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).taught.at(-1).model), null);
  await press(page, 'Undo');
  await awaitLabels(page, ['Class 1', 'Class 2']);
  await press(page, 'Start over');
  await awaitCounts(page, [0, 0]);
  await awaitLabels(page, ['bed', 'chair', 'sofa', 'swivelchair', 'table']);
  assert.equal(await text(page, '.outcome-status'), '');
  const fits = await page.evaluate(() => /** @type {any} */ (globalThis).taught.length);
  await press(page, 'Undo');
  await awaitCounts(page, [2, 2]);
  await awaitTaught(page, fits + 1);
  assert.deepEqual(await head(page), taught);
  assert.deepEqual(await refusals(page), []);
});

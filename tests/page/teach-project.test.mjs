// The project file: what a page saves, the terminal trains on, to the same bytes, and another page opens again.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readProject } from '../../pkg/teach/project-file.js';
import { downloadInto } from './acts.mjs';
import { click, openPage, sample, text, told, until, upload } from './browser.mjs';
import { BROKEN, addFiles, awaitCounts, awaitFitted, awaitLabels, awaitRefusal, awaitScene, begin, counts, head, hold, names, openCamera, openTeacher, pause, press, refusals, teachTwo, temporary } from './teaching.mjs';

/**
 * @typedef {import('puppeteer-core').Page} Page
 * @typedef {import('node:test').TestContext} TestContext
 */

const PROGRAM = fileURLToPath(new URL('../../target/release/mobilenet', import.meta.url));

/**
 * @param {Page} page
 * @param {string} folder
 * @returns {Promise<string>} where the project is
 */
async function save(page, folder) {
  await downloadInto(page, folder);
  await press(page, 'Save project');
  const path = join(folder, 'project.zip');
  // Under this name once it is complete.
  for (let wait = 0; wait < 200; wait++) {
    if (await stat(path).then(({ size }) => size > 0, () => false)) break;
    await pause(50);
  }
  // What was just learned may be told already, or be about to be.
  await until(page, () => {
    const said = /** @type {any} */ (globalThis).find('.outcome-status').textContent;
    return /^(Saved as project\.zip among your downloads\.|Learned in )/.test(said);
  });
  return path;
}

/** @param {...string} args */
function mobilenet(...args) {
  const { status, stderr } = spawnSync(PROGRAM, args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}

/**
 * The head in the archive is the page's, and the terminal makes the same one from the pictures beside it.
 *
 * @param {Page} page
 * @param {string} project
 */
async function assertSameBytes(page, project) {
  const { model } = await readProject(new Blob([await readFile(project)]));
  assert.ok(model);
  const saved = Buffer.from(await model.arrayBuffer());
  assert.deepEqual(saved, await head(page));
  const out = `${project}.safetensors`;
  mobilenet('train', project, '--no-cache', '--out', out);
  assert.ok(saved.equals(await readFile(out)), 'the terminal makes other bytes');
}

/**
 * @param {TestContext} t
 * @param {string} project
 */
async function openAgain(t, project) {
  const { page } = await openTeacher(t);
  await upload(page, [project], '#project-file');
  return page;
}

test('a project of camera frames gives the same bytes in the terminal and in another page', async (t) => {
  const site = await openCamera(t, ['sofa', 'bed']);
  const { page } = await openPage(site);
  await begin(page);
  await click(page, '#camera');
  await awaitScene(page, 'sofa');
  await hold(page, 0, 1200);
  await awaitScene(page, 'bed');
  await hold(page, 1, 1200);
  await awaitFitted(page);
  const [taken, taught] = [await counts(page), await head(page)];
  const project = await save(page, await temporary(t));
  await assertSameBytes(page, project);

  const again = await openAgain(t, project);
  await awaitCounts(again, taken);
  await awaitFitted(again);
  assert.deepEqual(await head(again), taught);
  assert.deepEqual(await refusals(again), []);
});

test('so does one of files, with classes that are still empty', async (t) => {
  const { page } = await openTeacher(t);
  await addFiles(page, 0, ['bed', 'sofa'].map(sample));
  await press(page, 'Add a class');
  await page.keyboard.type('con?');
  await page.keyboard.press('Enter');
  await addFiles(page, 2, ['chair', 'table', 'swivelchair'].map(sample));
  await awaitCounts(page, [2, 0, 3]);
  await awaitLabels(page, ['Class 1', 'con?']);
  await awaitFitted(page);
  const taught = await head(page);
  const project = await save(page, await temporary(t));
  await assertSameBytes(page, project);

  const again = await openAgain(t, project);
  await awaitCounts(again, [2, 0, 3]);
  await awaitFitted(again);
  assert.deepEqual(await names(again), ['Class 1', 'Class 2', 'con?']);
  assert.deepEqual(await head(again), taught);
  // It takes the place of what was there, which an undo brings back.
  await press(again, 'Undo');
  await awaitCounts(again, [0, 0]);
});

test('a project that was just changed is saved with the head of what is in it', async (t) => {
  const { page } = await openTeacher(t);
  await teachTwo(page);
  const folder = await temporary(t);
  await addFiles(page, 1, [sample('swivelchair')]);
  await awaitCounts(page, [2, 3]);
  const project = await save(page, folder);
  await until(page, () => /** @type {any} */ (globalThis).taught.at(-1).samples === 5);
  await assertSameBytes(page, project);
});

test('a project that the terminal made of folders opens', async (t) => {
  const folder = await temporary(t);
  const things = join(folder, 'things');
  for (const [label, pictures] of Object.entries({ mug: ['bed', 'sofa'], phone: ['chair', 'table'] })) {
    await mkdir(join(things, label), { recursive: true });
    for (const picture of pictures) await copyFile(sample(picture), join(things, label, `${picture}.jpg`));
  }
  const project = join(folder, 'things.zip');
  mobilenet('project', things, '--out', project);
  const page = await openAgain(t, project);
  await awaitCounts(page, [2, 2]);
  await awaitLabels(page, ['mug', 'phone']);
  await awaitFitted(page);
  assert.deepEqual(await names(page), ['mug', 'phone']);
  const out = join(folder, 'head.safetensors');
  mobilenet('train', project, '--no-cache', '--out', out);
  assert.deepEqual(await head(page), await readFile(out));
});

test('what is no project is refused by name, and what was there stays', async (t) => {
  const { page } = await openTeacher(t);
  await teachTwo(page);
  const folder = await temporary(t);
  const broken = join(folder, 'broken.zip');
  const whole = await readFile(await save(page, folder));
  await writeFile(broken, whole.subarray(0, whole.length / 2));
  for (const file of [BROKEN, broken]) {
    const before = (await told(page)).length;
    await upload(page, [file], '#project-file');
    await until(page, (count) => /** @type {any} */ (globalThis).told.length > count, before);
    await awaitRefusal(page, 'bad-project');
    assert.match(await text(page, '#notice'), new RegExp(`That project cannot be opened.*${basename(file).replace('.', '\\.')}`, 's'));
    await until(page, () => /^Learned in/.test(/** @type {any} */ (globalThis).find('.outcome-status').textContent));
    assert.deepEqual(await counts(page), [2, 2]);
  }
  assert.deepEqual(await readdir(folder), ['broken.zip', 'project.zip']);
});

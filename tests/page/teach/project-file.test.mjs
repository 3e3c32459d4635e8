// The project file: what is written comes back, a folder a class when unpacked, and what is wrong is said.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Archive } from '../../../pkg/files/archive.js';
import { writeArchive } from '../../../pkg/files/archive-writer.js';
import { readProject, writeProject } from '../../../pkg/teach/project-file.js';
import { EMPTY_PROJECT, addClass, addSamples, changeSettings, moveSamples } from '../../../pkg/teach/project.js';

/** @typedef {import('../../../pkg/teach/project.js').Project} Project */

const folder = await mkdtemp(join(tmpdir(), 'mobilenet-project-'));
after(() => rm(folder, { recursive: true }));

/**
 * A project with a sample a name, their ids being the names.
 *
 * @param {Record<string, string[]>} names by label
 */
function projectOf(names) {
  return Object.entries(names).reduce((before, [label, list], burst) => {
    const project = addClass(before, label);
    const { id: classId } = /** @type {{ id: string }} */ (project.classes.at(-1));
    return addSamples(project, classId, burst, list.map((name) => ({ id: name, name })));
  }, EMPTY_PROJECT);
}

/** @param {Project} project */
function picturesOf({ samples }) {
  return new Map(samples.map(({ id }) => [id, new Blob([`picture ${id}`], { type: 'image/jpeg' })]));
}

/**
 * What makes two projects the same: all but their ids, which are drawn anew.
 *
 * @param {Project} project
 */
function withoutIds({ classes, samples, settings }) {
  const labels = new Map(classes.map(({ id, label }) => [id, label]));
  return { labels: [...labels.values()], samples: samples.map(({ classId, burst, name }) => ({ label: labels.get(classId), burst, name })), settings };
}

/** @param {Blob} file */
async function documentOf(file) {
  return JSON.parse(await (await (await Archive.open(file)).read('project.json')).text());
}

/** @param {Record<string, string>} files */
function zip(files) {
  return writeArchive(Object.entries(files).map(([name, content]) => ({ name, content: new Blob([content]) })));
}

const PROJECT = (() => {
  const project = projectOf({ mug: ['IMG_1.jpg', 'b.PNG'], 'Käse/Brot': ['Camera 1', 'Camera 2'], phone: [], MUG: ['x.heic'] });
  const recipe = /** @type {const} */ ({ seed: 7, dropout: 0.25, schedule: 'cosine', class_weights: 'balanced', epochs: 20 });
  const moved = moveSamples(project, ['IMG_1.jpg'], String(project.classes[3]?.id));
  return changeSettings(moved, { recipe, validation_share: 0.25, false_rejections: 0.01 });
})();

test('writing and reading back gives the same project, pictures and model', async () => {
  const file = await writeProject(PROJECT, picturesOf(PROJECT), new Blob(['a head']));
  const { project, pictures, model, skipped } = await readProject(file);
  assert.deepEqual(withoutIds(project), withoutIds(PROJECT));
  assert.equal(new Set([...project.samples, ...PROJECT.samples].map(({ id }) => id)).size, 10, 'ids are new');
  for (const { id, name } of project.samples) assert.equal(await pictures.get(id)?.text(), `picture ${name}`);
  assert.equal(pictures.get(String(project.samples[1]?.id))?.type, 'image/png');
  assert.equal(await model?.text(), 'a head');
  assert.equal(skipped, 0);

  const again = await writeProject(project, pictures, model);
  assert.deepEqual(Buffer.from(await again.arrayBuffer()), Buffer.from(await file.arrayBuffer()));
});

test('the document is what other programs expect', async () => {
  const file = await writeProject(PROJECT, picturesOf(PROJECT));
  assert.deepEqual(await documentOf(file), {
    format: 1,
    labels: ['mug', 'Käse/Brot', 'phone', 'MUG'],
    recipe: { seed: 7, dropout: 0.25, schedule: 'cosine', class_weights: 'balanced', epochs: 20 },
    validation_share: 0.25,
    false_rejections: 0.01,
    samples: [
      { file: 'samples/MUG 2/00001.jpg', label: 3, burst: 0, name: 'IMG_1.jpg' },
      { file: 'samples/mug/00001.png', label: 0, burst: 0, name: 'b.PNG' },
      { file: 'samples/Käse_Brot/00001.jpg', label: 1, burst: 1, name: 'Camera 1' },
      { file: 'samples/Käse_Brot/00002.jpg', label: 1, burst: 1, name: 'Camera 2' },
      { file: 'samples/MUG 2/00002.heic', label: 3, burst: 3, name: 'x.heic' },
    ],
  });
  assert.equal((await readProject(file)).model, null);
});

test('an empty project is one too', async () => {
  const { project } = await readProject(await writeProject(EMPTY_PROJECT, new Map()));
  assert.deepEqual(project, EMPTY_PROJECT);
});

test('every label makes a folder of its own that every system takes', async () => {
  const labels = ['..', '.git', 'a/b', 'a\\b', 'a:b', 'CON', 'con.txt', 'Nul', 'dot.', 'x?*"<>|', 'é'.repeat(100), '👩‍🔬', 'A_b', '_', 'a_b 2', '__MACOSX'];
  const project = projectOf(Object.fromEntries(labels.map((label, index) => [label, [`${index}.jpg`]])));
  const file = await writeProject(project, picturesOf(project));
  const { samples } = await documentOf(file);
  const folders = samples.map((/** @type {{ file: string }} */ { file: path }) => path.split('/')[1]);
  assert.deepEqual(folders, ['__', '_git', 'a_b', 'a_b 2', 'a_b 3', 'CON_', 'con_.txt', 'Nul_', 'dot_', 'x______', 'é'.repeat(100), '👩‍🔬', 'A_b 4', '_', 'a_b 2 2', '__MACOSX']);
  assert.deepEqual((await readProject(file)).project.classes.map(({ label }) => label), labels);
});

test('unzip makes class folders of it, which are read as they are', async (t) => {
  const path = join(folder, 'project.zip');
  await writeFile(path, Buffer.from(await (await writeProject(PROJECT, picturesOf(PROJECT))).arrayBuffer()));
  const { error, status } = spawnSync('unzip', ['-q', path, '-d', join(folder, 'unpacked')]);
  if (error) return t.skip('no unzip');
  assert.equal(status, 0);
  assert.deepEqual((await readdir(join(folder, 'unpacked/samples'))).sort(), ['Käse_Brot', 'MUG 2', 'mug'].sort());
  assert.equal(await readFile(join(folder, 'unpacked/samples/mug/00001.png'), 'utf8'), 'picture b.PNG');
});

test('a project whose folder was packed again is found in it', async () => {
  const file = await writeProject(PROJECT, picturesOf(PROJECT), new Blob(['a head']));
  const archive = await Archive.open(file);
  const inside = await Promise.all(archive.names.map(async (name) => ({ name: `my project/${name}`, content: await archive.read(name) })));
  const junk = { name: '__MACOSX/project.json', content: new Blob(['?']) };
  const { project, model } = await readProject(await writeArchive([...inside, junk]));
  assert.deepEqual(withoutIds(project), withoutIds(PROJECT));
  assert.equal(await model?.text(), 'a head');
});

test('a picture that is missing is named, not left out', async () => {
  await assert.rejects(async () => writeProject(PROJECT, new Map()), { code: 'sample-missing', message: /IMG_1\.jpg/ });
});

const GOOD = {
  format: 1,
  labels: ['mug', 'phone'],
  recipe: { seed: 1 },
  validation_share: 0.2,
  false_rejections: 0.05,
  samples: [{ file: 'samples/mug/00001.jpg', label: 0, burst: 0, name: 'a.jpg' }],
};
const [LISTED] = GOOD.samples;

test('a document as in the specification is read', async () => {
  const { project } = await readProject(await zip({ 'project.json': JSON.stringify(GOOD), 'samples/mug/00001.jpg': 'x' }));
  assert.deepEqual(withoutIds(project).samples, [{ label: 'mug', burst: 0, name: 'a.jpg' }]);
});

for (const [what, message, change] of /** @type {[string, RegExp, object | string][]} */ ([
  ['is not JSON', /is not JSON: save the project again/, '{"format": 1,'],
  ['is a list', /format undefined/, '[]'],
  ['is null', /is no object/, 'null'],
  ['has no format', /format undefined/, { format: undefined }],
  ['is of the future', /format 2, and this page reads format 1: reload the page/, { format: 2 }],
  ['has no labels', /no list of labels/, { labels: undefined }],
  ['has labels that are no text', /no list of labels/, { labels: ['mug', 3] }],
  ['has a label twice', /already a class “mug”/, { labels: ['mug', 'mug'] }],
  ['has an empty label', /needs a name/, { labels: ['mug', ' '] }],
  ['has no samples', /no list of samples/, { samples: { length: 0 } }],
  ['has a sample that is none', /no list of samples/, { samples: [null] }],
  ['has a sample without a file', /lacks file, label, burst or name/, { samples: [{ ...LISTED, file: undefined }] }],
  ['has a sample without a name', /lacks/, { samples: [{ ...LISTED, name: 3 }] }],
  ['has a burst that is no number', /lacks/, { samples: [{ ...LISTED, burst: '0' }] }],
  ['has a burst below zero', /lacks/, { samples: [{ ...LISTED, burst: -1 }] }],
  ['has a label that is no number', /lacks/, { samples: [{ ...LISTED, label: 'mug' }] }],
  ['has a label out of range', /label 2, and there are only 2 labels/, { samples: [{ ...LISTED, label: 2 }] }],
  ['has a file twice', /lists “samples\/mug\/00001\.jpg” twice/, { samples: [LISTED, LISTED] }],
  ['has a file that is missing', /“samples\/mug\/00002\.jpg”, which is not in the ZIP/, { samples: [{ ...LISTED, file: 'samples/mug/00002.jpg' }] }],
  ['has a file outside', /is not in the ZIP/, { samples: [{ ...LISTED, file: '../secret.jpg' }] }],
  ['has no recipe', /recipe is no object/, { recipe: undefined }],
  ['has an unknown recipe', /“momentum”, which is unknown/, { recipe: { momentum: 1 } }],
  ['has a recipe out of range', /label smoothing of the recipe is 1: it has to be/, { recipe: { label_smoothing: 1 } }],
  ['has no validation share', /validation share is undefined/, { validation_share: undefined }],
  ['has false rejections out of range', /false rejections is 1/, { false_rejections: 1 }],
])) {
  test(`a project that ${what} is refused`, async () => {
    const document = typeof change === 'string' ? change : JSON.stringify({ ...GOOD, ...change });
    const file = await zip({ 'project.json': document, 'samples/mug/00001.jpg': 'x' });
    await assert.rejects(readProject(file), { name: 'MobilenetError', code: 'bad-project', message });
  });
}

test('what is no ZIP is refused', async () => {
  await assert.rejects(readProject(new Blob(['{}'])), { code: 'bad-project', message: /no ZIP file/ });
});

test('a ZIP of class folders is a project: sorted, each picture its own burst, the rest passed over', async () => {
  const { project, pictures, model, skipped } = await readProject(
    await zip({
      'phone/2.PNG': 'p2',
      'phone/1.jpg': 'p1',
      'Mug/side/3.webp': 'm3',
      'Mug/note.txt': 'note',
      'Mug/.hidden.jpg': 'no',
      '.git/x.jpg': 'no',
      '__MACOSX/Mug/._3.webp': 'no',
      'stray.jpg': 'of no class',
      'notes/read me.txt': 'no class',
      'apple cafe\u0301/1.jpg': 'a1',
    }),
  );
  assert.deepEqual(withoutIds(project), {
    labels: ['apple caf\u00e9', 'Mug', 'phone'],
    samples: [
      { label: 'apple caf\u00e9', burst: 0, name: '1.jpg' },
      { label: 'Mug', burst: 1, name: '3.webp' },
      { label: 'phone', burst: 2, name: '1.jpg' },
      { label: 'phone', burst: 3, name: '2.PNG' },
    ],
    settings: EMPTY_PROJECT.settings,
  });
  assert.deepEqual(await Promise.all([...pictures.values()].map((each) => each.text())), ['a1', 'm3', 'p1', 'p2']);
  assert.deepEqual([model, skipped], [null, 3]);
});

test('a folder around the class folders is no class', async () => {
  const { project } = await readProject(await zip({ 'photos/val/mug/1.jpg': '1', 'photos/val/phone/1.jpg': '2', 'photos/readme.txt': '' }));
  assert.deepEqual(withoutIds(project).labels, ['mug', 'phone']);
  const single = await readProject(await zip({ 'mug/1.jpg': '1', 'mug/side/2.jpg': '2' }));
  assert.deepEqual(withoutIds(single.project).labels, ['mug']);
});

test('class folders that Python packed are read', async (t) => {
  const path = join(folder, 'python.zip');
  const script = "import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as z:\n  for name in ('b/1.jpg', 'ä/1.jpg'): z.writestr(name, name * 1000)";
  if (spawnSync('python3', ['-c', script, path]).error) return t.skip('no Python');
  const { project, pictures } = await readProject(new Blob([/** @type {any} */ (await readFile(path))]));
  assert.deepEqual(withoutIds(project).labels, ['b', 'ä']);
  assert.equal((await [...pictures.values()][1]?.text())?.slice(0, 7), 'ä/1.jpg');
});

for (const [what, files, message] of /** @type {[string, Record<string, string>, RegExp][]} */ ([
  ['nothing', {}, /no pictures in folders: put the pictures of each class into a folder/],
  ['pictures beside folders only', { 'a.jpg': '' }, /no pictures in folders/],
  ['no pictures', { 'a/b.txt': '' }, /no pictures in folders/],
  ['a folder whose name is too long', { [`${'x'.repeat(201)}/1.jpg`]: '' }, /longer than 200 bytes/],
  ['folders whose names are one label', { 'caf\u00e9/1.jpg': '', 'cafe\u0301/1.jpg': '' }, /already a class/],
])) {
  test(`a ZIP with ${what} is refused`, async () => {
    await assert.rejects(readProject(await zip(files)), { name: 'MobilenetError', code: 'bad-project', message });
  });
}

// The project file: a ZIP that the page writes and reads again, and that the terminal can train on once it is unpacked.
//
//   project.json          labels, settings, and every sample in the order of the project
//   samples/mug/00001.jpg the pictures as they came, a folder a class
//   model.safetensors     the head, where one was taught
//
// A folder's name is its label only as far as every file system allows; the true label stands in `project.json`.
// A ZIP without `project.json` is read as class folders of pictures, by the rules of `mobilenet train`.

import { Failure } from '../engine/shared/failure.js';
import { Archive } from '../files/archive.js';
import { writeArchive } from '../files/archive-writer.js';
import { EMPTY_PROJECT, addClass, changeSettings, newId } from './project.js';

/**
 * @typedef {import('./project.js').Project} Project
 * @typedef {import('./project.js').Sample} Sample
 * @typedef {import('../files/archive-writer.js').Entry} Entry
 *
 * @typedef {object} Opened
 * @property {Project} project
 * @property {Map<string, Blob>} pictures by sample id
 * @property {Blob | null} model the head, as a model file
 * @property {number} skipped files that were no pictures of a class, in a ZIP without `project.json`
 *
 * @typedef {{ file: string, label: number, burst: number, name: string }} ListedSample
 * @typedef {{ labels: string[], samples: ListedSample[] }} Document
 */

const FORMAT = 1;
const DOCUMENT = 'project.json';
const MODEL = 'model.safetensors';
// A line for each of 65,534 samples is far below it.
export const DOCUMENT_SIZE_LIMIT = 64 * 2 ** 20;

/** The first ending of each kind is the one that is written. Some of them the engine cannot read: it says so itself. */
const KINDS = /** @type {Record<string, string[]>} */ ({
  'image/jpeg': ['jpg', 'jpeg', 'jpe', 'jfif'],
  'image/png': ['png'],
  'image/webp': ['webp'],
  'image/gif': ['gif'],
  'image/bmp': ['bmp'],
  'image/tiff': ['tif', 'tiff'],
  'image/heic': ['heic'],
  'image/heif': ['heif'],
  'image/avif': ['avif'],
  'image/svg+xml': ['svg'],
  'image/jp2': ['jp2'],
  'image/x-icon': ['ico'],
});

const KIND_OF = new Map(Object.entries(KINDS).flatMap(([type, endings]) => endings.map((ending) => [ending, type])));

/**
 * @param {Project} project
 * @param {ReadonlyMap<string, Blob>} pictures by sample id
 * @param {Blob | null} [model] the head, as a model file
 * @returns {Promise<Blob>} the same for the same project
 */
export function writeProject(project, pictures, model = null) {
  const { labels, samples, ...settings } = describe(project, pictures);
  const contents = project.samples.map(({ id }) => /** @type {Blob} */ (pictures.get(id)));
  const json = JSON.stringify({ format: FORMAT, labels, ...settings, samples }, null, 2);
  /** @type {Entry[]} */
  const entries = [
    { name: DOCUMENT, content: new Blob([json, '\n']) },
    ...samples.map(({ file }, index) => ({ name: file, content: /** @type {Blob} */ (contents[index]) })),
  ];
  if (model) entries.push({ name: MODEL, content: model });
  return writeArchive(entries);
}

/**
 * @param {Blob} file a project file, or a ZIP of class folders
 * @returns {Promise<Opened>} with the samples and labels in their old order, and new ids
 * @throws {Failure} `bad-project`
 */
export async function readProject(file) {
  const archive = await Archive.open(file);
  const root = rootOf(archive);
  return root === null ? readFolders(archive) : readDescribed(archive, root);
}

/**
 * @param {Project} project
 * @param {ReadonlyMap<string, Blob>} pictures
 */
function describe({ classes, samples, settings }, pictures) {
  const folders = folderNames(classes.map(({ label }) => label));
  const places = new Map(classes.map(({ id }, label) => [id, { label, folder: folders[label], count: 0 }]));
  const listed = samples.map(({ id, classId, burst, name }) => {
    const place = places.get(classId);
    const picture = pictures.get(id);
    if (!place || !picture) throw new Failure('sample-missing', `The picture of “${name}” is missing: remove it, and save again.`);
    const file = `samples/${place.folder}/${String(++place.count).padStart(5, '0')}.${endingFor(name, picture)}`;
    return { file, label: place.label, burst, name };
  });
  return { labels: classes.map(({ label }) => label), ...settings, samples: listed };
}

/**
 * Names of folders that every file system takes, tells apart and shows.
 *
 * @param {string[]} labels
 */
function folderNames(labels) {
  const taken = new Set();
  return labels.map((label) => {
    const safe = safeName(label);
    let name = safe;
    for (let number = 2; taken.has(name.toLowerCase()); number++) name = `${safe} ${number}`;
    taken.add(name.toLowerCase());
    return name;
  });
}

/** @param {string} label */
function safeName(label) {
  return label
    .replace(/[\p{Cc}\p{Cs}/\\:*?"<>|]/gu, '_')
    .replace(/^\.|[. ]+$/g, '_')
    // Windows takes these for devices, with any ending.
    .replace(/^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i, '$1_');
}

/**
 * @param {string} name
 * @param {Blob} picture
 */
function endingFor(name, { type }) {
  const ending = endingOf(name);
  return KIND_OF.has(ending) ? ending : (KINDS[type]?.[0] ?? 'jpg');
}

/** @param {string} name */
function endingOf(name) {
  return name.slice(name.lastIndexOf('.') + 1).toLowerCase();
}

/**
 * @param {Archive} archive
 * @param {string} name
 */
function readPicture(archive, name) {
  return archive.read(name, KIND_OF.get(endingOf(name)) ?? '');
}

/**
 * The folder that the project is in. A project that was unpacked and packed again is often in one of its own.
 *
 * @param {Archive} archive
 * @returns {string | null} empty, or with a slash behind it; null when there is no project
 */
function rootOf(archive) {
  if (archive.has(DOCUMENT)) return '';
  const inside = archive.names.filter((name) => /^[^/]+\/project\.json$/.test(name) && !isHidden(name));
  return inside.length === 1 ? String(inside[0]).slice(0, -DOCUMENT.length) : null;
}

/**
 * @param {Archive} archive
 * @param {string} root
 * @returns {Promise<Opened>}
 */
async function readDescribed(archive, root) {
  const { labels, samples, settings } = await readDocument(archive, root + DOCUMENT);
  const project = restored(() => labels.reduce(addClass, changeSettings(EMPTY_PROJECT, settings)));
  const pictures = new Map();
  const listed = /** @type {Sample[]} */ ([]);
  for (const { file, label, burst, name } of samples) {
    const id = newId();
    pictures.set(id, await readPicture(archive, root + file));
    listed.push({ id, classId: String(project.classes[label]?.id), burst, name });
  }
  const model = archive.has(root + MODEL) ? await archive.read(root + MODEL) : null;
  return { project: { ...project, samples: listed }, pictures, model, skipped: 0 };
}

/**
 * @param {Archive} archive
 * @param {string} path
 */
async function readDocument(archive, path) {
  if (archive.size(path) > DOCUMENT_SIZE_LIMIT) throw bad('is larger than 64 MB');
  const document = parse(await (await archive.read(path)).text());
  const { format, labels, samples, recipe, validation_share, false_rejections } = document;
  if (format !== FORMAT) {
    throw new Failure('bad-project', `The project has format ${JSON.stringify(format)}, and this page reads format ${FORMAT}: reload the page to update it.`);
  }
  if (!isListOf(labels, (label) => typeof label === 'string')) throw bad('has no list of labels');
  if (!isListOf(samples, isSample)) throw bad('has no list of samples, or one that lacks file, label, burst or name');
  checkSamples(/** @type {Document} */ ({ labels, samples }), archive, path.slice(0, -DOCUMENT.length));
  return { labels: /** @type {string[]} */ (labels), samples: /** @type {ListedSample[]} */ (samples), settings: { recipe, validation_share, false_rejections } };
}

/**
 * @param {string} text
 * @returns {any} not checked yet
 */
function parse(text) {
  let document;
  try {
    document = JSON.parse(text);
  } catch {
    throw bad('is not JSON');
  }
  if (typeof document !== 'object' || document === null) throw bad('is no object');
  return document;
}

/**
 * @param {unknown} list
 * @param {(value: any) => boolean} isRight
 */
function isListOf(list, isRight) {
  return Array.isArray(list) && list.every(isRight);
}

/** @param {any} value */
function isSample(value) {
  return (
    typeof value === 'object' && value !== null && typeof value.file === 'string' && typeof value.name === 'string' && isCount(value.label) && isCount(value.burst)
  );
}

/** @param {unknown} value */
function isCount(value) {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 32;
}

/**
 * @param {Document} document
 * @param {Archive} archive
 * @param {string} root
 */
function checkSamples({ labels, samples }, archive, root) {
  const files = new Set();
  for (const { file, label } of samples) {
    if (label >= labels.length) throw bad(`gives “${file}” the label ${label}, and there are only ${labels.length} labels`);
    if (files.has(file)) throw bad(`lists “${file}” twice`);
    if (!archive.has(root + file)) throw bad(`lists “${file}”, which is not in the ZIP`);
    files.add(file);
  }
}

/**
 * Runs operations on a project; what they refuse is the file's fault.
 *
 * @param {() => Project} operations
 */
function restored(operations) {
  try {
    return operations();
  } catch (error) {
    throw new Failure('bad-project', `The project cannot be restored. ${Failure.from(error).message}`);
  }
}

/**
 * @param {Archive} archive
 * @returns {Promise<Opened>}
 */
async function readFolders(archive) {
  const visible = archive.names.filter((name) => !isHidden(name));
  const pictures = visible.filter((name) => KIND_OF.has(endingOf(name)));
  const root = wrapperOf(pictures);
  const inFolders = pictures.filter((name) => name.indexOf('/', root.length) > 0);
  if (inFolders.length === 0) {
    throw new Failure('bad-project', 'The ZIP holds no project and no pictures in folders: put the pictures of each class into a folder named after it, and pack these folders.');
  }
  const labelOf = (/** @type {string} */ name) => name.slice(root.length, name.indexOf('/', root.length));
  const labels = [...new Set(inFolders.map(labelOf))].sort(byCase);
  const project = restored(() => labels.reduce(addClass, EMPTY_PROJECT));
  const classIds = new Map(labels.map((label, index) => [label, String(project.classes[index]?.id)]));
  const read = new Map();
  const samples = /** @type {Sample[]} */ ([]);
  for (const path of inFolders.sort((a, b) => byCase(labelOf(a), labelOf(b)) || byCase(a, b))) {
    const [id, classId] = [newId(), String(classIds.get(labelOf(path)))];
    read.set(id, await readPicture(archive, path));
    samples.push({ id, classId, burst: samples.length, name: path.slice(path.lastIndexOf('/') + 1) });
  }
  return { project: { ...project, samples }, pictures: read, model: null, skipped: visible.length - samples.length };
}

/** @param {string} path */
function isHidden(path) {
  return path.split('/').some((part) => part.startsWith('.') || part === '__MACOSX');
}

/**
 * The folder around all class folders, as a folder that was packed as a whole has one.
 *
 * @param {string[]} pictures
 * @returns {string} empty, or with a slash behind it
 */
function wrapperOf(pictures) {
  const [first = ''] = pictures;
  const top = first.slice(0, first.indexOf('/') + 1);
  const isAround = top !== '' && pictures.every((name) => name.startsWith(top) && name.includes('/', top.length));
  return isAround ? top + wrapperOf(pictures.map((name) => name.slice(top.length))) : '';
}

/**
 * The same order in every language of the browser.
 *
 * @param {string} a
 * @param {string} b
 */
function byCase(a, b) {
  const [low, high] = [a.toLowerCase(), b.toLowerCase()];
  if (low === high) return Number(a > b) - Number(a < b);
  return low < high ? -1 : 1;
}

/** @param {string} fault of `project.json` */
function bad(fault) {
  return new Failure('bad-project', `The project.json in this ZIP ${fault}: save the project again where it came from.`);
}

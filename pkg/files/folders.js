// Folders, dropped or chosen: every file below one, in the order in which a person counts, each read when its turn comes.
// A file is called by its path below the folder; where several folders were dropped together, that begins with the folder.
// What is hidden (`.DS_Store`, `.thumbnails`) is left out.

import { Failure } from '../engine/shared/failure.js';

/** @typedef {import('../element/pictures.js').Found} Found */

const names = new Intl.Collator('en', { numeric: true });

/**
 * @param {FileSystemEntry[]} entries that were dropped together
 * @returns {Promise<Found[]>}
 */
export async function filesBelow(entries) {
  const alone = entries.length === 1;
  /** @type {Found[]} */
  const found = [];
  for (const entry of entries) await walk(entry, alone && isFolder(entry) ? '' : entry.name, found);
  return inOrder(found);
}

/**
 * @param {File[]} files of the one folder that was chosen
 * @returns {Found[]}
 */
export function filesOfChosen(files) {
  const paths = files.map((file) => ({ file, name: file.webkitRelativePath.split('/').slice(1).join('/') || file.name }));
  return inOrder(paths.filter(({ name }) => !name.split('/').some(isHidden)).map(({ file, name }) => ({ name, read: async () => file })));
}

/**
 * @param {FileSystemEntry} entry
 * @returns {entry is FileSystemDirectoryEntry}
 */
export function isFolder(entry) {
  return entry.isDirectory;
}

/** @param {string} name */
function isHidden(name) {
  return name.startsWith('.');
}

/**
 * @param {FileSystemEntry} entry
 * @param {string} path that it is called by
 * @param {Found[]} found what is below it is put there
 */
async function walk(entry, path, found) {
  if (!isFolder(entry)) return found.push({ name: path, read: () => fileOf(/** @type {FileSystemFileEntry} */ (entry)) });
  try {
    for (const child of await entriesOf(entry)) {
      if (!isHidden(child.name)) await walk(child, path ? `${path}/${child.name}` : child.name, found);
    }
  } catch {
    // One folder that is locked is told as a file would be, and costs none of the others.
    const locked = new Failure('unreadable-file', 'the folder cannot be read: it may be locked, or have moved. Choose its pictures one by one');
    found.push({ name: `${path || entry.name}/`, read: () => Promise.reject(locked) });
  }
}

/**
 * @param {FileSystemFileEntry} entry
 * @returns {Promise<File>}
 */
export function fileOf(entry) {
  return new Promise((resolve, reject) => {
    const message = 'the file cannot be read: it may have moved or changed since the folder was dropped. Drop it again';
    entry.file(resolve, () => reject(new Failure('unreadable-file', message)));
  });
}

/**
 * @param {FileSystemDirectoryEntry} folder
 * @returns {Promise<FileSystemEntry[]>}
 */
export async function entriesOf(folder) {
  const reader = folder.createReader();
  /** @type {FileSystemEntry[]} */
  const entries = [];
  // A browser hands them out in portions, the last of which is empty.
  for (;;) {
    const portion = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!portion.length) return entries;
    entries.push(...portion);
  }
}

/** @param {Found[]} found */
function inOrder(found) {
  const parted = found.map((each) => ({ each, parts: each.name.split('/') }));
  return parted.sort((a, b) => comparePaths(a.parts, b.parts)).map(({ each }) => each);
}

/**
 * @param {string[]} one
 * @param {string[]} other
 */
function comparePaths(one, other) {
  for (const [at, part] of one.entries()) {
    const order = names.compare(part, other[at] ?? '');
    if (order) return order;
  }
  return one.length - other.length;
}

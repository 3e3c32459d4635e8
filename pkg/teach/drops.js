// Files and folders that are dropped on a part of the panel. A folder of pictures is a class, named after it.

import { entriesOf, fileOf, isFolder } from '../files/folders.js';
import { Failure } from '../engine/shared/failure.js';

/**
 * @typedef {object} Listeners
 * @property {(files: File[]) => void} [onFiles] without it a drop of files is left to whatever is around
 * @property {(folders: Map<string, File[]>) => void} [onFolders] likewise
 * @property {(failure: Failure) => void} onFailure
 */

/**
 * @param {HTMLElement} target gets `data-dropping` while something is over it
 * @param {Listeners} listeners
 */
export function listenToDrops(target, { onFiles, onFolders, onFailure }) {
  target.addEventListener('dragover', () => target.toggleAttribute('data-dropping', Boolean(onFiles)));
  target.addEventListener('dragleave', (event) => {
    if (!target.contains(/** @type {Node | null} */ (event.relatedTarget))) target.toggleAttribute('data-dropping', false);
  });
  target.addEventListener('drop', async (event) => {
    target.toggleAttribute('data-dropping', false);
    // The list is emptied as soon as this event is over.
    const entries = [...(event.dataTransfer?.items ?? [])].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
    const folders = entries.filter(isFolder);
    const takes = folders.length ? onFolders : onFiles;
    if (!takes || entries.length === 0 || event.defaultPrevented) return;
    // Not kept from whatever is around, which has to see that nothing hovers over it any more.
    event.preventDefault();
    try {
      if (folders.length) onFolders?.(await readFolders(folders));
      else onFiles?.([...(event.dataTransfer?.files ?? [])]);
    } catch (error) {
      onFailure(Failure.from(error));
    }
  });
}

/**
 * A folder of folders is a folder of classes.
 *
 * @param {FileSystemDirectoryEntry[]} folders
 */
async function readFolders(folders) {
  /** @type {Map<string, File[]>} */
  const classes = new Map();
  for (const folder of folders) {
    const entries = await entriesOf(folder);
    const inner = entries.filter(isFolder).sort((a, b) => a.name.localeCompare(b.name));
    for (const each of inner.length ? inner : [folder]) {
      classes.set(each.name, await filesOf(each === folder ? entries : await entriesOf(each)));
    }
  }
  return classes;
}

/** @param {FileSystemEntry[]} entries */
function filesOf(entries) {
  const files = entries.filter((entry) => entry.isFile && !entry.name.startsWith('.')).sort((a, b) => a.name.localeCompare(b.name));
  return Promise.all(files.map((entry) => fileOf(/** @type {FileSystemFileEntry} */ (entry))));
}

// The files below what was dropped.

/**
 * @param {FileSystemEntry[]} entries
 * @returns {AsyncGenerator<File>}
 */
export async function* filesBelow(entries) {
  for (const entry of entries) {
    if (entry.isDirectory) yield* filesBelow(await childrenOf(/** @type {FileSystemDirectoryEntry} */ (entry)));
    else yield new Promise((resolve, reject) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject));
  }
}

/** @param {FileSystemDirectoryEntry} folder */
async function childrenOf(folder) {
  const reader = folder.createReader();
  const children = /** @type {FileSystemEntry[]} */ ([]);
  // A browser hands them out in portions, the last of which is empty.
  for (;;) {
    const portion = /** @type {FileSystemEntry[]} */ (await new Promise((resolve, reject) => reader.readEntries(resolve, reject)));
    if (!portion.length) return children;
    children.push(...portion);
  }
}

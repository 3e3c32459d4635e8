// The limits and lists of names that the documentation states, as the program (`mobilenet facts`) and the page's modules have them.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../', import.meta.url);
export const PROGRAM = fileURLToPath(new URL('target/release/mobilenet', ROOT));

// By their addresses: types for a browser are not those that TypeScript has here, for Node.
const [{ ROWS }, { SAMPLE_LIMIT }, { ENTRY_LIMIT, ENTRY_SIZE_LIMIT }] = await Promise.all(
  ['pkg/element/results.js', 'pkg/engine/shared/fit-input.js', 'pkg/files/zip.js'].map((path) => import(new URL(path, ROOT).href)),
);

/** Why a test is skipped that asks the program; false where it is built. */
export const notBuilt = !existsSync(PROGRAM) && 'the program is not built';

/** @type {{ limits: Record<string, number>, lists: Record<string, string[]> } | null} */
const program = notBuilt ? null : JSON.parse(execFileSync(PROGRAM, ['facts'], { encoding: 'utf8' }));

/**
 * @param {string} key
 * @returns {string[] | null} names that the program has; null where it is not built
 */
export function listOfProgram(key) {
  if (!program) return null;
  const names = program.lists[key];
  if (!names) throw new Error(`mobilenet facts has no list ${key}`);
  return names;
}

/** @type {Record<string, number>} every limit, by the name that the documentation has for it */
export const LIMITS = {
  ...program?.limits,
  'archive.entries': ENTRY_LIMIT,
  'archive.entry.bytes': ENTRY_SIZE_LIMIT,
  'fit.samples': SAMPLE_LIMIT,
  'results.rows': ROWS,
};

// The program at work for the tests of pages: it trains a model on two classes of the samples.

import { execFile } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { sample } from './browser.mjs';

export const PROGRAM = fileURLToPath(new URL('../../target/release/mobilenet', import.meta.url));

/**
 * A model that knows "lie" and "sit", in a folder for what becomes of it.
 *
 * @param {string} folder
 * @param {string[]} [options] of training
 */
export async function trainTwo(folder, options = []) {
  const classes = { lie: ['bed', 'sofa'], sit: ['chair', 'swivelchair'] };
  for (const [label, samples] of Object.entries(classes)) {
    await mkdir(join(folder, 'photos', label), { recursive: true });
    for (const name of samples) await cp(sample(name), join(folder, 'photos', label, `${name}.jpg`));
  }
  const [photos, model] = [join(folder, 'photos'), join(folder, 'model/model.safetensors')];
  await promisify(execFile)(PROGRAM, ['train', photos, '--val', photos, '--out', model, ...options], { env: { ...process.env, XDG_CACHE_HOME: folder } });
  return model;
}

// The modules of `pkg/teach/` on an empty page: in Chromium, but without the page that they are for.

import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSite } from '../browser.mjs';

const LIBRARY = fileURLToPath(new URL('../../../pkg', import.meta.url));

/** Serves them from a folder of their own, which may be written to, and is gone once the site is closed. */
export async function openModules() {
  const folder = await mkdtemp(join(tmpdir(), 'mobilenet-teach-'));
  for (const name of ['teach', 'engine', 'files', 'words']) await cp(join(LIBRARY, name), join(folder, name), { recursive: true });
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Teach</title><input type="file">');
  const site = await openSite([], folder);
  const close = async () => {
    await site.close();
    await rm(folder, { recursive: true });
  };
  return { ...site, folder, close };
}

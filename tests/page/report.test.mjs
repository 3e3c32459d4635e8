// The report of a training run, as whoever is sent the file sees it: opened from a disk, on a phone and on a desk.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { emulate } from './acts.mjs';
import { filesIn, openSite, screenshot } from './browser.mjs';
import { objections } from './inspect.mjs';

const PROGRAM = fileURLToPath(new URL('../../target/release/mobilenet', import.meta.url));
const PICTURES = filesIn(fileURLToPath(new URL('../pictures', import.meta.url)));
/** Pictures that are no copies of one another, so that both classes have mistakes and findings to tell of. */
const CLASSES = { jpeg: /\.jpg$/, other: /\.(webp|gif|bmp)$|png_(alpha|gray|palette|rgb)\.png$/ };

/** @type {Awaited<ReturnType<typeof openSite>>} */
let site;
/** @type {string} */
let folder;
before(async () => {
  site = await openSite();
  folder = await mkdtemp(join(tmpdir(), 'report-'));
  for (const [label, pattern] of Object.entries(CLASSES)) {
    await mkdir(join(folder, 'photos', label), { recursive: true });
    for (const file of PICTURES.filter((name) => pattern.test(name))) {
      await copyFile(file, join(folder, 'photos', label, file.split('/').pop() ?? ''));
    }
  }
  await promisify(execFile)(PROGRAM, ['train', join(folder, 'photos'), '--no-cache', '--val-split', '0.4', '--out', join(folder, 'model.safetensors')]);
});
after(async () => {
  await site.close();
  await rm(folder, { recursive: true });
});

for (const scheme of ['light', 'dark']) {
  for (const width of [390, 1440]) {
    test(`the report, ${width} px wide, ${scheme}, asks for nothing and leaves nothing to object to`, async () => {
      const page = await site.browser.newPage();
      /** @type {string[]} */
      const requests = [];
      page.on('request', (request) => requests.push(request.url()));
      await page.setViewport({ width, height: 900 });
      await emulate(page, scheme);
      const report = pathToFileURL(join(folder, 'report.html')).href;
      await page.goto(report);
      await screenshot(page, `report-${width}-${scheme}`);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'scrolls sideways');
      // Firefox does not tell of the file itself.
      assert.deepEqual(requests.filter((url) => url !== report && !url.startsWith('data:')), []);
      assert.deepEqual(await objections(page), []);
      await page.close();
    });
  }
}

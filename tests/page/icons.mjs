// Draws the manifest's PNGs from www/icons/icon.svg in Chromium: `node tests/page/icons.mjs`.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import puppeteer from 'puppeteer-core';

const ICONS = fileURLToPath(new URL('../../www/icons/', import.meta.url));

// A launcher may cut a maskable icon to a circle of four fifths of its width: the ground goes to the edges and the drawing
// is made smaller.
const DRAWINGS = /** @type {const} */ ([
  ['icon-192.png', 192, (/** @type {string} */ svg) => svg],
  ['icon-512.png', 512, (/** @type {string} */ svg) => svg],
  ['maskable-512.png', 512, (/** @type {string} */ svg) => svg.replace(' rx="8"', '').replace('<path', '<path transform="translate(3.2 3.2) scale(0.8)"')],
]);

const svg = await readFile(`${ICONS}icon.svg`, 'utf8');
const browser = await puppeteer.launch({ executablePath: process.env.CHROME ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const page = await browser.newPage();
for (const [name, side, draw] of DRAWINGS) {
  await page.setViewport({ width: side, height: side });
  await page.setContent(`<style>body { margin: 0 } svg { display: block; width: ${side}px }</style>${draw(svg)}`);
  await page.screenshot({ path: `${ICONS}${name}`, omitBackground: true });
}
await browser.close();

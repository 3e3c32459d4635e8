// Hostile and unusual files through the real page: each is classified, or refused by name; and the page lives on.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { classified, classify, openPage, openSite, refused, shared, topLabel } from './browser.mjs';

const BOMB_MILLIS = 2000;
const BASE = 'base_upright.jpg';

/**
 * Rows of name, description and verdict; quotes may hide commas.
 *
 * @param {string} csv
 */
function rows(csv) {
  return csv.trim().split('\n').slice(1).map((line) => {
    const cells = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '');
    return { name: cells[0] ?? '', verdict: cells[2] ?? '' };
  });
}

/**
 * @param {string} verdict
 * @returns {{ classify: boolean, refuse: boolean, same: boolean }}
 */
function allowed(verdict) {
  const error = /clear ("unsupported format" )?error/.test(verdict);
  const starts = /^(classify|as size_1x1)/.test(verdict);
  return { classify: starts, refuse: error || verdict.startsWith('skipped'), same: verdict.includes(`same top-1 class as ${BASE}`) };
}

test('every nasty file gets what its manifest asks for', async (t) => {
  const folder = shared('data/nasty');
  if (!folder) return t.skip('no nasty files on this machine');
  const files = rows(readFileSync(join(folder, 'MANIFEST.csv'), 'utf8'));
  assert.ok(files.length > 40, `${files.length} rows in the manifest`);
  const site = await openSite();
  t.after(site.close);
  const { page, complaints } = await openPage(site);
  const base = topLabel(await classify(page, join(folder, BASE)));
  assert.equal(base, 'sofa');

  for (const { name, verdict } of files) {
    await t.test(name, async () => {
      const begun = performance.now();
      const event = await classify(page, join(folder, name));
      const millis = performance.now() - begun;
      const may = allowed(verdict);
      assert.ok(event.type === 'classified' ? may.classify : may.refuse, `${event.type}, but: ${verdict}`);
      if (event.type === 'classified') checkAnswer(event, may.same ? base : undefined);
      else checkRefusal(event, name);
      if (name.startsWith('bomb_')) assert.ok(millis < BOMB_MILLIS, `${millis} ms`);
    });
  }
  assert.equal(topLabel(await classify(page, join(folder, BASE))), base);
  assert.deepEqual(complaints, []);
});

/**
 * @param {import('./browser.mjs').Told} event
 * @param {string} [label]
 */
function checkAnswer(event, label) {
  const { predictions } = classified(event);
  const sum = predictions.reduce((total, { probability }) => total + probability, 0);
  assert.ok(predictions.every(({ probability }) => probability >= 0 && probability <= 1));
  assert.ok(Math.abs(sum - 1) <= 1e-5, `sum ${sum}`);
  if (label) assert.equal(topLabel(event), label);
}

/**
 * @param {import('./browser.mjs').Told} event
 * @param {string} name
 */
function checkRefusal(event, name) {
  const { code, message } = refused(event);
  assert.match(code, /^(empty-file|unsupported-format|corrupt-picture|picture-too-large)$/);
  assert.ok(message.startsWith(`${name}: `), message);
}
